// How cost grows, in numbers that are made up: powers of n, what is named as too much, and what is not.
import { describe, expect, test } from "vitest";
import { closing, curveText, excesses, exponent, growthPage, type Curve, type Head } from "../../bench/growth-report.ts";
import type { Spent } from "../../bench/spending.ts";

const HEAD: Head = { title: "Pods", many: "pods", one: "a pod", flat: false };
const FLAT: Head = { title: "One more pod", many: "nodes", one: "a pod", flat: true };
const NOTHING: Spent = { used: [], ms: 0, cpuMs: 0, databaseBytes: 0, databases: 0, memoryMegabytes: 0, others: undefined };
const rows = (value: number, others?: number): Spent => ({
  ...NOTHING,
  used: [{ metric: "rows_written", family: "store", name: "/pods", table: "pages", value }],
  others,
});
const curve = (head: Head, costs: Readonly<Record<number, Spent>>, unitsOf = (size: number): number => (head.flat ? 1 : size)): Curve => ({
  head,
  steps: Object.entries(costs).map(([size, spent]) => ({ size: Number(size), units: unitsOf(Number(size)), spent })),
});
const line = (text: string, what: string): string => text.split("\n").find((one) => one.trim().startsWith(what)) ?? "";
const cells = (text: string, what: string): string[] => line(text, what).trim().split(/ {2,}/);

describe("the power of n", () => {
  test.each([
    [100, 100, 10_000, 10_000, 1],
    [100, 100, 10_000, 1_000_000, 2],
    [10, 50, 5000, 50, 0],
    [10, 4, 1000, 40, 0.5],
  ])("%i cost %i, %i cost %i: n^%f", (small, low, large, high, expected) => {
    expect(exponent({ size: small, cost: low }, { size: large, cost: high })).toBeCloseTo(expected, 10);
  });
  test("of one size there is none", () => {
    expect(exponent({ size: 10, cost: 1 }, { size: 10, cost: 2 })).toBeUndefined();
  });
});

describe("a table", () => {
  test("shows each size whole and for each one, and both powers", () => {
    const text = curveText(curve(HEAD, { 100: rows(700), 1000: rows(7000), 10_000: rows(700_000) }));
    expect(cells(text, "rows written")).toEqual(["rows written", "700", "7,000", "700,000", "7", "7", "70", "n^1.50", "n^2.00"]);
  });
  test("divides by what was done, and shows a step for each event", () => {
    const head: Head = { title: "Events", many: "watchers", one: "a delivery", flat: false, each: { what: "event", count: 100 } };
    const text = curveText(curve(head, { 1: rows(200), 10: rows(200) }, (size) => 100 * size));
    expect(text).toMatch(/^Events; for each event\n/);
    expect(cells(text, "rows written")).toEqual(["rows written", "2", "2", "2", "0.2", "n^0.00"]);
  });
  test("small shares of a second are told in milliseconds", () => {
    const text = curveText(curve(HEAD, { 100: { ...NOTHING, ms: 500, cpuMs: 250 } }));
    expect(cells(text, "time")).toEqual(["time", "0.5 s", "5 ms"]);
    expect(cells(text, "processor time")).toEqual(["processor time", "0.25 s", "2.5 ms"]);
  });
  test("requests to the API are no requests to actors", () => {
    const used = ["api", "store", "node"].map((family) => ({ metric: "requests", family, name: "", table: "", value: 40 }));
    expect(cells(curveText(curve(HEAD, { 10: { ...NOTHING, used } })), "requests to actors")).toEqual(["requests to actors", "80", "8"]);
  });
  test("marks sizes that other programs disturbed", () => {
    const text = curveText(curve(HEAD, { 100: rows(1, 0.5), 1000: rows(1, 0.01) }));
    expect(line(text, "pods")).toMatch(/100 \* +1,000 +a pod/);
  });
});

describe("what is named", () => {
  test("what grows with n is not, what grows faster is", () => {
    expect(excesses(curve(HEAD, { 100: rows(700), 1000: rows(7000), 10_000: rows(70_000) }))).toEqual([]);
    expect(excesses(curve(HEAD, { 100: rows(700), 1000: rows(10_500), 10_000: rows(140_000) }))).toEqual([
      "Pods: rows written n^1.15, 7 to 14 for a pod from 100 to 10,000 pods",
    ]);
  });
  test("what is the same for all sizes does not hide how it ends", () => {
    expect(excesses(curve(HEAD, { 10: rows(5000), 100: rows(5000), 1000: rows(500_000) }))).toEqual([
      "Pods: rows written n^2.00, 50 to 500 for a pod from 100 to 1,000 pods",
    ]);
  });
  test("what should not depend on n is named when it does", () => {
    expect(excesses(curve(FLAT, { 10: rows(14), 100: rows(15), 5000: rows(16) }))).toEqual([]);
    expect(excesses(curve(FLAT, { 10: rows(14), 100: rows(20), 5000: rows(40) }))).toEqual([
      "One more pod: rows written n^0.17, 14 to 40 for a pod from 10 to 5,000 nodes",
    ]);
    expect(excesses(curve(FLAT, { 10: rows(1), 1000: rows(4) }))).toEqual([]);
  });
  test("something from nothing is named, nothing from nothing is not", () => {
    expect(excesses(curve(FLAT, { 10: NOTHING, 1000: rows(1000) }))).toEqual([
      "One more pod: rows written n^1.50, 0 to 1,000 for a pod from 10 to 1,000 nodes",
    ]);
    expect(excesses(curve(FLAT, { 10: NOTHING, 1000: NOTHING }))).toEqual([]);
    expect(excesses(curve(HEAD, { 10: NOTHING }))).toEqual([]);
  });
  test("what a clock says is named as such", () => {
    const [named] = excesses(curve(HEAD, { 10: { ...NOTHING, cpuMs: 100 }, 100: { ...NOTHING, cpuMs: 10_000 } }));
    expect(named).toBe("Pods: processor time n^2.00, 10 ms to 100 ms for a pod from 10 to 100 pods (measured, not counted)");
  });
});

test("the report has a table for each curve, both lists, and what failed", () => {
  const curves = [curve(HEAD, { 10: rows(10), 100: rows(1000, 0.2) }), curve(FLAT, { 10: rows(10), 100: rows(10) })];
  expect(closing(curves)).toEqual({ linear: "- Pods: rows written n^2.00, 1 to 10 for a pod from 10 to 100 pods", flat: "Nowhere." });
  const text = growthPage({ curves, quick: true, transport: "socket", troubles: ["nodes, 5000: gave up"] });
  expect(text.match(/^## .*/gm)).toEqual([
    "## Pods",
    "## One more pod",
    "## Where it is more than linear",
    "## Where one more costs more because of those that are there",
    "## What did not work",
  ]);
  expect(text).toContain("| pods | 10 | 100 \\* | a pod, of 10 | a pod, of 100 | grows like | at the end |\n|---|---:|---:|---:|---:|---:|---:|\n");
  expect(text).toContain("| rows written | 10 | 1,000 | 1 | 10 | n^2.00 |  |");
  expect(text).toContain("- nodes, 5000: gave up");
});
