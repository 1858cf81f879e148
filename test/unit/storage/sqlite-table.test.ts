import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryTable } from "../../../durable-objects/storage/memory-table.ts";
import type { Batch, Change, ChangeType, ObjectTable } from "../../../durable-objects/storage/object-table.ts";
import { sqliteTable, type SqlStorageLike } from "../../../durable-objects/storage/sqlite-table.ts";
import { HAS_SQLITE, sqlStorage } from "../../contract/_store.ts";

const at = (name: string): { namespace: string; name: string } => ({ namespace: "n", name });
const NAMES = Array.from({ length: 12 }, (_, index) => `o${index}`);
/** Few of them fit into a page. */
const textOf = (name: string, version: number): string => JSON.stringify({ name, version, filling: "x".repeat(version % 3 === 0 ? 15_000 : 50) });

/** Makes a commit of some objects: those that are not there are added, others changed or, where it is so wished, removed. */
function commit(table: ObjectTable, version: number, wishes: readonly { readonly name: string; readonly gone: boolean }[]): number {
  let last = version;
  const changes: Change[] = [];
  for (const { name, gone } of wishes) {
    const before = table.get(at(name));
    if (!before && gone) continue;
    const type: ChangeType = gone ? "DELETED" : before ? "MODIFIED" : "ADDED";
    const change = { ...at(name), resourceVersion: ++last, text: textOf(name, last), type };
    if (gone) table.remove(change);
    else table.put(change);
    changes.push(change);
  }
  if (changes.length > 0) table.append({ last, told: version, changes });
  return last;
}
const seen = (table: ObjectTable) => ({
  rows: table.scan({ limit: 100 }).map(({ namespace, name, resourceVersion, text }) => [namespace, name, resourceVersion, text]),
  some: table.scan({ namespace: "n", after: at("o10"), limit: 2 }).map(({ name }) => name),
  all: [...table.rows()].map(({ name, resourceVersion }) => `${name} ${resourceVersion}`).sort(),
  counts: [table.count(), table.count("n"), table.count("m"), table.countAfter(at("o10"))],
  single: NAMES.map((name) => table.get(at(name))?.resourceVersion),
  before: NAMES.map((name) => table.textBefore(at(name))),
  history: [...table.history()].flatMap(({ changes }) => changes),
});
/** Rows of pages, and how many texts they hold. */
const pages = ({ sql }: SqlStorageLike): number[] =>
  [...sql.exec<{ names: string }>(`SELECT names FROM pages ORDER BY id`)].map(({ names }) => (JSON.parse(names) as unknown[]).length);

describe.skipIf(!HAS_SQLITE)("a table over SQLite (needs node:sqlite)", () => {
  test("says what a table in memory says, whatever is written, forgotten, rolled back, and opened again", () => {
    const wishes = fc.array(fc.record({ name: fc.constantFrom(...NAMES), gone: fc.boolean() }), { minLength: 1, maxLength: 5 });
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("commit" as const), wishes }) },
      fc.record({ do: fc.constant("roll back" as const), wishes }),
      fc.record({ do: fc.constant("forget" as const), behind: fc.integer({ min: 0, max: 8 }) }),
      fc.record({ do: fc.constant("open" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const storage = sqlStorage();
        const model = memoryTable();
        let table = sqliteTable(storage);
        for (const one of [table, model]) {
          for (const name of NAMES.slice(0, 3)) one.put({ ...at(name), resourceVersion: 1, text: textOf(name, 1) });
          one.begin(1000);
        }
        let last = 1000;
        for (const one of steps) {
          if (one.do === "open") table = sqliteTable(storage);
          else if (one.do === "forget") for (const each of [table, model]) each.forget(last - one.behind);
          else if (one.do === "commit") {
            const [next] = [table, model].map((each) => each.transaction(() => commit(each, last, one.wishes)));
            last = next ?? last;
          } else
            expect(() =>
              table.transaction(() => {
                commit(table, last, one.wishes);
                throw new Error("no");
              }),
            ).toThrow("no");
          expect(seen(table)).toEqual(seen(model));
        }
      }),
      { numRuns: 150 },
    );
  });

  test("forgets an older deletion of an object that came back and went again, and not the last one", () => {
    const table = sqliteTable(sqlStorage());
    table.put({ ...at("o0"), resourceVersion: 1, text: textOf("o0", 1) });
    table.begin(1000);
    let last = 1000;
    for (const gone of [true, false, true]) last = table.transaction(() => commit(table, last, [{ name: "o0", gone }]));
    for (let through = 1001; through <= last; through++) {
      table.forget(through);
      expect(table.get(at("o0"))).toBeUndefined();
      expect([...table.rows()]).toEqual([]);
    }
  });

  test("keeps objects that were not changed lately many to a row, in the order of their names, and reads them from there", () => {
    const storage = sqlStorage();
    const table = sqliteTable(storage);
    const names = Array.from({ length: 235 }, (_, index) => `o${String((index * 7919) % 235).padStart(3, "0")}`);
    table.begin(1000);
    table.transaction(() =>
      commit(
        table,
        1000,
        names.map((name) => ({ name, gone: false })),
      ),
    );
    expect(pages(storage)).toEqual([]);
    table.transaction(() => commit(table, 2000, [{ name: "o000", gone: false }]));
    table.forget(2000);
    expect(pages(storage).length).toBeLessThan(60);
    expect(pages(storage).reduce((sum, size) => sum + size, 0)).toBe(235);
    const again = sqliteTable(storage);
    expect(again.scan({ limit: 500 }).map(({ name }) => name)).toEqual([...names].sort());
    expect(again.get(at("o000"))?.resourceVersion).toBe(2001);
    expect(JSON.parse(again.textBefore(at("o000")) ?? "{}")).toMatchObject({ name: "o000" });
  });

  test("does not grow while the same objects change, and is empty when all are gone", () => {
    const storage = sqlStorage();
    const table = sqliteTable(storage);
    table.begin(1000);
    let last = 1000;
    const round = (gone: boolean): void => {
      last = table.transaction(() =>
        commit(
          table,
          last,
          NAMES.map((name) => ({ name, gone })),
        ),
      );
      // The newest batch always stays.
      last = table.transaction(() => commit(table, last, [{ name: "other", gone: false }]));
      table.forget(last);
    };
    const sizes: number[] = [];
    for (let count = 0; count < 60; count++) {
      round(false);
      sizes.push(pages(storage).reduce((sum, size) => sum + size, 0));
    }
    expect(Math.max(...sizes)).toBeLessThan(150);
    // What is forgotten is written over.
    expect([...storage.sql.exec(`SELECT slot FROM history`)].length).toBeLessThan(5);
    for (let count = 0; count < 60; count++) round(true);
    expect(table.count()).toBe(1);
    expect(
      sqliteTable(storage)
        .scan({ limit: 100 })
        .map(({ name }) => name),
    ).toEqual(["other"]);
  });

  describe("that was made before there were pages", () => {
    const OBJECTS: Readonly<Record<string, string>> = {
      2: `CREATE TABLE objects (ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (ns, name)) WITHOUT ROWID`,
      3: `CREATE TABLE objects (id INTEGER PRIMARY KEY, ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL)`,
    };
    const text = (name: string, version: number): string => JSON.stringify({ metadata: { name, resourceVersion: String(version) } });
    function old(schema: string, told: number): SqlStorageLike {
      const storage = sqlStorage();
      const run = (statement: string, ...bindings: unknown[]): unknown => storage.sql.exec(statement, ...bindings);
      run(`CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
      run(OBJECTS[schema] ?? "");
      run(`CREATE TABLE history (last INTEGER PRIMARY KEY, json TEXT NOT NULL)`);
      run(`INSERT INTO facts VALUES ('schema', ?)`, schema);
      for (const [name, version] of [
        ["a", 1005],
        ["b", 1002],
        ["new", 1006],
      ] as const)
        run(`INSERT INTO objects (ns, name, rv, json) VALUES ('n', ?, ?, ?)`, name, version, text(name, version));
      const row = (last: number, events: unknown, ...texts: string[]): unknown =>
        run(`INSERT INTO history VALUES (?, ?)`, last, [JSON.stringify({ told, events }), ...texts].join("\n"));
      row(1001, [{ v: 1001, t: 0, s: "n", n: "a" }]);
      row(
        1004,
        [
          { v: 1003, t: 1, s: "n", n: "a", b: 1 },
          { v: 1004, t: 2, s: "n", n: "gone", b: 1, d: 1 },
        ],
        text("a", 1001),
        text("gone", 999),
        text("gone", 1004),
      );
      row(
        1006,
        [
          { v: 1005, t: 1, s: "n", n: "a", b: 1 },
          { v: 1006, t: 0, s: "n", n: "new" },
        ],
        text("a", 1003),
      );
      return storage;
    }

    test.each(["2", "3"])("is taken over with all that it holds, and with what nobody was told of yet (schema %s)", (schema) => {
      const storage = old(schema, 1002);
      for (let opened = 0; opened < 2; opened++) {
        const table = sqliteTable(storage);
        expect(table.scan({ limit: 10 }).map((row) => [row.name, row.resourceVersion, row.text])).toEqual([
          ["a", 1005, text("a", 1005)],
          ["b", 1002, text("b", 1002)],
          ["new", 1006, text("new", 1006)],
        ]);
        const change = (type: ChangeType, name: string, resourceVersion: number): Change => ({
          type,
          ...at(name),
          resourceVersion,
          text: text(name, resourceVersion),
        });
        const history: Batch[] = [
          {
            last: 1006,
            told: 1002,
            changes: [change("MODIFIED", "a", 1003), change("DELETED", "gone", 1004), change("MODIFIED", "a", 1005), change("ADDED", "new", 1006)],
          },
        ];
        expect([...table.history()]).toEqual(history);
        expect(["a", "gone", "b", "new"].map((name) => table.textBefore(at(name)))).toEqual([text("a", 1001), text("gone", 999), text("b", 1002), undefined]);
      }
    });

    test("begins a history of its own where everybody was told of everything", () => {
      const table = sqliteTable(old("3", 1006));
      expect([...table.history()]).toEqual([{ last: 1006, told: 1006, changes: [] }]);
      expect(table.count()).toBe(3);
    });

    test("by somebody else is left alone", () => {
      const storage = old("3", 1006);
      storage.sql.exec(`UPDATE facts SET value = '5' WHERE key = 'schema'`);
      expect(() => sqliteTable(storage)).toThrow("tables of schema 5 are not known");
    });
  });
});
