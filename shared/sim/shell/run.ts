// Walks the tree of the simulated shell.
import type { ListItem, Node, Redirect, Word } from "./ast.ts";
import { BUILTINS } from "./builtins.ts";
import { capture, expandText, expandWord, matchesPattern, variables } from "./expand.ts";
import type { Interpreter, Machine } from "./machine.ts";
import { absolute, emit, pass, readFile, step, writeFile } from "./machine.ts";
import { evaluateMath } from "./math.ts";

const IDLE_LOOPS = 1000;

export const INTERPRETER: Interpreter = { runNode, runCommand };

/** Runs a node; its exit status is machine.status. */
export function runNode(machine: Machine, node: Node): void {
  if (machine.flow !== "" || !step(machine)) return;
  machine.depth++;
  walk(machine, node);
  machine.depth--;
}
function walk(machine: Machine, node: Node): void {
  switch (node.t) {
    case "simple":
      return runSimple(machine, node);
    case "list":
      return runList(machine, node.items);
    case "pipe":
      return runPipe(machine, node);
    case "if":
      return runIf(machine, node);
    case "while":
      return runWhile(machine, node);
    case "for":
      return runFor(machine, node);
    case "count":
      return runCount(machine, node);
    case "case":
      return runCase(machine, node);
    case "group":
      return runGroup(machine, node);
    case "redirected":
      return redirected(machine, node.redirects, () => runNode(machine, node.node));
    case "function":
      return void machine.functions.set(node.name, node.body);
    case "math":
      return void (machine.status = evaluateMath(node.text, variables(machine)) === 0 ? 1 : 0);
  }
}

const stopped = (machine: Machine): boolean => machine.flow === "stop";
function runList(machine: Machine, items: readonly ListItem[]): void {
  for (const [index, { node, after, background }] of items.entries()) {
    if (machine.flow !== "") return;
    if (after === "&&" && machine.status !== 0) continue;
    if (after === "||" && machine.status === 0) continue;
    if (background) {
      const start = machine.now;
      runNode(machine, node);
      if (stopped(machine)) machine.backgroundEndless = true;
      else machine.background = Math.max(machine.background, machine.now);
      machine.flow = "";
      machine.endless = false;
      machine.now = start;
      machine.status = 0;
    } else runNode(machine, node);
    const guarded = items[index + 1]?.after === "&&" || items[index + 1]?.after === "||";
    if (machine.errexit && machine.status !== 0 && !guarded && machine.flow === "" && node.t !== "if") machine.flow = "exit";
  }
}
function runPipe(machine: Machine, node: Node & { t: "pipe" }): void {
  const stdin = machine.stdin;
  for (const [index, part] of node.parts.entries()) {
    if (index === node.parts.length - 1) runNode(machine, part);
    else {
      const text = capture(machine, () => runNode(machine, part));
      if (machine.flow === "exit") machine.flow = "";
      machine.stdin = text;
    }
  }
  machine.stdin = stdin;
  if (node.not) machine.status = machine.status === 0 ? 1 : 0;
}
/** Runs a test, which may fail without ending a `set -e` script. */
function test(machine: Machine, node: Node): boolean {
  const saved = machine.errexit;
  machine.errexit = false;
  runNode(machine, node);
  machine.errexit = saved;
  return machine.status === 0;
}
function runIf(machine: Machine, node: Node & { t: "if" }): void {
  for (const arm of node.arms) {
    const yes = test(machine, arm.test);
    if (machine.flow !== "") return;
    if (yes) return runNode(machine, arm.body);
  }
  machine.status = 0;
  if (node.other) runNode(machine, node.other);
}
/** After a loop body: true when the loop is over. */
function leaves(machine: Machine): boolean {
  const { flow } = machine;
  if (flow === "break" || flow === "continue") machine.flow = "";
  return flow !== "" && flow !== "continue";
}
/** A loop that burns no time would stand still: past a thousand rounds each takes a millisecond. */
function round(machine: Machine, startedAt: number): void {
  if (machine.now === startedAt && ++machine.loops > IDLE_LOOPS) pass(machine, 1);
}
function runWhile(machine: Machine, node: Node & { t: "while" }): void {
  const endless = isConstant(node.test, node.until) && isPlain(node.body);
  for (let rounds = 0; ; rounds++) {
    const startedAt = machine.now;
    const looks = rounds < LOOKS || machine.linesFrom > machine.now || machine.until === Infinity;
    const before = looks ? { vars: new Map(machine.vars), touchedAt: machine.touchedAt, reads: machine.reads } : undefined;
    const goesOn = test(machine, node.test) !== node.until;
    if (machine.flow !== "") return;
    if (!goesOn) break;
    runNode(machine, node.body);
    if (leaves(machine)) return;
    round(machine, startedAt);
    if (!before || stopped(machine) || !(endless || repeats(machine, before))) continue;
    // A round that was looked at whole and wrote nothing: no later one will.
    if (machine.until === Infinity && (machine.linesFrom === Infinity || machine.linesFrom <= startedAt)) return pass(machine, Infinity);
    if (rounds > 0) skip(machine, before.vars, machine.now - startedAt);
  }
  machine.status = 0;
}
/** Rounds of a loop that are looked at closely. */
const LOOKS = 4;
/** Nothing but time has changed, and nobody looked at the time: every further round is like this one. */
const repeats = (machine: Machine, before: { readonly vars: ReadonlyMap<string, string>; readonly touchedAt: number; readonly reads: number }): boolean =>
  machine.touchedAt === before.touchedAt &&
  machine.reads === before.reads &&
  machine.vars.size === before.vars.size &&
  [...machine.vars].every(([name, value]) => before.vars.get(name) === value);
const PLAIN = new Set(["echo", "printf", "sleep", "date", ":", "true", "let", "hostname"]);
const literal = (word: Word | undefined): string | undefined => (word?.length === 1 && word[0]?.t === "text" ? word[0].text : undefined);
const isConstant = (node: Node, until: boolean): boolean =>
  node.t === "simple" &&
  ["true", ":", "false", "[", "test"].includes(literal(node.words[0]) ?? "") &&
  node.words.every((word) => literal(word) !== undefined) &&
  (literal(node.words[0]) === "false") === until;
/** A body that neither leaves the loop nor decides anything: each round is like the one before. */
function isPlain(node: Node): boolean {
  if (node.t === "math") return true;
  if (node.t === "list") return node.items.every((item) => item.after === ";" && !item.background && isPlain(item.node));
  return node.t === "simple" && node.redirects.length === 0 && (node.words.length === 0 || PLAIN.has(literal(node.words[0]) ?? ""));
}
/** Jumps over rounds nobody asked to see: counters go on by the same steps. */
function skip(machine: Machine, before: ReadonlyMap<string, string>, period: number): void {
  const rounds = Math.floor((Math.min(machine.linesFrom, machine.until) - machine.now) / period) - 2;
  if (period <= 0 || rounds < 10) return;
  const steps: [string, number][] = [];
  for (const [name, value] of machine.vars) {
    const old = before.get(name);
    if (old === value) continue;
    if (!/^-?\d+$/.test(value) || !/^-?\d+$/.test(old ?? "x")) return;
    steps.push([name, Number(value) - Number(old)]);
  }
  for (const [name, by] of steps) machine.vars.set(name, String(Number(machine.vars.get(name)) + by * rounds));
  machine.now += rounds * period;
}
function runFor(machine: Machine, node: Node & { t: "for" }): void {
  const values = node.words?.flatMap((word) => expandWord(machine, word)) ?? machine.args.slice(1);
  for (const value of values) {
    machine.vars.set(node.name, value);
    runNode(machine, node.body);
    if (leaves(machine)) return;
  }
}
function runCount(machine: Machine, node: Node & { t: "count" }): void {
  const scope = variables(machine);
  evaluateMath(node.start, scope);
  while (node.test.trim() === "" || evaluateMath(node.test, scope) !== 0) {
    const startedAt = machine.now;
    runNode(machine, node.body);
    if (leaves(machine) || !step(machine)) return;
    evaluateMath(node.step, scope);
    round(machine, startedAt);
    if (machine.flow !== "") return;
  }
}
function runCase(machine: Machine, node: Node & { t: "case" }): void {
  const value = expandText(machine, node.word);
  const arm = node.arms.find((one) => one.patterns.some((pattern) => matchesPattern(expandText(machine, pattern), value)));
  machine.status = 0;
  if (arm) runNode(machine, arm.body);
}
function runGroup(machine: Machine, node: Node & { t: "group" }): void {
  if (!node.subshell) return runNode(machine, node.body);
  const { cwd } = machine;
  const vars = new Map(machine.vars);
  runNode(machine, node.body);
  machine.vars = vars;
  machine.cwd = cwd;
  if (machine.flow === "exit") machine.flow = "";
}

/** Runs with redirections; output goes where they say. */
function redirected(machine: Machine, redirects: readonly Redirect[], run: () => void): void {
  if (redirects.length === 0) return run();
  const saved = { out: machine.out, err: machine.err, stdin: machine.stdin };
  const writes: { path: string; chunks: string[]; append: boolean }[] = [];
  for (const { fd, op, target } of redirects) {
    const value = expandText(machine, target);
    if (op === "<<") machine.stdin = value;
    else if (op === "<") {
      const text = readFile(machine, value);
      if (text === undefined) {
        emit(machine, "stderr", `sh: can't open ${value}: no such file\n`);
        machine.status = 1;
        Object.assign(machine, saved);
        return;
      }
      machine.stdin = text;
    } else if (op === ">&") {
      if (fd === 2 && value === "1") machine.err = machine.out ?? machine.err;
      else if (fd === 1 && value === "2") machine.out = machine.err ?? machine.out;
    } else if (value === "/dev/null") {
      if (fd !== 2) machine.out = [];
      if (fd !== 1) machine.err = [];
    } else {
      const path = absolute(machine, value);
      const chunks: string[] = [];
      writes.push({ path, chunks, append: op === ">>" });
      if (fd !== 2) machine.out = chunks;
      if (fd !== 1) machine.err = chunks;
    }
  }
  run();
  Object.assign(machine, saved);
  for (const { path, chunks, append } of writes) writeFile(machine, path, chunks.join(""), { append });
}

function runSimple(machine: Machine, node: Node & { t: "simple" }): void {
  const argv = node.words.flatMap((word) => expandWord(machine, word));
  if (machine.flow !== "") return;
  const [name] = argv;
  if (name === undefined) {
    machine.status = 0;
    for (const [variable, value] of node.assigns) machine.vars.set(variable, expandText(machine, value));
    return redirected(machine, node.redirects, () => {});
  }
  const saved = node.assigns.length === 0 ? undefined : new Map(machine.vars);
  for (const [variable, value] of node.assigns) machine.vars.set(variable, expandText(machine, value));
  redirected(machine, node.redirects, () => runCommand(machine, argv));
  if (saved) machine.vars = saved;
}

/** Runs a command that is already expanded. */
export function runCommand(machine: Machine, argv: readonly string[]): void {
  const [name = ""] = argv;
  const body = machine.functions.get(name);
  if (body) {
    const { args } = machine;
    machine.args = argv;
    runNode(machine, body);
    machine.args = args;
    if (machine.flow === "return") machine.flow = "";
    return;
  }
  const base = name.slice(name.lastIndexOf("/") + 1);
  const foreign = machine.foreign([base, ...argv.slice(1)], machine);
  if (foreign === "serve") {
    machine.serves = true;
    return pass(machine, Infinity);
  }
  if (foreign) {
    if (foreign.stdout) emit(machine, "stdout", foreign.stdout);
    if (foreign.stderr) emit(machine, "stderr", foreign.stderr);
    machine.status = foreign.code;
    return;
  }
  const builtin = Object.hasOwn(BUILTINS, base) ? BUILTINS[base] : undefined;
  if (builtin) {
    machine.status = 0;
    machine.status = builtin(machine, argv) ?? machine.status;
    return;
  }
  emit(machine, "stderr", `sh: ${name}: not found\n`);
  machine.status = 127;
}
