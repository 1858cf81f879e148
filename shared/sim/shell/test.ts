// The conditions of `test`, `[` and `[[` in the simulated shell.
import { matchesPattern } from "./expand.ts";
import type { Machine } from "./machine.ts";
import { absolute, isDirectory, readFile } from "./machine.ts";

function unary(machine: Machine, op: string, value: string): boolean {
  switch (op) {
    case "-z":
      return value === "";
    case "-n":
      return value !== "";
    case "-d":
      return isDirectory(machine, absolute(machine, value));
    case "-f":
      return readFile(machine, value) !== undefined;
    case "-s":
      return (readFile(machine, value) ?? "") !== "";
    case "-t":
      return false;
    default:
      return readFile(machine, value) !== undefined || isDirectory(machine, absolute(machine, value));
  }
}
function binary(left: string, op: string, right: string): boolean {
  const [a, b] = [Number(left), Number(right)];
  switch (op) {
    case "=":
    case "==":
      return matchesPattern(right, left);
    case "!=":
      return !matchesPattern(right, left);
    case "-eq":
      return a === b;
    case "-ne":
      return a !== b;
    case "-lt":
      return a < b;
    case "-le":
      return a <= b;
    case "-gt":
      return a > b;
    case "-ge":
      return a >= b;
    case "<":
      return left < right;
    case ">":
      return left > right;
    default:
      return false;
  }
}

/** Evaluates the words between the brackets. */
export function evaluateTest(machine: Machine, words: readonly string[]): boolean {
  for (const [word, joins] of [
    ["-o", true],
    ["||", true],
    ["-a", false],
    ["&&", false],
  ] as const) {
    const at = words.indexOf(word);
    if (at <= 0 || at === words.length - 1) continue;
    const left = evaluateTest(machine, words.slice(0, at));
    return joins ? left || evaluateTest(machine, words.slice(at + 1)) : left && evaluateTest(machine, words.slice(at + 1));
  }
  const [first = "", second = "", third = ""] = words;
  if (first === "!") return !evaluateTest(machine, words.slice(1));
  if (words.length === 0) return false;
  if (words.length === 1) return first !== "";
  if (words.length === 2) return unary(machine, first, second);
  return binary(first, second, third);
}
