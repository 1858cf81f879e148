// YAML as the API server reads it: version 1.1 as sigs.k8s.io/yaml has it, first document only, bombs refused.
import {
  type CreateNodeOptions,
  type DocumentOptions,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParseOptions,
  parseDocument,
  Parser,
  type SchemaOptions,
  type Tags,
  type YAMLError,
} from "yaml";
import { YAML_DEPTH_MAX } from "../base/limits.ts";
import { err, ok, type Result } from "../base/result.ts";

export interface YamlValue {
  readonly value: unknown;
  /** One text that names all keys given twice, as the strict reader of the server says it. */
  readonly duplicates?: string;
}
/** Aliases resolved in one document; more is taken for an attack. */
const ALIASES_MAX = 10_000;

/** What the server says when collections nest deeper than allowed. */
export const YAML_TOO_DEEP = `yaml: exceeded max depth of ${YAML_DEPTH_MAX}`;
/** All that opens a collection where a few characters are enough for it. Elsewhere it takes a line of its own that is indented deeper. */
const OPENERS = /[[{]|[-?] /g;
/** The parser's stack holds the collections that are open, the document, and what is being read. */
const STACK_MAX = YAML_DEPTH_MAX + 2;

/** Whether collections nest deeper than allowed: found before a document is made of them, which takes seconds then. */
function isTooDeep(source: string): boolean {
  if (source.length <= 2 * YAML_DEPTH_MAX || source.matchAll(OPENERS).drop(YAML_DEPTH_MAX).next().done) return false;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source)) {
    for (const _token of parser.next(lexeme)) continue;
    if (parser.stack.length > STACK_MAX) return true;
  }
  return false;
}

/** Tags of YAML 1.1 that the server does not resolve: dates stay text, and no numbers of base 60. */
const DROPPED = new Set(["tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:set", "tag:yaml.org,2002:omap", "tag:yaml.org,2002:pairs"]);
const customTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === "string" || (!DROPPED.has(tag.tag) && !("format" in tag && tag.format === "TIME")));
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions & CreateNodeOptions = {
  version: "1.1",
  merge: true,
  customTags,
  // Found below: the library compares every key of a map with all before it, and makes a picture of the place of every mistake.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "silent",
  strict: true,
};

/** The words of the server's reader (libyaml) for the mistakes people make. */
function problem(error: YAMLError, source: string, lines: LineCounter): string {
  const [line, end] = error.pos.map((at) => (at < 0 ? 1 : lines.linePos(at).line)) as [number, number];
  // libyaml counts from 0, and leaves the line out when it is the first.
  const where = (shift: number): string => (line > 1 && line - 1 + shift > 0 ? `line ${line - 1 + shift}: ` : "");
  switch (error.code) {
    case "TAB_AS_INDENT":
      return `yaml: ${where(1)}found character that cannot start any token`;
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return `yaml: ${end > 1 ? `line ${end}: ` : ""}mapping values are not allowed in this context`;
    case "MISSING_CHAR":
      if (/^ *\t/m.test(source)) return `yaml: ${where(1)}found character that cannot start any token`;
      return error.message.includes("quote") ? `yaml: ${where(1)}found unexpected end of stream` : `yaml: line ${line}: did not find expected node content`;
    case "BAD_DQ_ESCAPE":
      return `yaml: ${where(1)}found unknown escape character`;
    case "BAD_SCALAR_START":
      return `yaml: ${where(1)}found character that cannot start any token`;
    case "BAD_INDENT":
      if (error.message.startsWith("Flow ")) return `yaml: line ${line}: did not find expected ',' or '${error.message.startsWith("Flow map") ? "}" : "]"}'`;
      return `yaml: ${where(0)}did not find expected ${source[error.pos[0]] === "-" ? "'-' indicator" : "key"}`;
    case "UNEXPECTED_TOKEN":
      return `yaml: ${line > 1 ? `line ${line - 1}: ` : ""}did not find expected node content`;
    default:
      return `yaml: ${where(1)}${error.message.split("\n")[0] ?? ""}`;
  }
}

/** Where keys are that their map has already, in the order of the text. */
function repeatedKeys(node: unknown, found: number[] = []): number[] {
  if (isSeq(node)) for (const item of node.items) repeatedKeys(item, found);
  if (!isMap(node)) return found;
  const known = new Set<unknown>();
  for (const { key, value } of node.items) {
    if (isScalar(key)) {
      if (known.has(key.value)) found.push(key.range?.[0] ?? 0);
      known.add(key.value);
    }
    repeatedKeys(value, found);
  }
  return found;
}
function duplicateText(at: number, source: string, lines: LineCounter): string {
  const rest = source.slice(at);
  const key = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'|^([^:\n]+)/.exec(rest);
  const name = (key?.[1] ?? key?.[2] ?? key?.[3] ?? "").trim();
  return `  line ${lines.linePos(at).line}: key ${JSON.stringify(name)} already set in map`;
}

/** A number that JSON cannot hold. */
class NotJson extends Error {}

/** Keys become strings, as in the JSON that the server makes of YAML. */
function jsonKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonKeys);
  if (value instanceof Map) {
    const out: Record<string, unknown> = {};
    for (const [key, member] of value) {
      const name = typeof key === "string" ? key : JSON.stringify(key);
      Object.defineProperty(out, name, { value: jsonKeys(member), enumerable: true, configurable: true, writable: true });
    }
    return out;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new NotJson(Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === "bigint" ? Number(value) : value;
}

/** Of what is malformed every other character may be a mistake, each with a trace of the stack that takes most of the time. */
function untraced<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The value of the first document, or the server's words for what is wrong. */
export function readYaml(source: string): Result<YamlValue, string> {
  if (isTooDeep(source)) return err(YAML_TOO_DEEP);
  const lines = new LineCounter();
  const document = untraced(() => parseDocument(source, { ...OPTIONS, lineCounter: lines }));
  const fatal = document.errors.find((error) => error.code !== "MULTIPLE_DOCS");
  if (fatal) return err(problem(fatal, source, lines));
  let value: unknown;
  try {
    value = jsonKeys(document.toJS({ mapAsMap: true, maxAliasCount: ALIASES_MAX }));
  } catch (error) {
    if (error instanceof NotJson) return err(`json: unsupported value: ${error.message}`);
    const unknown = error instanceof ReferenceError ? /Unresolved alias.*: (.*)$/.exec(error.message) : null;
    if (unknown) return err(`yaml: unknown anchor '${unknown[1] ?? ""}' referenced`);
    if (error instanceof ReferenceError) return err("yaml: document contains excessive aliasing");
    if (error instanceof Error) return err(`yaml: ${error.message}`);
    throw error;
  }
  const repeated = repeatedKeys(document.contents);
  if (repeated.length === 0) return ok({ value });
  return ok({ value, duplicates: `yaml: unmarshal errors:\n${repeated.map((at) => duplicateText(at, source, lines)).join("\n")}` });
}
