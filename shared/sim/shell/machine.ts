// The simulated shell at work: it runs a tree in virtual time, so that a sleep costs nothing and any moment can be looked at.
import type { EpochMs } from "../../base/ports.ts";
import type { ContainerView, LogLine } from "../image.ts";
import type { Node } from "./ast.ts";

/** Commands of one look at a program; past that it counts as busy for ever. */
export const STEPS_MAX = 50_000;
const LINES_MAX = 20_000;
/** A longer line is written in pieces, as the container runtime does. */
const LINE_LENGTH_MAX = 16 * 1024;
/** Characters of all lines of one look; the oldest go first. */
const LOG_LENGTH_MAX = 4 * 1024 * 1024;
/** The longest value of a variable, output that is caught, or file. */
export const TEXT_LENGTH_MAX = 256 * 1024;
const FILES_MAX = 1_000;
/** Nested calls of functions and substitutions. */
const DEPTH_MAX = 250;
/** Text costs steps, too: one for so many characters. */
const LENGTH_PER_STEP = 256;

export type Flow = "" | "break" | "continue" | "return" | "exit" | "stop";
export interface ToolAnswer {
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}
/** What lies behind a command that the shell itself does not know. */
export type Foreign = (argv: readonly string[], machine: Machine) => ToolAnswer | "serve" | undefined;

/** What runs trees and commands; handed in, because expansion and builtins need it, too (./run.ts). */
export interface Interpreter {
  runNode(machine: Machine, node: Node): void;
  runCommand(machine: Machine, argv: readonly string[]): void;
}
export interface MachineOptions {
  readonly interpreter: Interpreter;
  readonly view: ContainerView;
  readonly start: EpochMs;
  /** Nothing at or after this time is run. */
  readonly until: EpochMs;
  /** Lines before this time are not wanted: endless loops may be skipped up to there. */
  readonly linesFrom?: EpochMs;
  /** The look ends with the first line that is wanted. */
  readonly firstLine?: boolean;
  readonly files?: ReadonlyMap<string, string>;
  readonly foreign: Foreign;
  readonly args?: readonly string[];
}

/** State of a running shell. Mutable on purpose: it lives only inside one look. */
export interface Machine {
  readonly interpreter: Interpreter;
  readonly view: ContainerView;
  readonly until: EpochMs;
  readonly linesFrom: EpochMs;
  readonly firstLine: boolean;
  readonly foreign: Foreign;
  now: EpochMs;
  flow: Flow;
  status: number;
  steps: number;
  vars: Map<string, string>;
  readonly exported: Set<string>;
  args: readonly string[];
  readonly functions: Map<string, Node>;
  readonly files: Map<string, string>;
  readonly traps: Map<string, string>;
  readonly lines: LogLine[];
  logLength: number;
  depth: number;
  /** Where standard output goes now: undefined is the container's log. */
  out: string[] | undefined;
  err: string[] | undefined;
  stdin: string;
  cwd: string;
  errexit: boolean;
  partial: { stdout: string; stderr: string };
  /** It stopped because it goes on for ever, not because `until` was reached. */
  endless: boolean;
  serves: boolean;
  asksWorld: boolean;
  /** When it last changed a file. */
  touchedAt: EpochMs;
  loops: number;
  /** How often it asked for the time or for chance. */
  reads: number;
  background: EpochMs;
  backgroundEndless: boolean;
  dice: number;
}

export function newMachine(options: MachineOptions): Machine {
  const { view } = options;
  return {
    interpreter: options.interpreter,
    view,
    until: options.until,
    linesFrom: options.linesFrom ?? options.start,
    firstLine: options.firstLine ?? false,
    foreign: options.foreign,
    now: options.start,
    flow: "",
    status: 0,
    steps: 0,
    vars: new Map(Object.entries(view.env)),
    exported: new Set(Object.keys(view.env)),
    args: options.args ?? [],
    functions: new Map(),
    files: new Map(options.files ?? []),
    traps: new Map(),
    lines: [],
    logLength: 0,
    depth: 0,
    out: undefined,
    err: undefined,
    stdin: "",
    cwd: view.workingDir,
    errexit: false,
    partial: { stdout: "", stderr: "" },
    endless: false,
    serves: false,
    asksWorld: false,
    touchedAt: options.start,
    loops: 0,
    reads: 0,
    background: options.start,
    backgroundEndless: false,
    dice: 0,
  };
}

/** Counts work that goes with the length of a text. */
export const charge = (machine: Machine, text: string): void => void (machine.steps += Math.floor(text.length / LENGTH_PER_STEP));

function pushLine(machine: Machine, stream: "stdout" | "stderr", text: string): void {
  if (machine.now < machine.linesFrom) return;
  machine.lines.push({ at: machine.now, stream, text });
  machine.logLength += text.length;
  if (machine.firstLine) machine.flow = "stop";
  while (machine.lines.length > LINES_MAX || machine.logLength > LOG_LENGTH_MAX) {
    for (const line of machine.lines.splice(0, Math.ceil(machine.lines.length / 2))) machine.logLength -= line.text.length;
  }
}
/** Writes to where a stream leads now; only whole lines reach the log. */
export function emit(machine: Machine, stream: "stdout" | "stderr", text: string): void {
  charge(machine, text);
  const sink = stream === "stdout" ? machine.out : machine.err;
  if (sink !== undefined) {
    sink.push(text);
    return;
  }
  const whole = machine.partial[stream] + text;
  const lines = whole.split("\n");
  machine.partial[stream] = lines.pop() ?? "";
  if (machine.partial[stream].length > LINE_LENGTH_MAX) {
    lines.push(machine.partial[stream]);
    machine.partial[stream] = "";
  }
  for (const line of lines)
    for (let at = 0; at === 0 || at < line.length; at += LINE_LENGTH_MAX) pushLine(machine, stream, line.slice(at, at + LINE_LENGTH_MAX));
}
/** At the end of a process the rest of a line is written, too. */
export function flushPartial(machine: Machine): void {
  for (const stream of ["stdout", "stderr"] as const) {
    if (machine.partial[stream] !== "") pushLine(machine, stream, machine.partial[stream]);
    machine.partial[stream] = "";
  }
}

export function absolute(machine: Machine, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${machine.cwd}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
export function readFile(machine: Machine, path: string): string | undefined {
  const whole = absolute(machine, path);
  if (whole === "/dev/null") return "";
  const text = machine.files.get(whole) ?? machine.view.files().get(whole) ?? systemFile(machine, whole);
  if (text !== undefined) charge(machine, text);
  return text;
}
function systemFile(machine: Machine, path: string): string | undefined {
  if (path === "/etc/hostname") return `${machine.view.hostname}\n`;
  if (path === "/etc/hosts") return `127.0.0.1\tlocalhost\n${machine.view.podIP}\t${machine.view.hostname}\n`;
  if (path === "/etc/resolv.conf") {
    const { namespace } = machine.view;
    return `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`;
  }
  return undefined;
}
export function writeFile(machine: Machine, path: string, text: string, options: { readonly append: boolean }): void {
  const whole = absolute(machine, path);
  if (whole === "/dev/null") return;
  if (whole === "/dev/stdout" || whole === "/proc/1/fd/1") return emit({ ...machine, out: undefined } as Machine, "stdout", text);
  if (whole === "/dev/stderr" || whole === "/proc/1/fd/2") return emit({ ...machine, err: undefined } as Machine, "stderr", text);
  const old = options.append ? (machine.files.get(whole) ?? "") : "";
  if (machine.files.size >= FILES_MAX && !machine.files.has(whole)) return;
  machine.files.set(whole, (old + text).slice(-TEXT_LENGTH_MAX));
  machine.touchedAt = machine.now;
}
/** Files and directories below a path. */
export function listing(machine: Machine, path: string): string[] {
  const prefix = path === "/" ? "/" : `${path}/`;
  const names = new Set<string>();
  for (const files of [machine.files, machine.view.files()]) {
    for (const file of files.keys()) if (file.startsWith(prefix)) names.add(file.slice(prefix.length).split("/")[0] ?? "");
  }
  names.delete("");
  return [...names].sort();
}
const ROOT_DIRECTORIES = new Set([
  "/",
  "/bin",
  "/dev",
  "/etc",
  "/home",
  "/mnt",
  "/opt",
  "/proc",
  "/root",
  "/run",
  "/srv",
  "/sys",
  "/tmp",
  "/usr",
  "/var",
  "/var/log",
  "/usr/bin",
]);
export const isDirectory = (machine: Machine, path: string): boolean =>
  ROOT_DIRECTORIES.has(path) || machine.files.has(`${path}/`) || listing(machine, path).length > 0;

/** Lets virtual time pass; past `until` the look ends. */
export function pass(machine: Machine, ms: number): void {
  if (ms === Infinity) {
    machine.endless = true;
    machine.flow = "stop";
    return;
  }
  if (machine.now + ms >= machine.until) {
    machine.now = machine.until;
    machine.flow = "stop";
    return;
  }
  machine.now += ms;
}
/** Counts a step; a program that does too much counts as endless. */
export function step(machine: Machine): boolean {
  if (++machine.steps <= STEPS_MAX && machine.depth < DEPTH_MAX) return true;
  machine.endless = true;
  machine.flow = "stop";
  return false;
}
