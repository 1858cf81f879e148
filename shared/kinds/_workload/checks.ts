// Field checks that kinds of several groups share.
// As upstream: pkg/apis/core/validation/validation.go, pkg/apis/apps/validation/validation.go.
import type { Json } from "../../base/json.ts";
import { equalJson } from "../../base/json.ts";
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isPercent } from "../../meta/names.ts";

/** `field` of `object`, or the object itself when the path is empty. */
export const child = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

export const nonnegative = (value: number | undefined, field: string): FieldError[] =>
  (value ?? 0) < 0 ? [invalid(field, value, "must be greater than or equal to 0")] : [];
export const positive = (value: number | undefined, field: string): FieldError[] =>
  value !== undefined && value <= 0 ? [invalid(field, value, "must be greater than zero")] : [];
/** Checks each named member of an object that holds counts. */
export function nonnegativeFields(holder: object | undefined, path: string, names: readonly string[]): FieldError[] {
  const members = (holder ?? {}) as Record<string, number | undefined>;
  return names.flatMap((name) => nonnegative(members[name], child(path, name)));
}

/** `shown`: how Go prints the new value when that is not its JSON. */
export function immutable(next: unknown, stored: unknown, field: string, shown: Json | undefined = next as Json | undefined): FieldError[] {
  return equalJson(next, stored) ? [] : [invalid(field, shown, "field is immutable")];
}

/** A string that must be one of a sorted list; absent counts as empty. */
export const oneOf = (value: string | undefined, supported: readonly string[], field: string): FieldError[] =>
  supported.includes(value ?? "") ? [] : [notSupported(field, value ?? "", supported)];
export const oneOfRequired = (value: string | undefined, supported: readonly string[], field: string): FieldError[] =>
  value === undefined || value === "" ? [required(field)] : oneOf(value, supported, field);

export const messages = (list: readonly string[], field: string, value: Json | undefined): FieldError[] =>
  list.map((message) => invalid(field, value, message));

type IntOrString = number | string | undefined;
export function positiveIntOrPercent(value: IntOrString, field: string): FieldError[] {
  if (typeof value === "string") return messages(isPercent(value), field, value);
  return nonnegative(value, field);
}
const percentOf = (value: IntOrString): number | undefined =>
  typeof value === "string" && isPercent(value).length === 0 ? Number(value.slice(0, -1)) : undefined;
export const notMoreThan100Percent = (value: IntOrString, field: string): FieldError[] =>
  (percentOf(value) ?? 0) > 100 ? [invalid(field, value, "must not be greater than 100%")] : [];
/** The number in a count or a percentage; a string that is neither counts as 0 (Go's IntOrString.IntValue). */
export function intOrPercentValue(value: IntOrString): number {
  if (typeof value === "number") return value;
  return percentOf(value) ?? (/^[+-]?\d{1,10}$/.test(value ?? "") ? Number(value) : 0);
}

/** Keys in order, as Go prints a map. */
export function sortedMap(map: Readonly<Record<string, string>> | undefined): Json | undefined {
  return map && Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
/** A counter that controllers only ever raise. As upstream: IsDecremented. */
export const notDecremented = (next: number | undefined, stored: number | undefined, field: string): FieldError[] =>
  stored !== undefined && (next === undefined || next < stored) ? [invalid(field, next ?? 0, "cannot be decremented")] : [];
/** Drops members that Go does not print when they have the zero value of their type (omitempty without a pointer). */
export function dropZeros(holder: object, names: readonly string[]): void {
  const members = holder as Record<string, unknown>;
  for (const name of names) {
    const value = members[name];
    if (value === 0 || value === false || value === "") delete members[name];
  }
}
