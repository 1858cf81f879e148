// Virtual time and chance: a seed decides everything, and nothing waits for real.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Ports } from "../../shared/base/ports.ts";

export const BEGIN = Date.parse("2026-01-01T00:00:00Z");

/** A life of an actor: what it started does not outlast it. */
export interface Life {
  dead: boolean;
}
/** Which life the running code belongs to. */
export const living = new AsyncLocalStorage<Life>();

/** The calls that led to the running code, the latest last; none where an alarm or a timer began it. */
export const lineage = new AsyncLocalStorage<readonly string[]>();

interface Scheduled {
  readonly at: number;
  /** Of things due at the same moment, a throw of the dice decides which is first. */
  readonly rank: number;
  readonly run: () => void;
}

/** mulberry32: small, fast, good enough to shake things up. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Clock {
  now = BEGIN;
  readonly random: () => number;
  /** What production code asks of chance is a stream of its own. */
  readonly #dice: () => number;
  /** A heap: earliest first. */
  readonly #queue: Scheduled[] = [];

  constructor(seed: number) {
    this.random = generator(seed);
    this.#dice = generator(seed ^ 0x5bd1e995);
  }
  readonly ports: Ports = {
    now: () => this.now,
    uid: () => `${this.#hex(8)}-${this.#hex(4)}-4${this.#hex(3)}-8${this.#hex(3)}-${this.#hex(12)}`,
    dice: (below) => Math.floor(this.#dice() * below),
  };
  #hex(length: number): string {
    let text = "";
    while (text.length < length) text += Math.floor(this.#dice() * 16).toString(16);
    return text;
  }
  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }
  between(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  at(when: number, run: () => void): void {
    const queue = this.#queue;
    const entry = { at: Math.max(when, this.now), rank: this.random(), run };
    let index = queue.length;
    queue.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = queue[parent];
      if (!above || !earlier(entry, above)) break;
      queue[index] = above;
      index = parent;
    }
    queue[index] = entry;
  }
  get next(): number | undefined {
    return this.#queue[0]?.at;
  }
  /** Takes out the next thing, and time goes on to it. */
  take(): (() => void) | undefined {
    const queue = this.#queue;
    const [first] = queue;
    const last = queue.pop();
    if (!first || !last) return undefined;
    this.now = Math.max(this.now, first.at);
    if (queue.length === 0) return first.run;
    let index = 0;
    for (;;) {
      const [left, right] = [queue[2 * index + 1], queue[2 * index + 2]];
      const child = right && left && earlier(right, left) ? 2 * index + 2 : 2 * index + 1;
      const below = queue[child];
      if (!below || !earlier(below, last)) break;
      queue[index] = below;
      index = child;
    }
    queue[index] = last;
    return first.run;
  }
}
const earlier = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.rank < b.rank);

let current: Clock | undefined;
export const useClock = (clock: Clock): void => void (current = clock);
function clock(): Clock {
  if (!current) throw new Error("no simulation is running");
  return current;
}

/** Stands in for durable-objects/platform/ports.ts. */
export const simulatedPlatform = {
  platformPorts: {
    now: () => clock().ports.now(),
    uid: () => clock().ports.uid(),
    dice: (below: number) => clock().ports.dice(below),
  } satisfies Ports,
  soon: (work: () => void): void => void simulatedPlatform.after(0, work),
  after(ms: number, work: () => void): () => void {
    const life = living.getStore();
    let wanted = true;
    clock().at(clock().now + ms, () => {
      if (!wanted || life?.dead) return;
      if (life) living.run(life, work);
      else work();
    });
    return () => void (wanted = false);
  },
};
/** Stands in for the base class of `cloudflare:workers`. */
export class DurableObjectBase {
  readonly ctx: unknown;
  readonly env: unknown;
  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
