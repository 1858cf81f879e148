// Sets of field paths obey the laws of sets; what clients write of them is read carefully.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalJson } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { MaybeSet } from "../../../shared/managed-fields/field-set.ts";
import { difference, intersection, pathsOf, readFieldsV1, recursiveDifference, union } from "../../../shared/managed-fields/field-set.ts";
import { managerName, managersOf, readManagers } from "../../../shared/managed-fields/managers.ts";
import { trackUpdate } from "../../../shared/managed-fields/track-update.ts";

const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"', "i:0");
const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc
      .tuple(fc.boolean(), fc.dictionary(element, tie("node"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }))
      .map(([member, children]) => (member ? { ".": {}, ...children } : children)),
  ),
}));
const set = fc.dictionary(element, node, { maxKeys: 3, noNullPrototype: true }).map((one) => readFieldsV1(one)?.set);
const paths = (one: MaybeSet): string[] => pathsOf(one).sort();
const law = (check: (a: MaybeSet, b: MaybeSet) => void): void => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      const before = JSON.stringify([a, b]);
      check(a, b);
      expect(JSON.stringify([a, b])).toBe(before);
    }),
    { numRuns: 500 },
  );
};

describe("sets", () => {
  it("union, difference and intersection are those of their paths", () => {
    law((a, b) => {
      const [x, y] = [paths(a), paths(b)];
      expect(paths(union(a, b))).toEqual([...new Set([...x, ...y])].sort());
      expect(paths(difference(a, b))).toEqual(x.filter((path) => !y.includes(path)));
      expect(paths(intersection(a, b))).toEqual(x.filter((path) => y.includes(path)));
    });
  });
  it("answers the same object when nothing goes", () => {
    law((a, b) => {
      const rest = difference(a, b);
      expect(difference(rest, b)).toBe(rest);
    });
  });
  it("recursive difference takes longer paths along", () => {
    law((a, b) => {
      const gone = paths(b);
      const want = paths(a).filter((path) => !gone.some((other) => path === other || path.startsWith(`${other}.`) || path.startsWith(`${other}[`)));
      expect(paths(recursiveDifference(a, b))).toEqual(want);
    });
  });
});

describe("what clients write", () => {
  it("is brought into one form", () => {
    const read = readFieldsV1({ 'k:{ "protocol":"TCP", "port": 80 }': {}, 'v: "a<b"': { ".": {} } });
    expect(read?.set).toEqual({ 'k:{"port":80,"protocol":"TCP"}': {}, 'v:"a\\u003cb"': { ".": {} } });
    expect(pathsOf(read?.set)).toEqual(['[port=80,protocol="TCP"]', '[="a<b"]']);
  });
  it.each([[{ x: {} }], [{ "f:a": 1 }], [{ "k:nope": {} }], [{ "i:x": {} }], ["f:a"]])("%j is refused", (value) => {
    expect(readFieldsV1(value)).toBeUndefined();
  });
  it("names that look like prototypes are only names", () => {
    const read = readFieldsV1(JSON.parse('{"f:__proto__":{"f:polluted":{}}}'));
    expect(pathsOf(read?.set)).toEqual([".__proto__.polluted"]);
    expect(({} as Record<string, unknown>)["f:polluted"]).toBeUndefined();
  });
  const entry = { manager: "m", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": {} } };
  it("a malformed list gives way to the stored one", () => {
    for (const bad of [
      { ...entry, operation: "x" },
      { ...entry, apiVersion: "" },
      { ...entry, fieldsType: "" },
      { ...entry, fieldsV1: { x: {} } },
    ]) {
      expect(readManagers([bad], { trusted: false })).toBeUndefined();
      expect(managersOf([entry], [bad], "").managers).toHaveLength(1);
    }
    expect(managersOf([entry], [], "").managers).toEqual([]);
    expect(managersOf([entry], [{}], "").managers).toEqual([]);
    expect(managersOf([entry], [], "status").managers).toHaveLength(1);
  });
});

describe("trackUpdate", () => {
  const args = { schema: "core.v1.ConfigMap", apiVersion: "v1", time: "2030-01-01T00:00:00Z" };
  const stored: KubeObject & { data: Record<string, string> } = { metadata: { name: "a", uid: "u" }, data: { k: "v" } };
  it("answers the stored list itself when nothing changes", () => {
    const managedFields = trackUpdate({ ...args, stored: undefined, next: stored, manager: "one" });
    const tracked = { ...stored, metadata: { ...stored.metadata, ...(managedFields ? { managedFields } : {}) } };
    expect(trackUpdate({ ...args, stored: tracked, next: structuredClone(tracked), manager: "two" })).toBe(managedFields);
  });
  it("does not begin to track what nobody tracked", () => {
    expect(trackUpdate({ ...args, stored, next: { ...stored, data: { k: "w" } } as KubeObject, manager: "one" })).toBeUndefined();
  });
  it("every path has the owner who wrote it last, and no other updater", () => {
    const maps = fc.array(
      fc.tuple(
        fc.constantFrom("one", "two", "three"),
        fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), { minKeys: 1, noNullPrototype: true }),
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(maps, (writes) => {
        let object: { metadata: object; data?: Record<string, string> } | undefined;
        const owners = new Map<string, string>();
        for (const [manager, data] of writes) {
          const managedFields = trackUpdate({ ...args, stored: object, next: { ...stored, metadata: { ...stored.metadata }, data } as object, manager });
          for (const key of Object.keys(data)) if (object?.data?.[key] !== data[key]) owners.set(key, manager);
          for (const key of owners.keys()) if (!(key in data)) owners.delete(key);
          object = { metadata: { ...stored.metadata, managedFields }, data };
          const got = (managedFields ?? []).flatMap((one) =>
            pathsOf(one.fieldsV1 as MaybeSet)
              .filter((path) => path !== ".data")
              .map((path) => [path.slice(6), one.manager ?? ""] as const),
          );
          expect(equalJson(Object.fromEntries(got), Object.fromEntries(owners)) && got.length === owners.size).toBe(true);
        }
      }),
    );
  });
  it("names a manager after its client", () => {
    expect([managerName("", "kubectl/v1.36 (linux)"), managerName("x", "y"), managerName("", "")]).toEqual(["kubectl", "x", "unknown"]);
  });
});
