// YAML bodies: keys that are there twice, and texts that are large or wrong from beginning to end.
import { describe, expect, test } from "vitest";
import { readYaml } from "../../../shared/schema/yaml.ts";

const duplicates = (source: string): string[] => {
  const result = readYaml(source);
  if (!result.ok) throw new Error(result.error);
  return result.value.duplicates?.split("\n").slice(1) ?? [];
};

describe("keys that are there twice", () => {
  test("are named in the order of the text, in every map by itself", () => {
    const source = "a: 1\nb:\n  c: 1\n  d: {e: 1, 'e': 2, f: 3}\n  c: 2\nl:\n- x: 1\n- x: 2\n  x: 3\na: 2\na: 3\n";
    expect(duplicates(source)).toEqual([
      '  line 4: key "e" already set in map',
      '  line 5: key "c" already set in map',
      '  line 9: key "x" already set in map',
      '  line 10: key "a" already set in map',
      '  line 11: key "a" already set in map',
    ]);
    expect(readYaml(source)).toMatchObject({ value: { value: { a: 3, b: { c: 2, d: { e: 2, f: 3 } }, l: [{ x: 1 }, { x: 3 }] } } });
  });
  test("are other keys when they are of another type", () => {
    expect(duplicates("1: a\n'1': b\nnull: c\n'null': d\n")).toEqual([]);
    expect(duplicates("1: a\n1: b\n")).toEqual(['  line 2: key "1" already set in map']);
  });
});

// The library alone takes time with the square of the number of keys, and a stack trace for every mistake.
describe("a large text is read once", () => {
  const LENGTH = 400_000;
  const repeated = (text: string): string => text.repeat(LENGTH / text.length);

  test("a map of many keys", () => {
    const source = Array.from({ length: 30_000 }, (_, n) => `key-${n}: v\n`).join("");
    expect(duplicates(`${source}key-7: again\n`)).toEqual(['  line 30001: key "key-7" already set in map']);
  });
  test.each([
    ["closing brackets", repeated("]\n"), "yaml: did not find expected node content"],
    ["tabs", repeated("\ta: b\n"), "yaml: found character that cannot start any token"],
    ["colons", repeated("a: b: c\n"), "yaml: mapping values are not allowed in this context"],
  ])("that is nothing but %s", (_what, source, message) => {
    expect(readYaml(source)).toEqual({ ok: false, error: message });
  });
});
