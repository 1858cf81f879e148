// Filters of the simulated shell: head, tail, grep, wc and the like, over standard input or files.
import type { Machine } from "./machine.ts";
import { emit, pass, readFile, writeFile } from "./machine.ts";

type Tool = (machine: Machine, argv: readonly string[]) => number | undefined;

function input(machine: Machine, paths: readonly string[]): string | undefined {
  if (paths.length === 0) return machine.stdin;
  let text = "";
  for (const path of paths) {
    const body = readFile(machine, path);
    if (body === undefined) {
      emit(machine, "stderr", `${path}: No such file or directory\n`);
      return undefined;
    }
    text += body;
  }
  return text;
}
const linesOf = (text: string): string[] => (text === "" ? [] : (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n"));
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Splits options from operands; `withValue` are letters whose value follows. */
function options(argv: readonly string[], withValue: string): { readonly flags: Map<string, string>; readonly rest: string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i] ?? "";
    if (!arg.startsWith("-") || arg === "-") rest.push(arg);
    else if (/^-\d+$/.test(arg)) flags.set("n", arg.slice(1));
    else if (withValue.includes(arg[1] ?? "\0")) flags.set(arg[1] ?? "", arg.length > 2 ? arg.slice(2) : (argv[++i] ?? ""));
    else for (const letter of arg.slice(1)) flags.set(letter, "");
  }
  return { flags, rest };
}
const filter =
  (withValue: string, work: (lines: string[], flags: ReadonlyMap<string, string>) => string[]): Tool =>
  (machine, argv) => {
    const { flags, rest } = options(argv, withValue);
    const text = input(machine, rest);
    if (text === undefined) return 1;
    emit(machine, "stdout", joined(work(linesOf(text), flags)));
    return 0;
  };

function tail(machine: Machine, argv: readonly string[]): number {
  const { flags, rest } = options(argv, "nc");
  const text = input(machine, rest);
  if (text !== undefined) emit(machine, "stdout", joined(linesOf(text).slice(-Number(flags.get("n") ?? 10) || Infinity)));
  if (flags.has("f") || flags.has("F")) pass(machine, Infinity);
  return text === undefined ? 1 : 0;
}
function grep(machine: Machine, argv: readonly string[]): number {
  const { flags, rest } = options(argv, "em");
  const pattern = flags.get("e") ?? rest.shift() ?? "";
  const text = input(machine, rest);
  if (text === undefined) return 2;
  const plain = pattern.replace(/^\^/, "").replace(/\$$/, "");
  const lower = (value: string): string => (flags.has("i") ? value.toLowerCase() : value);
  const hits = (line: string): boolean => {
    const [a, b] = [lower(line), lower(plain)];
    const found = pattern.startsWith("^") ? (pattern.endsWith("$") ? a === b : a.startsWith(b)) : pattern.endsWith("$") ? a.endsWith(b) : a.includes(b);
    return found !== flags.has("v");
  };
  const lines = linesOf(text).filter(hits);
  if (!flags.has("q")) emit(machine, "stdout", flags.has("c") ? `${lines.length}\n` : joined(lines));
  return lines.length > 0 ? 0 : 1;
}
function wc(machine: Machine, argv: readonly string[]): number {
  const { flags, rest } = options(argv, "");
  const text = input(machine, rest);
  if (text === undefined) return 1;
  const counts = [
    ["l", text.split("\n").length - 1],
    ["w", text.split(/\s+/).filter((word) => word !== "").length],
    ["c", text.length],
  ] as const;
  const wanted = counts.filter(([letter]) => flags.size === 0 || flags.has(letter)).map(([, count]) => count);
  emit(machine, "stdout", `${wanted.join(" ")}\n`);
  return 0;
}
function tee(machine: Machine, argv: readonly string[]): number {
  const { flags, rest } = options(argv, "");
  for (const path of rest) writeFile(machine, path, machine.stdin, { append: flags.has("a") });
  emit(machine, "stdout", machine.stdin);
  return 0;
}
function translate(machine: Machine, argv: readonly string[]): number {
  const ranges = (set: string): string =>
    set.replaceAll(/(.)-(.)/g, (_, a: string, b: string) => {
      let text = "";
      for (let code = a.charCodeAt(0); code <= b.charCodeAt(0) && text.length < 256; code++) text += String.fromCharCode(code);
      return text;
    });
  const removes = argv[1] === "-d";
  const from = ranges((argv[removes ? 2 : 1] ?? "").replaceAll("\\n", "\n"));
  const to = ranges((argv[2] ?? "").replaceAll("\\n", "\n"));
  let text = "";
  for (const char of machine.stdin) {
    const at = from.indexOf(char);
    if (at < 0) text += char;
    else if (!removes) text += to[Math.min(at, to.length - 1)] ?? "";
  }
  emit(machine, "stdout", text);
  return 0;
}
function base64(machine: Machine, argv: readonly string[]): number {
  const text = machine.stdin;
  const decodes = argv.includes("-d") || argv.includes("--decode");
  const bytes = decodes ? atob(text.replaceAll(/\s/g, "")) : btoa(String.fromCharCode(...new TextEncoder().encode(text.slice(0, 10_000))));
  emit(machine, "stdout", decodes ? new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0))) : `${bytes}\n`);
  return 0;
}

export const TEXT_TOOLS: Readonly<Record<string, Tool>> = {
  head: filter("nc", (lines, flags) => lines.slice(0, Number(flags.get("n") ?? 10))),
  sort: filter("k", (lines, flags) => {
    const sorted = lines.toSorted((a, b) => (flags.has("n") ? Number.parseFloat(a) - Number.parseFloat(b) : a < b ? -1 : a > b ? 1 : 0));
    return flags.has("r") ? sorted.reverse() : sorted;
  }),
  uniq: filter("", (lines) => lines.filter((line, i) => line !== lines[i - 1])),
  cut: filter("dfc", (lines, flags) => lines.map((line) => line.split(flags.get("d") ?? "\t")[Number(flags.get("f") ?? 1) - 1] ?? "")),
  rev: filter("", (lines) => lines.map((line) => [...line].reverse().join(""))),
  tail,
  grep,
  wc,
  tee,
  tr: translate,
  base64,
};
