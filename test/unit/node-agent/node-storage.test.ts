// Lines that a node keeps: in order, by time, the oldest go first, and what was written together is one row.
import { describe, expect, test } from "vitest";
import { NodeStorage } from "../../../durable-objects/node/node-storage.ts";
import type { MeteredStorage } from "../../../durable-objects/platform/metered-storage.ts";
import type { LogLine } from "../../../shared/sim/image.ts";
import { HAS_SQLITE, sqlStorage } from "../../contract/_store.ts";

const lines = (first: number, count: number, text = "x"): LogLine[] =>
  Array.from({ length: count }, (_, index) => ({
    at: first + index,
    stream: (first + index) % 2 === 0 ? "stdout" : "stderr",
    text: `${text}${first + index}`,
  }));
function medium() {
  const database = sqlStorage();
  return {
    open: (): NodeStorage => new NodeStorage(database as unknown as MeteredStorage, () => {}),
    rows: (): number[] => [...database.sql.exec<{ json: string }>(`SELECT json FROM log`)].map(({ json }) => json.length),
  };
}

describe.skipIf(!HAS_SQLITE)("lines of containers (needs node:sqlite)", () => {
  test("are read as they were written, from one time until before another, in another life too", () => {
    const { open, rows } = medium();
    const storage = open();
    expect(storage.lines("a", 0, Infinity)).toEqual([]);
    storage.appendLines("a", lines(0, 5));
    storage.appendLines("b", lines(0, 1));
    open().appendLines("a", lines(5, 3));
    expect(rows()).toHaveLength(3);
    const again = open();
    expect(again.lines("a", 0, Infinity)).toEqual(lines(0, 8));
    expect(again.lines("a", 3, 6).map(({ at }) => at)).toEqual([3, 4, 5]);
    expect(again.lines("none", 0, Infinity)).toEqual([]);
  });
  test("many or long ones take several rows, none of them too big", () => {
    const { open, rows } = medium();
    const many = [...lines(0, 1000), ...lines(1000, 5, "y".repeat(150_000))];
    open().appendLines("a", many);
    expect(open().lines("a", 0, Infinity)).toEqual(many);
    expect(rows()).toHaveLength(8);
    expect(Math.max(...rows())).toBeLessThan(210_000);
  });
  test("the oldest go when there are too many, and all when the container is gone", () => {
    const storage = medium().open();
    for (let at = 0; at < 10_000; at += 100) storage.appendLines("a", lines(at, 100));
    const kept = storage.lines("a", 0, Infinity);
    expect(kept.length).toBeLessThan(5000);
    expect(kept).toEqual(lines(10_000 - kept.length, kept.length));
    storage.dropLines(["a"]);
    expect(storage.lines("a", 0, Infinity)).toEqual([]);
    storage.appendLines("a", lines(1, 1));
    expect(storage.lines("a", 0, Infinity)).toEqual(lines(1, 1));
  });
});
