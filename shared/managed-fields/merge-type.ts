// How a value merges, as server-side apply sees it: leaf, struct, map, list with keys, set. Compiled from shared/schema on
// first use, or from the schema of a custom resource.
// As upstream: k8s.io/kube-openapi pkg/schemaconv, sigs.k8s.io/structured-merge-diff schema.
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import type { FieldType, ScalarType, Schema, SchemaField } from "../schema/schema.ts";
import { OPAQUE, schemaOf } from "../schema/schema.ts";
import { zeroOf } from "./zero-values.ts";

export interface Field {
  /** `f:` and the name: the path element. */
  readonly element: string;
  readonly type: MergeType;
  readonly default: Json | undefined;
  /** What the member is when it is not written: an empty struct, a null list, a zero; undefined: absent. */
  readonly zero: Json | undefined;
}
export interface StructType {
  readonly is: "struct";
  field(name: string): Field | undefined;
  /** What members that are no fields are; absent: there are none. */
  readonly rest?: MergeType;
}
export interface ListType {
  readonly is: "list";
  /** The members that identify an element, sorted; empty: a set of scalars. */
  readonly keys: readonly string[];
  readonly of: MergeType;
}
export type MergeType =
  /** Any JSON that is replaced as a whole; `scalar` when the schema says which. */
  | { readonly is: "leaf"; readonly scalar?: "string" | "boolean" | "numeric" | "scalar" }
  /** Replaced as a whole, though its parts have types. */
  | { readonly is: "atomic"; readonly of: MergeType }
  | StructType
  | { readonly is: "map"; readonly of: MergeType }
  | ListType
  /** A list without keys, inside something atomic. */
  | { readonly is: "array"; readonly of: MergeType }
  /** Unknown: maps merge by key, lists and scalars are leaves. */
  | { readonly is: "deduced" };

export const ANY_LEAF: MergeType = { is: "leaf" };
export const DEDUCED: MergeType = { is: "deduced" };
const SCALARS: Readonly<Record<ScalarType, MergeType>> = {
  string: { is: "leaf", scalar: "string" },
  bytes: { is: "leaf", scalar: "string" },
  boolean: { is: "leaf", scalar: "boolean" },
  int32: { is: "leaf", scalar: "numeric" },
  int64: { is: "leaf", scalar: "numeric" },
  double: { is: "leaf", scalar: "numeric" },
};
const OPAQUE_TYPES = new Map<string, MergeType>([
  [OPAQUE.quantity, { is: "leaf", scalar: "scalar" }],
  [OPAQUE.intOrString, { is: "leaf", scalar: "scalar" }],
  [OPAQUE.time, { is: "leaf", scalar: "string" }],
  [OPAQUE.microTime, { is: "leaf", scalar: "string" }],
  [OPAQUE.raw, ANY_LEAF],
  [OPAQUE.fieldsV1, ANY_LEAF],
  [OPAQUE.json, ANY_LEAF],
]);

const atomic = (of: MergeType): MergeType => (of.is === "leaf" || of.is === "atomic" ? of : { is: "atomic", of });

/** Structs compile their fields one by one when asked, so that recursive schemas end. */
function structOf(schema: Schema): StructType {
  const compiled = new Map<string, Field>();
  return {
    is: "struct",
    field(name) {
      const known = compiled.get(name);
      if (known) return known;
      const field = schema.fields.get(name);
      if (!field) return undefined;
      const made = { element: `f:${name}`, type: fieldType(field), default: field.default as Json | undefined, zero: zeroOf(schema.name, name, field) };
      compiled.set(name, made);
      return made;
    },
  };
}

function plainType(type: FieldType): MergeType {
  switch (type.is) {
    case "scalar":
      return SCALARS[type.scalar];
    case "ref":
      return mergeTypeOf(type.ref);
    case "map":
      return { is: "map", of: plainType(type.of) };
    case "list":
      return atomic({ is: "array", of: plainType(type.of) });
    default:
      return ANY_LEAF;
  }
}
function fieldType(field: SchemaField): MergeType {
  const { type, listType, listMapKeys = [], mapType } = field;
  if (type.is === "list" && listType === "map") return { is: "list", keys: [...listMapKeys].sort(), of: plainType(type.of) };
  if (type.is === "list" && listType === "set") return { is: "list", keys: [], of: plainType(type.of) };
  const plain = plainType(type);
  if (mapType === "granular" && plain.is === "atomic") return plain.of;
  return mapType === "atomic" ? atomic(plain) : plain;
}

const known = new Map<string, MergeType>(OPAQUE_TYPES);
/** The merge type of a schema by name; unknown names are deduced from the values. */
export function mergeTypeOf(name: string): MergeType {
  const found = known.get(name);
  if (found) return found;
  const schema = schemaOf(name);
  if (!schema) return DEDUCED;
  const struct = structOf(schema);
  const type: MergeType = schema.atomic ? atomic(struct) : struct;
  known.set(name, type);
  return type;
}

const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
const names = (value: Json | undefined): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
const asSchema = (value: Json | undefined): JsonObject | undefined => (isObject(value) ? (value as JsonObject) : undefined);

/** The merge type of an OpenAPI v3 schema of a CustomResourceDefinition (x-kubernetes-list-type and its kin). */
export function mergeTypeOfOpenAPI(schema: JsonObject): MergeType {
  if (schema["x-kubernetes-int-or-string"] === true) return { is: "leaf", scalar: "scalar" };
  switch (text(schema.type)) {
    case "string":
      return SCALARS.string;
    case "boolean":
      return SCALARS.boolean;
    case "integer":
    case "number":
      return SCALARS.double;
    case "array": {
      const items = asSchema(schema.items);
      const of = items ? mergeTypeOfOpenAPI(items) : DEDUCED;
      const listType = text(schema["x-kubernetes-list-type"]);
      if (listType === "map") return { is: "list", keys: names(schema["x-kubernetes-list-map-keys"]).sort(), of };
      return listType === "set" ? { is: "list", keys: [], of } : atomic({ is: "array", of });
    }
    case "object": {
      const object = openAPIObject(schema);
      return text(schema["x-kubernetes-map-type"]) === "atomic" ? atomic(object) : object;
    }
    default:
      return DEDUCED;
  }
}
function openAPIObject(schema: JsonObject): MergeType {
  const properties = asSchema(schema.properties);
  const additional = asSchema(schema.additionalProperties);
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true;
  if (!properties && additional) return { is: "map", of: mergeTypeOfOpenAPI(additional) };
  if (!properties) return DEDUCED;
  const compiled = new Map<string, Field>();
  return {
    is: "struct",
    field(name) {
      const member = Object.hasOwn(properties, name) ? asSchema(properties[name]) : undefined;
      if (!member) return undefined;
      const made = compiled.get(name) ?? { element: `f:${name}`, type: mergeTypeOfOpenAPI(member), default: member.default, zero: undefined };
      compiled.set(name, made);
      return made;
    },
    ...(open ? { rest: DEDUCED } : additional ? { rest: mergeTypeOfOpenAPI(additional) } : {}),
  };
}
/** A custom resource as a whole: its own schema plus the metadata that every object has. */
export function customResourceType(schema: JsonObject | undefined): MergeType {
  const own = schema ? mergeTypeOfOpenAPI(schema) : DEDUCED;
  const fixed = new Map<string, Field>([
    ["apiVersion", { element: "f:apiVersion", type: SCALARS.string, default: undefined, zero: undefined }],
    ["kind", { element: "f:kind", type: SCALARS.string, default: undefined, zero: undefined }],
    ["metadata", { element: "f:metadata", type: mergeTypeOf("meta.v1.ObjectMeta"), default: undefined, zero: undefined }],
  ]);
  const rest = own.is === "struct" ? own.rest : DEDUCED;
  return {
    is: "struct",
    field: (name) => fixed.get(name) ?? (own.is === "struct" ? own.field(name) : undefined),
    ...(rest ? { rest } : {}),
  };
}
