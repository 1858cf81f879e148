// CSIStorageCapacity of storage.k8s.io/v1. As upstream: pkg/apis/storage/validation/validation.go.
import { type FieldError, invalid } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isDNS1123Subdomain, nameIsDNSSubdomain } from "../../meta/names.ts";
import { isNegativeQuantity } from "../../meta/quantity.ts";
import type { CSIStorageCapacity } from "../_generated/types.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { selectorValue } from "../_workload/selector.ts";
import { defineKind } from "../define-kind.ts";

function validate(object: CSIStorageCapacity): FieldError[] {
  const className = object.storageClassName ?? "";
  const errors = messages(isDNS1123Subdomain(className), "storageClassName", className);
  errors.push(...validateLabelSelector(object.nodeTopology, {}, "nodeTopology"));
  for (const name of ["capacity", "maximumVolumeSize"] as const) {
    const value = object[name];
    if (value !== undefined && isNegativeQuantity(value)) errors.push(invalid(name, value, "must be greater than or equal to 0"));
  }
  return errors;
}

export const csiStorageCapacityKind = defineKind<CSIStorageCapacity>("storage.k8s.io/v1/csistoragecapacities", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    object.storageClassName ??= "";
  },
  validate,
  update: {
    validate: (next, stored) => [
      ...validate(next),
      ...immutable(next.nodeTopology, stored.nodeTopology, "nodeTopology", selectorValue(next.nodeTopology)),
      ...immutable(next.storageClassName, stored.storageClassName, "storageClassName"),
    ],
  },
  allowUnconditionalUpdate: false,
});
