// What is counted of what is billed, and how it is shown.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ALARM, Meter, Meters, PAIRS } from "../../../durable-objects/platform/meter.ts";
import { MeteredStorage } from "../../../durable-objects/platform/metered-storage.ts";
import { metricsText } from "../../../durable-objects/platform/metrics.ts";
import { METRICS_ACTORS_MAX } from "../../../shared/base/limits.ts";

let now = 0;
vi.mock("../../../durable-objects/platform/ports.ts", () => ({ platformPorts: { now: () => now } }));
beforeEach(() => void (now = 0));

describe("the time at work", () => {
  test("what overlaps counts once; what is still going on counts up to now", () => {
    const meter = new Meter("store", "/pods");
    meter.enter();
    now = 10;
    meter.enter();
    now = 30;
    meter.leave();
    expect(meter.activeMs).toBe(30);
    now = 50;
    meter.leave();
    now = 1000;
    expect(meter.activeMs).toBe(50);
    meter.enter();
    now = 1001;
    expect(meter.activeMs).toBe(51);
  });
  test("work that fails ends, too", async () => {
    const meter = new Meter("store", "/pods");
    await expect(meter.during(Promise.reject(new Error("no")))).rejects.toThrow("no");
    now = 100;
    expect(meter.activeMs).toBe(0);
  });
  test("what a crash left open ends with the next life, and what comes in late from the old one does no harm", () => {
    const meter = new Meter("store", "/pods");
    meter.enter();
    meter.enter();
    now = 5;
    meter.begin();
    now = 100;
    expect(meter.activeMs).toBe(5);
    meter.leave();
    meter.enter();
    now = 103;
    meter.leave();
    expect(meter.activeMs).toBe(8);
  });
});

describe("the meters of an isolate", () => {
  test("an actor that comes back goes on with its meter; a cluster that is gone begins anew", () => {
    const meters = new Meters(10);
    const first = meters.of("a", "node", "n");
    expect(meters.of("a", "node", "n")).toBe(first);
    expect(meters.of("b", "node", "n")).not.toBe(first);
    expect(meters.all("a")).toEqual([first]);
    meters.forget("a");
    expect(meters.all("a")).toEqual([]);
    expect(meters.of("a", "node", "n")).not.toBe(first);
  });
  test("there are never more than the limit: who was left alone longest is forgotten", () => {
    const meters = new Meters(3);
    for (const cluster of ["a", "b", "c"]) meters.of(cluster, "store", "/pods");
    meters.of("a", "store", "/pods");
    meters.of("d", "store", "/pods");
    expect(["a", "b", "c", "d"].map((cluster) => meters.all(cluster).length)).toEqual([1, 0, 1, 1]);
  });
  test("a cluster that is too big by itself still works, uncounted beyond the limit", () => {
    const meters = new Meters(2);
    for (const name of ["a", "b", "c"]) meters.of("big", "node", name).requests++;
    expect(meters.all("big").map(({ name }) => name)).toEqual(["a", "b"]);
    meters.forget("big");
    for (const name of ["a", "b"]) meters.of("next", "node", name);
    expect(meters.all("next")).toHaveLength(2);
  });
});

/** A storage that says of each statement how many rows it read and wrote. */
function storage(rows: { readonly read: number; readonly written: number; readonly found: readonly Record<string, number>[] }) {
  const pairs = new Map<string, unknown>();
  const fake = {
    sql: {
      databaseSize: 4096,
      exec() {
        let read = rows.found.length > 0 ? 1 : rows.read;
        return {
          get rowsRead() {
            return read;
          },
          rowsWritten: rows.written,
          toArray() {
            read = rows.read;
            return rows.found;
          },
        };
      },
    },
    kv: { get: (key: string) => pairs.get(key), put: (key: string, value: unknown) => void pairs.set(key, value), delete: (key: string) => pairs.delete(key) },
    setAlarm: () => Promise.resolve(),
  };
  const meter = new Meter("store", "/pods");
  return { meter, storage: new MeteredStorage(fake as unknown as DurableObjectStorage, meter) };
}
const written = (meter: Meter) => Object.fromEntries(meter.written);

describe("storage", () => {
  test("rows are counted as the cursor counts them, by table", () => {
    const { meter, storage: metered } = storage({ read: 2, written: 3, found: [] });
    metered.sql.exec(`INSERT INTO objects VALUES (?, ?)`, 1, 2);
    metered.sql.exec(`INSERT OR IGNORE INTO actors VALUES (?, ?)`, 1, 2);
    metered.sql.exec(`UPDATE objects SET json = ? WHERE ns = ?`, 1, 2);
    metered.sql.exec(`DELETE FROM history WHERE last <= ?`, 1);
    metered.sql.exec(`CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY)`);
    expect(meter.rowsRead).toBe(10);
    expect(written(meter)).toEqual({ objects: 6, actors: 3, history: 3, schema: 3 });
  });
  test("rows of an answer are counted when they are read, and not twice", () => {
    const { meter, storage: metered } = storage({ read: 7, written: 0, found: [{ n: 1 }, { n: 2 }] });
    expect([...metered.sql.exec(`SELECT n FROM objects`)]).toEqual([{ n: 1 }, { n: 2 }]);
    expect(meter.rowsRead).toBe(7);
    expect(written(meter)).toEqual({});
  });
  test("a pair is a row, a setting of the alarm is a row, what is not there is not deleted", async () => {
    const { meter, storage: metered } = storage({ read: 0, written: 0, found: [] });
    metered.kv.put("a", 1);
    expect(metered.kv.get("a")).toBe(1);
    metered.kv.delete("a");
    metered.kv.delete("a");
    await metered.setAlarm(1);
    expect(meter.rowsRead).toBe(1);
    expect(written(meter)).toEqual({ [PAIRS]: 2, [ALARM]: 1 });
  });
});

describe("the text for Prometheus", () => {
  const lines = (text: string, metric: string): string[] => text.split("\n").filter((line) => line.startsWith(`${metric}{`));
  test("every metric says what it is, and each actor has a series of its own", () => {
    const meter = new Meter("store", "/pods");
    meter.requests = 3;
    meter.wrote("pages", 5);
    meter.wrote("history", 1);
    meter.enter();
    now = 2000;
    const text = metricsText([meter, new Meter("node", `a"\\b`)]);
    const named = [...text.matchAll(/^# HELP (\S+) \S.*\n# TYPE (\S+) (counter|gauge)$/gm)].map(([, name, again]) => {
      expect(again).toBe(name);
      return name;
    });
    expect(named.length).toBeGreaterThan(7);
    for (const [, name] of text.matchAll(/^(\w+)\{/gm)) expect(named).toContain(name);
    expect(lines(text, "paperplane_requests_total")).toEqual([
      `paperplane_requests_total{family="store",name="/pods"} 3`,
      `paperplane_requests_total{family="node",name="a\\"\\\\b"} 0`,
    ]);
    expect(lines(text, "paperplane_rows_written_total")).toEqual([
      `paperplane_rows_written_total{family="store",name="/pods",table="pages"} 5`,
      `paperplane_rows_written_total{family="store",name="/pods",table="history"} 1`,
    ]);
    expect(lines(text, "paperplane_duration_gigabyte_seconds_total")[0]).toBe(`paperplane_duration_gigabyte_seconds_total{family="store",name="/pods"} 0.256`);
  });
  test("too many actors of a family are shown as their sum, others still one by one", () => {
    const nodes = Array.from({ length: METRICS_ACTORS_MAX + 1 }, (_, index) => {
      const meter = new Meter("node", `node-${index}`);
      meter.requests = 2;
      meter.wrote("pods", 1);
      return meter;
    });
    const text = metricsText([...nodes, new Meter("store", "/pods")]);
    expect(lines(text, "paperplane_requests_total")).toEqual([
      `paperplane_requests_total{family="node"} ${2 * nodes.length}`,
      `paperplane_requests_total{family="store",name="/pods"} 0`,
    ]);
    expect(lines(text, "paperplane_rows_written_total")).toEqual([`paperplane_rows_written_total{family="node",table="pods"} ${nodes.length}`]);
    expect(lines(metricsText(nodes.slice(1)), "paperplane_requests_total")).toHaveLength(METRICS_ACTORS_MAX);
  });
});
