// Objects that a real server wrote: decoding them changes nothing, and what Go always writes is put back.
import { describe, expect, test } from "vitest";
import { equalJson, type JsonObject } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { decodeBody } from "../../../shared/schema/decode.ts";
import { fillTop, normalize } from "../../../shared/schema/fill.ts";
import { schemaNameOf } from "../../../shared/schema/known-kinds.ts";
import { jsonLines } from "../../support/facts.ts";

/** Values that the recorder masked, made whole again. */
function unmasked(object: KubeObject): string {
  return JSON.stringify(object)
    .replaceAll(/("(?:eventTime|renewTime|acquireTime|lastObservedTime)":)"<time>"/g, '$1"2026-11-21T00:00:00.000000Z"')
    .replaceAll(/"<micro[tT]ime>"/g, '"2026-11-21T00:00:00.000000Z"')
    .replaceAll('"<time>"', '"2026-11-21T00:00:00Z"')
    .replaceAll(/<[a-zA-Z]+>/g, "x");
}
/** Their masked values were base64 or numbers. */
const MASKED_OTHERWISE = (text: string): boolean =>
  /"kind":"CertificateSigningRequest"|"healthCheckNodePort":"x"|"type":"kubernetes.io\/service-account-token"/.test(text);

const recorded: (readonly [name: string, text: string, kind: { group: string; version: string; kind: string }, schema: string])[] = [];
const add = (name: string, object: KubeObject | undefined): void => {
  const { apiVersion = "", kind = "" } = object ?? {};
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const schema = schemaNameOf({ group, version, kind });
  const text = object ? unmasked(object) : "";
  if (schema !== undefined && !MASKED_OTHERWISE(text)) recorded.push([name, text, { group, version, kind }, schema]);
};
for (const row of jsonLines<{ id: string; code: number; output: KubeObject }>("defaulting.jsonl")) if (row.code === 201) add(row.id, row.output);
for (const row of jsonLines<{ object: KubeObject }>("bootstrap.jsonl")) add(`${row.object.kind} ${row.object.metadata?.name}`, row.object);
for (const row of jsonLines<{ state: string; object: KubeObject }>("columns-samples.jsonl")) add(row.state, row.object);

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (member === null ? [] : [[key, withoutNulls(member)]])));
};

describe("objects of a real server", () => {
  test("there are many", () => expect(recorded.length).toBeGreaterThan(540));
  test("decode to themselves", () => {
    const changed = recorded.filter(([, text, kind, schema]) => {
      const result = decodeBody(text, "json", { ...kind, schema }, "Strict");
      return !result.ok || !equalJson(result.value.object, JSON.parse(text));
    });
    expect(changed.map(([name]) => name)).toEqual([]);
  });
  test("get back the nulls that Go writes, and no others", () => {
    const different = recorded.filter(([, text, , schema]) => {
      const object = withoutNulls(JSON.parse(text)) as JsonObject;
      normalize(object, schema);
      return JSON.stringify(sorted(object)) !== JSON.stringify(sorted(JSON.parse(text)));
    });
    expect(different.map(([name]) => name)).toEqual([]);
  });
  test("get back empty structs with all that is in them", () => {
    const node: JsonObject = { metadata: { labels: {}, name: "a" }, status: { addresses: [] } };
    normalize(node, "core.v1.Node");
    expect(node).toEqual({
      metadata: { name: "a" },
      spec: {},
      status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: expect.objectContaining({ kubeletVersion: "" }) as unknown },
    });
  });
  test("know no empty lists, as protobuf knows none", () => {
    const role: JsonObject = { metadata: {}, rules: [] };
    normalize(role, "rbac.v1.Role");
    expect(role).toEqual({ metadata: {}, rules: null });
  });
  test("have what was put back at the top alone", () => {
    const role: JsonObject = { metadata: { labels: {} } };
    fillTop(role, "rbac.v1.Role");
    expect(role).toEqual({ metadata: { labels: {} }, rules: null });
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
