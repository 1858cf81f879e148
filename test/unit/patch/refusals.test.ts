// Malformed patches are refused in the words and with the codes of a real server.
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/base/json.ts";
import type { Status } from "../../../shared/errors/status.ts";
import { applyJsonPatch, jsonPatchWarnings } from "../../../shared/patch/json-patch.ts";
import { applyMergePatch, mergePatchProblem } from "../../../shared/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../../../shared/patch/strategic-merge-patch.ts";
import { jsonLines, type ValidationFact } from "../../support/facts.ts";

interface PatchFact extends ValidationFact {
  ctype?: string | null;
  body_in?: string;
}
const SCHEMAS: Readonly<Record<string, string>> = {
  configmap: "core.v1.ConfigMap",
  pod: "core.v1.Pod",
  deployment: "apps.v1.Deployment",
  clusterrole: "rbac.v1.ClusterRole",
};
const DOCUMENT: JsonObject = {
  metadata: { name: "x", namespace: "facts-val", managedFields: [{ manager: "unknown" }] },
  data: { k: "v" },
};
/** Refused later than by the patch itself: by decoding, by metadata checks, by the media type. */
const LATER =
  /-(malformed|empty|kind|kind-change|apiversion|name|namespace|name-change|rv|uid|type-error|unknown|label|force|noop)|(type|label|dryrun|strict|json-type)/;

const facts = jsonLines<PatchFact>("validation.jsonl").flatMap((fact) => {
  const match = /^hand\/patch-(json|merge|strategic)-([^/]+)\/(\w+)$/.exec(fact.id);
  const schema = SCHEMAS[match?.[3] ?? ""];
  if (!match || !schema || typeof fact.body_in !== "string" || fact.code === 415) return [];
  let patch: Json;
  try {
    patch = JSON.parse(fact.body_in) as Json;
  } catch {
    return [];
  }
  return [{ id: fact.id, fact, form: match[1], patch, schema }];
});

function apply(form: string | undefined, patch: Json, schema: string): Status | undefined {
  if (form === "merge") return mergePatchProblem(patch);
  const result = form === "json" ? applyJsonPatch(DOCUMENT, patch) : applyStrategicMergePatch(DOCUMENT, patch, schema);
  return result.ok ? undefined : result.error;
}

describe("patches of the recorded requests", () => {
  const own = facts.filter(({ fact, id }) => fact.code === 200 || !LATER.test(id.split("/")[1]?.replace(/^patch-(json|merge|strategic)/, "") ?? ""));
  it("are many", () => expect(own.length).toBeGreaterThan(60));
  it.each(own.map((one) => [one.id, one] as const))("%s", (_id, { fact, form, patch, schema }) => {
    const status = apply(form, patch, schema);
    expect(status?.code ?? 200).toBe(fact.code);
    if (status && fact.message !== undefined) expect(status.message).toBe(fact.message);
  });
});

describe("json patch", () => {
  it.each([
    [[{ op: "add", path: "/a/1", value: "m" }], { a: ["x", "m", "y"] }],
    [[{ op: "add", path: "/a/-", value: "m" }], { a: ["x", "y", "m"] }],
    [[{ op: "add", path: "/a/-1", value: "m" }], { a: ["x", "y", "m"] }],
    [[{ op: "remove", path: "/a/-1" }], { a: ["x"] }],
    [[{ op: "copy", from: "/none", path: "/b" }], { a: ["x", "y"], b: null }],
    [[{ op: "move", from: "/a/0", path: "/a/-" }], { a: ["y", "x"] }],
    [[{ op: "replace", path: "", value: { z: 1 } }], { z: 1 }],
    [[{ op: "add", path: "/c~1d~0e", value: 1 }], { a: ["x", "y"], "c/d~e": 1 }],
  ])("%j", (patch, want) => expect(applyJsonPatch({ a: ["x", "y"] }, patch as Json)).toEqual({ ok: true, value: want }));
  it("does all or nothing and never changes its input", () => {
    const document = { a: [1] };
    expect(
      applyJsonPatch(document, [
        { op: "add", path: "/a/-", value: 2 },
        { op: "test", path: "/a/0", value: 9 },
      ]).ok,
    ).toBe(false);
    expect(document).toEqual({ a: [1] });
  });
  it("has a limit of operations, and of copied bytes", () => {
    const many = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/a", value: null }));
    expect(applyJsonPatch({}, many)).toMatchObject({ ok: false, error: { code: 413 } });
    const doubling = Array.from({ length: 60 }, () => ({ op: "copy", from: "/a", path: "/a/-" }));
    expect(applyJsonPatch({ a: ["xxxxxxxx"] }, doubling)).toMatchObject({ ok: false, error: { code: 422 } });
  });
  it("never reaches a prototype", () => {
    const patch = [{ op: "add", path: "/__proto__/polluted", value: 1 }];
    expect(applyJsonPatch({ metadata: {} }, patch).ok).toBe(false);
    expect(applyJsonPatch({}, [{ op: "add", path: "/constructor", value: 1 }]).ok).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  it("warns of members that mean nothing", () => {
    expect(jsonPatchWarnings([{ op: "test", path: "/a", x: 1 }])).toEqual(['json patch unknown field "[0].x"']);
  });
});

describe("merge patch", () => {
  // The examples of RFC 7386, appendix A; objects in lists lose their nulls here.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: "foo" }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ])("%j and %j make %j", (document, patch, want) => expect(applyMergePatch(document as Json, patch as Json)).toEqual(want));
  it("prunes nulls of objects in lists, except of a list that replaces an object", () => {
    const list = [{ a: null, b: 1 }];
    expect(applyMergePatch({ n: { q: 1 }, o: [1] }, { n: list, o: list, p: list })).toEqual({ n: list, o: [{ b: 1 }], p: [{ b: 1 }] });
  });
  it("never reaches a prototype", () => {
    const merged = applyMergePatch({ a: {} }, JSON.parse('{"a":{"__proto__":{"polluted":1},"b":{"constructor":{"x":1},"c":1}}}') as Json);
    expect(merged).toEqual({ a: { b: { c: 1 } } });
    expect((merged as { a: { polluted?: number } }).a.polluted).toBeUndefined();
  });
});
