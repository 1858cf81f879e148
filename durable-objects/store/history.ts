// What happened to the objects of a store, newest last: for watchers that come back, lists at an older version, and
// subscribers that missed something.
import { WATCH_HISTORY_BYTES_MAX, WATCH_HISTORY_EVENTS_MAX } from "../../shared/base/limits.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { keyOf, type Change, type ObjectTable } from "../storage/object-table.ts";

export interface StoreEvent extends Change {
  /** The object before the event; "" for ADDED. */
  readonly before: string;
  /** `text` and `before` parsed, while the event is fresh. */
  next?: KubeObject | undefined;
  old?: KubeObject | undefined;
}
/** Where the versions of a store begin. Not at 1, so that a version that somebody made up is an old one. */
const FIRST_VERSION = 1000;
export const parsedNext = (event: StoreEvent): KubeObject => (event.next ??= JSON.parse(event.text) as KubeObject);
export const parsedOld = (event: StoreEvent): KubeObject | undefined =>
  event.before === "" ? undefined : (event.old ??= JSON.parse(event.before) as KubeObject);

/** So far the limits are exceeded before something is forgotten: much at a time is less work, little is sooner done. */
const SLACK = 1.12;
/** About what an event keeps in memory: what the object was before was about as long. */
const weight = ({ type, text }: Change): number => (type === "ADDED" ? text.length : 2 * text.length);

/** The first change that is known of its object: what that was before is read when somebody asks. */
const earliest = (table: ObjectTable, change: Change): StoreEvent => ({
  ...change,
  get before() {
    return table.textBefore(change) ?? "";
  },
});

export class History {
  /** Events with versions above `floor`, in order. */
  #events: StoreEvent[] = [];
  #bytes = 0;
  /** Everything up to here has been forgotten. */
  floor = FIRST_VERSION;
  last = FIRST_VERSION;

  /** Reads what is kept of it. Returns the version up to which subscribers were told for certain. */
  load(table: ObjectTable): number {
    const batches = [...table.history()];
    const newest = batches.at(-1);
    this.last = newest?.last ?? FIRST_VERSION;
    const texts = new Map<string, string>();
    for (const change of batches.flatMap(({ changes }) => changes)) {
      const key = keyOf(change);
      const before = change.type === "ADDED" ? "" : texts.get(key);
      this.#events.push(before === undefined ? earliest(table, change) : { ...change, before });
      this.#bytes += weight(change);
      texts.set(key, change.text);
    }
    const first = this.#events[0];
    this.floor = first ? first.resourceVersion - 1 : this.last;
    return newest?.told ?? this.last;
  }

  /** Persists the events of one commit, in its transaction. */
  persist(table: ObjectTable, events: readonly StoreEvent[], told: number): void {
    const last = events.at(-1);
    if (last) table.append({ last: last.resourceVersion, told, changes: events });
  }

  /** Moves the version on without an event, durably. */
  advance(table: ObjectTable, told: number): void {
    table.append({ last: this.last + 1, told, changes: [] });
    this.last++;
  }
  /** Begins at a version: what was before is no event and is told to nobody. */
  begin(table: ObjectTable, at: number): void {
    table.begin(at);
    this.last = at;
    this.floor = at;
  }

  /** Takes committed events into memory; says up to where the table may forget, if it should. */
  append(events: readonly StoreEvent[]): number | undefined {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += weight(event);
      this.last = event.resourceVersion;
    }
    if (this.#events.length <= WATCH_HISTORY_EVENTS_MAX * SLACK && this.#bytes <= WATCH_HISTORY_BYTES_MAX * SLACK) return undefined;
    let drop = 0;
    while (drop < this.#events.length && (this.#events.length - drop > WATCH_HISTORY_EVENTS_MAX || this.#bytes > WATCH_HISTORY_BYTES_MAX)) {
      const event = this.#events[drop];
      if (event) {
        this.#bytes -= weight(event);
        this.floor = event.resourceVersion;
      }
      drop++;
    }
    this.#events = this.#events.slice(drop);
    return this.floor;
  }

  /** Events after a version, oldest first; undefined when some of them are forgotten. */
  since(resourceVersion: number): readonly StoreEvent[] | undefined {
    if (resourceVersion < this.floor) return undefined;
    return this.#events.slice(this.#indexAfter(resourceVersion));
  }

  /** What differs from now at an older version: text, or undefined where there was nothing. Undefined: forgotten. */
  overlay(resourceVersion: number): Map<string, StoreEvent> | undefined {
    const later = this.since(resourceVersion);
    if (!later) return undefined;
    const first = new Map<string, StoreEvent>();
    for (const event of later) {
      const key = keyOf(event);
      if (!first.has(key)) first.set(key, event);
    }
    return first;
  }

  #indexAfter(resourceVersion: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.resourceVersion ?? 0) > resourceVersion) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
