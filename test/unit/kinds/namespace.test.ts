// Namespace against the recorded answers of a real server, and its way to deletion.
import { describe, expect, it } from "vitest";
import { namespaceKind } from "../../../shared/kinds/core/namespace.ts";
import { jsonLines, testContext, type ValidationFact } from "../../support/facts.ts";
import type { Namespace } from "../../../shared/kinds/_generated/types.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(namespaceKind, { bases: ["namespace", "namespace-full"] });

describe("Namespace", () => {
  const stored = (): Namespace => ({ metadata: { name: "a" }, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
  it("keeps its finalizers on ordinary updates and gets its name as a label again", () => {
    const next: Namespace = { metadata: { name: "a" }, spec: { finalizers: [] } };
    namespaceKind.update.prepare(next, stored(), testContext);
    expect(next).toMatchObject({
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
      metadata: { labels: { "kubernetes.io/metadata.name": "a" } },
    });
  });
  it("loses its finalizers through finalize, where bad ones are refused as recorded", () => {
    const next: Namespace = { metadata: { name: "a" }, spec: {}, status: { phase: "Weird" } };
    namespaceKind.subresources.finalize?.prepare(next, stored(), testContext);
    expect(next).toMatchObject({ spec: {}, status: { phase: "Active" } });
    const fact = jsonLines<ValidationFact>("validation.jsonl").find(({ id }) => id === "hand/ns-finalize-bad");
    const errors = namespaceKind.subresources.finalize?.validate(fact?.body_in as Namespace, stored(), testContext) ?? [];
    expect(errors.map(({ type, field, message }) => [type, field, message])).toEqual(fact?.causes);
  });
  it("stays until its finalizers are gone, Terminating", () => {
    const object = stored();
    expect(namespaceKind.blocksDeletion(object)).toBe(true);
    namespaceKind.markDeleting(object, testContext);
    expect(object.status?.phase).toBe("Terminating");
    expect(namespaceKind.blocksDeletion({ spec: {} })).toBe(false);
  });
  it("refuses a phase that does not fit its deletion", () => {
    const errors = (next: Namespace) => namespaceKind.subresources.status?.validate(next, stored(), testContext) ?? [];
    expect(errors({ status: { phase: "Bogus" } })).toEqual([
      { type: "FieldValueInvalid", field: "status.Phase", message: "Invalid value: \"Bogus\": may only be 'Active' if `deletionTimestamp` is empty" },
    ]);
    expect(errors({ metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" }, status: { phase: "Terminating" } })).toEqual([]);
  });
});
