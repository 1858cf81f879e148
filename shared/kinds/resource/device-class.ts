// DeviceClass of resource.k8s.io/v1. As upstream: pkg/apis/resource/validation/validation.go ValidateDeviceClass.
import { type FieldError, invalid, tooMany } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { DeviceClass } from "../_generated/types.ts";
import { isExtendedResource } from "../_parts/resource-names.ts";
import { AGE, NAME, ageCell, nameCell } from "../_workload/columns.ts";
import { validateOpaque, validateSelectors } from "../_workload/device-claim.ts";
import { defineKind } from "../define-kind.ts";

const CONFIG_MAX = 32;

function validate({ spec = {} }: DeviceClass): FieldError[] {
  const { selectors = [], config = [], extendedResourceName: name } = spec;
  const errors = validateSelectors(selectors, "spec.selectors");
  if (config.length > CONFIG_MAX) errors.push(tooMany("spec.config", config.length, CONFIG_MAX));
  else errors.push(...config.flatMap(({ opaque }, index) => validateOpaque(opaque, `spec.config[${index}].opaque`)));
  if (name !== undefined && !isExtendedResource(name)) {
    errors.push(invalid("spec.extendedResourceName", name, "must be a valid extended resource name"));
  }
  return errors;
}

export const deviceClassKind = defineKind<DeviceClass>("resource.k8s.io/v1/deviceclasses", {
  generation: true,
  // Its name is checked by generated code, which counts bytes.
  nameRule: (name, prefix) => nameIsDNSSubdomain(name, prefix).map((message) => message.replace("253 characters", "253 bytes")),
  defaults(object) {
    object.spec ??= {};
  },
  validate,
  deleteReturnsObject: true,
  table: { columns: [NAME, AGE], row: (object, now) => [nameCell(object), ageCell(object, now)] },
});
