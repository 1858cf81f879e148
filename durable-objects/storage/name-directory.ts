// Which row each object has. Rows are numbered in the order of their creation, so that SQLite appends new ones and finds old ones by
// a number; by name they are found here.
import type { Position } from "./object-table.ts";

export interface Row extends Position {
  readonly id: number;
}
export interface Range {
  readonly namespace?: string | undefined;
  readonly after?: Position | undefined;
}
const SEPARATOR = "\u0000";
/** Behind every key of a namespace. */
const BEHIND = "\u0001";

const keyOf = (at: Position): string => `${at.namespace}${SEPARATOR}${at.name}`;

export class NameDirectory {
  readonly #ids = new Map<string, number>();
  #next = 1;
  /** Keys in order, without those that were added since anybody asked for the order, and with those that were removed since. */
  #ordered: string[] = [];
  #added: string[] = [];
  #hasRemoved = false;

  constructor(rows: Iterable<Row>) {
    for (const row of rows) {
      this.#ids.set(keyOf(row), row.id);
      this.#added.push(keyOf(row));
      if (row.id >= this.#next) this.#next = row.id + 1;
    }
  }

  get(at: Position): number | undefined {
    return this.#ids.get(keyOf(at));
  }

  /** Numbers a row for a new object. */
  add(at: Position): number {
    const key = keyOf(at);
    const id = this.#next++;
    this.#ids.set(key, id);
    this.#added.push(key);
    return id;
  }

  remove(at: Position): void {
    if (this.#ids.delete(keyOf(at))) this.#hasRemoved = true;
  }

  /** Rows of a range in the order of their keys, `limit` at most. */
  range(range: Range, limit: number): number[] {
    const ids: number[] = [];
    const [start, end] = this.#bounds(range);
    for (const key of this.#order().slice(start, Math.min(end, start + limit))) ids.push(this.#ids.get(key) as number);
    return ids;
  }

  count(range: Range): number {
    const [start, end] = this.#bounds(range);
    return Math.max(0, end - start);
  }

  #bounds({ namespace, after }: Range): [start: number, end: number] {
    const keys = this.#order();
    const start = Math.max(after ? behind(keys, keyOf(after)) : 0, namespace === undefined ? 0 : behind(keys, namespace));
    return [start, namespace === undefined ? keys.length : behind(keys, namespace + BEHIND)];
  }

  #order(): readonly string[] {
    if (this.#hasRemoved) this.#ordered = this.#ordered.filter((key) => this.#ids.has(key));
    if (this.#added.length > 0) {
      // What was removed and made again stands in both.
      const added = this.#hasRemoved ? this.#added.filter((key) => this.#ids.has(key)) : this.#added;
      const keys = this.#hasRemoved ? new Set([...this.#ordered, ...added]) : [...this.#ordered, ...added];
      this.#ordered = [...keys].sort(inOrder);
      this.#added = [];
    }
    this.#hasRemoved = false;
    return this.#ordered;
  }
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
