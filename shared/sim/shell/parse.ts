// Parses a shell script into its tree. Understands what container commands use; the rest is a syntax error as a value.
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { ListItem, Node, Redirect, Word } from "./ast.ts";
import type { Reader } from "./reader.ts";
import { fail, newReader, readHeredocs, readName, readWord } from "./reader.ts";

const DEPTH_MAX = 100;
const EMPTY: Node = { t: "list", items: [] };

function skipBlanks(reader: Reader): void {
  for (;;) {
    const char = reader.text[reader.at];
    if (char === " " || char === "\t" || char === "\r") reader.at++;
    else if (char === "\\" && reader.text[reader.at + 1] === "\n") reader.at += 2;
    else if (char === "#") {
      while (reader.at < reader.text.length && reader.text[reader.at] !== "\n") reader.at++;
    } else return;
  }
}
function skipLines(reader: Reader): void {
  for (;;) {
    skipBlanks(reader);
    if (reader.text[reader.at] !== "\n") return;
    reader.at++;
    readHeredocs(reader, parseList);
  }
}
/** The reserved word or operator that stands here, without taking it. */
function peek(reader: Reader): string {
  skipBlanks(reader);
  const { text, at } = reader;
  for (const op of ["&&", "||", ";;", "((", ";", "&", "|", "(", ")", "\n"]) if (text.startsWith(op, at)) return op;
  let end = at;
  while (end < text.length && !" \t\n;&|<>()\"'$`\\".includes(text[end] ?? "")) end++;
  return text.slice(at, end);
}
function take(reader: Reader, word: string): boolean {
  if (peek(reader) !== word) return false;
  reader.at += word.length;
  return true;
}
function expect(reader: Reader, word: string): void {
  skipLines(reader);
  const found = peek(reader);
  if (!take(reader, word)) fail(reader, `syntax error: unexpected ${found === "" ? "end of file" : JSON.stringify(found)} (expecting ${JSON.stringify(word)})`);
}

function readRedirect(reader: Reader): Redirect | undefined {
  skipBlanks(reader);
  const match = /^(\d?)(>>|>&|<<-|<<|&>|>|<)/.exec(reader.text.slice(reader.at, reader.at + 4));
  if (match === null) return undefined;
  const [whole, digit = "", op = ">"] = match;
  reader.at += whole.length;
  skipBlanks(reader);
  const target = readWord(reader, parseList);
  if (target.length === 0) fail(reader, "syntax error: unexpected redirection");
  if (op.startsWith("<<")) {
    const tag = target.map((part) => (part.t === "text" ? part.text : "")).join("");
    const literal = target.some((part) => part.t === "text" && part.quoted);
    const redirect: { fd: number; op: "<<"; target: Word } = { fd: 0, op: "<<", target: [] };
    reader.heredocs.push({ tag, strip: op === "<<-", literal, give: (body) => (redirect.target = body) });
    return redirect;
  }
  if (op === "&>") return { fd: 12, op: ">", target };
  const fd = digit === "" ? (op === "<" ? 0 : 1) : Number(digit);
  return { fd, op: op as Redirect["op"], target };
}

function parseSimple(reader: Reader): Node {
  const assigns: (readonly [string, Word])[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    const redirect = readRedirect(reader);
    if (redirect) {
      redirects.push(redirect);
      continue;
    }
    const start = reader.at;
    if (words.length === 0) {
      const name = readName(reader);
      if (name !== "" && reader.text[reader.at] === "=") {
        reader.at++;
        assigns.push([name, readWord(reader, parseList)]);
        continue;
      }
      reader.at = start;
    }
    const word = readWord(reader, parseList);
    if (word.length === 0) break;
    words.push(word);
    if (words.length === 1 && reader.text.startsWith("()", reader.at) && word[0]?.t === "text") {
      reader.at += 2;
      skipLines(reader);
      return { t: "function", name: word[0].text, body: parseCommand(reader) };
    }
  }
  if (words.length === 0 && assigns.length === 0 && redirects.length === 0) {
    fail(reader, `syntax error: unexpected ${JSON.stringify(reader.text[reader.at] ?? "end of file")}`);
  }
  return { t: "simple", assigns, words, redirects };
}

function parseIf(reader: Reader): Node {
  const arms: { test: Node; body: Node }[] = [];
  let other: Node | undefined;
  for (;;) {
    const test = parseList(reader, ["then"]);
    expect(reader, "then");
    arms.push({ test, body: parseList(reader, ["elif", "else", "fi"]) });
    if (take(reader, "elif")) continue;
    if (take(reader, "else")) other = parseList(reader, ["fi"]);
    expect(reader, "fi");
    return { t: "if", arms, other };
  }
}
function parseDo(reader: Reader): Node {
  skipLines(reader);
  take(reader, ";");
  expect(reader, "do");
  const body = parseList(reader, ["done"]);
  expect(reader, "done");
  return body;
}
function parseFor(reader: Reader): Node {
  if (take(reader, "((")) {
    const end = reader.text.indexOf("))", reader.at);
    if (end < 0) fail(reader, "syntax error: missing '))'");
    const [start = "", test = "", step = ""] = reader.text.slice(reader.at, Math.max(end, reader.at)).split(";");
    reader.at = end < 0 ? reader.text.length : end + 2;
    return { t: "count", start, test, step, body: parseDo(reader) };
  }
  skipBlanks(reader);
  const name = readName(reader);
  skipLines(reader);
  let words: Word[] | undefined;
  if (take(reader, "in")) {
    words = [];
    for (;;) {
      skipBlanks(reader);
      const word = readWord(reader, parseList);
      if (word.length === 0) break;
      words.push(word);
    }
  }
  return { t: "for", name, words, body: parseDo(reader) };
}
function parseCase(reader: Reader): Node {
  skipBlanks(reader);
  const word = readWord(reader, parseList);
  expect(reader, "in");
  const arms: { patterns: Word[]; body: Node }[] = [];
  for (;;) {
    skipLines(reader);
    if (take(reader, "esac") || reader.error !== undefined) return { t: "case", word, arms };
    take(reader, "(");
    const patterns: Word[] = [];
    do {
      skipBlanks(reader);
      patterns.push(readWord(reader, parseList));
    } while (take(reader, "|"));
    expect(reader, ")");
    arms.push({ patterns, body: parseList(reader, [";;", "esac"]) });
    take(reader, ";;");
  }
}

function parseCompound(reader: Reader): Node | undefined {
  if (take(reader, "if")) return parseIf(reader);
  if (take(reader, "for")) return parseFor(reader);
  if (take(reader, "case")) return parseCase(reader);
  if (take(reader, "((")) {
    const end = reader.text.indexOf("))", reader.at);
    const text = reader.text.slice(reader.at, Math.max(end, reader.at));
    if (end < 0) fail(reader, "syntax error: missing '))'");
    else reader.at = end + 2;
    return { t: "math", text };
  }
  for (const word of ["while", "until"]) {
    if (!take(reader, word)) continue;
    const test = parseList(reader, ["do"]);
    return { t: "while", until: word === "until", test, body: parseDo(reader) };
  }
  for (const [open, close] of [
    ["{", "}"],
    ["(", ")"],
  ] as const) {
    if (!take(reader, open)) continue;
    const body = parseList(reader, [close]);
    expect(reader, close);
    return { t: "group", body, subshell: open === "(" };
  }
  return undefined;
}
function parseCommand(reader: Reader): Node {
  const node = parseCompound(reader);
  if (node === undefined) return parseSimple(reader);
  const redirects: Redirect[] = [];
  for (let one = readRedirect(reader); one; one = readRedirect(reader)) redirects.push(one);
  return redirects.length === 0 ? node : { t: "redirected", node, redirects };
}
function parsePipe(reader: Reader): Node {
  const not = take(reader, "!");
  const parts = [parseCommand(reader)];
  while (peek(reader) === "|" && reader.error === undefined) {
    reader.at++;
    skipLines(reader);
    parts.push(parseCommand(reader));
  }
  const [only] = parts;
  return parts.length === 1 && !not && only ? only : { t: "pipe", parts, not };
}

/** Commands up to the end of the text or one of `closers`, which is not taken. */
export function parseList(reader: Reader, closers: readonly string[]): Node {
  if (++reader.depth > DEPTH_MAX) fail(reader, "syntax error: nested too deeply");
  const items: ListItem[] = [];
  let after: ListItem["after"] = ";";
  for (;;) {
    skipLines(reader);
    if (reader.at >= reader.text.length || closers.includes(peek(reader))) break;
    const node = parsePipe(reader);
    if (reader.error !== undefined) break;
    const op = peek(reader);
    let background = false;
    if (op === ";" || op === "&" || op === "&&" || op === "||") {
      reader.at += op.length;
      background = op === "&";
    } else if (op !== "\n" && reader.at < reader.text.length && !closers.includes(op)) {
      fail(reader, `syntax error: unexpected ${JSON.stringify(op)}`);
    }
    items.push({ node, after, background });
    after = op === "&&" || op === "||" ? op : ";";
  }
  reader.depth--;
  const [only] = items;
  if (items.length === 1 && only && !only.background) return only.node;
  return items.length === 0 ? EMPTY : { t: "list", items };
}

/** A whole script. */
export function parseScript(text: string): Result<Node, string> {
  const reader = newReader(text);
  const node = parseList(reader, []);
  return reader.error === undefined ? ok(node) : err(reader.error);
}
