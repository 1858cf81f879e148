// Lease of coordination.k8s.io/v1. As upstream: pkg/registry/coordination/lease/strategy.go, pkg/apis/coordination/validation.
import { invalid, type FieldError } from "../../errors/field-error.ts";
import type { Lease } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

function validate(object: Lease): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) {
    errors.push(invalid("spec.leaseDurationSeconds", spec.leaseDurationSeconds, "must be greater than 0"));
  }
  if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0) {
    errors.push(invalid("spec.leaseTransitions", spec.leaseTransitions, "must be greater than or equal to 0"));
  }
  return errors;
}

/** Coordinated leader election is off, as on a real server of this version. */
function dropGated(object: Lease): void {
  delete object.spec?.strategy;
  delete object.spec?.preferredHolder;
}

export const leaseKind = defineKind<Lease>("coordination.k8s.io/v1/leases", {
  defaults(object) {
    object.spec ??= {};
  },
  nameRule: nameIsDNSSubdomain,
  prepareForCreate: dropGated,
  validate,
  update: { prepare: dropGated },
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  table: {
    columns: [NAME_COLUMN, textColumn("Holder"), AGE_COLUMN],
    row: (object, now) => [nameOf(object), object.spec?.holderIdentity ?? "", ageOf(object, now)],
  },
});
