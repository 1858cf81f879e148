// Labels and the selectors that choose objects by them: matching, printing, validating.
// As upstream: k8s.io/apimachinery pkg/labels and pkg/apis/meta/v1/helpers.go.
import type { FieldError } from "../errors/field-error.ts";
import { forbidden, invalid, required, tooLong } from "../errors/field-error.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../kinds/_generated/types.ts";
import { isQualifiedName, isValidLabelValue } from "./name-checks.ts";
import type { Selector, SelectorOperator, SelectorRequirement } from "./selector-parser.ts";
import { parseInt64, requirement } from "./selector-parser.ts";
import { byteLength, compareText } from "./text.ts";

export { parseSelector } from "./selector-parser.ts";
export type { Selector, SelectorRequirement } from "./selector-parser.ts";

export type Labels = Readonly<Record<string, string>>;
const NO_LABELS: Labels = {};
const valueOf = (labels: Labels, key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);

function matchesRequirement({ key, operator, values }: SelectorRequirement, labels: Labels): boolean {
  const value = valueOf(labels, key);
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    default: {
      const mine = value === undefined ? undefined : parseInt64(value);
      const bound = parseInt64(values[0] ?? "");
      if (mine === undefined || bound === undefined) return false;
      return operator === "gt" ? mine > bound : mine < bound;
    }
  }
}
export function matchesSelector(selector: Selector, labels: Labels | undefined): boolean {
  for (const one of selector) if (!matchesRequirement(one, labels ?? NO_LABELS)) return false;
  return true;
}

const OPERATORS: Readonly<Record<string, SelectorOperator>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };
const operatorOf = (expression: LabelSelectorRequirement): SelectorOperator | undefined => {
  const name = expression.operator ?? "";
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
};

/** No selector matches nothing, an empty one everything. A malformed expression matches nothing. */
export function matchesLabelSelector(selector: LabelSelector | null | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false;
  const mine = labels ?? NO_LABELS;
  const wanted = selector.matchLabels;
  if (wanted) for (const key in wanted) if (valueOf(mine, key) !== wanted[key]) return false;
  for (const expression of selector.matchExpressions ?? []) {
    const operator = operatorOf(expression);
    if (!operator || !matchesRequirement({ key: expression.key ?? "", operator, values: expression.values ?? [] }, mine)) return false;
  }
  return true;
}

/** Do all pairs of a plain selector (Service, ReplicationController) occur in the labels? An empty one matches nothing. */
export function matchesSet(wanted: Labels | undefined, labels: Labels | undefined): boolean {
  let some = false;
  for (const key in wanted) {
    if (valueOf(labels ?? NO_LABELS, key) !== wanted[key]) return false;
    some = true;
  }
  return some;
}

function requirementText({ key, operator, values }: SelectorRequirement): string {
  const list = [...values].sort(compareText).join(",");
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${list})`;
    case "gt":
      return `${key}>${list}`;
    case "lt":
      return `${key}<${list}`;
    default:
      return `${key}${operator}${list}`;
  }
}
export const parsedSelectorText = (selector: Selector): string =>
  [...selector]
    .sort((a, b) => compareText(a.key, b.key))
    .map(requirementText)
    .join(",");

/** A LabelSelector as requirements, or undefined when it is malformed. As upstream: LabelSelectorAsSelector. */
export function requirementsOf(selector: LabelSelector): Selector | undefined {
  const out: SelectorRequirement[] = [];
  const wanted = selector.matchLabels ?? {};
  const all = [
    ...Object.keys(wanted).map((key) => ({ key, operator: "=" as SelectorOperator | undefined, values: [wanted[key] ?? ""] })),
    ...(selector.matchExpressions ?? []).map((expression) => ({
      key: expression.key ?? "",
      operator: operatorOf(expression),
      values: expression.values ?? [],
    })),
  ];
  for (const { key, operator, values } of all) {
    const checked = operator === undefined ? undefined : requirement(key, operator, values);
    if (!checked?.ok) return undefined;
    out.push(checked.value);
  }
  return out.sort((a, b) => compareText(a.key, b.key));
}

/** As columns show a selector: `a=b,c in (d,e)`; `<none>` when it is empty, `<error>` when malformed. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  if (!selector) return "<none>";
  const requirements = requirementsOf(selector);
  if (!requirements) return "<error>";
  return parsedSelectorText(requirements) || "<none>";
}
/** As in Scale.status.selector: like formatLabelSelector, but empty texts stay empty. */
export function selectorText(selector: LabelSelector | null | undefined): string {
  const requirements = selector ? requirementsOf(selector) : undefined;
  return requirements ? parsedSelectorText(requirements) : "";
}
/** `a=b,c=d` of a plain map, sorted by key. */
export const setBasedText = (map: Labels | undefined): string =>
  Object.keys(map ?? {})
    .sort(compareText)
    .map((key) => `${key}=${map?.[key] ?? ""}`)
    .join(",");

export function validateLabels(labels: Labels | null | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    const value = labels[key] ?? "";
    for (const message of isQualifiedName(key)) errors.push(invalid(field, key, message));
    for (const message of isValidLabelValue(value)) errors.push(invalid(field, value, message));
  }
  return errors;
}

const ANNOTATIONS_BYTES_MAX = 256 * 1024;
export function validateAnnotations(annotations: Labels | null | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const key in annotations) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(invalid(field, key, message));
    bytes += byteLength(key) + byteLength(annotations[key] ?? "");
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) errors.push(tooLong(field, ANNOTATIONS_BYTES_MAX));
  return errors;
}

export interface LabelSelectorOptions {
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowUnknownOperatorInRequirement?: boolean;
}
function validateExpression(expression: LabelSelectorRequirement, options: LabelSelectorOptions, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { key = "", operator = "", values = [] } = expression;
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (options.allowUnknownOperatorInRequirement !== true) {
    errors.push(invalid(`${field}.operator`, operator, "not a valid selector operator"));
  }
  for (const message of isQualifiedName(key)) errors.push(invalid(`${field}.key`, key, message));
  if (options.allowInvalidLabelValueInSelector === true) return errors;
  values.forEach((value, index) => {
    for (const message of isValidLabelValue(value)) errors.push(invalid(`${field}.values[${index}]`, value, message));
  });
  return errors;
}
export function validateLabelSelector(selector: LabelSelector | null | undefined, options: LabelSelectorOptions, field: string): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels, `${field}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((expression, index) => validateExpression(expression, options, `${field}.matchExpressions[${index}]`)),
  ];
}
