// Validation of affinities and node selectors (upstream: validation.go, validateAffinity).
import { forbidden, invalid, required } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isValidLabelValue, nameIsDNSLabel, nameIsDNSSubdomain } from "../../meta/names.ts";
import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  WeightedPodAffinityTerm,
} from "../_generated/types.ts";
import { checkQualifiedName, type Errors, invalidEach } from "./check.ts";

export interface AffinityRules {
  /** Label values that are none are kept in selectors where a stored pod has such. */
  readonly anySelectorValues: boolean;
  readonly anyRequiredNodeValues: boolean;
}
const BAD_OPERATOR = "not a valid selector operator";
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

function checkNodeRequirement(errors: Errors, field: string, requirement: NodeSelectorRequirement, rules: { anyValues: boolean }): void {
  const { key = "", operator = "", values = [] } = requirement;
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === "Gt" || operator === "Lt") {
    if (values.length !== 1) errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalid(`${field}.operator`, operator, BAD_OPERATOR));
  checkQualifiedName(errors, `${field}.key`, key);
  if (!rules.anyValues) values.forEach((value, i) => invalidEach(errors, `${field}.values[${i}]`, value, isValidLabelValue(value)));
}
function checkNodeField(errors: Errors, field: string, { key = "", operator = "", values = [] }: NodeSelectorRequirement): void {
  if (operator !== "In" && operator !== "NotIn") errors.push(invalid(`${field}.operator`, operator, BAD_OPERATOR));
  else if (values.length !== 1) {
    errors.push(required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  }
  if (key !== "metadata.name") errors.push(invalid(`${field}.key`, key, "not a valid field selector key"));
  else values.forEach((value, i) => invalidEach(errors, `${field}.values[${i}]`, value, nameIsDNSSubdomain(value, false)));
}
export function checkNodeSelectorTerm(errors: Errors, field: string, term: NodeSelectorTerm, rules: { readonly anyValues: boolean }): void {
  term.matchExpressions?.forEach((requirement, i) => checkNodeRequirement(errors, `${field}.matchExpressions[${i}]`, requirement, rules));
  term.matchFields?.forEach((requirement, i) => checkNodeField(errors, `${field}.matchFields[${i}]`, requirement));
}
export function checkNodeSelector(errors: Errors, field: string, selector: NodeSelector, rules: { readonly anyValues: boolean }): void {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) errors.push(required(`${field}.nodeSelectorTerms`, "must have at least one node selector term"));
  terms.forEach((term, i) => checkNodeSelectorTerm(errors, `${field}.nodeSelectorTerms[${i}]`, term, rules));
}
function checkWeight(errors: Errors, field: string, weight = 0): void {
  if (weight <= 0 || weight > 100) errors.push(invalid(`${field}.weight`, weight, "must be in the range 1-100"));
}

function checkLabelKeys(errors: Errors, field: string, keys: readonly string[], selector: LabelSelector | undefined): void {
  if (keys.length === 0) return;
  if (!selector) errors.push(forbidden(field, "must not be specified when labelSelector is not set"));
  else keys.forEach((key, i) => checkQualifiedName(errors, `${field}[${i}]`, key));
}
export interface LabelKeys {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}
/** As upstream ValidateMatchLabelKeysAndMismatchLabelKeys. */
export function checkMatchLabelKeys(errors: Errors, field: string, keys: LabelKeys): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keys;
  checkLabelKeys(errors, `${field}.matchLabelKeys`, matchLabelKeys, labelSelector);
  checkLabelKeys(errors, `${field}.mismatchLabelKeys`, mismatchLabelKeys, labelSelector);
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key = "" } of labelSelector?.matchExpressions ?? []) {
    const at = matchLabelKeys.lastIndexOf(key);
    // Upstream names the term's index, not the list's.
    if (at >= 0 && seen.has(key)) errors.push(invalid(`${field}[${at}]`, key, "exists in both matchLabelKeys and labelSelector"));
    seen.add(key);
  }
  matchLabelKeys.forEach((key, i) => {
    if (!mismatchLabelKeys.includes(key)) return;
    errors.push(invalid(`${field}.matchLabelKeys[${i}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
  });
}
export function affinityTermSelectorErrors(term: PodAffinityTerm, field: string, rules: { readonly anyValues: boolean }): Errors {
  const options = { allowInvalidLabelValueInSelector: rules.anyValues };
  return [
    ...validateLabelSelector(term.labelSelector, options, `${field}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, options, `${field}.namespaceSelector`),
  ];
}
function checkPodTerm(errors: Errors, field: string, term: PodAffinityTerm, rules: AffinityRules): void {
  errors.push(...affinityTermSelectorErrors(term, field, { anyValues: rules.anySelectorValues }));
  for (const name of term.namespaces ?? []) invalidEach(errors, `${field}.namespace`, name, nameIsDNSLabel(name, false));
  checkMatchLabelKeys(errors, field, term);
  const { topologyKey = "" } = term;
  if (topologyKey === "") errors.push(required(`${field}.topologyKey`, "can not be empty"));
  checkQualifiedName(errors, `${field}.topologyKey`, topologyKey);
}
interface PodTerms {
  readonly [REQUIRED]?: readonly PodAffinityTerm[];
  readonly [PREFERRED]?: readonly WeightedPodAffinityTerm[];
}
function checkPodTerms(errors: Errors, field: string, terms: PodTerms | undefined, rules: AffinityRules): void {
  terms?.[REQUIRED]?.forEach((term, i) => checkPodTerm(errors, `${field}.${REQUIRED}[${i}]`, term, rules));
  terms?.[PREFERRED]?.forEach(({ weight, podAffinityTerm }, i) => {
    checkWeight(errors, `${field}.${PREFERRED}[${i}]`, weight);
    checkPodTerm(errors, `${field}.${PREFERRED}[${i}].podAffinityTerm`, podAffinityTerm ?? {}, rules);
  });
}
export function checkAffinity(errors: Errors, field: string, affinity: Affinity, rules: AffinityRules): void {
  const node = affinity.nodeAffinity;
  if (node?.[REQUIRED]) {
    checkNodeSelector(errors, `${field}.nodeAffinity.${REQUIRED}`, node[REQUIRED], { anyValues: rules.anyRequiredNodeValues });
  }
  node?.[PREFERRED]?.forEach(({ weight, preference }, i) => {
    const path = `${field}.nodeAffinity.${PREFERRED}[${i}]`;
    checkWeight(errors, path, weight);
    checkNodeSelectorTerm(errors, `${path}.preference`, preference ?? {}, { anyValues: true });
  });
  checkPodTerms(errors, `${field}.podAffinity`, affinity.podAffinity, rules);
  checkPodTerms(errors, `${field}.podAntiAffinity`, affinity.podAntiAffinity, rules);
}
