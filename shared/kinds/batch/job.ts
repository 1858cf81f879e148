// Job of batch/v1. As upstream: pkg/apis/batch/validation/validation.go, pkg/registry/batch/job/strategy.go.
import { equalJson } from "../../base/json.ts";
import { type FieldError, duplicate, invalid, required } from "../../errors/field-error.ts";
import { isConditionTrue } from "../../meta/conditions.ts";
import { matchesLabelSelector } from "../../meta/labels.ts";
import { isDNS1123Label, nameIsDNSSubdomain } from "../../meta/names.ts";
import { humanDuration, parseTime } from "../../meta/time.ts";
import type { Job, JobSpec, JobStatus } from "../_generated/types.ts";
import { nonnegativeFields, sortedMap } from "../_workload/checks.ts";
import { AGE, NAME, WORKLOAD_WIDE, ageCell, nameCell, text, workloadCells } from "../_workload/columns.ts";
import { defaultJobParts, jobWarnings, validateJobParts } from "../_workload/job-spec.ts";
import { validateJobSpecUpdate } from "../_workload/job-update.ts";
import { isUsableSelector, selectorErrors, selectorMatchesTemplate, selectorValue } from "../_workload/selector.ts";
import { changedSince, defaultTemplate, nameWarnings } from "../_workload/template.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import type { EpochMs } from "../../base/ports.ts";

const BACKOFF_LIMIT = 6;
const PODS_STAY =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";
const BACKOFF_LIMIT_PER_INDEX = 2_147_483_647;

function defaults(object: Job): void {
  const spec = (object.spec ??= {});
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : BACKOFF_LIMIT_PER_INDEX;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
  spec.manualSelector ??= false;
  defaultJobParts(spec);
  defaultTemplate(spec);
}

/** The labels by which a job knows its pods; the two without a prefix are kept for old clients. */
const generatedLabels = (object: Job): [key: string, value: string][] => {
  const uid = object.metadata?.uid ?? "";
  const name = object.metadata?.name ?? "";
  return [
    ["controller-uid", uid],
    ["job-name", name],
    ["batch.kubernetes.io/controller-uid", uid],
    ["batch.kubernetes.io/job-name", name],
  ];
};
/** As upstream generateSelector: what the user gave stays, and is refused later if it conflicts. */
function generateSelector(object: Job, spec: JobSpec): void {
  const template = (spec.template ??= {});
  const labels = ((template.metadata ??= {}).labels ??= {});
  for (const [key, value] of generatedLabels(object)) labels[key] ??= value;
  const matchLabels = ((spec.selector ??= {}).matchLabels ??= {});
  matchLabels["batch.kubernetes.io/controller-uid"] ??= object.metadata?.uid ?? "";
}
/** A job without labels of its own takes those of its template (upstream: SetDefaults_Job). */
function inheritLabels(object: Job): void {
  const labels = object.spec?.template?.metadata?.labels;
  const metadata = (object.metadata ??= {});
  if (labels && Object.keys(labels).length > 0 && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

function validateGeneratedSelector(object: Job, spec: JobSpec): FieldError[] {
  if (spec.manualSelector === true || !spec.selector) return [];
  const errors: FieldError[] = [];
  if (!object.metadata?.uid) errors.push(required("metadata.uid"));
  const labels = spec.template?.metadata?.labels;
  const expected = generatedLabels(object);
  for (const [key, value] of expected) {
    const field = `spec.template.metadata.labels[${key}]`;
    const found = labels?.[key];
    if (found === undefined) errors.push(required(field, `must be '${value}'`));
    else if (found !== value) errors.push(invalid(field, sortedMap(labels), `must be '${value}'`));
  }
  if (isUsableSelector(spec.selector) && !matchesLabelSelector(spec.selector, Object.fromEntries(expected.slice(2)))) {
    errors.push(invalid("spec.selector", selectorValue(spec.selector), "`selector` not auto-generated"));
  }
  return errors;
}
function validateSpec(spec: JobSpec): FieldError[] {
  const errors = validateJobParts(spec, "spec");
  if (spec.selector === undefined) errors.push(required("spec.selector"));
  else errors.push(...selectorErrors(spec.selector, "spec.selector"));
  if (isUsableSelector(spec.selector)) errors.push(...selectorMatchesTemplate(spec.selector, spec.template, "spec.template"));
  return errors;
}
function validate(object: Job): FieldError[] {
  const spec = object.spec ?? {};
  const errors = [...validateGeneratedSelector(object, spec), ...validateSpec(spec)];
  if (spec.completionMode !== "Indexed" || (spec.completions ?? 0) <= 0) return errors;
  const name = object.metadata?.name ?? "";
  const last = `${name}-${(spec.completions ?? 0) - 1}`;
  if (isDNS1123Label(last).length > 0) {
    errors.push(invalid("metadata.name", name, `will not able to create pod with invalid DNS label: ${last}`));
  }
  return errors;
}

function validateStatus(status: JobStatus): FieldError[] {
  const errors = nonnegativeFields(status, "status", ["active", "succeeded", "failed", "ready", "terminating"]);
  for (const name of ["succeeded", "failed"] as const) {
    const seen = new Set<string>();
    (status.uncountedTerminatedPods?.[name] ?? []).forEach((uid, index) => {
      const field = `status.uncountedTerminatedPods.${name}[${index}]`;
      if (seen.has(uid)) errors.push(duplicate(field, uid));
      else if (uid === "") errors.push(required(field));
      seen.add(uid);
    });
  }
  return errors;
}

function statusCell(object: Job): string {
  const conditions = object.status?.conditions;
  if (isConditionTrue(conditions, "Complete")) return "Complete";
  if (isConditionTrue(conditions, "Failed")) return "Failed";
  if (object.metadata?.deletionTimestamp) return "Terminating";
  for (const type of ["Suspended", "FailureTarget", "SuccessCriteriaMet"]) if (isConditionTrue(conditions, type)) return type;
  return "Running";
}
function completionsCell({ spec = {}, status = {} }: Job): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}
function durationCell({ status = {} }: Job, now: EpochMs): string {
  const start = status.startTime ? parseTime(status.startTime) : undefined;
  if (start === undefined) return "";
  const end = status.completionTime ? parseTime(status.completionTime) : now;
  return humanDuration((end ?? now) - start);
}

export const jobKind = defineKind<Job>("batch/v1/jobs", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults,
  prepareForCreate(object) {
    const spec = (object.spec ??= {});
    if (spec.manualSelector !== true) generateSelector(object, spec);
    inheritLabels(object);
    object.status = {};
  },
  validate,
  update: {
    prepare: (next) => inheritLabels(next),
    validate: (next, stored) => [...validate(next), ...validateSpec(next.spec ?? {}), ...validateJobSpecUpdate(next, stored)],
  },
  subresources: {
    status: statusStrategy((next, stored) => (equalJson(next.status, stored.status) ? [] : validateStatus(next.status ?? {}))),
  },
  warnings: (object, stored) => [...(stored ? [] : nameWarnings(object)), ...(changedSince(object, stored) ? jobWarnings(object.spec ?? {}, "spec") : [])],
  // Deleting a Job through batch/v1 leaves its pods unless the client says otherwise.
  defaultPropagation: "orphan",
  // As upstream: pkg/registry/batch/job/storage/storage.go.
  deleteWarnings: ({ propagation }) => (propagation === undefined ? [PODS_STAY] : []),
  selectableFields: { "status.successful": (object) => String(object.status?.succeeded ?? 0) },
  table: {
    columns: [NAME, text("Status"), text("Completions"), text("Duration"), AGE, ...WORKLOAD_WIDE],
    row: (object, now) => [
      nameCell(object),
      statusCell(object),
      completionsCell(object),
      durationCell(object, now),
      ageCell(object, now),
      ...workloadCells(object.spec?.template?.spec, object.spec?.selector),
    ],
  },
});
