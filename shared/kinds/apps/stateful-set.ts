// StatefulSet of apps/v1. As upstream: pkg/apis/apps/validation/validation.go, pkg/registry/apps/statefulset/strategy.go.
import { equalJson } from "../../base/json.ts";
import { type FieldError, forbidden, invalid, required } from "../../errors/field-error.ts";
import { validateAnnotations, validateLabels } from "../../meta/labels.ts";
import { isDNS1123Label, nameIsDNSLabel } from "../../meta/names.ts";
import type { StatefulSet, StatefulSetSpec, StatefulSetStatus, StatefulSetUpdateStrategy } from "../_generated/types.ts";
import { podTemplateWarnings, validatePodTemplate } from "../_parts/pod-template.ts";
import {
  dropZeros,
  intOrPercentValue,
  messages,
  nonnegative,
  nonnegativeFields,
  notDecremented,
  notMoreThan100Percent,
  oneOf,
  positiveIntOrPercent,
} from "../_workload/checks.ts";
import { claimTemplateWarnings, defaultClaimTemplate, validateClaimTemplates, withClaimVolumes } from "../_workload/claim-template.ts";
import { AGE, NAME, ageCell, containerCells, nameCell, text, wide } from "../_workload/columns.ts";
import { replicaScale } from "../_workload/scale.ts";
import { isUsableSelector, requiredSelector, selectorMatchesTemplate, selectorValue } from "../_workload/selector.ts";
import { changedSince, defaultTemplate, restartsAlways } from "../_workload/template.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

function defaults(object: StatefulSet): void {
  const spec = (object.spec ??= {});
  spec.podManagementPolicy ||= "OrderedReady";
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    strategy.type = "RollingUpdate";
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === "RollingUpdate" && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= "Retain";
  retention.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.serviceName ??= "";
  defaultTemplate(spec);
  dropZeros(spec, ["minReadySeconds"]);
  for (const claim of spec.volumeClaimTemplates ?? []) defaultClaimTemplate(claim);
}

/** The feature gate MaxUnavailableStatefulSet is off: the field goes unless a stored set has it. */
function dropMaxUnavailable(object: StatefulSet, stored?: StatefulSet): void {
  if (stored?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete object.spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
}

function validateStrategy(strategy: StatefulSetUpdateStrategy, field: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  const path = `${field}.rollingUpdate`;
  const shown = rollingUpdate ? { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null } : null;
  if (type === undefined || type === "") return [required(field)];
  if (type === "OnDelete") return rollingUpdate ? [invalid(path, shown, "only allowed for updateStrategy 'RollingUpdate'")] : [];
  if (type !== "RollingUpdate") {
    return [invalid(field, { Type: type, RollingUpdate: shown }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  if (!rollingUpdate) return [];
  const { maxUnavailable } = rollingUpdate;
  const errors = nonnegative(rollingUpdate.partition, `${path}.partition`);
  if (maxUnavailable === undefined) return errors;
  errors.push(...positiveIntOrPercent(maxUnavailable, `${path}.maxUnavailable`));
  if (intOrPercentValue(maxUnavailable) === 0) errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, "cannot be 0"));
  return [...errors, ...notMoreThan100Percent(maxUnavailable, `${path}.maxUnavailable`)];
}

/** `creating`: claim templates and the service's name are looked at only when the set is new. */
function validateSpec(spec: StatefulSetSpec, options: { creating: boolean }): FieldError[] {
  const errors: FieldError[] = [];
  const management = spec.podManagementPolicy ?? "";
  if (management === "") errors.push(required("spec.podManagementPolicy"));
  else if (management !== "OrderedReady" && management !== "Parallel") {
    errors.push(invalid("spec.podManagementPolicy", management, "must be 'OrderedReady' or 'Parallel'"));
  }
  errors.push(...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"));
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (retention) {
    const path = "spec.persistentVolumeClaimRetentionPolicy";
    errors.push(...oneOf(retention.whenDeleted, ["Retain", "Delete"], `${path}.whenDeleted`));
    errors.push(...oneOf(retention.whenScaled, ["Retain", "Delete"], `${path}.whenScaled`));
  }
  const claims = spec.volumeClaimTemplates ?? [];
  if (options.creating) errors.push(...validateClaimTemplates(claims, "spec.volumeClaimTemplates"));
  errors.push(...nonnegative(spec.replicas, "spec.replicas"));
  errors.push(...nonnegative(spec.minReadySeconds, "spec.minReadySeconds"));
  errors.push(...nonnegative(spec.ordinals?.start, "spec.ordinals.start"));
  const service = spec.serviceName ?? "";
  if (options.creating && service !== "") errors.push(...messages(isDNS1123Label(service), "spec.serviceName", service));
  errors.push(...requiredSelector(spec.selector, "statefulset", "spec.selector"));
  if (!isUsableSelector(spec.selector)) errors.push(invalid("spec.selector", selectorValue(spec.selector), ""));
  else {
    errors.push(...selectorMatchesTemplate(spec.selector, spec.template, "spec.template"));
    errors.push(...validatePodTemplate(withClaimVolumes(spec.template ?? {}, claims), "spec.template"));
    // Upstream looks at these twice.
    errors.push(...validateLabels(spec.template?.metadata?.labels, "spec.template.labels"));
    errors.push(...validateAnnotations(spec.template?.metadata?.annotations, "spec.template.annotations"));
  }
  return [...errors, ...restartsAlways(spec.template ?? {}, "StatefulSet", "spec.template")];
}

const MUTABLE = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];
const FIXED_TEXT =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
function validateUpdate(next: StatefulSet, stored: StatefulSet): FieldError[] {
  const fixed = (spec: StatefulSetSpec | undefined): object => Object.fromEntries(Object.entries(spec ?? {}).filter(([key]) => !MUTABLE.includes(key)));
  const errors = validateSpec(next.spec ?? {}, { creating: false });
  if (!equalJson(fixed(next.spec), fixed(stored.spec))) errors.push(forbidden("spec", FIXED_TEXT));
  return errors;
}

const COUNTS = ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount"];
function validateStatus(status: StatefulSetStatus): FieldError[] {
  const { replicas = 0, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const errors = nonnegativeFields(status, "status", COUNTS);
  for (const [name, value] of Object.entries({ readyReplicas, currentReplicas, updatedReplicas, availableReplicas })) {
    if (value > replicas) errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    errors.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than status.readyReplicas"));
  }
  return errors;
}

export const statefulSetKind = defineKind<StatefulSet>("apps/v1/statefulsets", {
  generation: true,
  nameRule: nameIsDNSLabel,
  defaults,
  prepareForCreate(object) {
    dropMaxUnavailable(object);
    object.status = { replicas: 0, availableReplicas: 0 };
  },
  validate: (object) => validateSpec(object.spec ?? {}, { creating: true }),
  update: { prepare: dropMaxUnavailable, validate: validateUpdate },
  subresources: {
    status: statusStrategy((next, stored) => [
      ...validateStatus(next.status ?? {}),
      ...notDecremented(next.status?.collisionCount, stored.status?.collisionCount, "status.collisionCount"),
    ]),
  },
  warnings(object, stored) {
    const warnings = changedSince(object, stored) ? podTemplateWarnings(object.spec?.template ?? {}, "spec.template") : [];
    // The two spellings of the last step are upstream's.
    warnings.push(...claimTemplateWarnings(object.spec?.volumeClaimTemplates ?? [], "spec.volumeClaimTemplates", stored ? ".Spec" : ""));
    if ((object.spec?.revisionHistoryLimit ?? 0) < 0) {
      warnings.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
    }
    return warnings;
  },
  scale: replicaScale,
  table: {
    columns: [NAME, text("Ready"), AGE, wide("Containers"), wide("Images")],
    row: (object, now) => [
      nameCell(object),
      `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
      ageCell(object, now),
      ...containerCells(object.spec?.template?.spec),
    ],
  },
});
