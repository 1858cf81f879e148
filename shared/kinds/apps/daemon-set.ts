// DaemonSet of apps/v1. As upstream: pkg/apis/apps/validation/validation.go, pkg/registry/apps/daemonset/strategy.go.
import { equalJson } from "../../base/json.ts";
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { setBasedText } from "../../meta/labels.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from "../_generated/types.ts";
import { podTemplateWarnings } from "../_parts/pod-template.ts";
import {
  dropZeros,
  immutable,
  intOrPercentValue,
  nonnegative,
  nonnegativeFields,
  notDecremented,
  notMoreThan100Percent,
  positiveIntOrPercent,
} from "../_workload/checks.ts";
import { AGE, NAME, WORKLOAD_WIDE, ageCell, integer, nameCell, text, workloadCells } from "../_workload/columns.ts";
import { isEmptySelector, isUsableSelector, selectorErrors, selectorMatchesTemplate, selectorValue } from "../_workload/selector.ts";
import { alwaysRunningTemplate, defaultTemplate } from "../_workload/template.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

/** apps/v1 keeps the template's own generation in an annotation. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";
function setTemplateGeneration(object: DaemonSet, generation: number): void {
  const metadata = (object.metadata ??= {});
  (metadata.annotations ??= {})[TEMPLATE_GENERATION] = String(generation);
}
const templateGeneration = (object: DaemonSet): number => {
  const text = object.metadata?.annotations?.[TEMPLATE_GENERATION] ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
};

function defaults(object: DaemonSet): void {
  const spec = (object.spec ??= {});
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  defaultTemplate(spec);
  dropZeros(spec, ["minReadySeconds"]);
}

function validateStrategy(strategy: DaemonSetUpdateStrategy, field: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") {
    const shown = rollingUpdate && { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 };
    return [notSupported(field, { Type: type ?? "", RollingUpdate: shown ?? null }, ["RollingUpdate", "OnDelete"])];
  }
  if (!rollingUpdate) return [required(`${field}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const paths = { unavailable: `${field}.rollingUpdate.maxUnavailable`, surge: `${field}.rollingUpdate.maxSurge` };
  const errors = [
    ...positiveIntOrPercent(maxUnavailable, paths.unavailable),
    ...positiveIntOrPercent(maxSurge, paths.surge),
    ...notMoreThan100Percent(maxUnavailable, paths.unavailable),
    ...notMoreThan100Percent(maxSurge, paths.surge),
  ];
  const unavailable = intOrPercentValue(maxUnavailable) !== 0;
  const surge = intOrPercentValue(maxSurge) !== 0;
  if (unavailable && surge) errors.push(invalid(paths.surge, maxSurge, "may not be set when maxUnavailable is non-zero"));
  if (!unavailable && !surge) errors.push(required(paths.unavailable, "cannot be 0 when maxSurge is 0"));
  return errors;
}

function validateSpec(spec: DaemonSetSpec): FieldError[] {
  const { selector, template } = spec;
  const errors = selectorErrors(selector, "spec.selector");
  if (isUsableSelector(selector)) errors.push(...selectorMatchesTemplate(selector, template, "spec.template"));
  if (selector && isEmptySelector(selector)) {
    errors.push(invalid("spec.selector", selectorValue(selector), "empty selector is invalid for daemonset"));
  }
  return [
    ...errors,
    ...alwaysRunningTemplate(template, { owner: "DaemonSet", replicated: true }, "spec.template"),
    ...nonnegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...nonnegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
  ];
}

const COUNTS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
];

export const daemonSetKind = defineKind<DaemonSet>("apps/v1/daemonsets", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  hiddenAnnotations: [TEMPLATE_GENERATION],
  defaults,
  prepareForCreate(object) {
    object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    setTemplateGeneration(object, Math.max(1, templateGeneration(object)));
  },
  validate: (object) => validateSpec(object.spec ?? {}),
  update: {
    prepare(next, stored) {
      const changed = !equalJson(next.spec?.template, stored.spec?.template);
      setTemplateGeneration(next, templateGeneration(stored) + (changed ? 1 : 0));
    },
    validate: (next, stored) => [
      ...immutable(next.spec?.selector, stored.spec?.selector, "spec.selector", selectorValue(next.spec?.selector)),
      ...validateSpec(next.spec ?? {}),
    ],
  },
  subresources: {
    status: statusStrategy((next, stored) => [
      ...nonnegativeFields(next.status, "status", COUNTS),
      ...notDecremented(next.status?.collisionCount, stored.status?.collisionCount, "status.collisionCount"),
    ]),
  },
  warnings: (object, stored) =>
    stored && templateGeneration(object) === templateGeneration(stored) ? [] : podTemplateWarnings(object.spec?.template ?? {}, "spec.template"),
  table: {
    columns: [NAME, ...["Desired", "Current", "Ready", "Up-to-date", "Available"].map(integer), text("Node Selector"), AGE, ...WORKLOAD_WIDE],
    row(object, now) {
      const { spec = {}, status = {} } = object;
      return [
        nameCell(object),
        status.desiredNumberScheduled ?? 0,
        status.currentNumberScheduled ?? 0,
        status.numberReady ?? 0,
        status.updatedNumberScheduled ?? 0,
        status.numberAvailable ?? 0,
        setBasedText(spec.template?.spec?.nodeSelector ?? {}) || "<none>",
        ageCell(object, now),
        ...workloadCells(spec.template?.spec, spec.selector),
      ];
    },
  },
});
