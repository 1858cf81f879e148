// What a node knows of its pods without walking over all of them: who goes on by himself, and which addresses are taken.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { PodEntry } from "../../shared/sim/node.ts";
import type { AddressRange } from "./pod-ip.ts";

type Pods = ReadonlyMap<string, PodEntry>;
const addressOf = (entry: PodEntry | undefined): string | undefined => (entry && !entry.record.done ? entry.record.ip : undefined);

export class PodIndex {
  /** When pods go on by themselves, by uid. */
  readonly dues = new Map<string, EpochMs>();
  /** By how many pods: a node that wakes may remember the end of one later than its address was given to another. */
  readonly #taken = new Map<string, number>();
  /** Every address before this one is taken. */
  #from = 0;

  constructor(pods: Pods) {
    for (const [uid, entry] of pods) this.change(uid, undefined, entry);
  }

  /** Undefined: it was not there before, or is no longer. */
  change(uid: string, before: PodEntry | undefined, after: PodEntry | undefined): void {
    const next = after?.record.next;
    if (next === undefined) this.dues.delete(uid);
    else this.dues.set(uid, next);
    // A pod that has ended keeps its address, which may be another's by now.
    const [had, has] = [addressOf(before), addressOf(after)];
    if (had === has) return;
    if (had !== undefined) this.#release(had);
    if (has !== undefined) this.#taken.set(has, (this.#taken.get(has) ?? 0) + 1);
  }
  #release(ip: string): void {
    const others = (this.#taken.get(ip) ?? 0) - 1;
    if (others > 0) this.#taken.set(ip, others);
    else if (this.#taken.delete(ip)) this.#from = 0;
  }

  /** The lowest free address, which is nobody's before its pod is entered; undefined when the range is used up. */
  freeAddress(range: AddressRange): string | undefined {
    for (; this.#from < range.size; this.#from++) {
      const ip = range.at(this.#from);
      if (!this.#taken.has(ip)) return ip;
    }
    return undefined;
  }

  get nextAt(): EpochMs | undefined {
    let next = Infinity;
    for (const at of this.dues.values()) next = Math.min(next, at);
    return next === Infinity ? undefined : next;
  }
}

/** Indexes of the pods of states. They follow from the pods: whoever asks about a state that was left behind has its index made anew. */
export class PodIndexes {
  readonly #indexes = new WeakMap<Pods, PodIndex>();

  of(pods: Pods): PodIndex {
    let index = this.#indexes.get(pods);
    if (!index) this.#indexes.set(pods, (index = new PodIndex(pods)));
    return index;
  }
  /** The index of pods that are left behind for others: it has to be told in what these differ. */
  handOn(from: Pods, to: Pods): PodIndex {
    const index = this.of(from);
    this.#indexes.delete(from);
    this.#indexes.set(to, index);
    return index;
  }
}
