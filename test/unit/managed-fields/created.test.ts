// The creator of an object owns what a real server says it owns (created.jsonl, read off a 1.36.3 server for the inputs of
// test/facts/defaulting.jsonl that no admission plugin or allocator changes).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { trackUpdate } from "../../../shared/managed-fields/track-update.ts";
import { jsonLines, type DefaultingFact } from "../../support/facts.ts";

interface Created {
  id: string;
  schema: string;
  fieldsV1: Record<string, unknown> | null;
}
const created = readFileSync(join(import.meta.dirname, "created.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Created);
const outputs = new Map(jsonLines<DefaultingFact>("defaulting.jsonl").map((fact) => [fact.id, fact.output]));

describe("the creator's fields", () => {
  it("are known for most kinds", () => expect(created.length).toBeGreaterThan(80));
  it.each(created.map((one) => [one.id, one] as const))("%s", (id, { schema, fieldsV1 }) => {
    const next = outputs.get(id) ?? {};
    const apiVersion = next.apiVersion ?? "";
    const got = trackUpdate({ stored: undefined, next, schema, apiVersion, manager: "t", time: "2030-01-01T00:00:00Z" });
    const entry = { manager: "t", operation: "Update", apiVersion, time: "2030-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1 };
    expect(got).toEqual(fieldsV1 === null ? undefined : [entry]);
  });
});

it("a struct that is always there belongs to nobody, even when the stored object does not show it", () => {
  const stored = {
    metadata: {
      name: "p",
      managedFields: [{ manager: "t", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:spec": { "f:nodeName": {} } } }],
    },
  };
  const next = { ...stored, status: { phase: "Running", podIPs: [{ ip: "10.0.0.1" }] } };
  const got = trackUpdate({ stored, next, schema: "core.v1.Pod", apiVersion: "v1", manager: "kubelet", subresource: "status", time: "2030-01-01T00:00:00Z" });
  expect(got?.find((entry) => entry.manager === "kubelet")?.fieldsV1).toEqual({
    "f:status": { "f:phase": {}, "f:podIPs": { ".": {}, 'k:{"ip":"10.0.0.1"}': { ".": {}, "f:ip": {} } } },
  });
});
