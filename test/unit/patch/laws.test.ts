// Laws that hold for every patch: doing it twice is as doing it once, nothing is mutated, the outcome is what was asked.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/base/json.ts";
import { cloneJson, equalJson } from "../../../shared/base/json.ts";
import { applyJsonPatch } from "../../../shared/patch/json-patch.ts";
import { applyMergePatch } from "../../../shared/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../../../shared/patch/strategic-merge-patch.ts";

const key = fc.constantFrom("a", "b", "c", "d");
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Json>("x", 1, true, null),
    // Objects inside lists keep or lose their nulls depending on what was there before: see refusals.test.ts.
    fc.array(fc.constantFrom<Json>("x", 1, true), { maxLength: 3 }),
    fc.dictionary(key, tie("value") as fc.Arbitrary<Json>, { maxKeys: 3, noNullPrototype: true }),
  ),
})) as { value: fc.Arbitrary<Json> };
const object = fc.dictionary(key, json, { maxKeys: 4, noNullPrototype: true });
const holds = <T extends unknown[]>(...args: [...{ [K in keyof T]: fc.Arbitrary<T[K]> }, (...values: T) => void]): void => {
  const law = args.pop() as unknown as (...values: T) => void;
  fc.assert(
    fc.property(...(args as unknown as [fc.Arbitrary<unknown>]), (...values: unknown[]) => {
      const before = JSON.stringify(values);
      law(...(values as T));
      expect(JSON.stringify(values)).toBe(before);
    }),
    { numRuns: 300 },
  );
};

/** What a merge patch asks for: its members, where null means absent. */
function holdsPatch(document: Json | undefined, patch: Json): boolean {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return true;
  if (typeof document !== "object" || document === null || Array.isArray(document)) return false;
  return Object.entries(patch).every(([name, wanted]) =>
    wanted === null ? !Object.hasOwn(document, name) : wanted === undefined || holdsPatch(document[name], wanted),
  );
}

describe("merge patch", () => {
  it("is idempotent", () => {
    holds<[JsonObject, JsonObject]>(object, object, (document, patch) => {
      const once = applyMergePatch(document, patch);
      expect(applyMergePatch(once, patch)).toEqual(once);
    });
  });
  it("does what it asks and leaves what it does not name", () => {
    holds<[JsonObject, JsonObject]>(object, object, (document, patch) => {
      const merged = applyMergePatch(document, patch) as JsonObject;
      expect(holdsPatch(merged, patch)).toBe(true);
      for (const name of Object.keys(document)) if (!(name in patch)) expect(merged[name]).toEqual(document[name]);
    });
  });
  it("an empty one changes nothing", () => {
    holds<[JsonObject]>(object, (document) => expect(applyMergePatch(document, {})).toEqual(document));
  });
});

describe("json patch", () => {
  const steps = fc.constantFrom("/a", "/b", "/a/b", "/a/0", "/b/-", "/c/d/a", "");
  const operations = fc.array(fc.record({ op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"), path: steps, from: steps, value: json }), {
    maxLength: 4,
  }) as unknown as fc.Arbitrary<Json>;
  it("succeeds or leaves everything as it was", () => {
    holds<[JsonObject, Json]>(object, operations, (document, patch) => {
      const result = applyJsonPatch(document, patch);
      if (!result.ok) expect([413, 422]).toContain(result.error.code);
    });
  });
  it("one patch of two halves is as one after the other", () => {
    holds<[JsonObject, Json, Json]>(object, operations, operations, (document, first, second) => {
      const both = applyJsonPatch(document, [...(first as Json[]), ...(second as Json[])]);
      const half = applyJsonPatch(document, first);
      const after = half.ok ? applyJsonPatch(half.value, second) : half;
      expect(equalJson(both, after)).toBe(true);
    });
  });
});

describe("strategic merge patch", () => {
  const names = fc.constantFrom("one", "two", "three");
  const container = fc.record(
    { name: names, image: fc.constantFrom("i", "j"), args: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }) },
    { requiredKeys: ["name"] },
  );
  const containers = fc.uniqueArray(container, { selector: (one) => one.name, maxLength: 3 });
  const labels = fc.dictionary(key, fc.constantFrom("1", "2"), { maxKeys: 3, noNullPrototype: true });
  const pods = fc.record({ metadata: fc.record({ labels }), spec: fc.record({ containers }) }) as unknown as fc.Arbitrary<JsonObject>;
  const apply = (document: JsonObject, patch: JsonObject): JsonObject => {
    const result = applyStrategicMergePatch(document, patch, "core.v1.Pod");
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  };
  const byName = (pod: JsonObject): [string, JsonObject][] =>
    ((pod.spec as { containers: { name: string }[] }).containers as unknown as (JsonObject & { name: string })[]).map((one) => [one.name, one]);
  it("is idempotent", () => {
    holds<[JsonObject, JsonObject]>(pods, pods, (document, patch) => {
      const once = apply(document, patch);
      expect(apply(once, patch)).toEqual(once);
    });
  });
  it("keeps every element of both sides once", () => {
    holds<[JsonObject, JsonObject]>(pods, pods, (document, patch) => {
      const merged = byName(apply(document, patch)).map(([name]) => name);
      const both = new Set([...byName(document), ...byName(patch)].map(([name]) => name));
      expect([...merged].sort()).toEqual([...both].sort());
    });
  });
  it("elements have what the patch asks", () => {
    holds<[JsonObject, JsonObject]>(pods, pods, (document, patch) => {
      const merged = new Map(byName(apply(document, patch)));
      for (const [name, wanted] of byName(patch)) expect(merged.get(name)).toMatchObject(cloneJson(wanted));
    });
  });
});
