// One walk over a parsed body, guided by its schema: checks types as Go's decoder does, drops what Go would not keep, and puts in
// what Go always has.
// As upstream: sigs.k8s.io/json, a fork of encoding/json. Works in place.
import { JSON_DEPTH_MAX } from "../base/limits.ts";
import { isForbiddenKey, isObject, type JsonObject } from "../base/json.ts";
import { canonicalQuantity, quantityProblem } from "../meta/quantity.ts";
import { type CompiledField, type CompiledSchema, type CompiledType, structOf } from "./compile.ts";
import { fill } from "./fill.ts";
import { converterText, isZero, jsonName, numberText, zero } from "./go-values.ts";
import { base64Problem, canonicalBase64, canonicalTime, timeProblem } from "./go-time.ts";
import { NumberLiteral } from "./json-text.ts";

/** Upstream stops counting strict errors there. */
const STRICT_ERRORS_MAX = 100;
const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = (1n << 63n) - 1n;
/** Marks a value that is not kept. */
const DROP = Symbol("drop");

export interface WalkOptions {
  /** Words type errors as the patch handler's converter (strategic merge) instead of as Go's JSON decoder. */
  readonly wording: "json" | "converter";
  readonly duplicates?: ReadonlyMap<object, ReadonlySet<string>>;
}

export class Walk {
  /** Keys met in objects of the text. */
  keys = 0;
  /** Unknown and duplicate fields, in the order of the text. */
  readonly strict: string[] = [];
  private saved: string | undefined;
  private fatal: string | undefined;
  /** Fields, list indexes, and map keys from the top to here. */
  private readonly path: (CompiledField | number | string)[] = [];
  private readonly converter: boolean;
  private readonly duplicates: ReadonlyMap<object, ReadonlySet<string>> | undefined;

  constructor(options: WalkOptions) {
    this.converter = options.wording === "converter";
    this.duplicates = options.duplicates;
  }
  /** What Go's decoder would return: an error of a type's own decoder ends decoding, mere type errors are reported at its end. */
  get error(): string | undefined {
    return this.fatal ?? this.saved;
  }

  /** `settled`: an object that was walked over already; parts that both have in common are left alone. */
  struct(object: JsonObject, schema: CompiledSchema, settled?: JsonObject): void {
    const { fields } = schema;
    const twice = this.duplicates?.get(object);
    for (const key in object) {
      this.keys++;
      const field = fields.get(key);
      if (field === undefined) {
        this.unknown(key);
        this.any(object[key], 1);
        delete object[key];
        continue;
      }
      const value: unknown = object[key];
      const was = settled?.[key];
      if (was !== undefined && value === was) continue;
      if (twice?.has(key)) this.strictError(`duplicate field "${this.pathText()}${this.path.length > 0 ? "." : ""}${key}"`);
      if (value === null) {
        if (!field.keepNull) delete object[key];
        continue;
      }
      this.path.push(field);
      const kept = field.type.shape === "struct" ? this.structValue(value, field.type, was) : this.value(value, field.type);
      this.path.pop();
      if (kept === DROP || (field.dropZero && isZero(kept))) delete object[key];
      else if (kept !== value) object[key] = kept as JsonObject;
    }
    fill(object, schema);
  }

  private value(value: unknown, type: CompiledType): unknown {
    switch (type.shape) {
      case "string":
      case "boolean":
        return typeof value === type.shape ? value : this.typeError(value, type);
      case "int32":
      case "int64":
        return this.int(value, type);
      case "double":
        return this.double(value, type);
      case "struct":
        return this.structValue(value, type);
      case "list":
        return this.list(value, type);
      case "map":
        return this.map(value, type);
      case "quantity":
        return this.quantity(value);
      case "intOrString":
        return this.intOrString(value, type);
      case "time":
      case "microTime":
        return this.time(value, type.shape);
      case "bytes":
        return this.bytes(value, type);
      case "any":
        return this.any(value, 1);
      case "schemaOrBool":
      case "schemaOrArray":
      case "schemaOrStrings":
        return this.schemaOr(value, type.shape);
    }
  }

  private structValue(value: unknown, type: CompiledType, settled?: unknown): unknown {
    const schema = structOf(type);
    if (schema === undefined) return this.any(value, 1);
    if (!isObject(value) || value instanceof NumberLiteral) return this.typeError(value, type);
    if (this.path.length > JSON_DEPTH_MAX) return this.fail("exceeded max depth");
    this.struct(value, schema, isObject(settled) ? settled : undefined);
    return value;
  }

  private list(value: unknown, type: CompiledType): unknown {
    const of = type.of;
    if (!Array.isArray(value) || of === undefined) return this.typeError(value, type);
    const depth = this.path.length;
    for (let index = 0; index < value.length; index++) {
      const element: unknown = value[index];
      if (of.shape === "string" && typeof element === "string") continue;
      this.path[depth] = index;
      const kept = element === null ? zero(of) : this.value(element, of);
      if (kept !== element) value[index] = kept === DROP ? zero(of) : kept;
    }
    this.path.length = depth;
    return value;
  }

  private map(value: unknown, type: CompiledType): unknown {
    const of = type.of;
    if (!isObject(value) || value instanceof NumberLiteral || of === undefined) return this.typeError(value, type);
    const depth = this.path.length;
    const twice = this.duplicates?.get(value);
    for (const key in value) {
      this.keys++;
      if (isForbiddenKey(key)) this.fail(`key ${JSON.stringify(key)} is not supported by this server`);
      const member: unknown = value[key];
      if (twice?.has(key)) this.strictError(`duplicate field "${this.pathText()}.${key}"`);
      if (of.shape === "string" && typeof member === "string") continue;
      this.path[depth] = key;
      const kept = member === null ? zero(of) : this.value(member, of);
      this.path.length = depth;
      if (kept !== member) value[key] = (kept === DROP ? zero(of) : kept) as JsonObject;
    }
    return value;
  }

  private int(value: unknown, type: CompiledType): unknown {
    if (typeof value === "number" && Number.isInteger(value)) {
      if (type.shape === "int64" || (value <= INT32_MAX && value >= -INT32_MAX - 1)) return value;
      return this.typeError(value, type, `number ${String(value)}`);
    }
    if (typeof value === "number") return this.typeError(value, type, `number ${numberText(value)}`);
    if (value instanceof NumberLiteral) {
      if (type.shape === "int64" && /^-?\d+$/.test(value.text)) {
        const exact = BigInt(value.text);
        if (exact <= INT64_MAX && exact >= -INT64_MAX - 1n) return Number(value.text);
      }
      return this.typeError(value, type, `number ${value.text}`);
    }
    return this.typeError(value, type);
  }
  private double(value: unknown, type: CompiledType): unknown {
    if (typeof value === "number") return value;
    if (!(value instanceof NumberLiteral)) return this.typeError(value, type);
    const double = Number(value.text);
    return Number.isFinite(double) ? double : this.typeError(value, type, `number ${value.text}`);
  }
  private quantity(value: unknown): unknown {
    if (typeof value !== "string" && typeof value !== "number" && !(value instanceof NumberLiteral)) {
      return this.fail(quantityProblem("x") ?? "");
    }
    const text = value instanceof NumberLiteral ? value.text : value;
    const problem = quantityProblem(text);
    return problem === undefined ? (canonicalQuantity(text) ?? DROP) : this.fail(problem);
  }
  private intOrString(value: unknown, type: CompiledType): unknown {
    if (typeof value === "string") return value;
    if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= INT32_MAX) return value;
    const what = typeof value === "number" || value instanceof NumberLiteral ? `number ${numberText(value)}` : jsonName(value);
    return this.fail(this.typeText(value, { ...type, go: "int32" }, what));
  }
  private time(value: unknown, form: "time" | "microTime"): unknown {
    if (typeof value !== "string") return this.fail(this.typeText(value, { shape: "string", go: "string" }, jsonName(value)));
    return canonicalTime(value, form) ?? this.fail(timeProblem(value, form));
  }
  private bytes(value: unknown, type: CompiledType): unknown {
    if (Array.isArray(value)) return this.byteList(value);
    if (typeof value !== "string") return this.typeError(value, type);
    const at = base64Problem(value);
    if (at < 0) return canonicalBase64(value);
    this.saved ??= `illegal base64 data at input byte ${at}`;
    return DROP;
  }
  /** Go takes bytes as a list of numbers, too. */
  private byteList(value: readonly unknown[]): unknown {
    const uint8: CompiledType = { shape: "int32", go: "uint8" };
    const bytes = value.map((member) => (member === null ? 0 : member));
    for (const member of bytes) {
      if (typeof member !== "number" && !(member instanceof NumberLiteral)) return this.typeError(member, uint8);
      if (typeof member !== "number" || !Number.isInteger(member) || member < 0 || member > 255)
        return this.typeError(member, uint8, `number ${numberText(member)}`);
    }
    return btoa((bytes as number[]).map((byte) => String.fromCharCode(byte)).join(""));
  }
  private schemaOr(value: unknown, shape: "schemaOrBool" | "schemaOrArray" | "schemaOrStrings"): unknown {
    if (isObject(value) && !(value instanceof NumberLiteral)) {
      // Unknown fields in there are dropped without a word: the type decodes itself.
      const strict = this.strict.length;
      const kept = this.structValue(value, { shape: "struct", go: "v1.JSONSchemaProps", ref: "apiextensions.v1.JSONSchemaProps" });
      this.strict.length = strict;
      return kept;
    }
    if (shape === "schemaOrBool") return typeof value === "boolean" ? value : this.fail("boolean or JSON schema expected");
    if (shape === "schemaOrArray" && Array.isArray(value)) return value.map((member: unknown) => this.schemaOr(member, shape));
    return shape === "schemaOrStrings" && Array.isArray(value) ? this.any(value, 1) : DROP;
  }

  /** A value without a schema: kept as it is; only counts keys and turns odd numbers into plain ones. */
  any(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof NumberLiteral) return Number(value.text);
    if (depth + this.path.length > JSON_DEPTH_MAX) return this.fail("exceeded max depth");
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const element: unknown = value[index];
        const kept = this.any(element, depth + 1);
        if (kept !== element) value[index] = kept;
      }
      return value;
    }
    const object = value as Record<string, unknown>;
    for (const key in object) {
      this.keys++;
      if (isForbiddenKey(key)) this.fail(`key ${JSON.stringify(key)} is not supported by this server`);
      const member = object[key];
      const kept = this.any(member, depth + 1);
      if (kept !== member) object[key] = kept;
    }
    return value;
  }

  private unknown(key: string): void {
    this.strictError(`unknown field "${this.pathText()}${this.path.length > 0 ? "." : ""}${key}"`);
  }
  private strictError(text: string): void {
    if (this.strict.length < STRICT_ERRORS_MAX && !this.strict.includes(text)) this.strict.push(text);
  }
  private pathText(): string {
    let text = "";
    for (const step of this.path) {
      if (typeof step === "number") text += `[${step}]`;
      else text += `${text === "" ? "" : "."}${typeof step === "string" ? step : step.name}`;
    }
    return text;
  }
  private typeText(value: unknown, type: CompiledType, what: string): string {
    if (this.converter) return converterText(value, type);
    const steps = this.path.filter((step) => typeof step === "object");
    const last = steps.at(-1);
    if (last === undefined) return `json: cannot unmarshal ${what} into Go value of type ${type.go}`;
    const field = steps.map((step) => step.errorStep).join(".");
    return `json: cannot unmarshal ${what} into Go struct field ${last.owner}.${field} of type ${type.go}`;
  }
  private typeError(value: unknown, type: CompiledType, what = jsonName(value)): typeof DROP {
    if (this.saved === undefined) this.saved = this.typeText(value, type, what);
    return DROP;
  }
  private fail(text: string): typeof DROP {
    this.fatal ??= text;
    return DROP;
  }
  /** For a whole that should have been a struct. */
  wrongRoot(value: unknown, go: string): void {
    this.typeError(value, { shape: "struct", go });
  }
}
