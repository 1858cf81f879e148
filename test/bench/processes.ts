// What a set of processes uses, read from Linux' /proc: processor time, memory, and how often they make sure that bytes are on the disk.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "./session.ts";

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** With what its children used that have ended. */
  readonly cpuMs: number;
}
/** Clock ticks of /proc are hundredths of a second on every Linux (USER_HZ). */
const TICK_MS = 10;
const ATTACH_MS = 1500;

function read(pid: number): ProcessFacts | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const close = text.lastIndexOf(")");
    const fields = text.slice(close + 2).split(" ");
    return {
      pid,
      parent: Number(fields[1]),
      name: text.slice(text.indexOf("(") + 1, close),
      cpuMs: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS,
    };
  } catch {
    return undefined;
  }
}

/** These processes and all that came from them. Empty where there is no /proc. */
export function family(roots: readonly number[]): ProcessFacts[] {
  let all: ProcessFacts[] = [];
  try {
    all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
  } catch {
    return [];
  }
  const inside = new Set(roots);
  for (let before = -1; before !== inside.size;) {
    before = inside.size;
    for (const { pid, parent } of all) if (inside.has(parent)) inside.add(pid);
  }
  return all.filter(({ pid }) => inside.has(pid));
}

/** Milliseconds of processor time of these processes and all that came from them. */
export const cpuMs = (roots: readonly number[]): number => family(roots).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

/** Megabytes resident. */
export function memoryMegabytes(roots: readonly number[]): number {
  return family(roots).reduce((sum, { pid }) => {
    try {
      return sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      return sum;
    }
  }, 0);
}

export interface MachineShare {
  /** Of the whole machine, all cores together: from 0 to 1. */
  readonly busy: number;
  /** Taken by programs that have no part in the load, or by other guests of the same host. */
  readonly others: number;
}

/** Call what it returns to learn how the machine spent the time in between. Undefined where there is no /proc. */
export function machineShare(roots: () => readonly number[]): () => MachineShare | undefined {
  const whole = (): { readonly all: number; readonly busy: number } => {
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = (
      /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? ""
    )
      .split(" ")
      .map(Number);
    const busy = user + nice + system + steal;
    // Interrupts are nobody's: most of them are the load's own packets.
    return { busy, all: busy + idle + wait + irq + soft };
  };
  const own = (): number => {
    const parts = [...family(roots()), read(process.pid)];
    return parts.reduce((sum, part) => sum + (part?.cpuMs ?? 0) / TICK_MS, 0);
  };
  try {
    const [before, ownBefore] = [whole(), own()];
    return () => {
      const after = whole();
      const all = Math.max(1, after.all - before.all);
      const busy = (after.busy - before.busy) / all;
      return { busy, others: Math.max(0, busy - (own() - ownBefore) / all) };
    };
  } catch {
    return () => undefined;
  }
}

/** Per cent of one core, over so long a time. */
export async function cpuPercent(roots: readonly number[], ms: number): Promise<number> {
  const before = cpuMs(roots);
  const start = performance.now();
  await sleep(ms);
  return (100 * (cpuMs(roots) - before)) / (performance.now() - start);
}

/** How often the processes call fsync and its like while `work` runs; undefined where strace is missing or may not look. */
export async function syncCalls(roots: readonly number[], work: () => Promise<void>): Promise<number | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "paperplane-strace-"));
  const log = join(folder, "log");
  const words = ["-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", log, ...family(roots).flatMap(({ pid }) => ["-p", String(pid)])];
  const tracer = spawn("strace", words, { stdio: "ignore" });
  const ended = once(tracer, "close").catch(() => {});
  try {
    await sleep(ATTACH_MS);
    if (tracer.exitCode !== null || tracer.pid === undefined) return undefined;
    const count = (): number => readFileSync(log, "utf8").match(/(?:fsync|fdatasync|sync_file_range|msync)\(/g)?.length ?? 0;
    const before = count();
    await work();
    return count() - before;
  } catch {
    return undefined;
  } finally {
    tracer.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
