// Label selectors of workloads: how they are checked against their pod template, and how Go prints them.
import type { Json } from "../../base/json.ts";
import { type FieldError, invalid, required } from "../../errors/field-error.ts";
import { matchesLabelSelector, validateLabelSelector } from "../../meta/labels.ts";
import type { LabelSelector, PodTemplateSpec } from "../_generated/types.ts";
import { sortedMap } from "./checks.ts";

/** The JSON that Go prints: labels before expressions, empty members left out. */
export function selectorValue(selector: LabelSelector | undefined): Json | undefined {
  if (!selector) return undefined;
  const { matchLabels, matchExpressions } = selector;
  const out: Record<string, Json | undefined> = {};
  if (matchLabels && Object.keys(matchLabels).length > 0) out["matchLabels"] = sortedMap(matchLabels);
  if (matchExpressions && matchExpressions.length > 0) {
    out["matchExpressions"] = matchExpressions.map((expression) => ({
      key: expression.key ?? "",
      operator: expression.operator ?? "",
      ...(expression.values?.length ? { values: expression.values } : {}),
    }));
  }
  return out;
}
export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;
/** Whether LabelSelectorAsSelector accepts it. */
export const isUsableSelector = (selector: LabelSelector | undefined): boolean => !selector || validateLabelSelector(selector, {}, "").length === 0;

export const selectorErrors = (selector: LabelSelector | undefined, field: string): FieldError[] =>
  selector ? validateLabelSelector(selector, {}, field) : [];
/** A selector that must be there and select something. `owner` stands in the message. */
export function requiredSelector(selector: LabelSelector | undefined, owner: string, field: string): FieldError[] {
  if (!selector) return [required(field)];
  const errors = selectorErrors(selector, field);
  if (isEmptySelector(selector)) errors.push(invalid(field, selectorValue(selector), `empty selector is invalid for ${owner}`));
  return errors;
}
/** An absent selector matches nothing, an empty one everything. */
export function selectorMatchesTemplate(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, field: string): FieldError[] {
  const labels = template?.metadata?.labels;
  if (selector && matchesLabelSelector(selector, labels ?? {})) return [];
  return [invalid(`${field}.metadata.labels`, sortedMap(labels), "`selector` does not match template `labels`")];
}
