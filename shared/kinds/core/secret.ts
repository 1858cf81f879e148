// Secret of v1. As upstream: pkg/registry/core/secret/strategy.go, validation.go ValidateSecret.
import { equalJson } from "../../base/json.ts";
import { forbidden, invalid, required, tooLong, type FieldError } from "../../errors/field-error.ts";
import type { Secret } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { isConfigMapKey, nameIsDNSSubdomain } from "../../meta/names.ts";
import { compareText } from "../../meta/text.ts";
import { jsonName } from "../../schema/go-values.ts";
import { readJson } from "../../schema/json-text.ts";
import { base64OfText, base64Size, textOfBase64 } from "../_core/bytes.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";
import { DATA_BYTES_MAX, IMMUTABLE_SET } from "./configmap.ts";

const SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name";

function defaults(object: Secret): void {
  if (!object.type) object.type = "Opaque";
  if (object.stringData === undefined) return;
  for (const [key, value] of Object.entries(object.stringData)) (object.data ??= {})[key] = base64OfText(value);
  delete object.stringData;
}

/** What Go's decoder says of a text that must be a JSON object, or undefined. */
function jsonObjectError(text: string): string | undefined {
  const read = readJson(text);
  if (typeof read === "string") return read;
  const { value } = read;
  if (value === null || jsonName(value) === "object") return undefined;
  return `json: cannot unmarshal ${jsonName(value)} into Go value of type map[string]interface {}`;
}

function dockerConfig(data: Readonly<Record<string, string>>, key: string): FieldError[] {
  const value = data[key];
  if (value === undefined) return [required(`data[${key}]`)];
  const error = jsonObjectError(textOfBase64(value));
  return error === undefined ? [] : [invalid(`data[${key}]`, "<secret contents redacted>", error)];
}

/** Keys and annotations that a type of secret must have. */
function validateType(object: Secret): FieldError[] {
  const data = object.data ?? {};
  switch (object.type) {
    case "kubernetes.io/service-account-token":
      return object.metadata?.annotations?.[SERVICE_ACCOUNT_NAME] ? [] : [required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`)];
    case "kubernetes.io/dockercfg":
      return dockerConfig(data, ".dockercfg");
    case "kubernetes.io/dockerconfigjson":
      return dockerConfig(data, ".dockerconfigjson");
    case "kubernetes.io/basic-auth":
      return data.username === undefined && data.password === undefined ? [required("data[username]"), required("data[password]")] : [];
    case "kubernetes.io/ssh-auth":
      return data["ssh-privatekey"] ? [] : [required("data[ssh-privatekey]")];
    case "kubernetes.io/tls":
      return ["tls.crt", "tls.key"].filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
    default:
      return [];
  }
}

function validate(object: Secret): FieldError[] {
  const data = object.data ?? {};
  let size = 0;
  for (const value of Object.values(data)) size += base64Size(value);
  return [
    ...Object.keys(data)
      .sort(compareText)
      .flatMap((key) => isConfigMapKey(key).map((message) => invalid(`data[${key}]`, key, message))),
    ...(size > DATA_BYTES_MAX ? [tooLong("data", DATA_BYTES_MAX)] : []),
    ...validateType(object),
  ];
}

function validateUpdate(next: Secret, stored: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if (next.type !== stored.type) errors.push(invalid("type", next.type, "field is immutable"));
  if (stored.immutable) {
    if (!next.immutable) errors.push(forbidden("immutable", IMMUTABLE_SET));
    if (!equalJson(next.data ?? {}, stored.data ?? {})) errors.push(forbidden("data", IMMUTABLE_SET));
  }
  return [...errors, ...validate(next)];
}

/** As upstream: pkg/api/secret/warnings.go; only what shows without parsing certificates. */
function warnings(object: Secret): string[] {
  if (object.type !== "kubernetes.io/tls") return [];
  const hasPem = (key: string): boolean => textOfBase64(object.data?.[key] ?? "").includes("-----BEGIN ");
  if (!hasPem("tls.crt")) return ["tls: failed to find any PEM data in certificate input"];
  return hasPem("tls.key") ? [] : ["tls: failed to find any PEM data in key input"];
}

export const secretKind = defineKind<Secret>("v1/secrets", {
  defaults,
  nameRule: nameIsDNSSubdomain,
  validate,
  update: { validate: validateUpdate },
  warnings,
  selectableFields: { type: (object) => object.type ?? "" },
  table: {
    columns: [NAME_COLUMN, textColumn("Type"), textColumn("Data"), AGE_COLUMN],
    row: (object, now) => [nameOf(object), object.type ?? "", Object.keys(object.data ?? {}).length, ageOf(object, now)],
  },
});
