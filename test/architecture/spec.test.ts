// SPEC.md and the tests agree: no promise without a test, no test of a promise that is not written down.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, ROOT } from "./source-files.ts";

const spec = readFileSync(join(ROOT, "SPEC.md"), "utf8");
const promised = [...spec.matchAll(/^- \*\*\[([A-Z]\d+)\]\*\* \S/gm)].map(([, id = ""]) => id);
const families = new Set(promised.map((id) => id[0]));
/** IDs at the head of a test's name: `it("[C1] ...`. */
const quoted = ["test/contract", "test/sim"]
  .flatMap(filesBelow)
  .filter((path) => path.endsWith(".test.ts"))
  .flatMap((path) => [...readFileSync(join(ROOT, path), "utf8").matchAll(/["'`]\[([A-Z]\d+)\] /g)].map(([, id = ""]) => ({ id, path })));

test("[T1] every rule of SPEC.md has a test that quotes it", () => {
  const tested = new Set(quoted.map(({ id }) => id));
  expect(promised.length).toBeGreaterThan(50);
  expect(promised.filter((id) => !tested.has(id))).toEqual([]);
});

test("[T2] every rule that a contract or simulation test quotes is in SPEC.md", () => {
  expect(quoted.filter(({ id }) => !promised.includes(id)).map(({ id, path }) => `${path}: [${id}]`)).toEqual([]);
});

test("[T3] rules are numbered from 1 without gaps, each once, in order", () => {
  for (const family of families) {
    const numbers = promised.filter((id) => id[0] === family).map((id) => Number(id.slice(1)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  }
});

test("[T4] a rule is tested in one place", () => {
  const ids = quoted.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
