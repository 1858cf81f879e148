// The storage of an actor, with a meter in front: the only way in which anything here reaches what an actor keeps.
import { ALARM, type Meter, PAIRS } from "./meter.ts";

type SqlRow = Record<string, SqlStorageValue>;
interface Cursor<R> {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  toArray(): R[];
}

const TABLE = /^\s*(?:INSERT\s(?:.*?\s)?INTO|UPDATE|DELETE\s+FROM)\s+(\w+)/i;
const SCHEMA = "schema";
/** By statement: there are as many as are written in the code. */
const tables = new Map<string, string>();
function tableOf(query: string): string {
  let table = tables.get(query);
  if (table === undefined) tables.set(query, (table = TABLE.exec(query)?.[1] ?? SCHEMA));
  return table;
}

/** What a statement found. Whoever does not look at it costs no reading; all of it is read at once. */
class Rows<R extends SqlRow> implements Iterable<R> {
  readonly #cursor: Cursor<R>;
  readonly #meter: Meter;

  constructor(cursor: Cursor<R>, meter: Meter, query: string) {
    this.#cursor = cursor;
    this.#meter = meter;
    // A statement that changes something has done so by now.
    meter.rowsRead += cursor.rowsRead;
    const { rowsWritten } = cursor;
    if (rowsWritten > 0) meter.wrote(tableOf(query), rowsWritten);
  }
  [Symbol.iterator](): Iterator<R> {
    const before = this.#cursor.rowsRead;
    const rows = this.#cursor.toArray();
    this.#meter.rowsRead += this.#cursor.rowsRead - before;
    return rows[Symbol.iterator]();
  }
}

/** Rows are counted as SQLite counts them, which is how they are billed; a key-value pair is a row, and so is a new time of the alarm. */
export class MeteredStorage {
  readonly #storage: DurableObjectStorage;
  readonly #meter: Meter;

  constructor(storage: DurableObjectStorage, meter: Meter) {
    this.#storage = storage;
    this.#meter = meter;
  }

  readonly sql = {
    exec: <R extends SqlRow>(query: string, ...bindings: unknown[]): Iterable<R> => new Rows(this.#storage.sql.exec<R>(query, ...bindings), this.#meter, query),
  };
  readonly kv = {
    get: <T>(key: string): T | undefined => {
      this.#meter.rowsRead++;
      return this.#storage.kv.get<T>(key);
    },
    put: (key: string, value: unknown): void => {
      this.#meter.wrote(PAIRS, 1);
      this.#storage.kv.put(key, value);
    },
    delete: (key: string): void => {
      if (this.#storage.kv.delete(key)) this.#meter.wrote(PAIRS, 1);
    },
  };

  transactionSync<T>(run: () => T): T {
    return this.#storage.transactionSync(run);
  }
  /** Resolves when everything that was written so far is durable. */
  sync(): Promise<void> {
    return this.#storage.sync();
  }
  /** When it rings next; null where it is not set, or rings. */
  getAlarm(): Promise<number | null> {
    return this.#storage.getAlarm();
  }
  /** `due` in milliseconds since 1970. */
  setAlarm(due: number): Promise<void> {
    this.#meter.wrote(ALARM, 1);
    return this.#storage.setAlarm(due);
  }
  /** Throws the database away as a whole, which is no matter of rows. */
  deleteAll(): Promise<void> {
    return this.#storage.deleteAll();
  }
  get databaseBytes(): number {
    return this.#storage.sql.databaseSize;
  }
}
