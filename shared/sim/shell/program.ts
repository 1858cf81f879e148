// A container that runs a shell or one of its tools, as a Program: every question replays it in virtual time.
import type { EpochMs } from "../../base/ports.ts";
import type { ContainerView, ExecResult, LogLine, Program } from "../image.ts";
import type { Node } from "./ast.ts";
import { flushPartial, newMachine } from "./machine.ts";
import type { Foreign, Machine } from "./machine.ts";
import { parseScript } from "./parse.ts";
import { INTERPRETER, runNode } from "./run.ts";

const SIGTERM_CODE = 143;
const TERMINATION_LOG = "/dev/termination-log";
const TERM_STEPS_MS = 60 * 60 * 1000;

export interface ShellProgramOptions {
  readonly foreign: Foreign;
  /** Ports of a server that the script starts, if it does. */
  readonly ports: readonly number[];
  readonly http?: Program["http"];
}

const simple = (argv: readonly string[]): Node => ({
  t: "simple",
  assigns: [],
  words: argv.map((text) => [{ t: "text", text, quoted: true }]),
  redirects: [],
});

/** Runs a command line beside a program, with the files of that moment. */
export function runBeside(
  view: ContainerView,
  argv: readonly string[],
  at: EpochMs,
  surroundings: { readonly files: ReadonlyMap<string, string>; readonly foreign: Foreign; readonly until?: EpochMs },
): ExecResult {
  const machine = newMachine({
    interpreter: INTERPRETER,
    view,
    start: at,
    until: surroundings.until ?? at + TERM_STEPS_MS,
    files: surroundings.files,
    foreign: surroundings.foreign,
  });
  const out: string[] = [];
  const err: string[] = [];
  machine.out = out;
  machine.err = err;
  runNode(machine, simple(argv));
  return {
    code: machine.flow === "stop" ? 124 : machine.status,
    stdout: out.join(""),
    stderr: err.join(""),
    endsAt: machine.flow === "stop" ? Infinity : machine.now,
    effort: machine.steps,
  };
}

export function shellProgram(view: ContainerView, options: ShellProgramOptions): Program {
  const tree = simple(view.argv);
  const look = (until: EpochMs, linesFrom?: EpochMs, firstLine = false): Machine => {
    const machine = newMachine({
      interpreter: INTERPRETER,
      view,
      start: view.startedAt,
      until,
      foreign: options.foreign,
      firstLine,
      ...(linesFrom === undefined ? {} : { linesFrom }),
    });
    runNode(machine, tree);
    if (machine.flow !== "stop") flushPartial(machine);
    return machine;
  };
  const whole = look(Infinity, Infinity);
  const ends = whole.flow !== "stop";
  /** After its last change of a file the program need not be run again to know them. */
  const filesAt = (at: EpochMs): { readonly files: ReadonlyMap<string, string>; readonly effort: number } => {
    if (at > whole.touchedAt || (whole.touchedAt === view.startedAt && whole.files.size === 0)) return { files: whole.files, effort: 0 };
    const machine = look(at + 1, Infinity);
    return { files: machine.files, effort: machine.steps };
  };
  const logs = (from: EpochMs, until: EpochMs, max: number): readonly LogLine[] => {
    // What ran in the background was gone through first.
    const lines = look(until, from).lines.sort((a, b) => a.at - b.at);
    return lines.length > max ? lines.slice(-max) : lines;
  };
  return {
    ports: whole.serves ? options.ports : [],
    exit: ends ? { at: whole.now, code: whole.status, terminationMessage: (whole.files.get(TERMINATION_LOG) ?? "").slice(0, 4096) } : undefined,
    logs,
    nextLog(from) {
      // What runs in the background is gone through first, and stops by itself: the earliest of these lines is the next.
      const times = look(Infinity, from, true).lines.map(({ at }) => at);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    http: (request, now) => (whole.serves ? options.http?.(request, now) : undefined),
    exec(argv, at) {
      const { files, effort } = filesAt(at);
      const result = runBeside(view, argv, at, { files, foreign: options.foreign });
      return { ...result, effort: result.effort + effort };
    },
    term(at) {
      const machine = look(at + 1, Infinity);
      const handler = machine.traps.get("TERM") ?? machine.traps.get("EXIT");
      if (handler === undefined) return view.defaultTerm === "exit" ? { at, code: SIGTERM_CODE, lines: [] } : undefined;
      if (handler === "") return undefined;
      return runTrap(view, handler, at, machine, options.foreign);
    },
    quietAfter: whole.touchedAt,
    files: (at) => filesAt(at).files,
    asksWorld: whole.asksWorld,
  };
}

function runTrap(view: ContainerView, handler: string, at: EpochMs, main: Machine, foreign: Foreign): ReturnType<Program["term"]> {
  const script = parseScript(handler);
  if (!script.ok) return { at, code: 2, lines: [] };
  const machine = newMachine({ interpreter: INTERPRETER, view, start: at, until: at + TERM_STEPS_MS, files: main.files, foreign });
  machine.vars = main.vars;
  for (const [name, body] of main.functions) machine.functions.set(name, body);
  runNode(machine, script.value);
  if (machine.flow === "stop") return undefined;
  flushPartial(machine);
  return { at: machine.now, code: machine.flow === "exit" ? machine.status : SIGTERM_CODE, lines: machine.lines };
}
