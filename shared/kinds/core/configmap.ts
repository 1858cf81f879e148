// ConfigMap of v1. As upstream: pkg/registry/core/configmap/strategy.go, validation.go ValidateConfigMap.
import { equalJson } from "../../base/json.ts";
import { forbidden, invalid, tooLong, type FieldError } from "../../errors/field-error.ts";
import type { ConfigMap } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { isConfigMapKey, nameIsDNSSubdomain } from "../../meta/names.ts";
import { byteLength, compareText } from "../../meta/text.ts";
import { base64Size } from "../_core/bytes.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

/** Bytes that all values of a ConfigMap or Secret may have together. */
export const DATA_BYTES_MAX = 1024 * 1024;
export const IMMUTABLE_SET = "field is immutable when `immutable` is set";

const keysOf = (bag: object): string[] => Object.keys(bag).sort(compareText);
const keyErrors = (field: string, key: string): FieldError[] => isConfigMapKey(key).map((message) => invalid(`${field}[${key}]`, key, message));

function validate(object: ConfigMap): FieldError[] {
  const data = object.data ?? {};
  const binaryData = object.binaryData ?? {};
  let size = 0;
  for (const value of Object.values(data)) size += byteLength(value);
  for (const value of Object.values(binaryData)) size += base64Size(value);
  return [
    ...keysOf(data).flatMap((key) => [
      ...keyErrors("data", key),
      // Told once, of the text.
      ...(Object.hasOwn(binaryData, key) ? [invalid(`data[${key}]`, key, "duplicate of key present in binaryData")] : []),
    ]),
    ...keysOf(binaryData).flatMap((key) => keyErrors("binaryData", key)),
    // The whole object is meant: upstream's empty path prints as [].
    ...(size > DATA_BYTES_MAX ? [tooLong("[]", DATA_BYTES_MAX)] : []),
  ];
}

function validateUpdate(next: ConfigMap, stored: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  if (stored.immutable) {
    if (!next.immutable) errors.push(forbidden("immutable", IMMUTABLE_SET));
    if (!equalJson(next.data ?? {}, stored.data ?? {})) errors.push(forbidden("data", IMMUTABLE_SET));
    if (!equalJson(next.binaryData ?? {}, stored.binaryData ?? {})) errors.push(forbidden("binaryData", IMMUTABLE_SET));
  }
  return [...errors, ...validate(next)];
}

export const configMapKind = defineKind<ConfigMap>("v1/configmaps", {
  nameRule: nameIsDNSSubdomain,
  validate,
  update: { validate: validateUpdate },
  table: {
    columns: [NAME_COLUMN, textColumn("Data"), AGE_COLUMN],
    row: (object, now) => [nameOf(object), Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length, ageOf(object, now)],
  },
});
