// Keys of the objects that there are, and their order, which is only worked out when somebody asks for it.
import { keyOf, type Position } from "./object-table.ts";

export interface Range {
  readonly namespace?: string | undefined;
  readonly after?: Position | undefined;
}
/** Behind every key of a namespace. */
const BEHIND = "\u0001";

export class NameDirectory {
  readonly #keys = new Set<string>();
  /** Keys in order, without those that were added since anybody asked for the order, and with those that were removed since. */
  #ordered: string[] = [];
  /** Some of them may have been removed again, or stand in the order already. */
  #added: string[] = [];
  #removed = 0;

  add(key: string): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#added.push(key);
  }
  remove(key: string): void {
    if (this.#keys.delete(key)) this.#removed++;
  }

  /** Keys of a range in order, `limit` at most. */
  range(range: Range, limit: number): string[] {
    const order = this.#order();
    const [start, end] = bounds(order, range);
    if (this.#removed === 0) return order.slice(start, Math.min(end, start + limit));
    const keys: string[] = [];
    for (let index = start; index < end && keys.length < limit; index++) {
      const key = order[index] as string;
      if (this.#keys.has(key)) keys.push(key);
    }
    return keys;
  }
  count(range: Range): number {
    if (range.namespace === undefined && !range.after) return this.#keys.size;
    if (this.#removed > 0) this.#sweep();
    const [start, end] = bounds(this.#order(), range);
    return Math.max(0, end - start);
  }

  #order(): readonly string[] {
    // While things go one by one the gaps are stepped over; sweeping each time would look at all that is left.
    if (this.#removed > this.#keys.size / 4) this.#sweep();
    if (this.#added.length === 0) return this.#ordered;
    const added = this.#added.filter((key) => this.#keys.has(key)).sort();
    this.#added = [];
    this.#ordered = merged(this.#ordered, added);
    return this.#ordered;
  }
  #sweep(): void {
    this.#ordered = this.#ordered.filter((key) => this.#keys.has(key));
    this.#removed = 0;
  }
}

/** Two ordered lists as one; what stands in both, stands there once. */
function merged(a: readonly string[], b: readonly string[]): string[] {
  const all: string[] = [];
  let next = 0;
  for (const key of a) {
    for (let other = b[next]; other !== undefined && other <= key; other = b[++next]) if (other !== key && other !== all.at(-1)) all.push(other);
    all.push(key);
  }
  for (; next < b.length; next++) if (b[next] !== all.at(-1)) all.push(b[next] as string);
  return all;
}

function bounds(keys: readonly string[], { namespace, after }: Range): [start: number, end: number] {
  const start = Math.max(after ? behind(keys, keyOf(after)) : 0, namespace === undefined ? 0 : behind(keys, namespace));
  return [start, namespace === undefined ? keys.length : behind(keys, namespace + BEHIND)];
}
/** How many of the ordered keys are not behind `key`. */
function behind(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
