// What may not change in a Job's spec. As upstream: ValidateJobSpecUpdate, pkg/apis/batch/validation/validation.go.
import { cloneJson, equalJson } from "../../base/json.ts";
import { type FieldError, invalid } from "../../errors/field-error.ts";
import { isConditionTrue } from "../../meta/conditions.ts";
import type { Affinity, Container, Job, JobSpec, PodSpec } from "../_generated/types.ts";
import { immutable } from "./checks.ts";
import { podSpecValue, podTemplateValue } from "./pod-spec-value.ts";
import { podFailurePolicyValue } from "./pod-failure-policy.ts";
import { selectorValue } from "./selector.ts";
import { successPolicyValue } from "./success-policy.ts";

function validateCompletions(next: JobSpec, stored: JobSpec, field: string): FieldError[] {
  const { completions } = next;
  if (equalJson(completions, stored.completions)) return [];
  const elastic = next.completionMode === "Indexed" && completions !== undefined && stored.completions !== undefined;
  if (!elastic) return immutable(completions, stored.completions, field);
  return completions === next.parallelism ? [] : [invalid(field, completions, "can only be modified in tandem with spec.parallelism")];
}

/** A suspended job's pods are not there yet, so where they go and what they ask for may still change. */
function isWaiting(stored: Job): boolean {
  const { spec = {}, status = {} } = stored;
  if (spec.suspend !== true) return false;
  return status.startTime === undefined || (isConditionTrue(status.conditions, "Suspended") && (status.active ?? 0) === 0);
}
function withoutNodeAffinity(affinity: Affinity | undefined): Affinity | undefined {
  if (!affinity) return undefined;
  const { nodeAffinity: _, ...rest } = affinity;
  return Object.keys(rest).length === 0 ? undefined : rest;
}
const withoutResources = (containers: readonly Container[] | undefined): Container[] | undefined =>
  containers?.map(({ resources: _resources, ...container }) => container);
/** The part of a pod spec that even a waiting job keeps. */
function fixedPart(spec: PodSpec | undefined): PodSpec {
  const { nodeSelector: _n, tolerations: _t, schedulingGates: _g, affinity, ...rest } = spec ?? {};
  const containers = withoutResources(rest.containers);
  const initContainers = withoutResources(rest.initContainers);
  const kept = withoutNodeAffinity(affinity);
  return {
    ...rest,
    ...(containers ? { containers } : {}),
    ...(initContainers ? { initContainers } : {}),
    ...(kept ? { affinity: kept } : {}),
  };
}
function validateTemplate(next: Job, stored: Job): FieldError[] {
  const [template, before] = [next.spec?.template, stored.spec?.template];
  if (!isWaiting(stored)) return immutable(template, before, "spec.template", podTemplateValue(template));
  if (equalJson(fixedPart(template?.spec), fixedPart(before?.spec))) return [];
  return [invalid("spec.template.spec", podSpecValue(cloneJson(template?.spec)), "field is immutable")];
}

export function validateJobSpecUpdate(nextJob: Job, storedJob: Job): FieldError[] {
  const next = nextJob.spec ?? {};
  const stored = storedJob.spec ?? {};
  return [
    ...validateCompletions(next, stored, "spec.completions"),
    ...immutable(next.selector, stored.selector, "spec.selector", selectorValue(next.selector)),
    ...validateTemplate(nextJob, storedJob),
    ...immutable(next.completionMode, stored.completionMode, "spec.completionMode"),
    ...immutable(next.podFailurePolicy, stored.podFailurePolicy, "spec.podFailurePolicy", podFailurePolicyValue(next.podFailurePolicy)),
    ...immutable(next.backoffLimitPerIndex, stored.backoffLimitPerIndex, "spec.backoffLimitPerIndex"),
    ...immutable(next.managedBy, stored.managedBy, "spec.managedBy"),
    ...immutable(next.successPolicy, stored.successPolicy, "spec.successPolicy", successPolicyValue(next.successPolicy)),
  ];
}
