// The port under a store: objects in key order, the history that led to them, small facts. SQLite in production, maps in tests.
// The history is the log of the table: it says what every change made of its object. What objects were where it begins is kept apart,
// so that an object that changes three times in a moment is written down three times there, and once more much later.

/** An object as stored: `text` is JSON without kind and apiVersion, starting with `{"metadata":`. */
export interface ObjectRow {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
  readonly text: string;
}
/** Where a scan goes on: strictly after this key. */
export interface Position {
  readonly namespace: string;
  readonly name: string;
}
export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";
/** What a change made of an object: `text` is that; for DELETED its last state, with the version of the deletion. */
export interface Change extends ObjectRow {
  readonly type: ChangeType;
}
/** What happened in one commit, or in a part of it. */
export interface Batch {
  /** The highest resourceVersion in it; without changes the version that the store moved on to. */
  readonly last: number;
  /** Subscribers had been told of everything up to this version when the batch was written. */
  readonly told: number;
  readonly changes: readonly Change[];
}

const SEPARATOR = "\u0000";
export const keyOf = ({ namespace, name }: Position): string => `${namespace}${SEPARATOR}${name}`;
export function positionOf(key: string): Position {
  const [namespace = "", name = ""] = key.split(SEPARATOR);
  return { namespace, name };
}
/** As their keys are ordered. */
export const inKeyOrder = (a: Position, b: Position): number =>
  a.namespace < b.namespace ? -1 : a.namespace > b.namespace ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

export interface ObjectTable {
  get(at: Position): ObjectRow | undefined;
  /** In memory; what keeps it is the batch that the same transaction appends, or `begin`. */
  put(row: ObjectRow): void;
  /** As `put`; with the version of the deletion. */
  remove(gone: Position & { readonly resourceVersion: number }): void;
  /** Rows ordered by namespace and name; `namespace` undefined: of all namespaces. */
  scan(range: { readonly namespace?: string; readonly after?: Position; readonly limit: number }): readonly ObjectRow[];
  /** Every row, in no particular order: cheaper than a scan. */
  rows(): Iterable<ObjectRow>;
  count(namespace?: string): number;
  /** How many rows lie after a key. */
  countAfter(after: Position, namespace?: string): number;
  /** What was put so far is where the history begins. */
  begin(at: number): void;
  append(batch: Batch): void;
  /** Oldest first. */
  history(): Iterable<Batch>;
  /** The text of an object where the history begins. */
  textBefore(at: Position): string | undefined;
  /** Forgets batches whose changes are all at or before this version, a good many at once, but never the newest: the history begins behind them. */
  forget(through: number): void;
  fact(key: string): string | undefined;
  setFact(key: string, value: string): void;
  /** All or nothing. `run` must not be async. */
  transaction<T>(run: () => T extends PromiseLike<unknown> ? never : T): T;
}
