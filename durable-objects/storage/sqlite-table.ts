// ObjectTable over the SQLite database of a Durable Object. A commit writes its batch of history and nothing else; what objects were
// where the history begins is in pages. Rows are what is billed, and most of what SQLite does.
import { NameDirectory } from "./name-directory.ts";
import { packed, unpacked, type HistoryRow } from "./history-rows.ts";
import { keyOf, type Batch, type ObjectRow, type ObjectTable, type Position } from "./object-table.ts";
import { takeOver } from "./older-schema.ts";
import { type Outcome, PAGES, type Page, Pages, type Sql } from "./pages.ts";

/** The part of DurableObjectStorage that is used; structural, so that nothing here imports the platform. */
export interface SqlStorageLike {
  readonly sql: Sql;
  transactionSync<T>(run: () => T): T;
}
const FACTS = `CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`;
/** A row that is forgotten makes room for the next one: to delete it would be billed like one more row. */
const HISTORY = `CREATE TABLE history (slot INTEGER PRIMARY KEY, last INTEGER NOT NULL, json TEXT NOT NULL)`;
const SCHEMA = 4;
/** A fact: rows of history up to this version are forgotten. */
const FORGOTTEN = "forgotten";
/** Characters of changes that are forgotten at once, about. */
const FORGET_CHARACTERS_MAX = 8_000_000;
const versionOf = (outcome: Outcome | undefined): number | undefined => (typeof outcome === "number" ? outcome : outcome?.resourceVersion);
type Slot = { readonly slot: number; readonly last: number };

/** What is known of the objects without asking the database. */
interface Known {
  readonly pages: Pages;
  readonly names: NameDirectory;
  /** Objects that the history changed, as they are now. */
  readonly late: Map<string, Outcome>;
  /** Rows of the history, oldest first, and those that may be written over. */
  slots: Slot[];
  readonly free: number[];
  next: number;
}

class SqliteTable implements ObjectTable {
  readonly #storage: SqlStorageLike;
  #known: Known | undefined;

  constructor(storage: SqlStorageLike) {
    this.#storage = storage;
    this.#run(FACTS);
    const schema = Number(this.fact("schema") ?? "0");
    if (schema === SCHEMA) return;
    storage.transactionSync(() => {
      const taken = schema === 0 ? undefined : takeOver(storage.sql, schema);
      this.#run(PAGES);
      this.#run(HISTORY);
      if (taken) {
        new Pages(storage.sql).write(taken.settled);
        for (const batch of taken.history) this.append(batch);
        // What these batches made of objects is found out when they are read.
        this.#known = undefined;
      }
      this.setFact("schema", String(SCHEMA));
    });
  }

  /** A statement that answers nothing: it has run when exec returns, no cursor needs reading. */
  #run(query: string, ...bindings: unknown[]): void {
    this.#storage.sql.exec(query, ...bindings);
  }

  fact(key: string): string | undefined {
    for (const { value } of this.#storage.sql.exec<{ value: string }>(`SELECT value FROM facts WHERE key = ?`, key)) return value;
    return undefined;
  }
  setFact(key: string, value: string): void {
    this.#run(`INSERT INTO facts VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value);
  }

  get #all(): Known {
    if (!this.#known) this.#replay();
    return this.#known as Known;
  }
  /** Reads what there is. Answers with the history. */
  #replay(): readonly Batch[] {
    const { sql } = this.#storage;
    const forgotten = Number(this.fact(FORGOTTEN) ?? "0");
    const rows = [...sql.exec<HistoryRow & { slot: number }>(`SELECT slot, last, json FROM history WHERE last > ? ORDER BY last`, forgotten)];
    const free = [...sql.exec<{ slot: number }>(`SELECT slot FROM history WHERE last <= ?`, forgotten)].map(({ slot }) => slot);
    const slots = rows.map(({ slot, last }) => ({ slot, last }));
    const next = rows.length + free.length + 1;
    const known: Known = { pages: new Pages(sql), names: new NameDirectory(), late: new Map(), slots, free, next };
    for (const key of known.pages.keys()) known.names.add(key);
    this.#known = known;
    const batches = rows.map(unpacked);
    for (const change of batches.flatMap(({ changes }) => changes)) {
      if (change.type === "DELETED") this.remove(change);
      else this.put(change);
    }
    return batches;
  }

  get(at: Position): ObjectRow | undefined {
    return this.#get(this.#all, keyOf(at));
  }
  #get({ late, pages }: Known, key: string, read?: Map<number, Page>): ObjectRow | undefined {
    const row = late.get(key) ?? pages.get(key, read);
    return typeof row === "number" ? undefined : row;
  }
  put(row: ObjectRow): void {
    const { late, names } = this.#all;
    const key = keyOf(row);
    late.set(key, row);
    names.add(key);
  }
  remove(gone: Position & { readonly resourceVersion: number }): void {
    const { late, names } = this.#all;
    const key = keyOf(gone);
    late.set(key, gone.resourceVersion);
    names.remove(key);
  }

  scan({ limit, ...range }: Parameters<ObjectTable["scan"]>[0]): readonly ObjectRow[] {
    const known = this.#all;
    const read = new Map<number, Page>();
    return known.names.range(range, limit).flatMap((key) => this.#get(known, key, read) ?? []);
  }
  *rows(): Iterable<ObjectRow> {
    const { late, pages } = this.#all;
    for (const row of pages.rows()) if (!late.has(keyOf(row))) yield row;
    for (const row of late.values()) if (typeof row !== "number") yield row;
  }
  count(namespace?: string): number {
    return this.#all.names.count({ namespace });
  }
  countAfter(after: Position, namespace?: string): number {
    return this.#all.names.count({ after, namespace });
  }

  begin(at: number): void {
    const { pages, late } = this.#all;
    pages.write(late);
    late.clear();
    this.append({ last: at, told: at, changes: [] });
  }
  append(batch: Batch): void {
    const known = this.#all;
    for (const { last, json } of packed(batch)) {
      const free = known.free.pop();
      const slot = free ?? known.next++;
      if (free === undefined) this.#run(`INSERT INTO history VALUES (?, ?, ?)`, slot, last, json);
      else this.#run(`UPDATE history SET last = ?, json = ? WHERE slot = ?`, last, json, slot);
      known.slots.push({ slot, last });
    }
  }
  history(): readonly Batch[] {
    // Whoever opens a table reads its history first: once for both.
    return this.#known ? this.#batches(this.#known.slots) : this.#replay();
  }
  #batches(slots: readonly Slot[]): Batch[] {
    return slots.flatMap(({ slot }) => [...this.#storage.sql.exec<HistoryRow>(`SELECT last, json FROM history WHERE slot = ?`, slot)].map(unpacked));
  }
  textBefore(at: Position): string | undefined {
    return this.#all.pages.get(keyOf(at))?.text;
  }
  /** Not more at once than fits into memory beside everything else: when much waits, the rest goes the next time. */
  forget(through: number): void {
    const known = this.#all;
    const settled = new Map<string, Outcome>();
    let [count, characters] = [0, 0];
    for (const slot of known.slots.slice(0, -1)) {
      if (slot.last > through || characters > FORGET_CHARACTERS_MAX) break;
      count++;
      for (const change of this.#batches([slot]).flatMap(({ changes }) => changes)) {
        settled.set(keyOf(change), change.type === "DELETED" ? change.resourceVersion : change);
        characters += change.text.length;
      }
    }
    const forgotten = known.slots.slice(0, count);
    const last = forgotten.at(-1)?.last;
    if (last === undefined) return;
    this.transaction(() => {
      known.pages.write(settled);
      this.setFact(FORGOTTEN, String(last));
    });
    known.slots = known.slots.slice(count);
    for (const { slot } of forgotten) known.free.push(slot);
    for (const [key, outcome] of settled) if (versionOf(known.late.get(key)) === versionOf(outcome)) known.late.delete(key);
  }

  transaction<T>(run: () => T extends PromiseLike<unknown> ? never : T): T {
    try {
      return this.#storage.transactionSync(run as () => T);
    } catch (error) {
      // What was rolled back is not there.
      this.#known = undefined;
      throw error;
    }
  }
}

/** Whether anything was ever kept here. */
export const hasTables = ({ sql }: SqlStorageLike): boolean => [...sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'facts'`)].length > 0;
/** Opens (and, the first time, makes) the tables. */
export const sqliteTable = (storage: SqlStorageLike): ObjectTable => new SqliteTable(storage);
