// A JSON reader that sees what JSON.parse hides: duplicate keys, how numbers were written, and where Go says it broke.
// Slow; used only when a cheap look at the text says that one of these matters, or to word a syntax error.
import type { JsonObject } from "../base/json.ts";
import { JSON_DEPTH_MAX } from "../base/limits.ts";

/** A number that is not a plain integer of at most 15 digits: JSON.parse would lose how it was written. */
export class NumberLiteral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export interface JsonText {
  readonly value: unknown;
  /** Keys given more than once, by the object that has them. */
  readonly duplicates: ReadonlyMap<object, ReadonlySet<string>>;
}
class SyntaxProblem extends Error {}

/** Go's quoteChar of the first byte of the character. */
function quoteChar(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  const byte = new TextEncoder().encode(char)[0] ?? 0;
  const short = { 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\" }[byte];
  if (short !== undefined) return `'${short}'`;
  return byte < 32 || byte === 127 ? `'\\x${byte.toString(16).padStart(2, "0")}'` : `'${String.fromCharCode(byte)}'`;
}
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /^-?\d{1,15}$/;

class Reader {
  private at = 0;
  private readonly text: string;
  readonly duplicates = new Map<object, Set<string>>();

  constructor(text: string) {
    this.text = text;
  }
  whole(): unknown {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) this.bad("after top-level value");
    return value;
  }
  /** Go tries a blank at the end of the text: that is what it names inside of words and numbers. */
  private bad(where: string, atEnd?: "blank"): never {
    const char = this.text[this.at] ?? (atEnd === "blank" ? " " : undefined);
    if (char === undefined) throw new SyntaxProblem("unexpected end of JSON input");
    throw new SyntaxProblem(`invalid character ${quoteChar(char)} ${where}`);
  }
  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }
  private value(depth: number): unknown {
    this.space();
    const char = this.text[this.at];
    if (depth >= JSON_DEPTH_MAX && (char === "{" || char === "[")) this.bad("exceeded max depth");
    if (char === "{") return this.object(depth);
    if (char === "[") return this.array(depth);
    if (char === '"') return this.string();
    if (char === "t") return this.word("true", true);
    if (char === "f") return this.word("false", false);
    if (char === "n") return this.word("null", null);
    if (char === "-" || (char !== undefined && char >= "0" && char <= "9")) return this.number();
    return this.bad("looking for beginning of value");
  }
  private word(word: string, value: boolean | null): boolean | null {
    for (const char of word) {
      if (this.text[this.at] !== char) this.bad(`in literal ${word} (expecting '${char}')`, "blank");
      this.at++;
    }
    return value;
  }
  private number(): number | NumberLiteral {
    NUMBER.lastIndex = this.at;
    const text = NUMBER.exec(this.text)?.[0];
    if (text === undefined) {
      this.at++;
      return this.bad("in numeric literal", "blank");
    }
    this.at += text.length;
    const next = this.text[this.at];
    if (next === "." || next === "e" || next === "E") {
      this.at++;
      if (next !== "." && /[+-]/.test(this.text[this.at] ?? "")) this.at++;
      return this.bad(next === "." ? "after decimal point in numeric literal" : "in exponent of numeric literal", "blank");
    }
    return PLAIN.test(text) ? Number(text) : new NumberLiteral(text);
  }
  private string(): string {
    this.at++;
    let out = "";
    for (;;) {
      const start = this.at;
      let code = this.text.charCodeAt(this.at);
      while (code >= 32 && code !== 34 && code !== 92) code = this.text.charCodeAt(++this.at);
      out += this.text.slice(start, this.at);
      if (code === 34) {
        this.at++;
        return out;
      }
      if (code !== 92) return this.bad("in string literal");
      this.at++;
      out += this.escape();
    }
  }
  private escape(): string {
    const char = this.text[this.at];
    if (char === "u") {
      for (let index = 1; index <= 4; index++) {
        if (/[0-9a-fA-F]/.test(this.text[this.at + index] ?? "")) continue;
        this.at += index;
        return this.bad("in \\u hexadecimal character escape", "blank");
      }
      const code = Number.parseInt(this.text.slice(this.at + 1, this.at + 5), 16);
      this.at += 5;
      return String.fromCharCode(code);
    }
    const escaped = char === undefined ? undefined : ESCAPES[char];
    if (escaped === undefined) return this.bad("in string escape code", "blank");
    this.at++;
    return escaped;
  }
  private array(depth: number): unknown[] {
    this.at++;
    const out: unknown[] = [];
    this.space();
    if (this.text[this.at] === "]") {
      this.at++;
      return out;
    }
    for (;;) {
      out.push(this.value(depth + 1));
      this.space();
      const char = this.text[this.at];
      if (char !== "," && char !== "]") this.bad("after array element");
      this.at++;
      if (char === "]") return out;
    }
  }
  private object(depth: number): JsonObject {
    this.at++;
    const out: JsonObject = {};
    this.space();
    if (this.text[this.at] === "}") {
      this.at++;
      return out;
    }
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') this.bad("looking for beginning of object key string");
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ":") this.bad("after object key");
      this.at++;
      if (Object.hasOwn(out, key)) this.noteDuplicate(out, key);
      // As JSON.parse: an own member, even when its name is __proto__.
      Object.defineProperty(out, key, { value: this.value(depth + 1), enumerable: true, configurable: true, writable: true });
      this.space();
      const char = this.text[this.at];
      if (char !== "," && char !== "}") this.bad("after object key:value pair");
      this.at++;
      if (char === "}") return out;
    }
  }
  private noteDuplicate(object: object, key: string): void {
    const keys = this.duplicates.get(object);
    if (keys) keys.add(key);
    else this.duplicates.set(object, new Set([key]));
  }
}

/** The value, or Go's words for what is wrong with the text. */
export function readJson(text: string): JsonText | string {
  const reader = new Reader(text);
  try {
    return { value: reader.whole(), duplicates: reader.duplicates };
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.message;
    throw error;
  }
}

const [QUOTE, BACKSLASH] = [34, 92];
/** `[` and `{` differ in this bit alone, and so do `]` and `}`. */
const [BRACE_BIT, OPENS, CLOSES] = [32, 123, 125];

/** Whether objects and lists nest deeper than allowed. A text that is short, or has few brackets, is only counted through. */
export function isTooDeep(text: string): boolean {
  if (text.length <= 2 * JSON_DEPTH_MAX) return false;
  let opened = 0;
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) opened++;
  for (let at = text.indexOf("["); at >= 0; at = text.indexOf("[", at + 1)) opened++;
  if (opened <= JSON_DEPTH_MAX) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
    } else if ((code | BRACE_BIT) === OPENS) {
      if (++depth > JSON_DEPTH_MAX) return true;
    } else if ((code | BRACE_BIT) === CLOSES) depth--;
  }
  return false;
}

/**
 * Whether some number outside plain integers may be in the text. False alarms from inside strings are harmless, but each costs a slow look:
 * in `nginx:1.25` no quote stands before the colon, as one does behind every key.
 */
export const mayHaveOddNumbers = (text: string): boolean => /(?:"\s*:|[,[])\s*-?(?:\d+[.eE]|\d{16})/.test(text);

/** How many keys the text has, or undefined when blanks stand before a colon somewhere (then it is not told cheaply). */
export function countKeys(text: string): number | undefined {
  if (/"\s+:/.test(text)) return undefined;
  let count = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) {
    // Behind an odd number of backslashes it is a quote inside of a string.
    let start = at;
    while (text.charCodeAt(start - 1) === 92) start--;
    if ((at - start) % 2 === 0) count++;
  }
  return count;
}
