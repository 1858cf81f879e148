// Puts in what Go's encoder writes even when nothing was given: `status: {}`, `resources: {}`, `reportingComponent: ""`, null times.
import { isObject, type JsonObject } from "../base/json.ts";
import { type CompiledSchema, type CompiledType, compiledSchema, structOf } from "./compile.ts";

export interface FillOptions {
  /** "written": times, lists and pointers that Go shows as null, too; for answers rather than for objects to work with. */
  readonly nulls: "written" | "left out";
}

/** Mutates. The object has the types of its schema. */
export function fillAlways(object: JsonObject, schemaName: string, options: FillOptions = { nulls: "left out" }): void {
  const schema = compiledSchema(schemaName);
  if (schema) fillStruct(object, schema, options);
}

function fillStruct(object: JsonObject, schema: CompiledSchema, options: FillOptions): void {
  for (const { field, value } of schema.always) {
    if (object[field.name] !== undefined || (value === null && options.nulls === "left out")) continue;
    object[field.name] = isObject(value) ? {} : value;
  }
  for (const key in object) {
    const type = schema.fields.get(key)?.type;
    if (type) fillValue(object[key], type, options);
  }
}
function fillValue(value: unknown, type: CompiledType, options: FillOptions): void {
  if (typeof value !== "object" || value === null) return;
  if (type.shape === "struct") {
    const schema = structOf(type);
    if (schema && isObject(value)) fillStruct(value, schema, options);
    return;
  }
  const of = type.of;
  if (of === undefined || of.shape === "string") return;
  for (const member of Array.isArray(value) ? value : Object.values(value)) fillValue(member, of, options);
}
