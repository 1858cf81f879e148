// One mistake in one field. Validation collects them; they become causes of a Status in one place (status.ts).
// Types, wording of `detail` and how bad values are printed follow k8s.io/apimachinery pkg/util/validation/field/errors.go.
import type { Json } from "../base/json.ts";

export type FieldErrorType =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueDuplicate"
  | "FieldValueNotFound"
  | "FieldValueForbidden"
  | "FieldValueNotSupported"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "InternalError";

export interface FieldError {
  readonly type: FieldErrorType;
  /** Dotted path as users see it: `spec.containers[0].name`, `metadata.labels`, `data[key]`. */
  readonly field: string;
  /** The whole text after `field: `, as `Invalid value: "x": must be ...` or `Required value`. */
  readonly message: string;
}

/** Characters that Go's JSON encoder escapes so that its output can stand in HTML. */
const HTML = /[<>&\u2028\u2029]/g;
const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** How a bad value is printed: strings quoted as Go's %q, everything else as compact JSON of Go. */
export function printValue(value: Json | undefined): string {
  if (value === undefined || value === null) return "null";
  const text = JSON.stringify(value);
  return typeof value === "string" ? text : text.replace(HTML, escaped);
}

const withDetail = (head: string, detail: string): string => (detail === "" ? head : `${head}: ${detail}`);

export const required = (field: string, detail = ""): FieldError => ({
  type: "FieldValueRequired",
  field,
  message: withDetail("Required value", detail),
});
export const invalid = (field: string, value: Json | undefined, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  message: withDetail(`Invalid value: ${printValue(value)}`, detail),
});
export const duplicate = (field: string, value: Json | undefined): FieldError => ({
  type: "FieldValueDuplicate",
  field,
  message: `Duplicate value: ${printValue(value)}`,
});
export const notFound = (field: string, value: Json | undefined): FieldError => ({
  type: "FieldValueNotFound",
  field,
  message: `Not found: ${printValue(value)}`,
});
export const forbidden = (field: string, detail: string): FieldError => ({
  type: "FieldValueForbidden",
  field,
  message: withDetail("Forbidden", detail),
});
/** Supported values are printed quoted and in the order given (upstream sorts most of them: sort before). */
export const notSupported = (field: string, value: Json | undefined, supported: readonly string[]): FieldError => ({
  type: "FieldValueNotSupported",
  field,
  message: withDetail(
    `Unsupported value: ${printValue(value)}`,
    supported.length === 0 ? "" : `supported values: ${supported.map((s) => JSON.stringify(s)).join(", ")}`,
  ),
});
/** `maxLength` is in bytes; the value itself is not repeated, as upstream since 1.32. */
export const tooLong = (field: string, maxLength: number): FieldError => ({
  type: "FieldValueTooLong",
  field,
  message: maxLength >= 0 ? `Too long: may not be more than ${maxLength} bytes` : "Too long: value is too long",
});
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: "FieldValueTooMany",
  field,
  message: `Too many: ${actual}: must have at most ${max} items`,
});
export const typeInvalid = (field: string, value: Json | undefined, detail: string): FieldError => ({
  type: "FieldValueTypeInvalid",
  field,
  message: withDetail(`Invalid value: ${printValue(value)}`, detail),
});

/** Puts a prefix before the fields of errors that were found inside a part: `under("spec.template", errors)`. */
export const under = (prefix: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({
    ...error,
    field: error.field === "" ? prefix : error.field.startsWith("[") ? prefix + error.field : `${prefix}.${error.field}`,
  }));
