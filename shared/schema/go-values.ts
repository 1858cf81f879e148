// How Go names JSON values in errors, and what its zero values look like in JSON.
import type { Json } from "../base/json.ts";
import { NumberLiteral } from "./json-text.ts";

/** What Go's JSON decoder calls a value in errors. */
export const jsonName = (value: unknown): string =>
  typeof value === "string"
    ? "string"
    : typeof value === "boolean"
      ? "bool"
      : Array.isArray(value)
        ? "array"
        : typeof value === "number" || value instanceof NumberLiteral
          ? "number"
          : "object";
/** What Go's reflection calls it once it is in a map[string]interface{}. */
const reflectName = (value: unknown): string => {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return Array.isArray(value) ? "slice" : "map";
};
export const numberText = (value: unknown): string => (value instanceof NumberLiteral ? value.text : String(value));

/** As upstream: k8s.io/apimachinery pkg/runtime/converter.go. */
export function converterText(value: unknown, type: { readonly shape: string; readonly go: string }): string {
  const got = reflectName(value);
  switch (type.shape) {
    case "struct":
      return `cannot restore struct from: ${got}`;
    case "list":
    case "bytes":
      return `cannot restore slice from ${got}`;
    case "map":
      return `cannot restore map from ${got}`;
    case "string":
      return got === "int64" ? `cannot convert int64 to ${type.go}` : "unrecognized type: string";
    case "int32":
    case "int64":
    case "double":
      if (got === "float64") return `cannot convert float64 to ${type.go}`;
      return `unrecognized type: ${type.shape === "double" ? "float64" : type.shape}`;
    case "boolean":
      return "unrecognized type: bool";
    default:
      return `json: cannot unmarshal ${jsonName(value)} into Go value of type ${type.go}`;
  }
}

/** What Go puts where a list or a map says null. */
export function zero(type: { readonly shape: string }): Json {
  switch (type.shape) {
    case "string":
      return "";
    case "bytes":
      return "";
    case "boolean":
      return false;
    case "int32":
    case "int64":
    case "double":
    case "intOrString":
      return 0;
    case "quantity":
      return "0";
    case "struct":
      return {};
    default:
      return null;
  }
}

export function isZero(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === "" || value === 0 || value === false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _key in value) return false;
  return true;
}
