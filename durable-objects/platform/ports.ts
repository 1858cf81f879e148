// The real clock and dice. The only file outside tests, launcher and benchmarks that touches them.
import type { Ports } from "../../shared/base/ports.ts";

const POOL = 256;
let pool = new Uint32Array(POOL);
let used = POOL;

/** A uniform integer in [0, below): random words are drawn in blocks, and those that would favour small numbers are dropped. */
function dice(below: number): number {
  const fair = Math.floor(0x1_0000_0000 / below) * below;
  for (;;) {
    if (used === POOL) {
      pool = crypto.getRandomValues(pool);
      used = 0;
    }
    const word = pool[used++] ?? 0;
    if (word < fair) return word % below;
  }
}

export const platformPorts: Ports = {
  now: () => Date.now(),
  uid: () => crypto.randomUUID(),
  dice,
};
/** Runs `work` when the events that are already here have been taken in: what arrives together is committed together. */
export const soon = (work: () => void): void => void setTimeout(work, 0);
export const after = (ms: number, work: () => void): (() => void) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};
