// What happened to the objects of a store, newest last: for watchers that come back, lists at an older version, and
// subscribers that missed something. Every superseded text is kept exactly once, so any tail of it is complete.
import { WATCH_HISTORY_BYTES_MAX, WATCH_HISTORY_EVENTS_MAX } from "../../shared/base/limits.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ObjectTable, Position } from "../storage/object-table.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED";
export interface StoreEvent extends Position {
  readonly type: EventType;
  readonly resourceVersion: number;
  /** The object after the event; for DELETED its last state, with the version of the deletion. */
  readonly text: string;
  /** The object before the event; "" for ADDED. */
  readonly before: string;
  /** `text` and `before` parsed, while the event is fresh. */
  next?: KubeObject | undefined;
  old?: KubeObject | undefined;
}
/** As persisted: `b` and `d` say that the superseded text and the final text of a deletion are among the lines that follow. */
interface Persisted {
  v: number;
  t: 0 | 1 | 2;
  s: string;
  n: string;
  b?: 1;
  d?: 1;
}
/** A row is this as JSON, then each text on a line of its own: escaped once more, texts full of quotes would burst the row. */
interface PersistedBatch {
  /** Subscribers had been told of everything up to this version when the batch was written. */
  told: number;
  events: Persisted[];
}
/** A row holds 2 MB at most: of a large deleted object only the text before its deletion is kept. */
const HISTORY_ROW_BYTES_MAX = 1_800_000;
/** About what an event takes besides its texts. */
const ENTRY_BYTES = 200;
/** Events share a row up to this size. */
const SHARED_ROW_BYTES_MAX = 1_000_000;
/** Where the versions of a store begin. Not at 1, so that a version that somebody made up is an old one. */
const FIRST_VERSION = 1000;
const TYPES: readonly EventType[] = ["ADDED", "MODIFIED", "DELETED"];
/** UTF-8 bytes; only counted where three bytes for each character could be too many. */
const bytesOf = (text: string): number => (text.length * 3 <= SHARED_ROW_BYTES_MAX / 4 ? text.length * 3 : new TextEncoder().encode(text).length);
export const identity = (at: Position): string => `${at.namespace}\u0000${at.name}`;

export const parsedNext = (event: StoreEvent): KubeObject => (event.next ??= JSON.parse(event.text) as KubeObject);
export const parsedOld = (event: StoreEvent): KubeObject | undefined =>
  event.before === "" ? undefined : (event.old ??= JSON.parse(event.before) as KubeObject);

interface Unpacked {
  readonly told: number;
  readonly events: (Persisted & { readonly before: string; readonly final: string | undefined })[];
}
function unpack(row: string): Unpacked {
  const [head = "{}", ...lines] = row.split("\n");
  const { told, events } = JSON.parse(head) as PersistedBatch;
  let next = 0;
  const line = (): string => lines[next++] ?? "";
  return { told, events: events.map((event) => ({ ...event, before: event.b ? line() : "", final: event.d ? line() : undefined })) };
}
/** The last state of a deleted object whose final text found no room. */
function atVersion(text: string, resourceVersion: number): string {
  const { metadata, ...rest } = JSON.parse(text) as KubeObject;
  return JSON.stringify({ metadata: { ...metadata, resourceVersion: String(resourceVersion) }, ...rest });
}

export class History {
  /** Events with versions above `floor`, in order. */
  #events: StoreEvent[] = [];
  #bytes = 0;
  /** Everything up to here has been forgotten. */
  floor = FIRST_VERSION;
  last = FIRST_VERSION;

  /** Reads the persisted tail. Returns the version up to which subscribers were told for certain. */
  load(table: ObjectTable): number {
    const batches = [...table.history()].map((row) => ({ last: row.last, ...unpack(row.json) }));
    this.last = batches.at(-1)?.last ?? FIRST_VERSION;
    const first = batches.find((batch) => batch.events.length > 0)?.events[0];
    this.floor = first ? first.v - 1 : this.last;
    const newest = new Map<string, string>();
    const events: StoreEvent[] = [];
    for (const batch of batches.reverse()) {
      for (const event of batch.events.reverse()) {
        const at = { namespace: event.s, name: event.n };
        const key = identity(at);
        const text = event.t === 2 ? (event.final ?? atVersion(event.before, event.v)) : (newest.get(key) ?? table.get(event.s, event.n)?.text ?? "");
        events.push({ ...at, type: TYPES[event.t] ?? "MODIFIED", resourceVersion: event.v, text, before: event.before });
        newest.set(key, event.before);
      }
    }
    this.#events = events.reverse();
    this.#bytes = this.#events.reduce((sum, event) => sum + event.before.length + event.text.length, 0);
    return batches[0]?.told ?? this.last;
  }

  /** Persists the events of one commit (in its transaction) in rows of at most about 1 MB. */
  persist(table: ObjectTable, events: readonly StoreEvent[], told: number): void {
    let batch: Persisted[] = [];
    let lines: string[] = [];
    let bytes = 0;
    const flush = (): void => {
      const last = batch.at(-1)?.v;
      if (last === undefined) return;
      table.appendHistory({ last, json: [JSON.stringify({ told, events: batch } satisfies PersistedBatch), ...lines].join("\n") });
      batch = [];
      lines = [];
      bytes = 0;
    };
    for (const event of events) {
      const before = bytesOf(event.before);
      const final = event.type === "DELETED" ? bytesOf(event.text) : 0;
      const withFinal = event.type === "DELETED" && before + final < HISTORY_ROW_BYTES_MAX;
      const size = before + (withFinal ? final : 0);
      if (bytes + size > SHARED_ROW_BYTES_MAX) flush();
      batch.push({
        v: event.resourceVersion,
        t: event.type === "ADDED" ? 0 : event.type === "MODIFIED" ? 1 : 2,
        s: event.namespace,
        n: event.name,
        ...(event.before === "" ? {} : { b: 1 }),
        ...(withFinal ? { d: 1 } : {}),
      });
      if (event.before !== "") lines.push(event.before);
      if (withFinal) lines.push(event.text);
      bytes += size + ENTRY_BYTES;
    }
    flush();
  }

  /** Moves the version on without an event, durably. */
  advance(table: ObjectTable, told: number, last = this.last + 1): void {
    table.appendHistory({ last, json: JSON.stringify({ told, events: [] } satisfies PersistedBatch) });
    this.last = last;
  }
  /** Begins at a version: what was before is no event and is told to nobody. */
  begin(table: ObjectTable, at: number): void {
    this.advance(table, at, at);
    this.floor = at;
  }

  /** Takes committed events into memory; says up to where the table may forget, if it should. */
  append(events: readonly StoreEvent[]): number | undefined {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += event.before.length + event.text.length;
      this.last = event.resourceVersion;
    }
    if (this.#events.length <= WATCH_HISTORY_EVENTS_MAX * 1.25 && this.#bytes <= WATCH_HISTORY_BYTES_MAX * 1.25) return undefined;
    let drop = 0;
    while (drop < this.#events.length && (this.#events.length - drop > WATCH_HISTORY_EVENTS_MAX || this.#bytes > WATCH_HISTORY_BYTES_MAX)) {
      const event = this.#events[drop];
      if (event) {
        this.#bytes -= event.before.length + event.text.length;
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
      const key = identity(event);
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
