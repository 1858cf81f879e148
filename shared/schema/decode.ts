// From the bytes of a request to an object that has the types of its schema, or the Status a real server answers.
// As upstream: apiserver pkg/endpoints/handlers/rest.go (transformDecodeError) and apimachinery serializer/json.
import { isObject, type JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { badRequest, failure, type Status } from "../errors/status.ts";
import type { KubeObject } from "../kinds/define-kind.ts";
import { compiledSchema } from "./compile.ts";
import { countKeys, isTooDeep, mayHaveOddNumbers, readJson } from "./json-text.ts";
import { goPackageOf, schemaNameOf, schemaOfKind } from "./known-kinds.ts";
import { Walk } from "./walk.ts";
import { readYaml, YAML_TOO_DEEP } from "./yaml.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";
export interface Expected {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Key of shared/schema; absent for custom resources, of which only metadata is checked here. */
  readonly schema?: string;
}
export interface Decoded {
  readonly object: KubeObject;
  /** Texts for Warning headers (without `299 - `). */
  readonly warnings: string[];
}
interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const SUMMARY_BYTES = 30;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: false });
const STRICT = "strict decoding error: ";
export const groupVersion = (group: string, version: string): string => (group === "" ? version : `${group}/${version}`);

/** The first bytes of a body, as text when it may be JSON, else as hex. */
function summary(body: Uint8Array | string): string {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (bytes.length === 0) return "<empty>";
  const head = bytes.subarray(0, SUMMARY_BYTES);
  const shown = bytes[0] === 123 ? utf8.decode(head) : [...head].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

interface Parsed {
  value: unknown;
  /** How numbers were written has been looked at (or does not matter, as in YAML). */
  exact: boolean;
  duplicates?: ReadonlyMap<object, ReadonlySet<string>>;
  yamlDuplicates?: string;
}
function parseBody(text: string, contentType: "json" | "yaml"): Result<Parsed, string> {
  if (contentType === "yaml" && !text.startsWith("{")) {
    const yaml = readYaml(text);
    if (!yaml.ok) return yaml;
    return ok({ value: yaml.value.value, exact: true, ...(yaml.value.duplicates === undefined ? {} : { yamlDuplicates: yaml.value.duplicates }) });
  }
  const deep = isTooDeep(text);
  if (deep && contentType === "yaml") return err(YAML_TOO_DEEP);
  try {
    if (contentType === "yaml" || (!deep && !mayHaveOddNumbers(text))) return ok({ value: JSON.parse(text) as unknown, exact: contentType === "yaml" });
  } catch {
    if (contentType === "yaml") {
      const yaml = readYaml(text);
      return yaml.ok ? ok({ value: yaml.value.value, exact: true }) : yaml;
    }
  }
  const read = readJson(text);
  return typeof read === "string" ? err(`couldn't get version/kind; json parse error: ${read}`) : ok({ ...read, exact: true });
}

const META_STRUCT = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const goKind = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value);

/** The body's own group, version and kind; empty where it does not say. Or Go's words. As upstream: json/meta.go. */
function interpret(value: unknown): Result<GroupVersionKind, string> {
  const broken = (text: string): Result<GroupVersionKind, string> => err(`couldn't get version/kind; json parse error: json: cannot unmarshal ${text}`);
  if (value === null || value === undefined) return ok({ group: "", version: "", kind: "" });
  if (!isObject(value)) return broken(`${goKind(value)} into Go value of type ${META_STRUCT}`);
  for (const key of ["apiVersion", "kind"]) {
    const member = Object.hasOwn(value, key) ? value[key] : undefined;
    if (member !== undefined && member !== null && typeof member !== "string") {
      return broken(`${goKind(member)} into Go struct field .${key} of type string`);
    }
  }
  const apiVersion = typeof value.apiVersion === "string" ? value.apiVersion : "";
  const kind = typeof value.kind === "string" ? value.kind : "";
  if (apiVersion === "" || apiVersion === "/") return ok({ group: "", version: "", kind });
  const parts = apiVersion.split("/");
  if (parts.length > 2) return err(`unexpected GroupVersion string: ${apiVersion}`);
  return ok({ group: parts.length === 2 ? (parts[0] ?? "") : "", version: parts.at(-1) ?? "", kind });
}

/** Completes what the body does not say from what the path says. As upstream: gvkWithDefaults. */
function withDefaults(actual: GroupVersionKind, expect: Expected): GroupVersionKind {
  const kind = actual.kind === "" ? expect.kind : actual.kind;
  if (actual.version === "" && actual.group === "") return { group: expect.group, version: expect.version, kind };
  return { group: actual.group, version: actual.version === "" && actual.group === expect.group ? expect.version : actual.version, kind };
}

const wrongVersion = (actual: GroupVersionKind, expect: Expected): Status =>
  badRequest(
    `the API version in the data (${groupVersion(actual.group, actual.version)}) does not match the expected API version (${groupVersion(expect.group, expect.version)})`,
  );

/** What a body was found to be, on the way to an object. */
interface Body {
  readonly text: string;
  readonly expect: Expected;
  readonly actual: GroupVersionKind;
  readonly parsed: Parsed;
  readonly validation: FieldValidation;
}

/** Decodes the body of a create or an update. */
export function decodeBody(body: Uint8Array | string, contentType: "json" | "yaml", expected: Expected, validation: FieldValidation): Result<Decoded, Status> {
  const schema = expected.schema ?? schemaNameOf(expected);
  const expect: Expected = schema === undefined ? expected : { group: expected.group, version: expected.version, kind: expected.kind, schema };
  const text = typeof body === "string" ? body : utf8.decode(body);
  const unrecognized = (problem: string): Result<Decoded, Status> =>
    err(badRequest(isOptions(expect) ? problem : `the object provided is unrecognized (must be of type ${expect.kind}): ${problem} (${summary(body)})`));
  const parsed = parseBody(text, contentType);
  if (!parsed.ok) return unrecognized(parsed.error);
  const said = interpret(parsed.value.value);
  if (!said.ok) return unrecognized(said.error);
  if (schema === undefined && said.value.kind === "") return unrecognized(`Object 'Kind' is missing in '${text}'`);
  if (schema === undefined && (said.value.group !== expect.group || said.value.version !== expect.version)) return err(wrongVersion(said.value, expect));
  const actual = schema === undefined ? said.value : withDefaults(said.value, expect);
  return decoded({ text, expect, actual, parsed: parsed.value, validation });
}

/** Options (DeleteOptions ...) are registered in every group and version, and their problems are told without a frame. */
const isOptions = (expect: Expected): boolean => expect.group === "meta.k8s.io";

function decoded({ text, expect, actual, parsed, validation }: Body): Result<Decoded, Status> {
  const refused = (problem: string): Result<Decoded, Status> =>
    err(
      badRequest(isOptions(expect) ? problem : `${actual.kind} in version ${JSON.stringify(actual.version)} cannot be handled as a ${expect.kind}: ${problem}`),
    );
  if (actual.version === "") return refused(`Object 'apiVersion' is missing in '${text}'`);
  const sameVersion = isOptions(expect) || (actual.group === expect.group && actual.version === expect.version);
  const same = actual.kind === expect.kind && sameVersion;
  const schema = same ? expect.schema : schemaOfKind(actual, expect);
  if (expect.schema !== undefined && (schema === undefined || (isOptions(expect) && !same))) {
    const version = JSON.stringify(groupVersion(actual.group, actual.version));
    return refused(`no kind ${JSON.stringify(actual.kind)} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`);
  }
  const checked = check(parsed, text, schema, validation);
  if (checked.error !== undefined) return refused(checked.error);
  if (!same && expect.schema !== undefined) {
    if (actual.kind === expect.kind && goPackageOf(actual.group) === goPackageOf(expect.group)) return err(wrongVersion(actual, expect));
    const from = compiledSchema(schema ?? "")?.go ?? "";
    return refused(`converting (${from}) to (${goPackageOf(expect.group)}.${expect.kind}): unknown conversion`);
  }
  if (validation === "Strict" && checked.strict.length > 0) return refused(STRICT + checked.strict.join(", "));
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = checked.object;
  const object = { kind: actual.kind, apiVersion: groupVersion(expect.group, expect.version), ...rest } as KubeObject;
  return ok({ object, warnings: validation === "Warn" ? checked.strict : [] });
}

interface Checked {
  readonly object: JsonObject;
  readonly error?: string;
  readonly strict: string[];
}
function check(parsed: Parsed, text: string, schema: string | undefined, validation: FieldValidation): Checked {
  let { value, duplicates } = parsed;
  let walk = walked(value, schema, duplicates);
  if (validation !== "Ignore" && duplicates === undefined && !parsed.exact && walk.keys !== countKeys(text)) {
    // Some key may be there twice, or a key is written in a way that the cheap count does not see.
    const read = readJson(text);
    if (typeof read !== "string") {
      ({ value, duplicates } = read);
      walk = walked(value, schema, duplicates);
    }
  }
  const strict = parsed.yamlDuplicates === undefined ? walk.strict : [parsed.yamlDuplicates, ...walk.strict];
  return { object: isObject(value) ? value : {}, strict, ...(walk.error === undefined ? {} : { error: walk.error }) };
}

function walked(value: unknown, schema: string | undefined, duplicates: Parsed["duplicates"]): Walk {
  const walk = new Walk({ wording: "json", ...(duplicates === undefined ? {} : { duplicates }) });
  if (!isObject(value)) return walk;
  const compiled = schema === undefined ? undefined : compiledSchema(schema);
  if (compiled) {
    walk.struct(value, compiled);
    return walk;
  }
  return walkCustom(walk, value);
}

/** Of a custom resource only metadata has a schema known here; paths of type errors start at it, those of unknown fields at the top. */
function walkCustom(walk: Walk, object: JsonObject): Walk {
  const { metadata } = object;
  const meta = compiledSchema("meta.v1.ObjectMeta");
  if (metadata === null) delete object.metadata;
  else if (metadata !== undefined && meta) {
    if (isObject(metadata)) {
      walk.struct(metadata, meta);
      walk.strict.splice(0, walk.strict.length, ...walk.strict.map((text) => text.replace(' field "', ' field "metadata.')));
    } else walk.wrongRoot(metadata, "v1.ObjectMeta");
  }
  const { metadata: _checked, ...rest } = object;
  walk.any(rest, 1);
  if (metadata !== undefined) walk.keys++;
  for (const key of Object.keys(rest)) object[key] = rest[key];
  return walk;
}

export interface CheckOptions {
  /** "json" (the default) after JSON and merge patches, "converter" after strategic merge patches. */
  readonly wording?: "json" | "converter";
  /** What a refusal shows as the invalid value: the object's JSON (the default), or for "converter" the patch as Go prints a map. */
  readonly shown?: () => string;
  /** An object that was checked before: members that are still its very own need no other look. */
  readonly settled?: object;
}
/** Checks an object that came out of a patch. In place. A refusal is the patch handler's 422. As upstream: handlers/patch.go. */
export function checkObject(value: unknown, schemaName: string, validation: FieldValidation, options: CheckOptions = {}): Result<Decoded, Status> {
  const text = options.shown === undefined ? JSON.stringify(value) : "";
  const walk = new Walk({ wording: options.wording ?? "json" });
  const compiled = compiledSchema(schemaName);
  if (isObject(value) && compiled) walk.struct(value, compiled, options.settled as JsonObject | undefined);
  else walk.wrongRoot(value, compiled?.go ?? schemaName);
  const problem = walk.error ?? (validation === "Strict" && walk.strict.length > 0 ? STRICT + walk.strict.join(", ") : undefined);
  if (problem !== undefined) return err(patchInvalid(options.shown?.() ?? text, problem));
  return ok({ object: value as KubeObject, warnings: validation === "Warn" ? walk.strict : [] });
}
/** 422 about the patch as a whole: it has no kind and no name. */
export function patchInvalid(shown: string, problem: string): Status {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${problem}`;
  return failure(422, "Invalid", ` "" is invalid: patch: ${message}`, { causes: [{ reason: "FieldValueInvalid", message, field: "patch" }] });
}
