// Puts in what Go's encoder writes even when nothing was given: `status: {}`, `resources: {}`, `reportingComponent: ""`, null times.
import { isObject, type JsonObject } from "../base/json.ts";
import { type CompiledSchema, type CompiledType, compiledSchema, structOf } from "./compile.ts";

/** Mutates. The object has the types of its schema. */
export function fillAlways(object: JsonObject, schemaName: string): void {
  const schema = compiledSchema(schemaName);
  if (schema) fillStruct(object, schema);
}

function fillStruct(object: JsonObject, schema: CompiledSchema): void {
  for (const { field, value } of schema.always) {
    if (object[field.name] === undefined) object[field.name] = isObject(value) ? {} : value;
  }
  for (const key in object) {
    const type = schema.fields.get(key)?.type;
    if (type) fillValue(object[key], type);
  }
}
function fillValue(value: unknown, type: CompiledType): void {
  if (typeof value !== "object" || value === null) return;
  if (type.shape === "struct") {
    const schema = structOf(type);
    if (schema && isObject(value)) fillStruct(value, schema);
    return;
  }
  const of = type.of;
  if (of === undefined || of.shape === "string") return;
  for (const member of Array.isArray(value) ? value : Object.values(value)) fillValue(member, of);
}
