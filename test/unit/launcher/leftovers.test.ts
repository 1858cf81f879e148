import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeEmptyDatabases } from "../../../scripts/launcher/leftovers.ts";

let data = "";
let folder = "";
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "paperplane-test-"));
  folder = join(data, "state", "do", "paperplane-Node");
  mkdirSync(folder, { recursive: true });
});
afterEach(() => rmSync(data, { recursive: true }));

function database(name: string, statements: readonly string[]): void {
  const opened = new DatabaseSync(join(folder, name));
  for (const statement of statements) opened.exec(statement);
  opened.close();
}

test("databases without a table go, all others stay", () => {
  database("deleted.sqlite", ["CREATE TABLE a (b)", "INSERT INTO a VALUES (1)", "DROP TABLE a", "VACUUM"]);
  database("new.sqlite", ["PRAGMA user_version = 1"]);
  database("kept.sqlite", ["CREATE TABLE a (b)"]);
  database("without-rows.sqlite", ["CREATE TABLE a (b PRIMARY KEY) WITHOUT ROWID"]);
  writeFileSync(join(folder, "none.sqlite"), "");
  writeFileSync(join(folder, "text.sqlite"), "x".repeat(4096));
  expect(removeEmptyDatabases(data)).toBe(2);
  expect(readdirSync(folder).sort()).toEqual(["kept.sqlite", "none.sqlite", "text.sqlite", "without-rows.sqlite"]);
  expect(removeEmptyDatabases(data)).toBe(0);
});

test("what lies beside a database goes with it", () => {
  database("prepared.sqlite", ["PRAGMA user_version = 1"]);
  for (const suffix of ["-wal", "-shm"]) writeFileSync(join(folder, `prepared.sqlite${suffix}`), "");
  expect(removeEmptyDatabases(data)).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test("what is still in a log counts", () => {
  database("logged.sqlite", ["PRAGMA user_version = 1"]);
  writeFileSync(join(folder, "logged.sqlite-wal"), "x");
  expect(removeEmptyDatabases(data)).toBe(0);
  expect(existsSync(join(folder, "logged.sqlite"))).toBe(true);
});

test("a folder that nobody has used yet has none", () => {
  expect(removeEmptyDatabases(join(data, "new"))).toBe(0);
});
