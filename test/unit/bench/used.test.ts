// What counters rose by between two readings of `/metrics`.
import { expect, test } from "vitest";
import { difference, parseMetrics, total } from "../../bench/used.ts";

const read = (...lines: readonly string[]): ReturnType<typeof parseMetrics> => parseMetrics(lines.map((line) => `paperplane_${line}`).join("\n"));

test("counters are subtracted actor by actor, gauges are left out", () => {
  const before = read('requests_total{family="store",name="/pods"} 5', 'database_bytes{family="store",name="/pods"} 4096');
  const after = read(
    'requests_total{family="store",name="/pods"} 8',
    'requests_total{family="node",name="a"} 2',
    'database_bytes{family="store",name="/pods"} 8192',
  );
  expect(difference(before, after).map(({ metric, name, value }) => [metric, name, value])).toEqual([
    ["requests", "/pods", 3],
    ["requests", "a", 2],
  ]);
});

test("a family that has become too large for a series of each actor is compared as a whole", () => {
  const before = read('rows_written_total{family="node",name="a",table="kept"} 5', 'rows_written_total{family="node",name="b",table="kept"} 7');
  const after = read('rows_written_total{family="node",table="kept"} 20', 'rows_written_total{family="node",table="log"} 1');
  const used = difference(before, after);
  expect(used.map(({ table, value }) => [table, value])).toEqual([
    ["kept", 8],
    ["log", 1],
  ]);
  expect(total(used, "rows_written", { family: "node" })).toBe(9);
});

test("an actor without a name is compared with itself", () => {
  const before = read('requests_total{family="cluster",name=""} 5');
  expect(difference(before, read('requests_total{family="cluster",name=""} 6'))[0]?.value).toBe(1);
});
