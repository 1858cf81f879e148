// The form in which Go writes an object: what is there even when nothing was given (`status: {}`, `resources: {}`, `rules: null`,
// `reportingComponent: ""`), and without what Go leaves out (`labels: {}`, `subjects: []`, other nulls).
import { isObject, type JsonObject } from "../base/json.ts";
import { type CompiledSchema, type CompiledType, compiledSchema, structOf } from "./compile.ts";
import { isZero } from "./go-values.ts";

/**
 * Brings an object to the form that Go's decoder and encoder would give it. Mutates. The object has the types of its schema.
 * `settled`: an object that has the form; parts that both have in common are left alone.
 */
export function normalize(object: object, schemaName: string, settled?: object): void {
  const schema = compiledSchema(schemaName);
  if (schema) normalizeStruct(object as JsonObject, schema, settled as JsonObject | undefined);
}

/** The same for the members of the object itself alone, as `status: {}`: cheap, for after something was put back or taken away. */
export function fillTop(object: object, schemaName: string): void {
  const schema = compiledSchema(schemaName);
  if (schema) fill(object as JsonObject, schema);
}

/** Puts in the members that Go always writes. */
export function fill(object: JsonObject, schema: CompiledSchema): void {
  for (const { field, value } of schema.always) {
    if (object[field.name] === undefined) object[field.name] = isObject(value) ? emptyStruct(field.type) : value;
  }
}
function emptyStruct(type: CompiledType): JsonObject {
  const made: JsonObject = {};
  const schema = structOf(type);
  if (schema) fill(made, schema);
  return made;
}

function normalizeStruct(object: JsonObject, schema: CompiledSchema, settled?: JsonObject): void {
  for (const key in object) {
    const value: unknown = object[key];
    const was = settled?.[key];
    if (was !== undefined && value === was) continue;
    // Most members are scalars that are not zero; they stay without a look at the schema.
    if (typeof value !== "object" && value) continue;
    const field = schema.fields.get(key);
    if (field === undefined) continue;
    if (typeof value !== "object" || value === null) {
      if (value === null ? !field.keepNull : field.dropZero || value === undefined) delete object[key];
    } else if (field.type.shape === "struct") {
      const struct = structOf(field.type);
      if (struct) normalizeStruct(value as JsonObject, struct, isObject(was) ? was : undefined);
    } else if (field.dropZero && isZero(value)) delete object[key];
    // Protobuf, in which a real server stores, knows no empty lists and maps.
    else if (field.keepNull && field.type.of && isZero(value)) object[key] = null;
    else normalizeMembers(value, field.type);
  }
  fill(object, schema);
}

/** Lists and maps of structs; others hold nothing to change. */
function normalizeMembers(value: object, type: CompiledType): void {
  const { of } = type;
  if (of === undefined || (of.shape !== "struct" && of.shape !== "list" && of.shape !== "map")) return;
  const struct = of.shape === "struct" ? structOf(of) : undefined;
  for (const member of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
    if (typeof member !== "object" || member === null) continue;
    if (struct) normalizeStruct(member as JsonObject, struct);
    else normalizeMembers(member, of);
  }
}
