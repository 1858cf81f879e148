// How much goes into one message between actors: messages are cut by the characters in them as well as by their number.
import { BATCH_MAX, RPC_CHARACTERS_MAX } from "./limits.ts";

export interface Room {
  readonly characters?: number;
  readonly count?: number;
}

/** The first of them, as many as fit; one at least. `weigh`: in characters. No more are asked for than are looked at. */
export function fitting<T>(items: Iterable<T>, weigh: (item: T) => number, { characters = RPC_CHARACTERS_MAX, count = BATCH_MAX }: Room = {}): T[] {
  const found: T[] = [];
  let left = characters;
  for (const item of items) {
    left -= weigh(item);
    if (left < 0 && found.length > 0) break;
    found.push(item);
    if (found.length === count) break;
  }
  return found;
}
