// The port under a store: rows of objects in key order, batches of history, small facts. SQLite in production, a map in tests.

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
/** Events of one commit, as ../store/history.ts writes them; `last` is the highest resourceVersion among them. */
export interface HistoryRow {
  readonly last: number;
  readonly json: string;
}

export interface ObjectTable {
  get(namespace: string, name: string): ObjectRow | undefined;
  put(row: ObjectRow): void;
  remove(namespace: string, name: string): void;
  /** Rows ordered by namespace and name; `namespace` undefined: of all namespaces. */
  scan(range: { readonly namespace?: string; readonly after?: Position; readonly limit: number }): readonly ObjectRow[];
  count(namespace?: string): number;
  /** How many rows lie after a key. */
  countAfter(after: Position, namespace?: string): number;
  appendHistory(row: HistoryRow): void;
  /** Oldest first. */
  history(): Iterable<HistoryRow>;
  /** Drops batches whose events are all at or before this version, but never the newest. */
  trimHistory(through: number): void;
  fact(key: string): string | undefined;
  setFact(key: string, value: string): void;
  /** All or nothing. `run` must not be async. */
  transaction<T>(run: () => T extends PromiseLike<unknown> ? never : T): T;
}
