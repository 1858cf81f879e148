// Steps of a field path as FieldsV1 writes them: `f:name`, `k:{"name":"a"}`, `v:"x"`, `i:3`.
// As upstream: sigs.k8s.io/structured-merge-diff fieldpath/serialize-pe.go.
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import { compareText } from "../meta/text.ts";
import { isTooDeep } from "../schema/json-text.ts";
import type { ListType } from "./merge-type.ts";

const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029" };
/** JSON as Go writes it: some characters are escaped for HTML's sake. */
export function goJson(value: Json): string {
  const json = JSON.stringify(value);
  return /[<>&\u2028\u2029]/.test(json) ? json.replaceAll(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character) : json;
}

/** The element of a list as a path element; undefined when it cannot be told (all keys are missing). */
export function listElement(type: ListType, item: Json): string | undefined {
  if (type.keys.length === 0) return typeof item === "object" ? undefined : `v:${goJson(item)}`;
  if (!isObject(item)) return undefined;
  let members = "";
  for (const key of type.keys) {
    const own = item[key] as Json | undefined;
    const value = own ?? (type.of.is === "struct" ? type.of.field(key)?.default : undefined);
    if (value === undefined || value === null) continue;
    members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${goJson(value)}`;
  }
  return members === "" ? undefined : `k:{${members}}`;
}

function parsed(json: string): Json | undefined {
  if (isTooDeep(json)) return undefined;
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
}
const sortedKeys = (object: JsonObject): string =>
  Object.keys(object)
    .sort(compareText)
    .map((key) => `${JSON.stringify(key)}:${goJson(object[key] ?? null)}`)
    .join(",");

/** One way of writing each step; undefined for text that is no step. */
export function canonicalElement(element: string): string | undefined {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return element;
    case "i:":
      return /^-?[0-9]{1,15}$/.test(rest) ? `i:${Number(rest)}` : undefined;
    case "v:": {
      const value = parsed(rest);
      return value === undefined ? undefined : `v:${goJson(value)}`;
    }
    case "k:": {
      const value = parsed(rest);
      return isObject(value) ? `k:{${sortedKeys(value as JsonObject)}}` : undefined;
    }
    default:
      return undefined;
  }
}

/** How people see a step: `.spec`, `[name="a"]`, `[="x"]`, `[3]`. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case "f:":
      return `.${rest}`;
    case "v:":
      return `[=${JSON.stringify(parsed(rest)) ?? rest}]`;
    case "k:": {
      const value = parsed(rest);
      if (!isObject(value)) return `[${rest}]`;
      const keys = Object.keys(value).sort(compareText);
      return `[${keys.map((key) => `${key}=${JSON.stringify(value[key])}`).join(",")}]`;
    }
    default:
      return `[${rest}]`;
  }
}

const KIND_ORDER = ["f:", "k:", "v:", "i:"];
/** Fields before keys before values before indexes, each by its text. */
export function compareElements(a: string, b: string): number {
  const kinds = KIND_ORDER.indexOf(a.slice(0, 2)) - KIND_ORDER.indexOf(b.slice(0, 2));
  if (kinds !== 0) return kinds;
  const [x, y] = [a.slice(2), b.slice(2)];
  return a.startsWith("i:") ? Number(x) - Number(y) : compareText(x, y);
}
