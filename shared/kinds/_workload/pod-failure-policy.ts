// A Job's podFailurePolicy. As upstream: validatePodFailurePolicy, pkg/apis/batch/validation/validation.go.
import type { Json } from "../../base/json.ts";
import { type FieldError, duplicate, invalid, notSupported, required, tooMany } from "../../errors/field-error.ts";
import { isQualifiedName } from "../../meta/names.ts";
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "../_generated/types.ts";
import { messages } from "./checks.ts";

const RULES_MAX = 20;
const PATTERNS_MAX = 20;
const EXIT_CODES_MAX = 255;

/** An Invalid error that shows no value (Go: field.OmitValueType). */
export const invalidWithoutValue = (field: string, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  message: `Invalid value: ${detail}`,
});

/** One of a list, with Go's %q of a list in the text about an absent value. */
function validChoice(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  if (value === undefined || value === "") return [required(field, `valid values: [${choices.map((c) => JSON.stringify(c)).join(" ")}]`)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function validateExitCodes(requirement: PodFailurePolicyOnExitCodesRequirement, containers: ReadonlySet<string>, field: string): FieldError[] {
  const { operator, containerName, values } = requirement;
  const errors = validChoice(operator, ["In", "NotIn"], `${field}.operator`);
  if (containerName !== undefined && !containers.has(containerName)) {
    errors.push(invalid(`${field}.containerName`, containerName, "must be one of the container or initContainer names in the pod template"));
  }
  const path = `${field}.values`;
  const codes = values ?? [];
  if (codes.length === 0) errors.push(invalid(path, values, "at least one value is required"));
  else if (codes.length > EXIT_CODES_MAX) errors.push(tooMany(path, codes.length, EXIT_CODES_MAX));
  const seen = new Set<number>();
  codes.forEach((code, index) => {
    if (operator === "In" && code === 0) errors.push(invalid(`${path}[${index}]`, code, "must not be 0 for the In operator"));
    if (seen.has(code)) errors.push(duplicate(`${path}[${index}]`, code));
    seen.add(code);
  });
  if (codes.some((code, index) => index > 0 && (codes[index - 1] ?? 0) > code)) errors.push(invalid(path, codes, "must be ordered"));
  return errors;
}

function validatePatterns(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], field: string): FieldError[] {
  const errors = patterns.length > PATTERNS_MAX ? [tooMany(field, patterns.length, PATTERNS_MAX)] : [];
  patterns.forEach((pattern, index) => {
    const type = pattern.type ?? "";
    errors.push(...messages(isQualifiedName(type), `${field}[${index}].type`, type));
    errors.push(...validChoice(pattern.status, ["False", "True", "Unknown"], `${field}[${index}].status`));
  });
  return errors;
}

function validateRule(spec: JobSpec, rule: PodFailurePolicyRule, containers: ReadonlySet<string>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (rule.action === "FailIndex") {
    if (spec.backoffLimitPerIndex === undefined) {
      errors.push(invalid(`${field}.action`, rule.action, "requires the backoffLimitPerIndex to be set"));
    }
  } else errors.push(...validChoice(rule.action, ["Count", "FailIndex", "FailJob", "Ignore"], `${field}.action`));
  const patterns = rule.onPodConditions ?? [];
  if (rule.onExitCodes) errors.push(...validateExitCodes(rule.onExitCodes, containers, `${field}.onExitCodes`));
  errors.push(...validatePatterns(patterns, `${field}.onPodConditions`));
  if (rule.onExitCodes && patterns.length > 0) {
    errors.push(invalidWithoutValue(field, "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (!rule.onExitCodes && patterns.length === 0) {
    errors.push(invalidWithoutValue(field, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
  return errors;
}

export function validatePodFailurePolicy(spec: JobSpec, policy: PodFailurePolicy, field: string): FieldError[] {
  const rules = policy.rules ?? [];
  const pod = spec.template?.spec;
  const containers = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map((container) => container.name ?? ""));
  const errors = rules.length > RULES_MAX ? [tooMany(`${field}.rules`, rules.length, RULES_MAX)] : [];
  return [...errors, ...rules.flatMap((rule, index) => validateRule(spec, rule, containers, `${field}.rules[${index}]`))];
}

/** As Go prints the internal struct. */
export function podFailurePolicyValue(policy: PodFailurePolicy | undefined): Json | undefined {
  if (!policy) return undefined;
  return {
    Rules:
      policy.rules?.map((rule) => ({
        Action: rule.action ?? "",
        OnExitCodes: rule.onExitCodes
          ? {
              ContainerName: rule.onExitCodes.containerName ?? null,
              Operator: rule.onExitCodes.operator ?? "",
              Values: rule.onExitCodes.values ?? null,
            }
          : null,
        OnPodConditions: rule.onPodConditions?.map((p) => ({ Type: p.type ?? "", Status: p.status ?? "" })) ?? null,
      })) ?? null,
  };
}
