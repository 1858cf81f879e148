// Small answers of kinds that no recorded fact covers: warnings about deletion, hidden annotations, the order of rows, printed values.
import { describe, expect, test } from "vitest";
import { invalid } from "../../../shared/errors/field-error.ts";
import { daemonSetKind } from "../../../shared/kinds/apps/daemon-set.ts";
import { jobKind } from "../../../shared/kinds/batch/job.ts";
import { flowSchemaKind } from "../../../shared/kinds/flowcontrol/flow-schema.ts";
import { configMapKind } from "../../../shared/kinds/core/configmap.ts";

describe("a DELETE that does not say what becomes of dependents", () => {
  test("warns about a Job's pods", () => {
    expect(jobKind.deleteWarnings({ propagation: undefined })).toEqual([
      "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
    ]);
    expect(jobKind.deleteWarnings({ propagation: "Orphan" })).toEqual([]);
  });
  test("says nothing about other kinds", () => expect(configMapKind.deleteWarnings({ propagation: undefined })).toEqual([]));
});

test("FlowSchemas come in the order in which they match", () => {
  const named = (name: string, matchingPrecedence: number) => ({ metadata: { name }, spec: { matchingPrecedence } });
  const rows = [named("catch-all", 10_000), named("b", 800), named("exempt", 1), named("a", 800)];
  expect(rows.toSorted((a, b) => flowSchemaKind.table.order?.(a, b) ?? 0).map(({ metadata }) => metadata.name)).toEqual(["exempt", "a", "b", "catch-all"]);
});

test("a DaemonSet's template generation is no metadata", () => expect(daemonSetKind.hiddenAnnotations).toEqual(["deprecated.daemonset.template.generation"]));

describe("a bad value is printed", () => {
  test("as Go's JSON when it is no string: safe in HTML", () =>
    expect(invalid("a", { "<b>": "c&d" }, "no").message).toBe(String.raw`Invalid value: {"\u003cb\u003e":"c\u0026d"}: no`));
  test("as it is when it is a string", () => expect(invalid("a", "<b>", "no").message).toBe('Invalid value: "<b>": no'));
});
