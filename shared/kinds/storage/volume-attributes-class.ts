// VolumeAttributesClass of storage.k8s.io/v1. As upstream: pkg/apis/storage/validation/validation.go.
import { equalJson } from "../../base/json.ts";
import { type FieldError, forbidden, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { VolumeAttributesClass } from "../_generated/types.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateParameters, validateProvisioner } from "./storage-class.ts";

function validate(object: VolumeAttributesClass): FieldError[] {
  const parameters = object.parameters ?? {};
  return [
    ...validateProvisioner(object.driverName ?? "", "driverName"),
    ...(Object.keys(parameters).length === 0
      ? [required("parameters", "must contain at least one key/value pair")]
      : validateParameters(parameters, "parameters")),
  ];
}
function validateUpdate(next: VolumeAttributesClass, stored: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  if (next.driverName !== stored.driverName) errors.push(forbidden("driverName", "updates to driverName are forbidden."));
  if (!equalJson(next.parameters, stored.parameters)) errors.push(forbidden("parameters", "updates to parameters are forbidden."));
  return [...errors, ...validate(next)];
}

export const volumeAttributesClassKind = defineKind<VolumeAttributesClass>("storage.k8s.io/v1/volumeattributesclasses", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    object.driverName ??= "";
  },
  validate,
  update: { validate: validateUpdate },
  deleteReturnsObject: true,
  table: {
    columns: [NAME, text("DriverName"), AGE],
    row: (object, now) => [nameCell(object), object.driverName ?? "", ageCell(object, now)],
  },
});
