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
    return { pid, parent: Number(fields[1]), name: text.slice(text.indexOf("(") + 1, close), cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
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
  for (let before = -1; before !== inside.size; ) {
    before = inside.size;
    for (const { pid, parent } of all) if (inside.has(parent)) inside.add(pid);
  }
  return all.filter(({ pid }) => inside.has(pid));
}

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

/** Per cent of one core, over so long a time. */
export async function cpuPercent(roots: readonly number[], ms: number): Promise<number> {
  const used = (): number => family(roots).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const before = used();
  const start = performance.now();
  await sleep(ms);
  return (100 * (used() - before)) / (performance.now() - start);
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
