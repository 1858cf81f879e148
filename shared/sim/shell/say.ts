// What a builtin says and how it complains.
import type { Machine } from "./machine.ts";
import { emit } from "./machine.ts";

export const out = (machine: Machine, text: string): void => emit(machine, "stdout", text);
export const complain = (machine: Machine, text: string): number => {
  emit(machine, "stderr", `${text}\n`);
  return 1;
};
