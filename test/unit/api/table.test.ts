// Tables and metadata-only forms, as a real server assembles them.
import { describe, expect, test } from "vitest";
import { parseIncludeObject, partialObjectMetadata, partialObjectMetadataList, tableOf } from "../../../shared/api/table.ts";
import type { KubeObject, TablePrinter } from "../../../shared/kinds/define-kind.ts";

const table: TablePrinter<KubeObject> = {
  columns: [
    { name: "Name", type: "string", format: "name", priority: 0 },
    { name: "Data", type: "integer", description: "how much", priority: 1 },
  ],
  row: (object, now) => [object.metadata?.name ?? "", now],
};
const secret = { kind: "Secret", apiVersion: "v1", metadata: { name: "a", resourceVersion: "7" }, type: "Opaque" } as KubeObject;
const NOW = 1000;

describe("Table", () => {
  const columnDefinitions = [
    { name: "Name", type: "string", format: "name", description: "", priority: 0 },
    { name: "Data", type: "integer", format: "", description: "how much", priority: 1 },
  ];
  test("of a list carries the list's metadata and, by default, each object's metadata", () => {
    expect(tableOf({ table }, [secret], { now: NOW, includeObject: "Metadata", resourceVersion: "9", continue: "next", remainingItemCount: 2 })).toEqual({
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      metadata: { resourceVersion: "9", continue: "next", remainingItemCount: 2 },
      columnDefinitions,
      rows: [{ cells: ["a", NOW], object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: secret.metadata } }],
    });
  });
  test("without objects says null, with objects shows them whole", () => {
    const row = (includeObject: "None" | "Object"): unknown => tableOf({ table }, [secret], { now: NOW, includeObject, resourceVersion: "9" }).rows[0]?.object;
    expect(row("None")).toBeNull();
    expect(row("Object")).toBe(secret);
  });
  test("an empty list has columns and no rows; the last page has no continue", () => {
    expect(tableOf({ table }, [], { now: NOW, includeObject: "Metadata", resourceVersion: "9", continue: "" })).toMatchObject({
      metadata: { resourceVersion: "9" },
      columnDefinitions,
      rows: [],
    });
    expect(tableOf({ table }, [], { now: NOW, includeObject: "Metadata", continue: "" }).metadata).toEqual({});
  });
  test("later events of a watch leave the columns out; v1beta1 is answered in kind", () => {
    expect(tableOf({ table }, [secret], { now: NOW, includeObject: "Metadata", columns: "none", version: "v1beta1" })).toMatchObject({
      apiVersion: "meta.k8s.io/v1beta1",
      columnDefinitions: null,
      rows: [{ object: { apiVersion: "meta.k8s.io/v1beta1" } }],
    });
  });
  test("includeObject takes three values or none", () => {
    expect([parseIncludeObject(null), parseIncludeObject(""), parseIncludeObject("None")]).toEqual([
      { ok: true, value: "Metadata" },
      { ok: true, value: "Metadata" },
      { ok: true, value: "None" },
    ]);
    expect(parseIncludeObject("Foo")).toMatchObject({
      ok: false,
      error: {
        code: 400,
        message: "Unable to convert to Table as requested: includeObject: Invalid value: \"Foo\": must be 'Metadata', 'Object', 'None', or empty",
      },
    });
  });
});

test("metadata alone, of one object and of a list", () => {
  const one = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: { name: "a", resourceVersion: "7" } };
  expect(partialObjectMetadata(secret)).toEqual(one);
  expect(partialObjectMetadataList([secret], { resourceVersion: "9" })).toEqual({
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata: { resourceVersion: "9" },
    items: [one],
  });
});
