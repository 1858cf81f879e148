// Small checks that the validation of pods is made of: each appends what is wrong to the list of errors given.
import type { Json } from "../../base/json.ts";
import { forbidden, invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain, isInRange, isQualifiedName } from "../../meta/names.ts";

export type Errors = FieldError[];

export const NOT_NEGATIVE = "must be greater than or equal to 0";
export const POSITIVE = "must be greater than zero";
const FILE_MODE = "must be a number between 0 and 0777 (octal), both inclusive";

/** One Invalid error for each message. */
export function invalidEach(errors: Errors, field: string, value: Json | undefined, messages: readonly string[]): void {
  for (const message of messages) errors.push(invalid(field, value, message));
}
export const checkDNSLabel = (errors: Errors, field: string, value: string): void => invalidEach(errors, field, value, isDNS1123Label(value));
export const checkDNSSubdomain = (errors: Errors, field: string, value: string): void => invalidEach(errors, field, value, isDNS1123Subdomain(value));
export const checkQualifiedName = (errors: Errors, field: string, value: string): void => invalidEach(errors, field, value, isQualifiedName(value));

export function checkRequired(errors: Errors, field: string, value: string | undefined): void {
  if (!value) errors.push(required(field));
}
export function checkNonNegative(errors: Errors, field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(invalid(field, value, NOT_NEGATIVE));
}
export function checkPositive(errors: Errors, field: string, value: number): void {
  if (value <= 0) errors.push(invalid(field, value, POSITIVE));
}
export function checkOneOf(errors: Errors, field: string, value: string | undefined, supported: readonly string[]): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(field, value, supported));
}
/** As checkOneOf, but an empty value is Required. */
export function checkRequiredOneOf(errors: Errors, field: string, value: string | undefined, supported: readonly string[]): void {
  if (!value) errors.push(required(field));
  else if (!supported.includes(value)) errors.push(notSupported(field, value, supported));
}
export function checkFileMode(errors: Errors, field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(field, mode, FILE_MODE));
}
/** User and group ids of Linux as Kubernetes takes them. */
export function checkId(errors: Errors, field: string, id: number | undefined): void {
  if (id !== undefined && (id < 0 || id > 2147483647)) invalidEach(errors, field, id, isInRange(id, 0, 2147483647));
}
export function checkAbsent(errors: Errors, field: string, value: unknown, detail: string): void {
  if (value !== undefined) errors.push(forbidden(field, detail));
}

const isAbsolute = (path: string): boolean => path.startsWith("/");
export function checkNoBacksteps(errors: Errors, field: string, path: string): void {
  if (path.includes("..") && path.split("/").includes("..")) errors.push(invalid(field, path, "must not contain '..'"));
}
export function checkDescendingPath(errors: Errors, field: string, path: string): void {
  if (isAbsolute(path)) errors.push(invalid(field, path, "must be a relative path"));
  checkNoBacksteps(errors, field, path);
}
/** As upstream ValidateLocalNonReservedPath: names that start with two dots belong to the kubelet's atomic writer. */
export function checkLocalPath(errors: Errors, field: string, path: string): void {
  checkDescendingPath(errors, field, path);
  if (path.startsWith("..") && !path.startsWith("../")) errors.push(invalid(field, path, "must not start with '..'"));
}
