// ObjectTable over the SQLite database of a Durable Object. Tables are WITHOUT ROWID: one billed row for each write.
import type { HistoryRow, ObjectRow, ObjectTable, Position } from "./object-table.ts";

type SqlRow = Record<string, ArrayBuffer | string | number | null>;
/** The part of DurableObjectStorage that is used; structural, so that nothing here imports the platform. */
export interface SqlStorageLike {
  readonly sql: { exec<R extends SqlRow>(query: string, ...bindings: unknown[]): Iterable<R> };
  transactionSync<T>(run: () => T): T;
}

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE objects (ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (ns, name)) WITHOUT ROWID`,
  `CREATE TABLE history (last INTEGER PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`,
];

type Row = { ns: string; name: string; rv: number; json: string };
const toRow = (row: Row): ObjectRow => ({ namespace: row.ns, name: row.name, resourceVersion: row.rv, text: row.json });

class SqliteTable implements ObjectTable {
  readonly #storage: SqlStorageLike;

  constructor(storage: SqlStorageLike) {
    this.#storage = storage;
    this.#run(`CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    const done = Number(this.fact("schema") ?? "0");
    if (done >= MIGRATIONS.length) return;
    storage.transactionSync(() => {
      for (const statement of MIGRATIONS.slice(done)) this.#run(statement);
      this.setFact("schema", String(MIGRATIONS.length));
    });
  }

  #all<R extends SqlRow>(query: string, ...bindings: unknown[]): R[] {
    return [...this.#storage.sql.exec<R>(query, ...bindings)];
  }
  #count(query: string, ...bindings: unknown[]): number {
    return this.#all<{ n: number }>(query, ...bindings)[0]?.n ?? 0;
  }
  /** A statement that answers nothing: it has run when exec returns, no cursor needs reading. */
  #run(query: string, ...bindings: unknown[]): void {
    this.#storage.sql.exec(query, ...bindings);
  }

  fact(key: string): string | undefined {
    return this.#all<{ value: string }>(`SELECT value FROM facts WHERE key = ?`, key)[0]?.value;
  }
  setFact(key: string, value: string): void {
    this.#run(`INSERT INTO facts VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value);
  }

  get(namespace: string, name: string): ObjectRow | undefined {
    for (const row of this.#storage.sql.exec<Row>(`SELECT ns, name, rv, json FROM objects WHERE ns = ? AND name = ?`, namespace, name)) return toRow(row);
    return undefined;
  }
  put({ namespace, name, resourceVersion, text }: ObjectRow): void {
    this.#run(
      `INSERT INTO objects VALUES (?, ?, ?, ?) ON CONFLICT (ns, name) DO UPDATE SET rv = excluded.rv, json = excluded.json`,
      namespace,
      name,
      resourceVersion,
      text,
    );
  }
  remove(namespace: string, name: string): void {
    this.#run(`DELETE FROM objects WHERE ns = ? AND name = ?`, namespace, name);
  }

  scan({ namespace, after, limit }: Parameters<ObjectTable["scan"]>[0]): readonly ObjectRow[] {
    const columns = `SELECT ns, name, rv, json FROM objects`;
    const order = `ORDER BY ns, name LIMIT ?`;
    let rows: Row[];
    if (namespace !== undefined) rows = this.#all<Row>(`${columns} WHERE ns = ? AND name > ? ${order}`, namespace, after?.name ?? "", limit);
    else if (after) rows = this.#all<Row>(`${columns} WHERE (ns, name) > (?, ?) ${order}`, after.namespace, after.name, limit);
    else rows = this.#all<Row>(`${columns} ${order}`, limit);
    return rows.map(toRow);
  }
  count(namespace?: string): number {
    if (namespace === undefined) return this.#count(`SELECT count(*) AS n FROM objects`);
    return this.#count(`SELECT count(*) AS n FROM objects WHERE ns = ?`, namespace);
  }
  countAfter(after: Position, namespace?: string): number {
    if (namespace === undefined) return this.#count(`SELECT count(*) AS n FROM objects WHERE (ns, name) > (?, ?)`, after.namespace, after.name);
    return this.#count(`SELECT count(*) AS n FROM objects WHERE ns = ? AND name > ?`, namespace, after.name);
  }

  appendHistory({ last, json }: HistoryRow): void {
    this.#run(`INSERT INTO history VALUES (?, ?)`, last, json);
  }
  history(): readonly HistoryRow[] {
    return this.#all<{ last: number; json: string }>(`SELECT last, json FROM history ORDER BY last`);
  }
  trimHistory(through: number): void {
    this.#run(`DELETE FROM history WHERE last <= ? AND last < (SELECT max(last) FROM history)`, through);
  }

  transaction<T>(run: () => T extends PromiseLike<unknown> ? never : T): T {
    return this.#storage.transactionSync(run as () => T);
  }
}

/** Whether anything was ever kept here. */
export const hasTables = ({ sql }: SqlStorageLike): boolean => [...sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'facts'`)].length > 0;
/** Opens (and, the first time, makes) the tables. */
export const sqliteTable = (storage: SqlStorageLike): ObjectTable => new SqliteTable(storage);
