// ObjectTable over the SQLite database of a Durable Object. No table has an index beside it: one billed row for each write.
import type { HistoryRow, ObjectRow, ObjectTable, Position } from "./object-table.ts";
import { NameDirectory } from "./name-directory.ts";

type SqlRow = Record<string, ArrayBuffer | string | number | null>;
/** The part of DurableObjectStorage that is used; structural, so that nothing here imports the platform. */
export interface SqlStorageLike {
  readonly sql: { exec<R extends SqlRow>(query: string, ...bindings: unknown[]): Iterable<R> };
  transactionSync<T>(run: () => T): T;
}

const OBJECTS = `CREATE TABLE objects (id INTEGER PRIMARY KEY, ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL)`;
const HISTORY = `CREATE TABLE history (last INTEGER PRIMARY KEY, json TEXT NOT NULL)`;
/** The first schema that anybody may still have. */
const FIRST_SCHEMA = 2;
/** What turns the tables of each schema, from the first on, into those of the next one. A new store begins with the newest. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // Keyed by name at first: to compare keys SQLite then reads whole rows, texts and all.
    `ALTER TABLE objects RENAME TO objects_by_name`,
    OBJECTS,
    `INSERT INTO objects (ns, name, rv, json) SELECT ns, name, rv, json FROM objects_by_name ORDER BY ns, name`,
    `DROP TABLE objects_by_name`,
    `ALTER TABLE history RENAME TO history_by_key`,
    HISTORY,
    `INSERT INTO history SELECT last, json FROM history_by_key ORDER BY last`,
    `DROP TABLE history_by_key`,
  ],
];
const SCHEMA = FIRST_SCHEMA + MIGRATIONS.length;
/** Rows that are asked for with one statement: 100 values at most can be bound. Few sizes, so that statements are prepared once. */
const ASKED_AT_ONCE = [100, 10, 1] as const;
const selectRows = (count: number): string => `SELECT id, ns, name, rv, json FROM objects WHERE id IN (${Array.from({ length: count }, () => "?").join(", ")})`;
const SELECT_ROWS = ASKED_AT_ONCE.map((count) => ({ count, statement: selectRows(count) }));

type Row = { id: number; ns: string; name: string; rv: number; json: string };
const toRow = (row: Row): ObjectRow => ({ namespace: row.ns, name: row.name, resourceVersion: row.rv, text: row.json });

class SqliteTable implements ObjectTable {
  readonly #storage: SqlStorageLike;
  #names: NameDirectory | undefined;

  constructor(storage: SqlStorageLike) {
    this.#storage = storage;
    this.#run(`CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    const schema = Number(this.fact("schema") ?? "0");
    if (schema >= SCHEMA) return;
    const statements = schema === 0 ? [OBJECTS, HISTORY] : MIGRATIONS.slice(schema - FIRST_SCHEMA).flat();
    storage.transactionSync(() => {
      for (const statement of statements) this.#run(statement);
      this.setFact("schema", String(SCHEMA));
    });
    if (schema === 0) this.#names = new NameDirectory([]);
  }

  #all<R extends SqlRow>(query: string, ...bindings: unknown[]): R[] {
    return [...this.#storage.sql.exec<R>(query, ...bindings)];
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

  /** Read when first asked for: only beginnings of rows, not the texts. */
  get #directory(): NameDirectory {
    if (this.#names) return this.#names;
    const rows = this.#all<Omit<Row, "json" | "rv">>(`SELECT id, ns, name FROM objects`);
    return (this.#names = new NameDirectory(rows.map(({ id, ns, name }) => ({ id, namespace: ns, name }))));
  }
  /** Rows in the order of their ids, if they are there. */
  #rows(ids: readonly number[]): ObjectRow[] {
    const found = new Map<number, ObjectRow>();
    let start = 0;
    for (const { count, statement } of SELECT_ROWS) {
      for (; ids.length - start >= count; start += count) {
        for (const row of this.#storage.sql.exec<Row>(statement, ...ids.slice(start, start + count))) found.set(row.id, toRow(row));
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  get(namespace: string, name: string): ObjectRow | undefined {
    const id = this.#directory.get({ namespace, name });
    return id === undefined ? undefined : this.#rows([id])[0];
  }
  put(row: ObjectRow): void {
    const id = this.#directory.get(row);
    if (id !== undefined) this.#run(`UPDATE objects SET rv = ?, json = ? WHERE id = ?`, row.resourceVersion, row.text, id);
    else this.#run(`INSERT INTO objects VALUES (?, ?, ?, ?, ?)`, this.#directory.add(row), row.namespace, row.name, row.resourceVersion, row.text);
  }
  remove(namespace: string, name: string): void {
    const id = this.#directory.get({ namespace, name });
    if (id === undefined) return;
    this.#run(`DELETE FROM objects WHERE id = ?`, id);
    this.#directory.remove({ namespace, name });
  }

  scan({ limit, ...range }: Parameters<ObjectTable["scan"]>[0]): readonly ObjectRow[] {
    return this.#rows(this.#directory.range(range, limit));
  }
  count(namespace?: string): number {
    return this.#directory.count({ namespace });
  }
  countAfter(after: Position, namespace?: string): number {
    return this.#directory.count({ after, namespace });
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
    try {
      return this.#storage.transactionSync(run as () => T);
    } catch (error) {
      // What was rolled back has no row.
      this.#names = undefined;
      throw error;
    }
  }
}

/** Whether anything was ever kept here. */
export const hasTables = ({ sql }: SqlStorageLike): boolean => [...sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'facts'`)].length > 0;
/** Opens (and, the first time, makes) the tables. */
export const sqliteTable = (storage: SqlStorageLike): ObjectTable => new SqliteTable(storage);
