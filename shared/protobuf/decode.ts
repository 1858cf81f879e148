// Reads Kubernetes' protobuf into the JSON form of the same object: the envelope `k8s\0`, then runtime.Unknown, then the message.
// As upstream: apimachinery pkg/runtime/serializer/protobuf; numbers and inlining from the facts.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { isForbiddenKey, type Json, type JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { rfc3339, rfc3339Micro } from "../meta/time.ts";
import { isScalar, messageOf, type MessageField, type Scalar } from "./messages.ts";

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
/** Deeper messages are refused: no built-in type nests so far but JSON schemas, which are bounded, too. */
const DEPTH_MAX = 100;
const utf8 = new TextDecoder();

export const isProtobuf = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);

/** `schemaName`: which message the object is, as `core.v1.Pod`. The result carries kind and apiVersion of the envelope. */
export function decodeProtobuf(bytes: Uint8Array, schemaName: string): Result<JsonObject, string> {
  if (!isProtobuf(bytes)) return err("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  try {
    const unknown = envelope(new BinaryReader(bytes.subarray(MAGIC.length)));
    const object = message(new BinaryReader(unknown.raw), schemaName, {}, 0);
    const head: JsonObject = {};
    if (unknown.kind) head.kind = unknown.kind;
    if (unknown.apiVersion) head.apiVersion = unknown.apiVersion;
    return ok({ ...head, ...object });
  } catch (error) {
    return err(`proto: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Unknown {
  apiVersion: string;
  kind: string;
  raw: Uint8Array;
}
function envelope(reader: BinaryReader): Unknown {
  const found: Unknown = { apiVersion: "", kind: "", raw: new Uint8Array() };
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1) {
      const meta = message(new BinaryReader(reader.bytes()), "runtime.TypeMeta", {}, 0);
      found.apiVersion = typeof meta.apiVersion === "string" ? meta.apiVersion : "";
      found.kind = typeof meta.kind === "string" ? meta.kind : "";
    } else if (number === 2) found.raw = reader.bytes();
    else reader.skip(wire);
  }
  return found;
}

/** Reads the members of a message into `into`. */
function message(reader: BinaryReader, name: string, into: JsonObject, depth: number): JsonObject {
  if (depth > DEPTH_MAX) throw new Error("nested too deep");
  const fields = messageOf(name);
  if (!fields) throw new Error(`no message ${name}`);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const field = fields.get(number);
    if (!field) reader.skip(wire);
    else if (field.map) mapEntry(reader, field, into, depth);
    else if (field.name === "") message(new BinaryReader(reader.bytes()), field.type, into, depth + 1);
    else member(reader, wire, field, { into, depth });
  }
  return into;
}

function member(reader: BinaryReader, wire: WireType, field: MessageField, to: { readonly into: JsonObject; readonly depth: number }): void {
  const { into, depth } = to;
  if (field.repeated) {
    const list = (into[field.name] ??= []) as Json[];
    if (isScalar(field.type) && wire === WireType.LengthDelimited && field.type !== "s" && field.type !== "y") {
      const packed = new BinaryReader(reader.bytes());
      while (packed.pos < packed.len) list.push(scalar(packed, field.type));
    } else list.push(isScalar(field.type) ? scalar(reader, field.type) : (valueOf(reader.bytes(), field.type, depth) ?? {}));
    return;
  }
  if (isScalar(field.type)) {
    const value = scalar(reader, field.type);
    if (field.pointer || (value !== "" && value !== 0 && value !== false)) into[field.name] = value;
    return;
  }
  const value = valueOf(reader.bytes(), field.type, depth);
  if (value !== undefined) into[field.name] = value;
}

function mapEntry(reader: BinaryReader, field: MessageField, into: JsonObject, depth: number): void {
  const entry = new BinaryReader(reader.bytes());
  let key = "";
  let value: Json = isScalar(field.type) ? (field.type === "s" || field.type === "y" ? "" : 0) : {};
  while (entry.pos < entry.len) {
    const [number, wire] = entry.tag();
    if (number === 1) key = entry.string();
    else if (number === 2) value = isScalar(field.type) ? scalar(entry, field.type) : (valueOf(entry.bytes(), field.type, depth) ?? {});
    else entry.skip(wire);
  }
  if (!isForbiddenKey(key)) ((into[field.name] ??= {}) as JsonObject)[key] = value;
}

function scalar(reader: BinaryReader, type: Scalar): string | number | boolean {
  switch (type) {
    case "s":
      return reader.string();
    case "b":
      return reader.bool();
    case "i":
      return reader.int32();
    case "l":
      return Number(reader.int64());
    case "d":
      return reader.double();
    case "y":
      return base64(reader.bytes());
  }
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

type Special = (bytes: Uint8Array, depth: number) => Json | undefined;
const members = (bytes: Uint8Array, name: string, depth: number): JsonObject => message(new BinaryReader(bytes), name, {}, depth + 1);
/** Bytes that hold JSON, as RawExtension and FieldsV1. */
const rawJson =
  (name: string, field: string): Special =>
  (bytes, depth) => {
    const { [field]: raw } = members(bytes, name, depth);
    return typeof raw === "string" && raw !== "" ? (JSON.parse(utf8.decode(Uint8Array.from(atob(raw), (c) => c.charCodeAt(0)))) as Json) : undefined;
  };
const time =
  (print: (ms: number) => string): Special =>
  (bytes, depth) => {
    const { seconds = 0, nanos = 0 } = members(bytes, "meta.v1.Time", depth) as { seconds?: number; nanos?: number };
    return seconds === 0 && nanos === 0 ? undefined : print(seconds * 1000 + nanos / 1_000_000);
  };
const items =
  (name: string): Special =>
  (bytes, depth) =>
    members(bytes, name, depth).items ?? [];
/** Either a schema or something else, in place of the message. */
const either =
  (name: string, other: string, none: Json): Special =>
  (bytes, depth) => {
    const found = members(bytes, name, depth);
    return found.schema ?? found[other] ?? none;
  };

/** Messages whose JSON is not an object of their members. */
const SPECIALS: Readonly<Record<string, Special>> = {
  "meta.v1.Time": time(rfc3339),
  "meta.v1.MicroTime": time(rfc3339Micro),
  "api.resource.Quantity": (bytes, depth) => members(bytes, "api.resource.Quantity", depth).string ?? "0",
  "util.intstr.IntOrString": (bytes, depth) => {
    const { type = 0, intVal = 0, strVal = "" } = members(bytes, "util.intstr.IntOrString", depth);
    return type === 1 ? strVal : intVal;
  },
  "runtime.RawExtension": rawJson("runtime.RawExtension", "raw"),
  "meta.v1.FieldsV1": rawJson("meta.v1.FieldsV1", "Raw"),
  "apiextensions.v1.JSON": rawJson("apiextensions.v1.JSON", "raw"),
  "apiextensions.v1.JSONSchemaPropsOrArray": either("apiextensions.v1.JSONSchemaPropsOrArray", "jSONSchemas", []),
  "apiextensions.v1.JSONSchemaPropsOrBool": either("apiextensions.v1.JSONSchemaPropsOrBool", "allows", false),
  "apiextensions.v1.JSONSchemaPropsOrStringArray": either("apiextensions.v1.JSONSchemaPropsOrStringArray", "property", []),
  "meta.v1.Verbs": items("meta.v1.Verbs"),
  "authentication.v1.ExtraValue": items("authentication.v1.ExtraValue"),
  "authorization.v1.ExtraValue": items("authorization.v1.ExtraValue"),
  "certificates.v1.ExtraValue": items("certificates.v1.ExtraValue"),
};

function valueOf(bytes: Uint8Array, type: string, depth: number): Json | undefined {
  const special = Object.hasOwn(SPECIALS, type) ? SPECIALS[type] : undefined;
  return special ? special(bytes, depth) : members(bytes, type, depth);
}
