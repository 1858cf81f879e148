// Ownership of fields follows a real server: 200 writes by several managers (recorded.jsonl, read off a 1.36.3 server),
// updates, patches and applies in random turn, replayed one by one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/base/json.ts";
import { cloneJson, isObject } from "../../../shared/base/json.ts";
import type { Status } from "../../../shared/errors/status.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { ManagedFieldsEntry } from "../../../shared/kinds/_generated/types.ts";
import { applyPatch } from "../../../shared/managed-fields/apply.ts";
import { customResourceType } from "../../../shared/managed-fields/merge-type.ts";
import { trackUpdate } from "../../../shared/managed-fields/track-update.ts";

interface Row {
  id: string;
  schema: string;
  apiVersion: string;
  how: "create" | "put" | "merge" | "apply" | "force";
  manager: string;
  subresource?: string;
  body: KubeObject;
  code: number;
  after?: KubeObject;
  status?: Status;
}
const lines = readFileSync(join(import.meta.dirname, "recorded.jsonl"), "utf8")
  .trimEnd()
  .split("\n");
const customSchema = JSON.parse(lines[0] ?? "") as JsonObject;
const rows = lines.slice(1).map((line) => JSON.parse(line) as Row);

/** What each request found. */
const stored = new Map<string, KubeObject | undefined>();
const latest = new Map<string, KubeObject>();
for (const row of rows) {
  const name = row.id.split("/")[0] ?? "";
  stored.set(row.id, row.code === 201 ? undefined : latest.get(name));
  if (row.after) latest.set(name, row.after);
}

const NOW = "2039-01-01T00:00:00Z";
const typeOf = (row: Row): string | ReturnType<typeof customResourceType> => (row.schema === "cr" ? customResourceType(customSchema) : row.schema);
/** Entries without their times, but with which of them were written now. */
function entries(list: readonly ManagedFieldsEntry[] | undefined, before: KubeObject | undefined): Record<string, unknown> {
  const known = new Map((before?.metadata?.managedFields ?? []).map((entry) => [idOf(entry), entry.time]));
  return Object.fromEntries(
    (list ?? []).map((entry) => {
      const { time, ...rest } = entry;
      const when = time === undefined ? "no time" : time === known.get(idOf(entry)) ? "as before" : "now";
      return [idOf(entry), { ...rest, when }];
    }),
  );
}
const idOf = (entry: ManagedFieldsEntry): string => [entry.manager, entry.operation, entry.apiVersion, entry.subresource].join(" ");
const order = (list: readonly ManagedFieldsEntry[] | undefined): string[] => (list ?? []).map(idOf);

function afterUpdate(row: Row): ManagedFieldsEntry[] | undefined {
  const before = stored.get(row.id);
  const next = cloneJson(row.after ?? {});
  const sent = row.how === "merge" ? before?.metadata?.managedFields : row.body.metadata?.managedFields;
  const { managedFields: _theirs, ...metadata } = next.metadata ?? {};
  const object = { ...next, metadata: { ...metadata, ...(sent === undefined ? {} : { managedFields: sent }) } };
  return trackUpdate({ stored: before, next: object, schema: typeOf(row), apiVersion: row.apiVersion, manager: row.manager, time: NOW, ...sub(row) });
}
const sub = (row: Row): { subresource?: string } => (row.subresource === undefined ? {} : { subresource: row.subresource });
const apply = (row: Row): ReturnType<typeof applyPatch> =>
  applyPatch({
    stored: stored.get(row.id),
    applied: row.body,
    schema: typeOf(row),
    apiVersion: row.apiVersion,
    kind: row.body.kind ?? "",
    manager: row.manager,
    force: row.how === "force",
    time: NOW,
    ...sub(row),
  });

describe("managedFields after an update", () => {
  const mine = rows.filter((row) => ["create", "put", "merge"].includes(row.how) && row.after);
  it("is asked often", () => expect(mine.length).toBeGreaterThan(60));
  it.each(mine.map((row) => [row.id, row] as const))("%s", (_id, row) => {
    const before = cloneJson(stored.get(row.id));
    const got = afterUpdate(row);
    expect(entries(got, before)).toEqual(entries(row.after?.metadata?.managedFields, before));
    expect(order(got)).toEqual(order(row.after?.metadata?.managedFields));
    expect(stored.get(row.id)).toEqual(before);
  });
});

/** Everything that ours says and theirs does not. Theirs has defaults besides; empty lists and maps may be absent. */
function missing(ours: Json | undefined, theirs: Json | undefined, path: string): string[] {
  if (ours === undefined && theirs !== null && typeof theirs === "object" && Object.keys(theirs).length === 0) return [];
  if (Array.isArray(ours)) {
    if (ours.length === 0 && theirs === undefined) return [];
    if (!Array.isArray(theirs) || theirs.length !== ours.length) return [`${path}: other length`];
    return ours.flatMap((item, index) => missing(item, theirs[index], `${path}[${index}]`));
  }
  if (isObject(ours)) {
    const other = (isObject(theirs) ? theirs : {}) as JsonObject;
    return Object.keys(ours).flatMap((key) => missing((ours as JsonObject)[key], other[key], `${path}.${key}`));
  }
  return JSON.stringify(ours) === JSON.stringify(theirs) || typeof ours === "number" || path.endsWith(".cpu") ? [] : [`${path}: ${JSON.stringify(ours)}`];
}
const body = ({ metadata = {}, ...rest }: KubeObject): Json => {
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  return { ...rest, metadata: { labels, annotations, finalizers, ownerReferences } } as unknown as Json;
};
const DEFAULTED =
  /(imagePullPolicy|terminationMessage\w+|protocol|restartPolicy|dnsPolicy|schedulerName|resources|securityContext|terminationGracePeriodSeconds|defaultMode|policyTypes.*|pathType|fieldRef\.apiVersion|targetPort): /;

describe("server-side apply", () => {
  const mine = rows.filter((row) => (row.how === "apply" || row.how === "force") && row.after);
  it("is asked often", () => expect(mine.length).toBeGreaterThan(60));
  it.each(mine.map((row) => [row.id, row] as const))("%s", (_id, row) => {
    const before = cloneJson(stored.get(row.id));
    const got = apply(row);
    if (!got.ok) throw new Error(got.error.message);
    const theirs = row.after ?? {};
    expect(entries(got.value.managedFields, before)).toEqual(entries(theirs.metadata?.managedFields, before));
    expect(missing(body(got.value.object), body(theirs), "")).toEqual([]);
    expect(missing(body(theirs), body(got.value.object), "").filter((line) => !DEFAULTED.test(line))).toEqual([]);
    expect(stored.get(row.id)).toEqual(before);
  });

  const refused = rows.filter((row) => (row.how === "apply" || row.how === "force") && (row.code === 409 || row.code === 500));
  it("is refused often", () => expect(refused.length).toBeGreaterThan(40));
  it.each(refused.map((row) => [row.id, row] as const))("%s is refused", (_id, row) => {
    const got = apply(row);
    // The real server lists managers and causes in any order.
    const normal = (status: Status | undefined): unknown => ({
      ...status,
      message: status?.message?.split("\n").sort(),
      details: { causes: [...(status?.details?.causes ?? [])].map((cause) => JSON.stringify([cause.field, cause.message])).sort() },
    });
    expect(normal(got.ok ? undefined : got.error)).toEqual(normal(row.status));
  });
});
