import fc from "fast-check";
import { expect, test } from "vitest";
import { NameDirectory } from "../../../durable-objects/storage/name-directory.ts";
import { keyOf } from "../../../durable-objects/storage/object-table.ts";

const at = (namespace: string, name: string): { namespace: string; name: string } => ({ namespace, name });
const key = (text: string): string => keyOf(at(...(text.split("/") as [string, string])));
const plain = (keys: readonly string[]): string[] => keys.map((one) => one.replace("\u0000", "/"));

test("keys come in the order of namespace and name, whatever the order of creation", () => {
  const directory = new NameDirectory();
  for (const one of ["b/2", "a/9", "b/1", "ab/5", "a/10"]) directory.add(key(one));
  expect(plain(directory.range({}, 10))).toEqual(["a/10", "a/9", "ab/5", "b/1", "b/2"]);
  expect(plain(directory.range({ namespace: "a" }, 10))).toEqual(["a/10", "a/9"]);
  expect(plain(directory.range({ namespace: "a", after: at("a", "10") }, 10))).toEqual(["a/9"]);
  expect(plain(directory.range({ after: at("a", "9") }, 2))).toEqual(["ab/5", "b/1"]);
  expect(directory.range({ after: at("b", "2") }, 2)).toEqual([]);
  expect([directory.count({}), directory.count({ namespace: "b" }), directory.count({ namespace: "c" }), directory.count({ after: at("a", "9") })]).toEqual([
    5, 2, 0, 3,
  ]);
});

test("what is added, removed and asked for in any order is what is there", () => {
  const step = fc.record({
    do: fc.constantFrom("add", "remove", "range", "count"),
    namespace: fc.constantFrom("a", "ab", "b"),
    name: fc.integer({ min: 0, max: 12 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const directory = new NameDirectory();
      const model = new Set<string>();
      for (const { do: verb, namespace, name } of steps) {
        const one = keyOf(at(namespace, String(name)));
        const behind = (namespaceToo: boolean): string[] =>
          [...model].filter((other) => other > one && (!namespaceToo || other.startsWith(`${namespace}\u0000`))).sort();
        const after = at(namespace, String(name));
        if (verb === "add") {
          directory.add(one);
          model.add(one);
        } else if (verb === "remove") {
          directory.remove(one);
          model.delete(one);
        } else if (verb === "range") expect(directory.range({ namespace, after }, 3)).toEqual(behind(true).slice(0, 3));
        else expect([directory.count({}), directory.count({ after })]).toEqual([model.size, behind(false).length]);
      }
      expect(directory.range({}, 100)).toEqual([...model].sort());
    }),
    { numRuns: 200 },
  );
});
