// The skeleton of every built-in type: fields, their types, and how lists and maps merge. Read off a real 1.36 server.
import table from "./_generated/schemas.json" with { type: "json" };
import own from "./own-schemas.json" with { type: "json" };

export type ScalarType = "string" | "boolean" | "int32" | "int64" | "double" | "bytes";
export type FieldType =
  | { readonly is: "scalar"; readonly scalar: ScalarType }
  /** A schema by name, as `core.v1.PodSpec`; see OPAQUE for those that are not structs. */
  | { readonly is: "ref"; readonly ref: string }
  | { readonly is: "list"; readonly of: FieldType }
  | { readonly is: "map"; readonly of: FieldType }
  | { readonly is: "any" };

export interface SchemaField {
  readonly type: FieldType;
  readonly required: boolean;
  /** For server-side apply; absent on a list means atomic. */
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic" | "granular";
  /** For strategic merge patch: merge, replace, retainKeys. */
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
}
export interface Schema {
  readonly name: string;
  readonly fields: ReadonlyMap<string, SchemaField>;
  /** The struct is replaced as a whole by server-side apply. */
  readonly atomic: boolean;
}

/** Schemas whose JSON is not an object with fields. */
export const OPAQUE = {
  quantity: "api.resource.Quantity",
  intOrString: "util.intstr.IntOrString",
  time: "meta.v1.Time",
  microTime: "meta.v1.MicroTime",
  raw: "runtime.RawExtension",
  fieldsV1: "meta.v1.FieldsV1",
  json: "apiextensions.v1.JSON",
} as const;

interface RawField {
  t?: string;
  r?: number;
  l?: string;
  k?: string[];
  m?: string;
  s?: string[];
  p?: string;
  d?: unknown;
  e?: string[];
}
const RAW = { ...table, ...own } as unknown as Record<string, { f: Record<string, RawField>; m?: string }>;
const parsed = new Map<string, Schema>();

function parseType(text: string | undefined): FieldType {
  if (text === undefined || text === "") return { is: "any" };
  if (text.startsWith("map[")) return { is: "map", of: parseType(text.slice(4, -1)) };
  if (text.startsWith("[")) return { is: "list", of: parseType(text.slice(1, -1)) };
  switch (text) {
    case "string":
    case "boolean":
      return { is: "scalar", scalar: text };
    case "integer:int32":
      return { is: "scalar", scalar: "int32" };
    case "integer:int64":
    case "integer":
      return { is: "scalar", scalar: "int64" };
    case "number:double":
      return { is: "scalar", scalar: "double" };
    case "string:byte":
      return { is: "scalar", scalar: "bytes" };
    case "object":
    case "type":
      return { is: "any" };
    default:
      return { is: "ref", ref: text };
  }
}

function parseField(raw: RawField): SchemaField {
  return {
    type: parseType(raw.t),
    required: raw.r === 1,
    patchStrategy: raw.s ?? [],
    ...(raw.l === undefined ? {} : { listType: raw.l as "atomic" | "set" | "map" }),
    ...(raw.k === undefined ? {} : { listMapKeys: raw.k }),
    ...(raw.m === undefined ? {} : { mapType: raw.m as "atomic" | "granular" }),
    ...(raw.p === undefined ? {} : { patchMergeKey: raw.p }),
    ...(raw.d === undefined ? {} : { default: raw.d }),
    ...(raw.e === undefined ? {} : { enum: raw.e }),
  };
}

/** The schema of that name (`core.v1.PodSpec`), or undefined. Parsed on first use, then shared. */
export function schemaOf(name: string): Schema | undefined {
  const known = parsed.get(name);
  if (known) return known;
  const raw = Object.hasOwn(RAW, name) ? RAW[name] : undefined;
  if (!raw) return undefined;
  const fields = new Map(Object.entries(raw.f).map(([key, field]) => [key, parseField(field)]));
  const schema: Schema = { name, fields, atomic: raw.m === "atomic" };
  parsed.set(name, schema);
  return schema;
}
