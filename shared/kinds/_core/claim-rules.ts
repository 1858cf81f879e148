// Checks of a claim's spec, which StatefulSets and ephemeral volumes carry as well.
// As upstream: validation.go ValidatePersistentVolumeClaimSpec.
import { invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isDNS1123Subdomain } from "../../meta/names.ts";
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimStatus, TypedObjectReference } from "../_generated/types.ts";
import { validateAccessModes, validateBasicQuantity, validatePositive, VOLUME_MODES } from "./storage-rules.ts";

function validateDataSource(source: TypedObjectReference, field: string): FieldError[] {
  const { kind = "", name = "", namespace } = source;
  const group = source.apiGroup ?? "";
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${field}.name`));
  if (kind === "") errors.push(required(`${field}.kind`));
  if (group === "" && kind !== "PersistentVolumeClaim") {
    errors.push(invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  if (group !== "") errors.push(...isDNS1123Subdomain(group).map((message) => invalid(`${field}.apiGroup`, group, message)));
  if (namespace) errors.push(...isDNS1123Subdomain(namespace).map((message) => invalid(`${field}.namespace`, namespace, message)));
  return errors;
}

function validateDataSources(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { dataSource, dataSourceRef } = spec;
  const errors: FieldError[] = [];
  if (dataSource) errors.push(...validateDataSource(dataSource, `${path}.dataSource`));
  if (dataSourceRef) errors.push(...validateDataSource(dataSourceRef, `${path}.dataSourceRef`));
  if (!dataSource || !dataSourceRef) return errors;
  if (dataSourceRef.namespace) {
    return [...errors, invalid(path, {}, "may not be specified when dataSourceRef.namespace is specified")];
  }
  const same = (["apiGroup", "kind", "name"] as const).every((key) => (dataSource[key] ?? "") === (dataSourceRef[key] ?? ""));
  return same ? errors : [...errors, invalid(path, {}, "must match dataSourceRef")];
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.accessModes ?? []).length === 0) errors.push(required(`${path}.accessModes`, "at least 1 access mode is required"));
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, {}, `${path}.selector`));
  errors.push(...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`));
  const size = spec.resources?.requests?.storage;
  if (size === undefined) errors.push(required(`${path}.resources[storage]`));
  else errors.push(...validatePositive(size, `${path}.resources[storage]`));
  const className = (value: string | undefined, member: string): FieldError[] =>
    value ? isDNS1123Subdomain(value).map((message) => invalid(`${path}.${member}`, value, message)) : [];
  errors.push(...className(spec.storageClassName, "storageClassName"));
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    errors.push(notSupported(`${path}.volumeMode`, spec.volumeMode, VOLUME_MODES));
  }
  errors.push(...validateDataSources(spec, path));
  return [...errors, ...className(spec.volumeAttributesClassName, "volumeAttributesClassName")];
}

const RESIZE_STATES = ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"];

/** As upstream: ValidatePersistentVolumeClaimStatusUpdate. */
export function validateClaimStatus(status: PersistentVolumeClaimStatus): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(status.capacity ?? {})) errors.push(...validateBasicQuantity(value, `status.capacity[${name}]`));
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    // The name is printed although the state is meant: as upstream.
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported("status.allocatedResourceStatuses", name, RESIZE_STATES));
  }
  for (const [name, value] of Object.entries(status.allocatedResources ?? {})) {
    if (name !== "storage" && !name.includes("/")) errors.push(notSupported("status.allocatedResources", name, ["storage"]));
    else errors.push(...validateBasicQuantity(value, `status.allocatedResources[${name}]`));
  }
  return errors;
}
