import { describe, expect, test } from "vitest";
import { NameDirectory } from "../../../durable-objects/storage/name-directory.ts";
import { sqliteTable } from "../../../durable-objects/storage/sqlite-table.ts";
import { HAS_SQLITE, sqlStorage } from "../../contract/_store.ts";

const at = (namespace: string, name: string): { namespace: string; name: string } => ({ namespace, name });

describe("which row an object has", () => {
  test("is found by name, and in key order whatever the order of creation", () => {
    const directory = new NameDirectory([]);
    const ids = ["b/2", "a/9", "b/1", "ab/5", "a/10"].map((key) => directory.add(at(...(key.split("/") as [string, string]))));
    const [b2, a9, b1, ab5, a10] = ids;
    expect(directory.get(at("b", "1"))).toBe(b1);
    expect(directory.get(at("b", "3"))).toBeUndefined();
    expect(directory.range({}, 10)).toEqual([a10, a9, ab5, b1, b2]);
    expect(directory.range({ namespace: "a" }, 10)).toEqual([a10, a9]);
    expect(directory.range({ namespace: "a", after: at("a", "10") }, 10)).toEqual([a9]);
    expect(directory.range({ after: at("a", "9") }, 2)).toEqual([ab5, b1]);
    expect(directory.range({ after: at("b", "2") }, 2)).toEqual([]);
    expect([directory.count({}), directory.count({ namespace: "b" }), directory.count({ namespace: "c" }), directory.count({ after: at("a", "9") })]).toEqual([
      5, 2, 0, 3,
    ]);
  });

  test("follows what is removed and made again", () => {
    const directory = new NameDirectory([{ ...at("", "x"), id: 7 }]);
    expect(directory.range({}, 10)).toEqual([7]);
    directory.remove(at("", "x"));
    const again = directory.add(at("", "x"));
    expect(again).toBe(8);
    expect(directory.range({}, 10)).toEqual([8]);
    const other = directory.add(at("", "a"));
    directory.remove(at("", "a"));
    directory.remove(at("", "nobody"));
    expect(directory.range({}, 10)).toEqual([8]);
    expect(directory.add(at("", "a"))).toBeGreaterThan(other);
    expect(directory.count({})).toBe(2);
  });
});

describe.skipIf(!HAS_SQLITE)("a table over SQLite (needs node:sqlite)", () => {
  test("that was keyed by name is taken over with all that it holds", () => {
    const storage = sqlStorage();
    const run = (statement: string, ...bindings: unknown[]): unknown => storage.sql.exec(statement, ...bindings);
    run(`CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    run(`CREATE TABLE objects (ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (ns, name)) WITHOUT ROWID`);
    run(`CREATE TABLE history (last INTEGER PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`);
    run(`INSERT INTO facts VALUES ('schema', '2')`);
    for (const [ns, name, rv] of [
      ["b", "y", 1002],
      ["a", "x", 1001],
    ])
      run(`INSERT INTO objects VALUES (?, ?, ?, ?)`, ns, name, rv, `{"${name}":1}`);
    run(`INSERT INTO history VALUES (?, ?)`, 1002, "h");
    for (let opened = 0; opened < 2; opened++) {
      const table = sqliteTable(storage);
      expect(table.scan({ limit: 10 }).map(({ namespace, name, resourceVersion, text }) => [namespace, name, resourceVersion, text])).toEqual([
        ["a", "x", 1001, `{"x":1}`],
        ["b", "y", 1002, `{"y":1}`],
      ]);
      expect([...table.history()]).toEqual([{ last: 1002, json: "h" }]);
    }
  });

  test("that lost a transaction knows no row of it, and reads more rows than fit into one statement", () => {
    const storage = sqlStorage();
    const table = sqliteTable(storage);
    const put = (name: string): void => table.put({ ...at("n", name), resourceVersion: 1, text: name });
    expect(() =>
      table.transaction(() => {
        put("lost");
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(table.get("n", "lost")).toBeUndefined();
    const names = Array.from({ length: 235 }, (_, index) => `o${String((index * 7919) % 235).padStart(3, "0")}`);
    table.transaction(() => names.forEach(put));
    expect(table.scan({ limit: 500 }).map((row) => row.text)).toEqual([...names].sort());
    expect(
      sqliteTable(storage)
        .scan({ namespace: "n", after: at("n", "o100"), limit: 3 })
        .map((row) => row.name),
    ).toEqual(["o101", "o102", "o103"]);
  });
});
