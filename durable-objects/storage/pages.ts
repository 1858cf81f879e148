// Objects as they were where the history begins, many to a row. Pages are only ever added at the end: what an older one says of an object
// that a later one names is void. When more is void than is not, the oldest pages go, and what of them still counts moves to the end.
import { inKeyOrder, keyOf, positionOf, type ObjectRow, type Position } from "./object-table.ts";

/** Characters of texts that share a page; a longer text has one of its own. */
const PAGE_CHARACTERS = 32_000;
/** Entries of a page at most: where an object is, is one number. */
const SLOTS = 1024;
/** So many void entries are nothing to tidy up for. */
const VOID_MIN = 64;

export const PAGES = `CREATE TABLE pages (id INTEGER PRIMARY KEY, names TEXT NOT NULL, json TEXT NOT NULL)`;

type SqlRow = Record<string, ArrayBuffer | string | number | null>;
export interface Sql {
  exec<R extends SqlRow>(query: string, ...bindings: unknown[]): Iterable<R>;
}
/** Of each text in its order; without a version: from here on there is no such object. */
type Name = readonly [namespace: string, name: string, resourceVersion?: number];
/** Its objects by slot. */
export type Page = readonly (ObjectRow | undefined)[];
/** What became of an object; a number: it went with this version. */
export type Outcome = ObjectRow | number;
export type Settled = ReadonlyMap<string, Outcome>;

export class Pages {
  readonly #sql: Sql;
  /** Of each object: page and slot as one number. */
  readonly #places = new Map<string, number>();
  /** Entries of each page, void ones and all, oldest page first. */
  readonly #sizes = new Map<number, number>();
  #entries = 0;
  #last = 0;
  /** The page that one object was last read from: who asks for one often asks for it again, or for its neighbour. A page never changes. */
  #near: { readonly id: number; readonly page: Page } | undefined;

  /** Reads only beginnings of rows: the names, not the texts. */
  constructor(sql: Sql) {
    this.#sql = sql;
    for (const { id, names } of sql.exec<{ id: number; names: string }>(`SELECT id, names FROM pages ORDER BY id`))
      this.#enter(id, JSON.parse(names) as Name[]);
  }
  #enter(id: number, names: readonly Name[]): void {
    names.forEach(([namespace, name, resourceVersion], slot) => {
      const key = keyOf({ namespace, name });
      if (resourceVersion === undefined) this.#places.delete(key);
      else this.#places.set(key, id * SLOTS + slot);
    });
    this.#sizes.set(id, names.length);
    this.#entries += names.length;
    this.#last = id;
  }

  keys(): Iterable<string> {
    return this.#places.keys();
  }
  /**
   * `read`: pages that were read for the same answer: neighbours in a list are neighbours in pages. None of them is remembered for longer:
   * pages that live for a moment cost the garbage collector more than it costs to read them again.
   */
  get(key: string, read?: Map<number, Page>): ObjectRow | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const id = Math.floor(place / SLOTS);
    const page = read?.get(id) ?? (this.#near?.id === id ? this.#near.page : this.#read(id));
    if (read) read.set(id, page);
    else this.#near = { id, page };
    return page[place % SLOTS];
  }
  /** Every object, page by page. */
  *rows(): Iterable<ObjectRow> {
    for (const id of this.#sizes.keys()) yield* this.#valid(id);
  }
  /** What a page says that is not void. */
  #valid(id: number): ObjectRow[] {
    return this.#read(id).filter((row, slot): row is ObjectRow => row !== undefined && this.#places.get(keyOf(row)) === id * SLOTS + slot);
  }

  #read(id: number): Page {
    for (const { names, json } of this.#sql.exec<{ names: string; json: string }>(`SELECT names, json FROM pages WHERE id = ?`, id)) {
      const texts = json.split("\n");
      return (JSON.parse(names) as Name[]).map(([namespace, name, resourceVersion], slot) =>
        resourceVersion === undefined ? undefined : { namespace, name, resourceVersion, text: texts[slot] ?? "" },
      );
    }
    return [];
  }

  /** Writes down what objects are from now on. Inside a transaction. */
  write(settled: Settled): void {
    const rows: ObjectRow[] = [];
    const gone: Position[] = [];
    for (const [key, row] of settled) {
      if (typeof row !== "number") rows.push(row);
      // Of what never came so far nothing has to be taken back.
      else if (this.#places.has(key)) gone.push(positionOf(key));
      this.#places.delete(key);
    }
    const moved = this.#tidied({ valid: rows.length, gone: gone.length, budget: 2 * settled.size + VOID_MIN });
    const written = rows.concat(moved).sort(inKeyOrder);
    let page: ObjectRow[] = [];
    let characters = 0;
    for (const row of written) {
      if (page.length === SLOTS || (page.length > 0 && characters + row.text.length > PAGE_CHARACTERS)) {
        this.#add(page, []);
        page = [];
        characters = 0;
      }
      page.push(row);
      characters += row.text.length;
    }
    for (; page.length > 0 || gone.length > 0; page = []) this.#add(page, gone.splice(0, SLOTS - page.length));
  }
  #add(rows: readonly ObjectRow[], gone: readonly Position[]): void {
    const id = this.#last + 1;
    const names: Name[] = [
      ...rows.map(({ namespace, name, resourceVersion }) => [namespace, name, resourceVersion] as const),
      ...gone.map(({ namespace, name }) => [namespace, name] as const),
    ];
    this.#run(`INSERT INTO pages VALUES (?, ?, ?)`, id, JSON.stringify(names), rows.map(({ text }) => text).join("\n"));
    this.#enter(id, names);
  }
  /**
   * Removes oldest pages while too much is void, and answers with what of them counts. As much as was added and a little more: so that one
   * commit does not tidy up for all. What the oldest page says is gone needs no saying: no page before it says otherwise.
   */
  #tidied(added: { readonly valid: number; readonly gone: number; readonly budget: number }): ObjectRow[] {
    const moved: ObjectRow[] = [];
    const valid = this.#places.size + added.valid;
    let entries = this.#entries + added.valid + added.gone;
    let { budget } = added;
    for (const [id, size] of this.#sizes) {
      if (budget <= 0 || entries - valid <= valid + VOID_MIN) break;
      const rows = this.#valid(id);
      for (const row of rows) {
        this.#places.delete(keyOf(row));
        moved.push(row);
      }
      this.#run(`DELETE FROM pages WHERE id = ?`, id);
      this.#sizes.delete(id);
      this.#entries -= size;
      entries += rows.length - size;
      budget -= size;
    }
    return moved;
  }
  #run(query: string, ...bindings: unknown[]): void {
    this.#sql.exec(query, ...bindings);
  }
}
