// Validation of tolerations, scheduling gates and topology spread constraints (upstream: validation.go).
import { duplicate, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isValidLabelValue } from "../../meta/names.ts";
import type { PodReadinessGate, PodSchedulingGate, Toleration, TopologySpreadConstraint } from "../_generated/types.ts";
import { checkOneOf, checkPositive, checkQualifiedName, type Errors } from "./check.ts";
import { checkMatchLabelKeys } from "./validate-affinity.ts";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const SPREAD_ACTIONS = ["DoNotSchedule", "ScheduleAnyway"];
const NODE_POLICIES = ["Honor", "Ignore"];
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,18})$/;

export interface SchedulingRules {
  /** Tolerations with Lt and Gt: the feature gate is off, but a stored pod may have them. */
  readonly comparisons: boolean;
  /** Label selectors that are none are kept where a stored pod has such. */
  readonly anySpreadSelector: boolean;
  readonly anySpreadLabelKeys: boolean;
}

function checkTolerationOperator(errors: Errors, field: string, toleration: Toleration, rules: Pick<SchedulingRules, "comparisons">): void {
  const { operator = "", value = "" } = toleration;
  if (operator === "Equal" || operator === "") {
    const messages = isValidLabelValue(value);
    if (messages.length > 0) errors.push(invalid(`${field}.operator`, value, messages.join(";")));
  } else if (operator === "Exists") {
    if (value !== "") errors.push(invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else if (operator !== "Lt" && operator !== "Gt") errors.push(notSupported(`${field}.operator`, operator, ["Equal", "Exists"]));
  else if (!rules.comparisons) errors.push(notSupported(`${field}.operator`, operator, ["Equal", "Exists", "Lt", "Gt"]));
  else if (!DECIMAL.test(value)) errors.push(invalid(`${field}.value`, value, "must be a valid decimal integer in canonical form"));
}
export function checkTolerations(errors: Errors, field: string, tolerations: readonly Toleration[], rules: Pick<SchedulingRules, "comparisons">): void {
  tolerations.forEach((toleration, i) => {
    const { key = "", operator = "", effect = "", tolerationSeconds } = toleration;
    const path = `${field}[${i}]`;
    if (key !== "") checkQualifiedName(errors, `${path}.key`, key);
    else if (operator !== "Exists") {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(`${path}.operator`, operator, detail));
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      errors.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    checkTolerationOperator(errors, path, toleration, rules);
    if (effect !== "") checkOneOf(errors, `${path}.effect`, effect, EFFECTS);
  });
}

export function checkSchedulingGates(errors: Errors, field: string, gates: readonly PodSchedulingGate[]): void {
  const seen = new Set<string>();
  gates.forEach(({ name = "" }, i) => {
    checkQualifiedName(errors, `${field}[${i}]`, name);
    if (seen.has(name)) errors.push(duplicate(`${field}[${i}]`, name));
    seen.add(name);
  });
}
export function checkReadinessGates(errors: Errors, field: string, gates: readonly PodReadinessGate[]): void {
  gates.forEach(({ conditionType = "" }, i) => checkQualifiedName(errors, `${field}[${i}].conditionType`, conditionType));
}

/** The older rule, for pods stored before label keys were merged into the selector. */
function checkKeysBesideSelector(errors: Errors, field: string, { matchLabelKeys = [], labelSelector }: TopologySpreadConstraint): void {
  if (matchLabelKeys.length === 0) return;
  if (!labelSelector) errors.push(forbidden(field, "must not be specified when labelSelector is not set"));
  const keys = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key = "" } of labelSelector?.matchExpressions ?? []) keys.add(key);
  matchLabelKeys.forEach((key, i) => {
    checkQualifiedName(errors, `${field}[${i}]`, key);
    if (keys.has(key)) errors.push(invalid(`${field}[${i}]`, key, "exists in both matchLabelKeys and labelSelector"));
  });
}
function checkMinDomains(errors: Errors, field: string, minDomains: number, action: string): void {
  checkPositive(errors, field, minDomains);
  if (action === "DoNotSchedule") return;
  errors.push(invalid(field, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`));
}
export function checkSpreadConstraints(errors: Errors, field: string, constraints: readonly TopologySpreadConstraint[], rules: SchedulingRules): void {
  constraints.forEach((constraint, i) => {
    const path = `${field}[${i}]`;
    const { maxSkew = 0, topologyKey = "", whenUnsatisfiable: action = "", minDomains } = constraint;
    checkPositive(errors, `${path}.maxSkew`, maxSkew);
    if (topologyKey === "") errors.push(required(`${path}.topologyKey`, "can not be empty"));
    checkOneOf(errors, `${path}.whenUnsatisfiable`, action, SPREAD_ACTIONS);
    const same = (other: TopologySpreadConstraint): boolean => (other.topologyKey ?? "") === topologyKey && (other.whenUnsatisfiable ?? "") === action;
    if (constraints.slice(i + 1).some(same)) errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    if (minDomains !== undefined) checkMinDomains(errors, `${path}.minDomains`, minDomains, action);
    checkOneOf(errors, `${path}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, NODE_POLICIES);
    checkOneOf(errors, `${path}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, NODE_POLICIES);
    if (rules.anySpreadLabelKeys) checkKeysBesideSelector(errors, `${path}.matchLabelKeys`, constraint);
    else checkMatchLabelKeys(errors, path, { labelSelector: constraint.labelSelector, matchLabelKeys: constraint.matchLabelKeys });
    if (!rules.anySpreadSelector) errors.push(...validateLabelSelector(constraint.labelSelector, {}, `${path}.labelSelector`));
  });
}
