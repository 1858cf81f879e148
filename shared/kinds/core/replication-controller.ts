// ReplicationController (upstream: pkg/registry/core/replicationcontroller/strategy.go, validation.go).
import { forbidden, invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { setBasedText } from "../../meta/labels.ts";
import { isDNS1123Label, nameIsLongName } from "../../meta/names.ts";
import type { PodTemplateSpec, ReplicationController, ReplicationControllerStatus } from "../_generated/types.ts";
import { AGE_COLUMN, ageOf, formatLabels, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";
import { checkNonNegative } from "../_parts/check.ts";
import { containerNamesAndImages } from "../_parts/containers.ts";
import { defaultPodTemplate, podTemplateWarnings, validatePodTemplate } from "../_parts/pod-template.ts";
import { type ColumnDefinition, defineKind, statusStrategy } from "../define-kind.ts";

type Labels = Readonly<Record<string, string>>;
const matches = (selector: Labels, labels: Labels | undefined): boolean => Object.entries(selector).every(([key, value]) => labels?.[key] === value);

function templateErrors(template: PodTemplateSpec, selector: Labels, stored: PodTemplateSpec | undefined): FieldError[] {
  const field = "spec.template";
  const errors: FieldError[] = [];
  const labels = template.metadata?.labels;
  if (!matches(selector, labels)) {
    const shown = labels ? Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) : null;
    errors.push(invalid(`${field}.metadata.labels`, shown, "`selector` does not match template `labels`"));
  }
  errors.push(...validatePodTemplate(template, field, { stored }));
  const { restartPolicy = "", activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== "Always") errors.push(notSupported(`${field}.spec.restartPolicy`, restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    const detail = "activeDeadlineSeconds in ReplicationController is not Supported";
    errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, detail));
  }
  return errors;
}
function specErrors(object: ReplicationController, stored?: ReplicationController): FieldError[] {
  const { minReadySeconds, selector = {}, replicas, template } = object.spec ?? {};
  const errors: FieldError[] = [];
  checkNonNegative(errors, "spec.minReadySeconds", minReadySeconds);
  if (Object.keys(selector).length === 0) errors.push(required("spec.selector"));
  if (replicas === undefined) errors.push(required("spec.replicas"));
  checkNonNegative(errors, "spec.replicas", replicas);
  if (template) errors.push(...templateErrors(template, selector, stored?.spec?.template));
  else errors.push(required("spec.template"));
  return errors;
}
const COUNTS = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"] as const;
function statusErrors(status: ReplicationControllerStatus): FieldError[] {
  const errors: FieldError[] = [];
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const name of COUNTS) checkNonNegative(errors, `status.${name}`, status[name]);
  for (const name of COUNTS.slice(1, 4)) {
    const value = status[name] ?? 0;
    if (value > replicas) errors.push(invalid(`status.${name}`, value, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    errors.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  }
  return errors;
}
function nameWarnings(name: string): string[] {
  const messages = isDNS1123Label(name);
  const where = "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior;";
  return messages.length === 0 ? [] : [`${where} a DNS label is recommended: [${messages.join(" ")}]`];
}
const count = (name: string): ColumnDefinition => ({ name, type: "integer", priority: 0 });

export const replicationControllerKind = defineKind<ReplicationController>("v1/replicationcontrollers", {
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (labels) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
      const metadata = (object.metadata ??= {});
      if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
    }
    if (spec.template) spec.template.metadata ??= {};
    defaultPodTemplate(spec.template);
  },
  nameRule: nameIsLongName,
  generation: true,
  prepareForCreate(object) {
    object.status = { replicas: 0 };
  },
  validate: (object) => specErrors(object),
  update: { validate: specErrors },
  subresources: { status: statusStrategy(({ status }) => statusErrors(status ?? {})) },
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    setReplicas(object, replicas) {
      (object.spec ??= {}).replicas = replicas;
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => setBasedText(spec?.selector),
  },
  warnings({ metadata, spec }, stored) {
    if (stored && stored.metadata?.generation === metadata?.generation) return [];
    return [...(stored ? [] : nameWarnings(metadata?.name ?? "")), ...podTemplateWarnings(spec?.template, "spec.template")];
  },
  defaultPropagation: "orphan",
  selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
  table: {
    columns: [
      NAME_COLUMN,
      count("Desired"),
      count("Current"),
      count("Ready"),
      AGE_COLUMN,
      textColumn("Containers", 1),
      textColumn("Images", 1),
      textColumn("Selector", 1),
    ],
    row: (object, now) => [
      nameOf(object),
      object.spec?.replicas ?? 0,
      object.status?.replicas ?? 0,
      object.status?.readyReplicas ?? 0,
      ageOf(object, now),
      ...containerNamesAndImages(object.spec?.template?.spec),
      formatLabels(object.spec?.selector),
    ],
  },
});
