// How many bytes databases hold, with what is still in their logs.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { databases } from "../../bench/disk.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "paperplane-disk-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pagesOf = (database: DatabaseSync): number => Number(database.prepare("PRAGMA page_count").get()?.page_count);
const fill = (database: DatabaseSync, rows: number): void => {
  database.exec("CREATE TABLE IF NOT EXISTS t (text TEXT)");
  for (let row = 0; row < rows; row++) database.prepare("INSERT INTO t VALUES (?)").run("x".repeat(1000));
};

test("pages that only the log has count, and those of a log that was written over do not", () => {
  const database = new DatabaseSync(join(folder, "a.sqlite"));
  database.exec("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  fill(database, 40);
  expect(pagesOf(database)).toBeGreaterThan(10);
  expect(databases(folder)).toEqual({ count: 1, bytes: 4096 * pagesOf(database) });
  const before = pagesOf(database);
  database.exec("PRAGMA wal_checkpoint(RESTART)");
  expect(databases(folder).bytes).toBe(4096 * before);
  fill(database, 4);
  expect(pagesOf(database)).toBeGreaterThan(before);
  expect(databases(folder).bytes).toBe(4096 * pagesOf(database));
  database.close();
});

test("databases of folders within are added; one without pages holds nothing", () => {
  mkdirSync(join(folder, "within"));
  const [large, empty] = [new DatabaseSync(join(folder, "within", "a.sqlite")), new DatabaseSync(join(folder, "b.sqlite"))];
  fill(large, 10);
  empty.exec("SELECT 1");
  expect(databases(folder)).toEqual({ count: 2, bytes: 4096 * pagesOf(large) });
  large.close();
  empty.close();
});
