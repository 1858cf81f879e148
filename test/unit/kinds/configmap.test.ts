// ConfigMap against the recorded answers of a real server, and its limits.
import { describe, expect, it } from "vitest";
import { configMapKind } from "../../../shared/kinds/core/configmap.ts";
import { inputObject, jsonLines, mutated, testContext, type ValidationFact } from "../../support/facts.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(configMapKind, { bases: ["configmap", "configmap-full"] });

describe("ConfigMap", () => {
  const facts = jsonLines<ValidationFact>("validation.jsonl").filter((fact) => fact.id.startsWith("hand/configmap-key-"));
  it("has recorded facts about keys", () => expect(facts.length).toBeGreaterThan(2));
  it.each(facts)("$id", (fact) => {
    const errors = configMapKind.validate(mutated(inputObject(fact.base ?? ""), fact), testContext);
    expect(errors.map(({ type, field, message }) => [type, field, message]).sort()).toEqual([...(fact.causes ?? [])].sort());
  });
  it("holds a mebibyte and no more", () => {
    const of = (size: number) => configMapKind.validate({ data: { a: "ä".repeat(size / 2) } }, testContext);
    expect(of(1024 * 1024)).toEqual([]);
    expect(of(1024 * 1024 + 2)).toEqual([{ type: "FieldValueTooLong", field: "[]", message: "Too long: may not be more than 1048576 bytes" }]);
  });
});
