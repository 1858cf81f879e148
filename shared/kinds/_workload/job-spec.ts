// The part of a Job's spec that Job and CronJob share. As upstream: validateJobSpec, pkg/apis/batch/validation/validation.go.
import { type FieldError, invalid, notSupported, required, tooLong } from "../../errors/field-error.ts";
import { validateDomainPrefixedPath } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type { JobSpec } from "../_generated/types.ts";
import { podTemplateWarnings, validatePodTemplate } from "../_parts/pod-template.ts";
import { nonnegativeFields, oneOf } from "./checks.ts";
import { validatePodFailurePolicy } from "./pod-failure-policy.ts";
import { successPolicyValue, validateSuccessPolicy } from "./success-policy.ts";

const COMPLETIONS_MAX = 100_000;
const PARALLELISM_WITH_MANY_COMPLETIONS = 10_000;
const MANAGED_BY_BYTES_MAX = 63;
const TOO_MANY_INDEXES =
  "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";

/** Defaults that lie below JobSpec, so that CronJob has them too. */
export function defaultJobParts(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
  }
}

export function jobWarnings(spec: JobSpec, field: string): string[] {
  const crowded = (spec.completions ?? 0) > COMPLETIONS_MAX && (spec.parallelism ?? 0) > PARALLELISM_WITH_MANY_COMPLETIONS;
  return [
    ...(spec.completionMode === "Indexed" && crowded ? [`${field}: ${TOO_MANY_INDEXES}`] : []),
    ...podTemplateWarnings(spec.template ?? {}, `${field}.template`),
  ];
}

function validateIndexed(spec: JobSpec, field: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) errors.push(required(`${field}.completions`, "when completion mode is Indexed"));
  if (parallelism !== undefined && parallelism > COMPLETIONS_MAX) {
    errors.push(invalid(`${field}.parallelism`, parallelism, `must be less than or equal to ${COMPLETIONS_MAX} when completion mode is Indexed`));
  }
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    errors.push(invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, "must be less than or equal to completions"));
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > COMPLETIONS_MAX) {
    errors.push(invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${COMPLETIONS_MAX}`));
  }
  if (completions === undefined || completions <= COMPLETIONS_MAX || spec.backoffLimitPerIndex === undefined) return errors;
  if (maxFailedIndexes === undefined) {
    errors.push(required(`${field}.maxFailedIndexes`, `must be specified when completions is above ${COMPLETIONS_MAX}`));
  }
  const limit = `must be less than or equal to ${PARALLELISM_WITH_MANY_COMPLETIONS} when completions are above ${COMPLETIONS_MAX} and used with backoff limit per index`;
  if (parallelism !== undefined && parallelism > PARALLELISM_WITH_MANY_COMPLETIONS) errors.push(invalid(`${field}.parallelism`, parallelism, limit));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > PARALLELISM_WITH_MANY_COMPLETIONS) {
    errors.push(invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, limit));
  }
  return errors;
}

function validateCompletionMode(spec: JobSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.managedBy !== undefined) {
    errors.push(...validateDomainPrefixedPath(`${field}.managedBy`, spec.managedBy));
    if (byteLength(spec.managedBy) > MANAGED_BY_BYTES_MAX) errors.push(tooLong(`${field}.managedBy`, MANAGED_BY_BYTES_MAX));
  }
  if (spec.completionMode !== undefined) errors.push(...oneOf(spec.completionMode, ["NonIndexed", "Indexed"], `${field}.completionMode`));
  if (spec.completionMode === "Indexed") errors.push(...validateIndexed(spec, field));
  if (spec.completionMode === undefined || spec.completionMode === "NonIndexed") {
    for (const name of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) {
      if (spec[name] !== undefined) errors.push(invalid(`${field}.${name}`, spec[name], "requires indexed completion mode"));
    }
  }
  return errors;
}

function validateReplacement(spec: JobSpec, field: string): FieldError[] {
  const policy = spec.podReplacementPolicy;
  if (policy === undefined) return [];
  return oneOf(policy, spec.podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"], field);
}

function validateRestartPolicy(spec: JobSpec, field: string): FieldError[] {
  const policy = spec.template?.spec?.restartPolicy ?? "";
  // Always is what defaulting makes of an absent policy.
  if (policy === "" || policy === "Always") return [required(field, 'valid values: "OnFailure", "Never"')];
  if (policy !== "OnFailure" && policy !== "Never") return [notSupported(field, policy, ["OnFailure", "Never"])];
  if (spec.podFailurePolicy && policy !== "Never") {
    return [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')];
  }
  return [];
}

const COUNTS = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"];

export function validateJobParts(spec: JobSpec, field: string): FieldError[] {
  const errors = nonnegativeFields(spec, field, COUNTS);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${field}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
  errors.push(...validateCompletionMode(spec, field));
  if (spec.podFailurePolicy) errors.push(...validatePodFailurePolicy(spec, spec.podFailurePolicy, `${field}.podFailurePolicy`));
  if (spec.successPolicy) {
    if (spec.completionMode === "Indexed") {
      errors.push(...validateSuccessPolicy(spec.successPolicy, spec.completions, `${field}.successPolicy`));
    } else {
      errors.push(invalid(`${field}.successPolicy`, successPolicyValue(spec.successPolicy), "requires indexed completion mode"));
    }
  }
  errors.push(...validateReplacement(spec, `${field}.podReplacementPolicy`));
  errors.push(...validatePodTemplate(spec.template ?? {}, `${field}.template`));
  errors.push(...validateRestartPolicy(spec, `${field}.template.spec.restartPolicy`));
  return errors;
}
