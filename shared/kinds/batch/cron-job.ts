// CronJob of batch/v1. As upstream: pkg/apis/batch/validation/validation.go, pkg/registry/batch/cronjob/strategy.go.
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { age } from "../../meta/time.ts";
import type { CronJob, CronJobSpec, JobTemplateSpec } from "../_generated/types.ts";
import { nonnegative, oneOfRequired } from "../_workload/checks.ts";
import { AGE, NAME, WORKLOAD_WIDE, ageCell, flag, integer, nameCell, text, workloadCells } from "../_workload/columns.ts";
import { scheduleProblem, timeZoneProblem } from "../_workload/cron-schedule.ts";
import { defaultJobParts, jobWarnings, validateJobParts } from "../_workload/job-spec.ts";
import { selectorValue } from "../_workload/selector.ts";
import { changedSince, defaultTemplate, nameWarnings } from "../_workload/template.ts";
import { defineKind } from "../define-kind.ts";

/** Jobs get `-<minutes>` after the CronJob's name, and are named by DNS labels of at most 63 characters. */
const NAME_MAX = 52;
/** The doubled step of the path is upstream's. */
const ZONE_IN_SCHEDULE =
  "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details";

function defaults(object: CronJob): void {
  const spec = (object.spec ??= {});
  spec.schedule ??= "";
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const template = (spec.jobTemplate ??= {});
  template.metadata ??= {};
  defaultJobParts((template.spec ??= {}));
  defaultTemplate(template.spec);
}

function validateSchedule(spec: CronJobSpec, stored: CronJobSpec | undefined): FieldError[] {
  const schedule = spec.schedule ?? "";
  if (schedule === "") return [required("spec.schedule")];
  const errors: FieldError[] = [];
  const problem = scheduleProblem(schedule);
  if (problem !== undefined) errors.push(invalid("spec.schedule", schedule, problem));
  if (!schedule.includes("TZ")) return errors;
  if (!stored?.schedule?.includes("TZ")) {
    errors.push(invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  } else if (spec.timeZone !== undefined) {
    errors.push(invalid("spec.schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
  }
  return errors;
}
function validateJobTemplate(template: JobTemplateSpec, field: string): FieldError[] {
  const spec = template.spec ?? {};
  const errors = validateJobParts(spec, `${field}.spec`);
  if (spec.selector) errors.push(invalid(`${field}.spec.selector`, selectorValue(spec.selector), "`selector` will be auto-generated"));
  if (spec.manualSelector === true) errors.push(notSupported(`${field}.spec.manualSelector`, true, ["nil", "false"]));
  return errors;
}
function validateSpec(spec: CronJobSpec, stored: CronJobSpec | undefined): FieldError[] {
  const errors = [...validateSchedule(spec, stored), ...nonnegative(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds")];
  const zone = spec.timeZone;
  if (zone !== undefined && (!stored || stored.timeZone !== zone)) {
    const problem = timeZoneProblem(zone);
    if (problem !== undefined) errors.push(invalid("spec.timeZone", zone, problem));
  }
  return [
    ...errors,
    ...oneOfRequired(spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"], "spec.concurrencyPolicy"),
    ...validateJobTemplate(spec.jobTemplate ?? {}, "spec.jobTemplate"),
    ...nonnegative(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit"),
    ...nonnegative(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit"),
  ];
}

export const cronJobKind = defineKind<CronJob>("batch/v1/cronjobs", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults,
  prepareForCreate(object) {
    object.status = {};
  },
  validate(object) {
    const name = object.metadata?.name ?? "";
    const errors = validateSpec(object.spec ?? {}, undefined);
    if (name.length > NAME_MAX) errors.push(invalid("metadata.name", name, `must be no more than ${NAME_MAX} characters`));
    return errors;
  },
  update: { validate: (next, stored) => validateSpec(next.spec ?? {}, stored.spec ?? {}) },
  warnings(object, stored) {
    return [
      ...(stored ? [] : nameWarnings(object)),
      ...(changedSince(object, stored) ? jobWarnings(object.spec?.jobTemplate?.spec ?? {}, "spec.jobTemplate.spec") : []),
      ...(stored && object.spec?.schedule?.includes("TZ") ? [ZONE_IN_SCHEDULE] : []),
    ];
  },
  table: {
    columns: [NAME, text("Schedule"), text("Timezone"), flag("Suspend"), integer("Active"), text("Last Schedule"), AGE, ...WORKLOAD_WIDE],
    row(object, now) {
      const { spec = {}, status = {} } = object;
      const job = spec.jobTemplate?.spec;
      return [
        nameCell(object),
        spec.schedule ?? "",
        spec.timeZone ?? "<none>",
        spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False",
        status.active?.length ?? 0,
        status.lastScheduleTime ? age(status.lastScheduleTime, now) : "<none>",
        ageCell(object, now),
        ...workloadCells(job?.template?.spec, job?.selector),
      ];
    },
  },
});
