// Reads words of a shell script: quoting, variables, substitutions. Syntax errors are values.
import type { Node, Part, Word } from "./ast.ts";

/** The place in a script; the parser and the word reader share it. */
export interface Reader {
  readonly text: string;
  at: number;
  error: string | undefined;
  /** Here-documents whose bodies begin after the next line feed. */
  heredocs: { readonly tag: string; readonly strip: boolean; readonly literal: boolean; readonly give: (body: Word) => void }[];
  depth: number;
}
export const newReader = (text: string): Reader => ({ text, at: 0, error: undefined, heredocs: [], depth: 0 });
export type ParseBody = (reader: Reader, closers: readonly string[]) => Node;

const NAME_START = /[A-Za-z_]/;
const NAME_PART = /[A-Za-z0-9_]/;
const META = new Set([" ", "\t", "\n", ";", "&", "|", "<", ">", "(", ")"]);

export function fail(reader: Reader, message: string): void {
  reader.error ??= message;
  reader.at = reader.text.length;
}
export function readName(reader: Reader): string {
  const start = reader.at;
  if (!NAME_START.test(reader.text[start] ?? "")) return "";
  while (NAME_PART.test(reader.text[reader.at] ?? "")) reader.at++;
  return reader.text.slice(start, reader.at);
}

function readBraced(reader: Reader, quoted: boolean, parse: ParseBody): Part {
  const { text } = reader;
  let op = "";
  if (text[reader.at] === "#" && text[reader.at + 1] !== "}") {
    op = "#len";
    reader.at++;
  }
  let name = readName(reader);
  if (name === "") {
    name = text[reader.at] ?? "";
    reader.at++;
  }
  let arg: Word | undefined;
  const rest = text.slice(reader.at, reader.at + 2);
  const found = [":-", ":=", ":+", ":?", "##", "%%"].find((one) => rest === one) ?? ["-", "=", "+", "?", "#", "%"].find((one) => rest[0] === one);
  if (op === "" && found !== undefined) {
    op = found;
    reader.at += found.length;
    arg = readParts(reader, (char) => char === "}", { quoted, inDouble: false }, parse);
  }
  if (text[reader.at] !== "}") fail(reader, "bad substitution");
  reader.at++;
  return { t: "var", name, op, arg, quoted };
}

function readMath(reader: Reader): string {
  const start = reader.at;
  let depth = 0;
  for (; reader.at < reader.text.length; reader.at++) {
    const char = reader.text[reader.at];
    if (char === "(") depth++;
    else if (char === ")") {
      if (depth === 0) break;
      depth--;
    }
  }
  const body = reader.text.slice(start, reader.at);
  if (reader.text.slice(reader.at, reader.at + 2) !== "))") fail(reader, "missing '))'");
  reader.at += 2;
  return body;
}

function readDollar(reader: Reader, quoted: boolean, parse: ParseBody): Part {
  reader.at++;
  const next = reader.text[reader.at] ?? "";
  if (reader.text.startsWith("((", reader.at)) {
    reader.at += 2;
    return { t: "math", text: readMath(reader), quoted };
  }
  if (next === "(") {
    reader.at++;
    const body = parse(reader, [")"]);
    if (reader.text[reader.at] !== ")") fail(reader, "missing ')'");
    reader.at++;
    return { t: "command", body, quoted };
  }
  if (next === "{") {
    reader.at++;
    return readBraced(reader, quoted, parse);
  }
  const name = readName(reader);
  if (name !== "") return { t: "var", name, op: "", arg: undefined, quoted };
  if (next !== "" && "0123456789?#$@*!-".includes(next)) {
    reader.at++;
    return { t: "var", name: next, op: "", arg: undefined, quoted };
  }
  return { t: "text", text: "$", quoted };
}

function readBackquote(reader: Reader, quoted: boolean, parse: ParseBody): Part {
  const end = reader.text.indexOf("`", reader.at + 1);
  if (end < 0) fail(reader, "unterminated backquote");
  const inner = newReader(reader.text.slice(reader.at + 1, Math.max(end, reader.at + 1)));
  inner.depth = reader.depth + 1;
  reader.at = end < 0 ? reader.text.length : end + 1;
  const body = parse(inner, []);
  if (inner.error !== undefined) fail(reader, inner.error);
  return { t: "command", body, quoted };
}

/** Reads parts until `stops` (or, unquoted, a metacharacter) says so; stays on the stopping character. */
export function readParts(
  reader: Reader,
  stops: (char: string) => boolean,
  mode: { readonly quoted: boolean; readonly inDouble: boolean },
  parse: ParseBody,
): Word {
  const parts: Part[] = [];
  let text = "";
  const flush = (quoted: boolean): void => {
    if (text !== "") parts.push({ t: "text", text, quoted });
    text = "";
  };
  while (reader.at < reader.text.length) {
    const char = reader.text[reader.at] ?? "";
    if (stops(char)) break;
    if (char === "\\") {
      const next = reader.text[reader.at + 1] ?? "";
      reader.at += 2;
      if (next === "\n") continue;
      if (mode.inDouble && !'$`"\\'.includes(next)) text += `\\${next}`;
      else {
        flush(mode.quoted);
        parts.push({ t: "text", text: next, quoted: true });
      }
    } else if (char === "$" || char === "`") {
      flush(mode.quoted);
      parts.push(char === "$" ? readDollar(reader, mode.quoted, parse) : readBackquote(reader, mode.quoted, parse));
    } else if (!mode.inDouble && char === "'") {
      flush(mode.quoted);
      const end = reader.text.indexOf("'", reader.at + 1);
      if (end < 0) fail(reader, "unterminated quoted string");
      else {
        parts.push({ t: "text", text: reader.text.slice(reader.at + 1, end), quoted: true });
        reader.at = end + 1;
      }
    } else if (!mode.inDouble && char === '"') {
      flush(mode.quoted);
      reader.at++;
      const inner = readParts(reader, (one) => one === '"', { quoted: true, inDouble: true }, parse);
      if (reader.text[reader.at] !== '"') fail(reader, "unterminated quoted string");
      reader.at++;
      parts.push({ t: "text", text: "", quoted: true }, ...inner);
    } else {
      text += char;
      reader.at++;
    }
  }
  flush(mode.quoted);
  return parts;
}

/** An ordinary word; empty array: there is none here. */
export const readWord = (reader: Reader, parse: ParseBody): Word => readParts(reader, (char) => META.has(char), { quoted: false, inDouble: false }, parse);

/** After a line feed: takes the bodies of here-documents that were announced on the line. */
export function readHeredocs(reader: Reader, parse: ParseBody): void {
  for (const doc of reader.heredocs.splice(0)) {
    const lines: string[] = [];
    while (reader.at < reader.text.length) {
      const end = reader.text.indexOf("\n", reader.at);
      let line = reader.text.slice(reader.at, end < 0 ? undefined : end);
      reader.at = end < 0 ? reader.text.length : end + 1;
      if (doc.strip) line = line.replace(/^\t+/, "");
      if (line === doc.tag) break;
      lines.push(line);
    }
    const body = lines.map((line) => `${line}\n`).join("");
    if (doc.literal) doc.give([{ t: "text", text: body, quoted: true }]);
    else doc.give(readParts(newReader(body), () => false, { quoted: true, inDouble: true }, parse));
  }
}
