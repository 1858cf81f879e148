// ReplicaSet of apps/v1. As upstream: pkg/apis/apps/validation/validation.go, pkg/registry/apps/replicaset/strategy.go.
import { type FieldError, invalid } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { ReplicaSet, ReplicaSetSpec, ReplicaSetStatus } from "../_generated/types.ts";
import { podTemplateWarnings } from "../_parts/pod-template.ts";
import { dropZeros, immutable, nonnegative, nonnegativeFields } from "../_workload/checks.ts";
import { AGE, NAME, WORKLOAD_WIDE, ageCell, integer, nameCell, workloadCells } from "../_workload/columns.ts";
import { replicaScale } from "../_workload/scale.ts";
import { isUsableSelector, requiredSelector, selectorMatchesTemplate, selectorValue } from "../_workload/selector.ts";
import { alwaysRunningTemplate, changedSince, defaultTemplate, nameWarnings } from "../_workload/template.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

function validateSpec(spec: ReplicaSetSpec): FieldError[] {
  const { selector, template } = spec;
  const errors = [
    ...nonnegative(spec.replicas, "spec.replicas"),
    ...nonnegative(spec.minReadySeconds, "spec.minReadySeconds"),
    // The word deployment is upstream's own.
    ...requiredSelector(selector, "deployment", "spec.selector"),
  ];
  if (!isUsableSelector(selector)) return [...errors, invalid("spec.selector", selectorValue(selector), "invalid label selector")];
  const options = { owner: "ReplicaSet", replicated: (spec.replicas ?? 0) > 1 };
  return [...errors, ...selectorMatchesTemplate(selector, template, "spec.template"), ...alwaysRunningTemplate(template, options, "spec.template")];
}

const COUNTS = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas", "observedGeneration"];
function validateStatus(status: ReplicaSetStatus): FieldError[] {
  const { replicas = 0, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const errors = nonnegativeFields(status, "status", COUNTS);
  for (const [name, value] of Object.entries({ fullyLabeledReplicas, readyReplicas, availableReplicas })) {
    if (value > replicas) errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) errors.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  return errors;
}

export const replicaSetKind = defineKind<ReplicaSet>("apps/v1/replicasets", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.replicas ??= 1;
    defaultTemplate(spec);
    dropZeros(spec, ["minReadySeconds"]);
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 };
  },
  validate: (object) => validateSpec(object.spec ?? {}),
  update: {
    validate: (next, stored) => [
      ...validateSpec(next.spec ?? {}),
      ...immutable(next.spec?.selector, stored.spec?.selector, "spec.selector", selectorValue(next.spec?.selector)),
    ],
  },
  subresources: { status: statusStrategy((next) => validateStatus(next.status ?? {})) },
  warnings: (object, stored) => [
    ...(stored ? [] : nameWarnings(object)),
    ...(changedSince(object, stored) ? podTemplateWarnings(object.spec?.template ?? {}, "spec.template") : []),
  ],
  scale: replicaScale,
  selectableFields: { "status.replicas": (object) => String(object.status?.replicas ?? 0) },
  table: {
    columns: [NAME, integer("Desired"), integer("Current"), integer("Ready"), AGE, ...WORKLOAD_WIDE],
    row: (object, now) => [
      nameCell(object),
      object.spec?.replicas ?? 0,
      object.status?.replicas ?? 0,
      object.status?.readyReplicas ?? 0,
      ageCell(object, now),
      ...workloadCells(object.spec?.template?.spec, object.spec?.selector),
    ],
  },
});
