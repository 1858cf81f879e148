// Validation of the claim that an ephemeral volume makes (upstream: validation.go, ValidatePersistentVolumeClaimTemplate).
import { equalJson } from "../../base/json.ts";
import { forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { validateAnnotations, validateLabels, validateLabelSelector } from "../../meta/labels.ts";
import { nameIsDNSLabel, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { ObjectMeta, PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, TypedObjectReference } from "../_generated/types.ts";
import { checkDNSSubdomain, checkOneOf, checkRequired, type Errors, invalidEach, POSITIVE } from "./check.ts";
import { canonical, milli } from "./quantities.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES = ["Block", "Filesystem"];
/** Members of metadata that a template may have; the others in the order of the Go struct. */
const FORBIDDEN_METADATA: readonly (keyof ObjectMeta)[] = [
  "name",
  "generateName",
  "namespace",
  "selfLink",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "ownerReferences",
  "finalizers",
  "managedFields",
];
/** Go's name of the field with a small first letter. */
const GO_NAMES: Readonly<Record<string, string>> = { uid: "uID" };

function checkMetadata(errors: Errors, field: string, metadata: ObjectMeta): void {
  errors.push(...validateAnnotations(metadata.annotations, `${field}.annotations`));
  errors.push(...validateLabels(metadata.labels, `${field}.labels`));
  for (const key of FORBIDDEN_METADATA) {
    const value = metadata[key];
    if (value !== undefined && value !== "" && value !== 0) errors.push(forbidden(`${field}.${GO_NAMES[key] ?? key}`, "cannot be set"));
  }
}
function checkSource(errors: Errors, field: string, source: TypedObjectReference): void {
  const { name, kind = "", namespace } = source;
  const apiGroup = source.apiGroup ?? "";
  checkRequired(errors, `${field}.name`, name);
  checkRequired(errors, `${field}.kind`, kind);
  if (apiGroup === "" && kind !== "PersistentVolumeClaim") {
    errors.push(invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  if (apiGroup !== "") checkDNSSubdomain(errors, `${field}.apiGroup`, apiGroup);
  if (namespace) invalidEach(errors, `${field}.namespace`, namespace, nameIsDNSLabel(namespace, false));
}
function checkSources(errors: Errors, field: string, { dataSource, dataSourceRef }: PersistentVolumeClaimSpec): void {
  if (dataSource) checkSource(errors, `${field}.dataSource`, dataSource);
  if (dataSourceRef) checkSource(errors, `${field}.dataSourceRef`, dataSourceRef);
  if (!dataSource || !dataSourceRef) return;
  const { namespace, ...ref } = dataSourceRef;
  // Upstream gives the path as the value, which prints as an empty struct.
  if (namespace) errors.push(invalid(field, {}, "may not be specified when dataSourceRef.namespace is specified"));
  else if (!equalJson(dataSource, ref)) errors.push(invalid(field, {}, "must match dataSourceRef"));
}
function checkSpec(errors: Errors, field: string, spec: PersistentVolumeClaimSpec): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${field}.accessModes`, "at least 1 access mode is required"));
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, {}, `${field}.selector`));
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(`${field}.accessModes`, mode, ACCESS_MODES));
  if (modes.includes("ReadWriteOncePod") && modes.some((mode) => mode !== "ReadWriteOncePod" && ACCESS_MODES.includes(mode))) {
    errors.push(forbidden(`${field}.accessModes`, "may not use ReadWriteOncePod with other access modes"));
  }
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(required(`${field}.resources[storage]`));
  else if (milli(storage) <= 0) errors.push(invalid(`${field}.resources[storage]`, canonical(storage), POSITIVE));
  const className = spec.storageClassName;
  if (className) invalidEach(errors, `${field}.storageClassName`, className, nameIsDNSSubdomain(className, false));
  checkOneOf(errors, `${field}.volumeMode`, spec.volumeMode, VOLUME_MODES);
  checkSources(errors, field, spec);
  const attributes = spec.volumeAttributesClassName;
  if (attributes) invalidEach(errors, `${field}.volumeAttributesClassName`, attributes, nameIsDNSSubdomain(attributes, false));
}
export function checkClaimTemplate(errors: Errors, field: string, template: PersistentVolumeClaimTemplate): void {
  checkMetadata(errors, `${field}.metadata`, template.metadata ?? {});
  checkSpec(errors, `${field}.spec`, template.spec ?? {});
}
