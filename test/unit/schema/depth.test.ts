// How deep values may nest: at the limit everything works on them, beyond it they are refused in the server's words before anything does.
import { describe, expect, test } from "vitest";
import { cloneJson, equalJson, isDeeper, type Json } from "../../../shared/base/json.ts";
import { JSON_DEPTH_MAX, YAML_DEPTH_MAX } from "../../../shared/base/limits.ts";
import { controllerRevisionKind } from "../../../shared/kinds/apps/controller-revision.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { allowedByLastApplied } from "../../../shared/managed-fields/last-applied.ts";
import { canonicalElement } from "../../../shared/managed-fields/path-element.ts";
import { applyJsonPatch } from "../../../shared/patch/json-patch.ts";
import { decodeBody } from "../../../shared/schema/decode.ts";
import { isTooDeep } from "../../../shared/schema/json-text.ts";
import { patchedObject } from "../../../shared/verbs/patch.ts";
import type { PatchType } from "../../../shared/verbs/write-request.ts";

const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number): string => '{"a":'.repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
const EXPECTED = { group: "apps", version: "v1", kind: "ControllerRevision", schema: "apps.v1.ControllerRevision" };
/** A ControllerRevision whose data has no schema; it is one level itself. */
const body = (data: string): string => `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"a"},"revision":1,"data":${data}}`;
const refusal = (text: string, type: "json" | "yaml" = "json"): string | undefined => {
  const result = decodeBody(text, type, EXPECTED, "Warn");
  return result.ok ? undefined : result.error.message;
};

describe("a body", () => {
  test.each(["[", "{"])("of as many levels of %j as allowed is taken, and all that is done with objects can be done with it", (opener) => {
    const text = body(opener === "[" ? lists(JSON_DEPTH_MAX - 1) : objects(JSON_DEPTH_MAX - 1));
    const result = decodeBody(text, "json", EXPECTED, "Strict");
    if (!result.ok) throw new Error(result.error.message);
    const copy = cloneJson(result.value.object);
    expect(equalJson(copy, JSON.parse(JSON.stringify(result.value.object)))).toBe(true);
    expect(isDeeper(copy, JSON_DEPTH_MAX)).toBe(false);
    expect(isDeeper(copy, JSON_DEPTH_MAX - 1)).toBe(true);
  });
  test.each([
    ["[", lists],
    ["{", objects],
  ])("of one level of %j more is refused, as a real server refuses its own limit", (opener, make) => {
    expect(refusal(body(make(JSON_DEPTH_MAX)))).toBe(
      `the object provided is unrecognized (must be of type ControllerRevision): couldn't get version/kind; json parse error: invalid character '${opener}' exceeded max depth ({"apiVersion":"apps/v1","kind" ...)`,
    );
  });
  test("of millions of levels is refused like any other", () => {
    expect(refusal(body(lists(1_400_000)))).toMatch(/invalid character '\[' exceeded max depth/);
    for (const text of [body(lists(1_400_000)), `data: ${lists(1_400_000)}`, `${"- ".repeat(1_400_000)}x`, "? ".repeat(1_400_000)])
      expect(refusal(text, "yaml")).toMatch(/: yaml: exceeded max depth of 400 \(/);
  });
  test("in YAML may be deep, too, and brackets in its texts count for nothing", () => {
    const yaml = (data: string): string => `apiVersion: apps/v1\nkind: ControllerRevision\nmetadata: {name: a}\nrevision: 1\ndata: ${data}\n`;
    expect(refusal(yaml(lists(YAML_DEPTH_MAX - 1)), "yaml")).toBeUndefined();
    expect(refusal(yaml(lists(YAML_DEPTH_MAX + 2)), "yaml")).toMatch(/exceeded max depth/);
    expect(refusal(yaml(`|\n  ${"\u001b[0m{ - ? ".repeat(3000)}`), "yaml")).toBeUndefined();
    expect(refusal(yaml(`\n${"- - - x\n".repeat(3000)}`), "yaml")).toBeUndefined();
  });
  test("with many brackets that do not nest, or stand in texts, is not deep", () => {
    expect(isTooDeep(`[${Array(5000).fill("{}").join(",")}]`)).toBe(false);
    expect(isTooDeep(JSON.stringify({ a: "[".repeat(5000), b: `\\"${"{".repeat(5000)}`, c: 'x\\"[' }))).toBe(false);
    expect(isTooDeep(`"\\"",${lists(JSON_DEPTH_MAX + 1)}`)).toBe(true);
  });
});

describe("a patch", () => {
  const before: KubeObject = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "a" }, revision: 1 } as KubeObject;
  const patched = (patchType: PatchType, text: string) =>
    patchedObject(
      { kind: controllerRevisionKind, schema: EXPECTED.schema, before, now: 0 },
      { patchType, text, options: { fieldManager: "test" }, name: "a", namespace: "" },
    );
  test.each<[PatchType, string]>([
    ["merge", "error decoding patch: invalid character '{' exceeded max depth"],
    ["strategic", "invalid character '{' exceeded max depth"],
    ["json", "error decoding patch: invalid character '{' exceeded max depth"],
    ["apply", "error decoding YAML: error converting YAML to JSON: yaml: exceeded max depth of 400"],
  ])("of type %s that is too deep is refused", (type, message) => {
    const text = (data: string): string =>
      type === "json" ? `[{"op":"add","path":"/data","value":${data}}]` : type === "apply" ? body(data) : `{"data":${data}}`;
    const inside = type === "json" ? JSON_DEPTH_MAX - 2 : JSON_DEPTH_MAX - 1;
    expect(patched(type, text(objects(inside)))).toMatchObject({ ok: true });
    expect(patched(type, text(objects(JSON_DEPTH_MAX)))).toMatchObject({ ok: false, error: { code: 400, message } });
  });
  test("of JSON operations that nests copies in each other ends before the stack does", () => {
    const document: Json = { data: { a: {} } };
    const copies = Array.from({ length: 14 }, (_, index) => ({ op: "copy", from: "/data", path: `/data${"/a".repeat(2 ** index)}` }));
    expect(applyJsonPatch(document, copies.slice(0, 5))).toMatchObject({ ok: true });
    expect(applyJsonPatch(document, copies)).toMatchObject({ ok: false, error: { code: 422 } });
    const deep = JSON.parse(objects(600)) as Json;
    const path = "/a".repeat(599);
    expect(applyJsonPatch(deep, [{ op: "add", path: `${path}/b`, value: JSON.parse(lists(400)) as Json }])).toMatchObject({ ok: true });
    expect(applyJsonPatch(deep, [{ op: "add", path: `${path}/b`, value: JSON.parse(lists(401)) as Json }])).toMatchObject({ ok: false });
    expect(applyJsonPatch(deep, [{ op: "move", from: "", path: `${path}/b` }])).toMatchObject({ ok: false });
  });
});

test("texts inside of objects are no way around it", () => {
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": `{"apiVersion":"v1","data":${lists(100_000)}}` };
  expect(allowedByLastApplied({ metadata: { name: "a", annotations } }, "core.v1.ConfigMap", "v1")).toBeUndefined();
  expect(canonicalElement(`v:${lists(100_000)}`)).toBeUndefined();
});
