// Rules that volumes and claims share. As upstream: validation.go ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaimSpec.
import { forbidden, invalid, notSupported, type FieldError } from "../../errors/field-error.ts";
import { compareQuantity, quantityValue } from "../../meta/quantity.ts";
import { quantityText } from "./resource-names.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
export const VOLUME_MODES = ["Block", "Filesystem"];

export function validateAccessModes(modes: readonly string[], field: string): FieldError[] {
  const errors = modes.filter((mode) => !ACCESS_MODES.includes(mode)).map((mode) => notSupported(field, mode, ACCESS_MODES));
  const single = modes.includes("ReadWriteOncePod");
  const other = modes.some((mode) => ACCESS_MODES.includes(mode) && mode !== "ReadWriteOncePod");
  return single && other ? [...errors, forbidden(field, "may not use ReadWriteOncePod with other access modes")] : errors;
}

/** Upstream prints the number itself here, not its text. */
export const validateBasicQuantity = (value: string | number, field: string): FieldError[] =>
  quantityValue(value) < 0n ? [invalid(field, Number(quantityValue(value)), "must be a valid resource quantity")] : [];

export const validatePositive = (value: string | number, field: string): FieldError[] =>
  compareQuantity(value, 0) > 0 ? [] : [invalid(field, quantityText(value), "must be greater than zero")];
