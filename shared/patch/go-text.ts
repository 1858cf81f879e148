// Prints JSON values as Go's %v does, because error messages about patches show them so: `map[a:1 b:[x y]]`.
import type { Json } from "../base/json.ts";
import { compareText } from "../meta/text.ts";

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  const text = String(value);
  const exponent = /^(.*)e([+-])(\d)$/.exec(text);
  return exponent ? `${exponent[1]}e${exponent[2]}0${exponent[3]}` : text;
}

export function goText(value: Json | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(compareText)
    .map((key) => `${key}:${goText(value[key])}`);
  return `map[${members.join(" ")}]`;
}

/** What Go calls the type of a JSON value. */
export function goType(value: Json | undefined): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "object":
      return "map[string]interface {}";
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) ? "int64" : "float64";
    default:
      return "string";
  }
}
/** What Go's JSON decoder calls the value it could not use. */
export function jsonTypeText(value: Json | undefined): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
