// Does an applied configuration fit its type? Unknown fields, wrong types, list items without or with equal keys.
// As upstream: sigs.k8s.io/structured-merge-diff typed/{validate,helpers}.go, whose words are kept.
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import { compareText } from "../meta/text.ts";
import { goText } from "../patch/go-text.ts";
import type { ListType, MergeType } from "./merge-type.ts";
import { DEDUCED } from "./merge-type.ts";
import { elementText, listElement } from "./path-element.ts";

interface TypedError {
  readonly path: string;
  readonly message: string;
}
const isMap = (value: Json): value is JsonObject => isObject(value);

/** Go's %#v of a JSON value. */
function goSyntax(value: Json): string {
  if (value === null) return "interface {}(nil)";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  const keys = Object.keys(value).sort(compareText);
  return `map[string]interface {}{${keys.map((key) => `${JSON.stringify(key)}:${goSyntax(value[key] ?? null)}`).join(", ")}}`;
}
const goScalarType = (value: Json): string =>
  isMap(value) ? "map[string]interface {}" : Array.isArray(value) ? "[]interface {}" : typeof value === "boolean" ? "bool" : "string";

function scalarProblem(scalar: string | undefined, value: Json): string | undefined {
  if (value === null) return undefined;
  switch (scalar) {
    case "numeric":
      return typeof value === "number" ? undefined : `expected numeric (int or float), got ${goScalarType(value)}`;
    case "string":
      return typeof value === "string" ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected boolean, got &{${goText(value)}}`;
    case "scalar":
      return typeof value === "object" ? `expected any scalar, got &{${goText(value)}}` : undefined;
    default:
      return undefined;
  }
}

/** Why an item has no path of its own. */
function itemProblem(type: ListType, item: Json): string {
  if (type.keys.length === 0) {
    if (item === null) return "associative list without keys has an element that's an explicit null";
    if (Array.isArray(item)) return "not supported: associative list with lists as elements";
    return "associative list without keys has an element that's a map type";
  }
  if (item === null) return "associative list with keys may not have a null element";
  if (!isMap(item)) return "associative list with keys may not have non-map elements";
  const keys = type.keys.map((key) => JSON.stringify(key)).join(" ");
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`;
}
function listErrors(type: ListType, list: readonly Json[], path: string): TypedError[] {
  const seen = new Set<string>();
  const errors: TypedError[] = [];
  for (const [index, item] of list.entries()) {
    const element = listElement(type, item);
    if (element === undefined) return [...errors, { path, message: `element ${index}: ${itemProblem(type, item)}` }];
    if (seen.has(element)) errors.push({ path, message: `duplicate entries for key ${elementText(element)}` });
    seen.add(element);
    errors.push(...typedErrors(type.of, item, path + elementText(element)));
  }
  return errors;
}
function mapErrors(type: MergeType, map: JsonObject, path: string): TypedError[] {
  const errors: TypedError[] = [];
  for (const key of Object.keys(map)) {
    const member = map[key];
    if (member === undefined) continue;
    const inner = type.is === "struct" ? (type.field(key)?.type ?? type.rest) : type.is === "map" ? type.of : DEDUCED;
    // Upstream stops at the first field that is unknown.
    if (!inner) return [...errors, { path: `${path}.${key}`, message: "field not declared in schema" }];
    errors.push(...typedErrors(inner, member, `${path}.${key}`));
  }
  return errors;
}

function typedErrors(type: MergeType, value: Json, path: string): TypedError[] {
  switch (type.is) {
    case "leaf": {
      const problem = scalarProblem(type.scalar, value);
      return problem === undefined ? [] : [{ path, message: problem }];
    }
    case "atomic":
      return typedErrors(type.of, value, path);
    case "list":
    case "array":
      if (value === null) return [];
      if (!Array.isArray(value)) return [{ path, message: `expected list, got &{${goText(value)}}` }];
      if (type.is === "list") return listErrors(type, value, path);
      return value.flatMap((item, index) => typedErrors(type.of, item, `${path}[${index}]`));
    case "struct":
    case "map":
      if (value === null) return [];
      return isMap(value) ? mapErrors(type, value, path) : [{ path, message: `expected map, got &{${goText(value)}}` }];
    default:
      return [];
  }
}

/** The whole complaint as one text; undefined when the value fits. */
export function typedProblem(type: MergeType, value: Json): string | undefined {
  const errors = typedErrors(type, value, "").map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  if (errors.length <= 1) return errors[0];
  return ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
}
