// Builtins of the simulated shell that deal with files.
import type { Machine } from "./machine.ts";
import { absolute, isDirectory, listing, readFile, writeFile } from "./machine.ts";
import { complain, out } from "./say.ts";

export function cat(machine: Machine, argv: readonly string[]): number {
  const paths = argv.slice(1).filter((arg) => arg !== "-");
  if (paths.length === 0) out(machine, machine.stdin);
  let code = 0;
  for (const path of paths) {
    const text = readFile(machine, path);
    if (text === undefined) code = complain(machine, `cat: can't open '${path}': No such file or directory`);
    else out(machine, text);
  }
  return code;
}

export function remove(machine: Machine, argv: readonly string[]): number {
  let code = 0;
  const force = argv.slice(1).some((arg) => /^-[a-z]*f/.test(arg));
  for (const arg of argv.slice(1).filter((one) => !one.startsWith("-"))) {
    const path = absolute(machine, arg);
    const below = [...machine.files.keys()].filter((file) => file === path || file.startsWith(`${path}/`));
    for (const file of below) machine.files.delete(file);
    if (below.length > 0) machine.touchedAt = machine.now;
    else if (!force) code = complain(machine, `rm: can't remove '${arg}': No such file or directory`);
  }
  return code;
}

export function copy(machine: Machine, argv: readonly string[]): number {
  const paths = argv.slice(1).filter((arg) => !arg.startsWith("-"));
  const target = paths.pop();
  if (target === undefined || paths.length === 0) return complain(machine, `${argv[0]}: missing file operand`);
  for (const path of paths) {
    const text = readFile(machine, path);
    if (text === undefined) return complain(machine, `${argv[0]}: can't stat '${path}': No such file or directory`);
    const into = isDirectory(machine, absolute(machine, target)) ? `${target}/${path.slice(path.lastIndexOf("/") + 1)}` : target;
    writeFile(machine, into, text, { append: false });
    if (argv[0] === "mv") machine.files.delete(absolute(machine, path));
  }
  return 0;
}

export function list(machine: Machine, argv: readonly string[]): number {
  const paths = argv.slice(1).filter((arg) => !arg.startsWith("-"));
  let code = 0;
  for (const arg of paths.length === 0 ? ["."] : paths) {
    const path = absolute(machine, arg);
    if (isDirectory(machine, path))
      out(
        machine,
        listing(machine, path)
          .map((name) => `${name}\n`)
          .join(""),
      );
    else if (readFile(machine, path) !== undefined) out(machine, `${arg}\n`);
    else code = complain(machine, `ls: ${arg}: No such file or directory`);
  }
  return code;
}

export function touch(machine: Machine, argv: readonly string[]): number {
  for (const path of argv.slice(1).filter((arg) => !arg.startsWith("-"))) writeFile(machine, path, readFile(machine, path) ?? "", { append: false });
  return 0;
}

export function makeDirectory(machine: Machine, argv: readonly string[]): number {
  for (const path of argv.slice(1).filter((arg) => !arg.startsWith("-"))) machine.files.set(`${absolute(machine, path)}/`, "");
  return 0;
}

export function changeDirectory(machine: Machine, argv: readonly string[]): number {
  const path = absolute(machine, argv[1] ?? "/root");
  if (!isDirectory(machine, path)) return complain(machine, `sh: cd: can't cd to ${argv[1]}: No such file or directory`) + 1;
  machine.cwd = path;
  return 0;
}
