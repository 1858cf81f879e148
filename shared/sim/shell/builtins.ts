// Commands of the simulated shell: what container scripts use while they run in virtual time.
import { fnv32a } from "../../meta/hash.ts";
import { formatDate } from "./date.ts";
import { variables } from "./expand.ts";
import type { Machine } from "./machine.ts";
import { pass, readFile } from "./machine.ts";
import { cat, changeDirectory, copy, list, makeDirectory, remove, touch } from "./file-builtins.ts";
import { evaluateMath } from "./math.ts";
import { parseScript } from "./parse.ts";
import { printf, unescapeText } from "./printf.ts";
import { complain, out } from "./say.ts";
import { evaluateTest } from "./test.ts";
import { TEXT_TOOLS } from "./text-tools.ts";

const SEQUENCE_MAX = 100_000;
type Builtin = (machine: Machine, argv: readonly string[]) => number | undefined;

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
function duration(text: string): number | undefined {
  if (text === "infinity" || text === "inf") return Infinity;
  const match = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2] || "s"] ?? 1000) : undefined;
}
function sleep(machine: Machine, argv: readonly string[]): number {
  let total = 0;
  for (const text of argv.slice(1)) {
    const ms = duration(text);
    if (ms === undefined) return complain(machine, `sleep: invalid number '${text}'`);
    total += ms;
  }
  if (argv.length < 2) return complain(machine, "sleep: missing operand");
  pass(machine, total);
  return 0;
}
function echo(machine: Machine, argv: readonly string[]): number {
  let at = 1;
  let newline = true;
  let escapes = false;
  while (/^-[neE]+$/.test(argv[at] ?? "")) {
    if (argv[at]?.includes("n")) newline = false;
    if (argv[at]?.includes("e")) escapes = true;
    at++;
  }
  const text = argv.slice(at).join(" ");
  out(machine, (escapes ? unescapeText(text) : text) + (newline ? "\n" : ""));
  return 0;
}
function setOptions(machine: Machine, argv: readonly string[]): number {
  let at = 1;
  for (; at < argv.length && /^[-+]/.test(argv[at] ?? "") && argv[at] !== "--"; at++) {
    const option = argv[at] ?? "";
    if (option.includes("e")) machine.errexit = option.startsWith("-");
    if (option === "-o" || option === "+o") at++;
  }
  if (argv[at] === "--") machine.args = [machine.args[0] ?? "sh", ...argv.slice(at + 1)];
  return 0;
}
function declare(machine: Machine, argv: readonly string[]): number {
  for (const text of argv.slice(1)) {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    if (equals >= 0) machine.vars.set(name, text.slice(equals + 1));
    if (argv[0] === "export") machine.exported.add(name);
  }
  return 0;
}
function subshell(machine: Machine, argv: readonly string[]): number | undefined {
  const at = argv.findIndex((arg, i) => i > 0 && /^-[a-z]*c$/.test(arg));
  const script = at > 0 ? (argv[at + 1] ?? "") : argv[1] === undefined ? machine.stdin : readFile(machine, argv[1]);
  if (script === undefined) return complain(machine, `sh: can't open '${argv[1]}': No such file or directory`) + 1;
  if (script === "" && at < 0 && machine.view.stdin) {
    pass(machine, Infinity);
    return 0;
  }
  const tree = parseScript(script);
  if (!tree.ok) return complain(machine, `sh: ${tree.error}`) + 1;
  const { args } = machine;
  machine.args = at > 0 ? [argv[at + 2] ?? "sh", ...argv.slice(at + 3)] : argv.slice(1);
  if (argv.slice(1, at).some((arg) => /^-[a-z]*e/.test(arg))) machine.errexit = true;
  machine.interpreter.runNode(machine, tree.value);
  machine.args = args;
  if (machine.flow === "exit") machine.flow = "";
  return machine.status;
}
function evaluate(machine: Machine, argv: readonly string[]): number | undefined {
  const tree = parseScript(argv.slice(1).join(" "));
  if (!tree.ok) return complain(machine, `sh: eval: ${tree.error}`) + 1;
  machine.interpreter.runNode(machine, tree.value);
  return machine.status;
}
function leave(flow: "exit" | "return"): Builtin {
  return (machine, argv) => {
    machine.status = argv[1] === undefined ? machine.status : Number(argv[1]) & 255;
    machine.flow = flow;
    return machine.status;
  };
}
function replaceBy(machine: Machine, argv: readonly string[]): number | undefined {
  if (argv.length < 2) return 0;
  machine.interpreter.runCommand(machine, argv.slice(1));
  if (machine.flow === "") machine.flow = "exit";
  return machine.status;
}
function waitAll(machine: Machine): number {
  if (machine.backgroundEndless) pass(machine, Infinity);
  else if (machine.background > machine.now) pass(machine, machine.background - machine.now);
  return 0;
}
function printEnv(machine: Machine, argv: readonly string[]): number | undefined {
  if (argv[0] === "env" && argv.length > 1) {
    let at = 1;
    for (; argv[at]?.includes("="); at++) declare(machine, ["export", argv[at] ?? ""]);
    if (at < argv.length) {
      machine.interpreter.runCommand(machine, argv.slice(at));
      return machine.status;
    }
  }
  if (argv[1] !== undefined && argv[0] === "printenv") {
    const value = machine.vars.get(argv[1]);
    if (value === undefined) return 1;
    out(machine, `${value}\n`);
    return 0;
  }
  out(
    machine,
    [...machine.vars]
      .filter(([name]) => machine.exported.has(name))
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  return 0;
}
/** Names are looked up in the cluster; whoever asks is told again when the answer may have changed. */
function lookUp(machine: Machine, name: string): string | undefined {
  machine.asksWorld = true;
  return /^[\d.]+$/.test(name) ? name : machine.view.resolve(name);
}
function nslookup(machine: Machine, argv: readonly string[]): number {
  const name = argv.slice(1).find((arg) => !arg.startsWith("-")) ?? "";
  const address = lookUp(machine, name);
  out(machine, "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n");
  if (address === undefined) {
    out(machine, `** server can't find ${name}: NXDOMAIN\n\n`);
    return 1;
  }
  out(machine, `Name:\t${name}\nAddress: ${address}\n\n`);
  return 0;
}
function reach(machine: Machine, argv: readonly string[]): number {
  const target = argv.slice(1).find((arg, i) => !arg.startsWith("-") && !/^-[OoTHdXtw]$/.test(argv[i] ?? "")) ?? "";
  const host = target.replace(/^[a-z]+:\/\//, "").split(/[/:]/)[0] ?? "";
  if (lookUp(machine, host) !== undefined) return 0;
  if (argv[0] === "curl") {
    complain(machine, `curl: (6) Could not resolve host: ${host}`);
    return 6;
  }
  return complain(machine, `${argv[0]}: bad address '${host}'`);
}
function sequence(machine: Machine, argv: readonly string[]): number {
  const numbers = argv.slice(1).map(Number);
  const [first = 1, by = 1, last = 1] = numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
  const count = by === 0 ? 0 : Math.min(SEQUENCE_MAX, Math.max(0, Math.floor((last - first) / by) + 1));
  out(machine, Array.from({ length: count }, (_, i) => `${first + i * by}\n`).join(""));
  return 0;
}
function readLine(machine: Machine, argv: readonly string[]): number {
  const end = machine.stdin.indexOf("\n");
  if (machine.stdin === "") return 1;
  const line = end < 0 ? machine.stdin : machine.stdin.slice(0, end);
  machine.stdin = end < 0 ? "" : machine.stdin.slice(end + 1);
  const names = argv.slice(1).filter((arg) => !arg.startsWith("-"));
  const words = line.split(/[ \t]+/);
  names.forEach((name, i) => machine.vars.set(name, i === names.length - 1 ? words.slice(i).join(" ") : (words[i] ?? "")));
  return 0;
}
function expr(machine: Machine, argv: readonly string[]): number {
  const value = evaluateMath(argv.slice(1).join(" "), variables(machine));
  out(machine, `${value}\n`);
  return value === 0 ? 1 : 0;
}
function trap(machine: Machine, argv: readonly string[]): number {
  for (const signal of argv.slice(2)) machine.traps.set(signal.replace(/^SIG/, "").replace(/^15$/, "TERM"), argv[1] ?? "");
  return 0;
}
const check: Builtin = (machine, argv) => {
  const words = argv[0]?.startsWith("[") ? argv.slice(1, -1) : argv.slice(1);
  return evaluateTest(machine, words) ? 0 : 1;
};
const forever = (machine: Machine): number => {
  pass(machine, Infinity);
  return 0;
};
const says =
  (text: (machine: Machine, argv: readonly string[]) => string): Builtin =>
  (machine, argv) => {
    out(machine, text(machine, argv));
    return 0;
  };
const quiet: Builtin = () => 0;

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ...TEXT_TOOLS,
  ":": quiet,
  true: quiet,
  chmod: quiet,
  chown: quiet,
  ulimit: quiet,
  umask: quiet,
  sync: quiet,
  shift: (machine) => void (machine.args = [machine.args[0] ?? "sh", ...machine.args.slice(2)]),
  false: () => 1,
  sleep,
  usleep: (machine, argv) => (pass(machine, Number(argv[1]) / 1000 || 0), 0),
  echo,
  cat,
  printf: (machine, argv) => (out(machine, printf(argv.slice(1))), 0),
  exit: leave("exit"),
  return: leave("return"),
  break: (machine) => void (machine.flow = "break"),
  continue: (machine) => void (machine.flow = "continue"),
  set: setOptions,
  export: declare,
  local: declare,
  readonly: declare,
  declare,
  unset: (machine, argv) => (argv.slice(1).forEach((name) => machine.vars.delete(name)), 0),
  rm: remove,
  rmdir: remove,
  cp: copy,
  mv: copy,
  ls: list,
  touch,
  mkdir: makeDirectory,
  cd: changeDirectory,
  pwd: says((machine) => `${machine.cwd}\n`),
  hostname: says((machine) => `${machine.view.hostname}\n`),
  uname: says((machine, argv) =>
    argv.includes("-a")
      ? `Linux ${machine.view.hostname} 6.12.0 #1 SMP x86_64 GNU/Linux\n`
      : argv.includes("-n")
        ? `${machine.view.hostname}\n`
        : argv.includes("-m")
          ? "x86_64\n"
          : argv.includes("-r")
            ? "6.12.0\n"
            : "Linux\n",
  ),
  whoami: says(() => "root\n"),
  id: says((_machine, argv) => (argv.includes("-u") ? "0\n" : "uid=0(root) gid=0(root) groups=0(root)\n")),
  nproc: says(() => "4\n"),
  date: says((machine, argv) => {
    machine.reads++;
    return `${formatDate(machine.now, argv.slice(1))}\n`;
  }),
  uuidgen: says(
    (machine) =>
      `${fnv32a(`${machine.view.containerID}${machine.dice++}`)
        .toString(16)
        .padStart(8, "0")}-0000-4000-8000-000000000000\n`,
  ),
  sh: subshell,
  bash: subshell,
  ash: subshell,
  dash: subshell,
  eval: evaluate,
  exec: replaceBy,
  wait: waitAll,
  command: (machine, argv) =>
    argv[1] === "-v"
      ? Object.hasOwn(BUILTINS, argv[2] ?? "")
        ? (out(machine, `${argv[2]}\n`), 0)
        : 1
      : (machine.interpreter.runCommand(machine, argv.slice(1)), machine.status),
  which: (machine, argv) => (Object.hasOwn(BUILTINS, argv[1] ?? "") ? (out(machine, `/bin/${argv[1]}\n`), 0) : 1),
  env: printEnv,
  printenv: printEnv,
  seq: sequence,
  read: readLine,
  expr,
  trap,
  let: (machine, argv) => (evaluateMath(argv.slice(1).join(" "), variables(machine)) === 0 ? 1 : 0),
  test: check,
  "[": check,
  "[[": check,
  nslookup,
  getent: nslookup,
  wget: reach,
  curl: reach,
  nc: reach,
  ping: reach,
  timeout: (machine, argv) => (machine.interpreter.runCommand(machine, argv.slice(argv[1]?.startsWith("-") ? 3 : 2)), machine.status),
  time: (machine, argv) => (machine.interpreter.runCommand(machine, argv.slice(1)), machine.status),
  nohup: (machine, argv) => (machine.interpreter.runCommand(machine, argv.slice(1)), machine.status),
  kill: quiet,
  ps: says((machine) => `PID   USER     TIME  COMMAND\n    1 root      0:00 ${machine.view.argv.join(" ")}\n`),
  yes: forever,
  top: forever,
  watch: forever,
};
