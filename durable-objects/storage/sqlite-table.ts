// ObjectTable over the SQLite database of a Durable Object. Tables are WITHOUT ROWID: one billed row for each write.
import type { HistoryRow, ObjectRow, ObjectTable } from "./object-table.ts";

/** The part of DurableObjectStorage that is used; structural, so that nothing here imports the platform. */
export interface SqlStorageLike {
  readonly sql: {
    exec<R extends Record<string, ArrayBuffer | string | number | null>>(query: string, ...bindings: unknown[]): Iterable<R>;
  };
  transactionSync<T>(run: () => T): T;
}

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE objects (ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (ns, name)) WITHOUT ROWID`,
  `CREATE TABLE history (last INTEGER PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`,
];

type Row = { ns: string; name: string; rv: number; json: string };
const toRow = (row: Row): ObjectRow => ({ namespace: row.ns, name: row.name, resourceVersion: row.rv, text: row.json });

/** Opens (and, the first time, makes) the tables. */
export function sqliteTable(storage: SqlStorageLike): ObjectTable {
  const { sql } = storage;
  const run = <R extends Record<string, ArrayBuffer | string | number | null>>(query: string, ...bindings: unknown[]): R[] => [
    ...sql.exec<R>(query, ...bindings),
  ];
  /** A statement that answers nothing: it has run when exec returns, no cursor needs reading. */
  const perform = (query: string, ...bindings: unknown[]): void => void sql.exec(query, ...bindings);
  run(`CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
  const fact = (key: string): string | undefined => run<{ value: string }>(`SELECT value FROM facts WHERE key = ?`, key)[0]?.value;
  const setFact = (key: string, value: string): void => {
    run(`INSERT INTO facts VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value);
  };
  const done = Number(fact("schema") ?? "0");
  if (done < MIGRATIONS.length) {
    storage.transactionSync(() => {
      for (const statement of MIGRATIONS.slice(done)) run(statement);
      setFact("schema", String(MIGRATIONS.length));
    });
  }
  return {
    fact,
    setFact,
    get(namespace, name) {
      for (const row of sql.exec<Row>(`SELECT ns, name, rv, json FROM objects WHERE ns = ? AND name = ?`, namespace, name)) return toRow(row);
      return undefined;
    },
    put({ namespace, name, resourceVersion, text }) {
      perform(`INSERT INTO objects VALUES (?, ?, ?, ?) ON CONFLICT (ns, name) DO UPDATE SET rv = excluded.rv, json = excluded.json`, namespace, name, resourceVersion, text);
    },
    remove(namespace, name) {
      perform(`DELETE FROM objects WHERE ns = ? AND name = ?`, namespace, name);
    },
    scan({ namespace, after, limit }) {
      const columns = `SELECT ns, name, rv, json FROM objects`;
      const order = `ORDER BY ns, name LIMIT ?`;
      let rows: Row[];
      if (namespace !== undefined) {
        rows = run(`${columns} WHERE ns = ? AND name > ? ${order}`, namespace, after?.name ?? "", limit);
      } else if (after) {
        rows = run(`${columns} WHERE (ns, name) > (?, ?) ${order}`, after.namespace, after.name, limit);
      } else {
        rows = run(`${columns} ${order}`, limit);
      }
      return rows.map(toRow);
    },
    count(namespace) {
      const rows =
        namespace === undefined
          ? run<{ n: number }>(`SELECT count(*) AS n FROM objects`)
          : run<{ n: number }>(`SELECT count(*) AS n FROM objects WHERE ns = ?`, namespace);
      return rows[0]?.n ?? 0;
    },
    countAfter(after, namespace) {
      const rows =
        namespace === undefined
          ? run<{ n: number }>(`SELECT count(*) AS n FROM objects WHERE (ns, name) > (?, ?)`, after.namespace, after.name)
          : run<{ n: number }>(`SELECT count(*) AS n FROM objects WHERE ns = ? AND name > ?`, namespace, after.name);
      return rows[0]?.n ?? 0;
    },
    appendHistory({ last, json }) {
      perform(`INSERT INTO history VALUES (?, ?)`, last, json);
    },
    history: () => run<{ last: number; json: string }>(`SELECT last, json FROM history ORDER BY last`) satisfies HistoryRow[],
    trimHistory(through) {
      run(`DELETE FROM history WHERE last <= ? AND last < (SELECT max(last) FROM history)`, through);
    },
    transaction: (work) => storage.transactionSync(work as () => never),
  };
}
