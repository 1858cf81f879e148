// Deployment of apps/v1. As upstream: pkg/apis/apps/validation/validation.go, pkg/registry/apps/deployment/strategy.go.
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { equalJson } from "../../base/json.ts";
import type { Deployment, DeploymentSpec, DeploymentStatus, DeploymentStrategy } from "../_generated/types.ts";
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
import { AGE, NAME, ageCell, nameCell, text, workloadCells, WORKLOAD_WIDE } from "../_workload/columns.ts";
import { replicaScale } from "../_workload/scale.ts";
import { isUsableSelector, requiredSelector, selectorMatchesTemplate, selectorValue } from "../_workload/selector.ts";
import { alwaysRunningTemplate, changedSince, defaultTemplate, nameWarnings } from "../_workload/template.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

function defaults(object: Deployment): void {
  const spec = (object.spec ??= {});
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= "25%";
    rolling.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  defaultTemplate(spec);
  dropZeros(spec, ["minReadySeconds", "paused"]);
}

function validateStrategy(strategy: DeploymentStrategy, field: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === "Recreate") {
    return rollingUpdate ? [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  }
  if (type !== "RollingUpdate") {
    const shown = rollingUpdate && { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 };
    return [notSupported(field, { Type: type ?? "", RollingUpdate: shown ?? null }, ["Recreate", "RollingUpdate"])];
  }
  if (!rollingUpdate) return [required(`${field}.rollingUpdate`, "this should be defaulted and never be nil")];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...positiveIntOrPercent(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...positiveIntOrPercent(maxSurge, `${field}.rollingUpdate.maxSurge`),
  ];
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    errors.push(invalid(`${field}.rollingUpdate.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return [...errors, ...notMoreThan100Percent(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`)];
}

function validateSpec(spec: DeploymentSpec): FieldError[] {
  const { selector } = spec;
  const errors = nonnegative(spec.replicas, "spec.replicas");
  errors.push(...requiredSelector(selector, "deployment", "spec.selector"));
  if (!isUsableSelector(selector)) errors.push(invalid("spec.selector", selectorValue(selector), "invalid label selector"));
  else {
    errors.push(...selectorMatchesTemplate(selector, spec.template, "spec.template"));
    const options = { owner: "ReplicaSet", replicated: (spec.replicas ?? 0) > 1 };
    errors.push(...alwaysRunningTemplate(spec.template, options, "spec.template"));
  }
  errors.push(...validateStrategy(spec.strategy ?? {}, "spec.strategy"));
  errors.push(...nonnegative(spec.minReadySeconds, "spec.minReadySeconds"));
  errors.push(...nonnegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"));
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined) {
    errors.push(...nonnegative(deadline, "spec.progressDeadlineSeconds"));
    if (deadline <= (spec.minReadySeconds ?? 0)) {
      errors.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
    }
  }
  return errors;
}

const COUNTS = [
  "observedGeneration",
  "replicas",
  "updatedReplicas",
  "readyReplicas",
  "availableReplicas",
  "unavailableReplicas",
  "terminatingReplicas",
  "collisionCount",
];
function validateStatus(status: DeploymentStatus): FieldError[] {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const errors = nonnegativeFields(status, "status", COUNTS);
  for (const [name, value] of [
    ["updatedReplicas", updatedReplicas],
    ["readyReplicas", readyReplicas],
    ["availableReplicas", availableReplicas],
  ] as const) {
    if (value > replicas) errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) errors.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  return errors;
}

export const deploymentKind = defineKind<Deployment>("apps/v1/deployments", {
  generation: true,
  generationAlso: (next, stored) => !equalJson(next.metadata?.annotations ?? {}, stored.metadata?.annotations ?? {}),
  nameRule: nameIsDNSSubdomain,
  defaults,
  prepareForCreate(object) {
    object.status = {};
  },
  validate: (object) => validateSpec(object.spec ?? {}),
  update: {
    validate: (next, stored) => [
      ...validateSpec(next.spec ?? {}),
      ...immutable(next.spec?.selector, stored.spec?.selector, "spec.selector", selectorValue(next.spec?.selector)),
    ],
  },
  subresources: {
    status: statusStrategy(
      (next, stored) => [
        ...validateStatus(next.status ?? {}),
        ...notDecremented(next.status?.collisionCount, stored.status?.collisionCount, "status.collisionCount"),
      ],
      { keepsLabels: true },
    ),
  },
  warnings: (object, stored) => [
    ...(stored ? [] : nameWarnings(object)),
    ...(changedSince(object, stored) ? podTemplateWarnings(object.spec?.template ?? {}, "spec.template") : []),
  ],
  scale: replicaScale,
  table: {
    columns: [NAME, text("Ready"), text("Up-to-date"), text("Available"), AGE, ...WORKLOAD_WIDE],
    row: (object, now) => {
      const { spec = {}, status = {} } = object;
      return [
        nameCell(object),
        `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
        status.updatedReplicas ?? 0,
        status.availableReplicas ?? 0,
        ageCell(object, now),
        ...workloadCells(spec.template?.spec, spec.selector),
      ];
    },
  },
});
