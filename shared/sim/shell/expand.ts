// Expansion of the words of the simulated shell: variables, substitutions, fields, braces, globs.
import { fnv32a } from "../../meta/hash.ts";
import type { Part, Word } from "./ast.ts";
import { evaluateMath } from "./math.ts";
import type { Machine } from "./machine.ts";
import { charge, emit, listing, TEXT_LENGTH_MAX } from "./machine.ts";

export const variables = (machine: Machine): { get(name: string): string; set(name: string, value: string): void } => ({
  get: (name) => lookup(machine, name) ?? "",
  set: (name, value) => void machine.vars.set(name, value),
});
function lookup(machine: Machine, name: string): string | undefined {
  if (/^\d+$/.test(name)) return machine.args[Number(name)];
  switch (name) {
    case "?":
      return String(machine.status);
    case "$":
      return "1";
    case "!":
      return "7";
    case "-":
      return "";
    case "#":
      return String(Math.max(0, machine.args.length - 1));
    case "@":
    case "*":
      return machine.args.slice(1).join(" ");
    case "HOSTNAME":
      return machine.vars.get(name) ?? machine.view.hostname;
    case "PWD":
      return machine.cwd;
    case "SECONDS":
      machine.reads++;
      return String(Math.floor((machine.now - machine.view.startedAt) / 1000));
    case "RANDOM":
      machine.reads++;
      return String(fnv32a(`${machine.view.containerID} ${machine.dice++}`) % 32768);
    default:
      return machine.vars.get(name);
  }
}

/** A pattern of the shell (`*`, `?`, `[...]`) against a text, without regular expressions. */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    const char = pattern[p];
    const set = char === "[" ? pattern.indexOf("]", p + 2) : -1;
    if (char === "*") {
      star = p++;
      mark = t;
    } else if (set > 0 && inSet(pattern.slice(p + 1, set), text[t] ?? "")) {
      p = set + 1;
      t++;
    } else if (char !== undefined && set < 0 && (char === "?" || char === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
function inSet(set: string, char: string): boolean {
  const negated = set.startsWith("!") || set.startsWith("^");
  const body = negated ? set.slice(1) : set;
  let found = false;
  for (let i = 0; i < body.length; i++) {
    if (body[i + 1] === "-" && i + 2 < body.length) {
      if (char >= (body[i] ?? "") && char <= (body[i + 2] ?? "")) found = true;
      i += 2;
    } else if (body[i] === char) found = true;
  }
  return found !== negated;
}

/** Longer values are left as they are: every cut of theirs would have to be tried. */
const TRIM_LENGTH_MAX = 4096;
function trimmed(value: string, pattern: string, op: string): string {
  if (value.length > TRIM_LENGTH_MAX) return value;
  const long = op.length === 2;
  const lengths = Array.from({ length: value.length + 1 }, (_, i) => (long ? value.length - i : i));
  for (const length of lengths) {
    const piece = op[0] === "#" ? value.slice(0, length) : value.slice(value.length - length);
    if (matchesPattern(pattern, piece)) return op[0] === "#" ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

function variable(machine: Machine, part: Part & { t: "var" }): string {
  const value = lookup(machine, part.name);
  const missing = value === undefined || (part.op.startsWith(":") && value === "");
  switch (part.op) {
    case "":
      return value ?? "";
    case "#len":
      return String((value ?? "").length);
    case ":-":
    case "-":
      return missing ? expandText(machine, part.arg ?? []) : value;
    case ":+":
    case "+":
      return missing ? "" : expandText(machine, part.arg ?? []);
    case ":=":
    case "=": {
      if (!missing) return value;
      const made = expandText(machine, part.arg ?? []);
      machine.vars.set(part.name, made);
      return made;
    }
    case ":?":
    case "?": {
      if (!missing) return value;
      emit(machine, "stderr", `sh: ${part.name}: ${expandText(machine, part.arg ?? []) || "parameter not set"}\n`);
      machine.status = 2;
      machine.flow = "exit";
      return "";
    }
    default:
      return trimmed(value ?? "", expandText(machine, part.arg ?? []), part.op);
  }
}

/** Runs a tree with its standard output caught. */
export function capture(machine: Machine, run: () => void): string {
  const saved = machine.out;
  const caught: string[] = [];
  machine.out = caught;
  run();
  machine.out = saved;
  return caught.join("").slice(0, TEXT_LENGTH_MAX);
}

function partText(machine: Machine, part: Part): string {
  switch (part.t) {
    case "text":
      return part.text;
    case "var":
      return variable(machine, part);
    case "math":
      return String(evaluateMath(part.text.replaceAll(/\$\{?(\w+)\}?/g, "$1"), variables(machine)));
    case "command": {
      const text = capture(machine, () => {
        const vars = new Map(machine.vars);
        machine.interpreter.runNode(machine, part.body);
        machine.vars = vars;
        if (machine.flow === "exit") machine.flow = "";
      });
      let end = text.length;
      while (end > 0 && text[end - 1] === "\n") end--;
      return text.slice(0, end);
    }
  }
}
/** A word as one text: assignments, patterns, here-documents. */
export function expandText(machine: Machine, word: Word): string {
  const text = word
    .map((part) => partText(machine, part))
    .join("")
    .slice(0, TEXT_LENGTH_MAX);
  charge(machine, text);
  return text;
}

const BRACES = /^(.*?)\{(-?\d+)\.\.(-?\d+)\}(.*)$/;
function braces(text: string): string[] {
  const match = text.length < 200 ? BRACES.exec(text) : null;
  if (match === null) return [text];
  const [, head = "", from = "0", to = "0", tail = ""] = match;
  const [a, b] = [Number(from), Number(to)];
  const count = Math.min(Math.abs(b - a) + 1, 10_000);
  return Array.from({ length: count }, (_, i) => `${head}${a < b ? a + i : a - i}${tail}`);
}

function globbed(machine: Machine, pattern: string): string[] {
  const slash = pattern.lastIndexOf("/");
  const directory = slash <= 0 ? (slash === 0 ? "/" : machine.cwd) : pattern.slice(0, slash);
  const names = listing(machine, directory).filter((name) => matchesPattern(pattern.slice(slash + 1), name));
  return names.length === 0 ? [pattern] : names.map((name) => (slash < 0 ? name : `${slash === 0 ? "" : directory}/${name}`));
}

/** The fields a word becomes. */
export function expandWord(machine: Machine, word: Word): string[] {
  if (word.length === 1 && word[0]?.t === "text" && !word[0].quoted) {
    const { text } = word[0];
    return braces(text).flatMap((one) => (/[*?[]/.test(one) && one !== "[" ? globbed(machine, one) : [one]));
  }
  const fields: string[] = [];
  let current = "";
  let open = false;
  for (const part of word) {
    if (part.t === "var" && part.name === "@" && part.quoted) {
      const args = machine.args.slice(1);
      args.forEach((arg, i) => {
        if (i > 0) fields.push(current);
        current = i > 0 ? arg : current + arg;
        open = true;
      });
      continue;
    }
    const text = partText(machine, part);
    if (part.quoted || part.t === "text") {
      current += text;
      open = true;
      continue;
    }
    const pieces = text.split(/[ \t\n]+/);
    pieces.forEach((piece, i) => {
      if (i > 0) {
        if (open) fields.push(current);
        current = "";
        open = false;
      }
      if (piece !== "") {
        current += piece;
        open = true;
      }
    });
  }
  if (open) fields.push(current);
  return fields;
}
