// Schemas made ready for decoding: each field with its Go type, what JSON it takes, and what Go leaves out when it is zero.
// The Go side (names of types, embedded structs, omitempty) is read off k8s.io/api v0.36.3 by reflection: go-types.json.
import type { Json } from "../base/json.ts";
import { zero } from "./go-values.ts";
import goTypes from "./go-types.json" with { type: "json" };
import { type FieldType, OPAQUE, schemaOf } from "./schema.ts";

export type Shape =
  | "string"
  | "boolean"
  | "int32"
  | "int64"
  | "double"
  | "bytes"
  | "struct"
  | "list"
  | "map"
  | "quantity"
  | "intOrString"
  | "time"
  | "microTime"
  | "any"
  | "schemaOrBool"
  | "schemaOrArray"
  | "schemaOrStrings";

export interface CompiledType {
  readonly shape: Shape;
  /** As Go prints the type in errors: `[]v1.Container`, `v1.PullPolicy`. */
  readonly go: string;
  /** Of list elements and map values. */
  readonly of?: CompiledType;
  readonly ref?: string;
  struct?: CompiledSchema;
}
export interface CompiledField {
  readonly name: string;
  readonly type: CompiledType;
  /** Go name of the struct that holds the field. */
  readonly owner: string;
  /** `name`, or `Embedded.name` where Go embeds a struct: the step in the paths of type errors. */
  readonly errorStep: string;
  /** Go's encoder leaves the field out when it is "", 0, false, or an empty collection. */
  readonly dropZero: boolean;
  /** Go's encoder writes null when there is nothing. */
  readonly keepNull: boolean;
}
export interface CompiledSchema {
  readonly name: string;
  readonly go: string;
  readonly fields: ReadonlyMap<string, CompiledField>;
  /** What Go's encoder writes when the field is absent: structs (`{}`), scalars without omitempty, null for lists and pointers. */
  readonly always: readonly { readonly field: CompiledField; readonly value: Json }[];
}

/** g: Go name; t: Go types that differ from the obvious; x: embedded structs; z, a, s, n: see `compile`. */
interface GoFacts {
  readonly g?: string;
  readonly t?: Readonly<Record<string, string>>;
  readonly x?: Readonly<Record<string, string>>;
  readonly z?: string;
  readonly a?: string;
  readonly s?: string;
  readonly n?: string;
}
const GO = goTypes as unknown as Readonly<Record<string, GoFacts>>;
const words = (text: string | undefined): ReadonlySet<string> => new Set(text === undefined ? [] : text.split(" "));

const SCALAR_GO = { string: "string", boolean: "bool", int32: "int32", int64: "int64", double: "float64", bytes: "[]uint8" } as const;
const SPECIAL: Readonly<Record<string, Shape>> = {
  [OPAQUE.quantity]: "quantity",
  [OPAQUE.intOrString]: "intOrString",
  [OPAQUE.time]: "time",
  [OPAQUE.microTime]: "microTime",
  [OPAQUE.raw]: "any",
  [OPAQUE.fieldsV1]: "any",
  [OPAQUE.json]: "any",
  "apiextensions.v1.JSONSchemaPropsOrBool": "schemaOrBool",
  "apiextensions.v1.JSONSchemaPropsOrArray": "schemaOrArray",
  "apiextensions.v1.JSONSchemaPropsOrStringArray": "schemaOrStrings",
};
/** `core.v1.Pod` is `v1.Pod` in Go. */
const shortGo = (ref: string): string => ref.split(".").slice(-2).join(".");

function compileType(type: FieldType, go?: string): CompiledType {
  switch (type.is) {
    case "scalar":
      return { shape: type.scalar, go: go ?? SCALAR_GO[type.scalar] };
    case "list": {
      const of = compileType(type.of, go?.startsWith("[]") ? go.slice(2).replace(/^\*/, "") : undefined);
      return { shape: "list", of, go: go ?? `[]${of.go}` };
    }
    case "map": {
      const of = compileType(type.of, go?.startsWith("map[") ? go.slice(go.indexOf("]") + 1) : undefined);
      return { shape: "map", of, go: go ?? `map[string]${of.go}` };
    }
    case "ref":
      return { shape: SPECIAL[type.ref] ?? "struct", go: go ?? shortGo(type.ref), ref: type.ref };
    case "any":
      return { shape: "any", go: go ?? "interface {}" };
  }
}

/** What an absent field looks like when Go prints it all the same; bytes that are nil are null there. */
const zeroOf = (type: CompiledType): Json => (type.shape === "bytes" ? null : zero(type));

const compiled = new Map<string, CompiledSchema>();

/** The schema of that name ready for decoding, or undefined when there is none. */
export function compiledSchema(name: string): CompiledSchema | undefined {
  const known = compiled.get(name);
  if (known) return known;
  const schema = schemaOf(name);
  if (!schema) return undefined;
  const facts = GO[name] ?? {};
  const go = facts.g ?? shortGo(name);
  const dropScalars = words(facts.z);
  const keepEmpty = words(facts.n);
  const printed = new Set([...words(facts.a), ...words(facts.s)]);
  const embedded = new Map(Object.entries(facts.x ?? {}).flatMap(([struct, names]) => names.split(" ").map((field) => [field, struct])));
  const fields = new Map<string, CompiledField>();
  for (const [key, field] of schema.fields) {
    const type = compileType(field.type, facts.t?.[key]);
    const collection = type.shape === "list" || type.shape === "map" || type.shape === "bytes";
    const embed = embedded.get(key);
    fields.set(key, {
      name: key,
      type,
      owner: go.slice(go.lastIndexOf(".") + 1),
      errorStep: embed === undefined ? key : `${embed}.${key}`,
      dropZero: collection ? !keepEmpty.has(key) : dropScalars.has(key),
      keepNull: keepEmpty.has(key) || (printed.has(key) && zeroOf(type) === null),
    });
  }
  const always = [...fields.values()].flatMap((field) =>
    printed.has(field.name) ? [{ field, value: zeroOf(field.type) }] : keepEmpty.has(field.name) ? [{ field, value: null }] : [],
  );
  const result = { name, go, fields, always };
  compiled.set(name, result);
  return result;
}

/** The struct behind a type of shape "struct". */
export function structOf(type: CompiledType): CompiledSchema | undefined {
  if (type.struct) return type.struct;
  const struct = type.ref === undefined ? undefined : compiledSchema(type.ref);
  if (struct) type.struct = struct;
  return struct;
}
