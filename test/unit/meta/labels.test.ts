// Selectors select, print and complain as the server's.
import { describe, expect, it } from "vitest";
import { parseFieldSelector } from "../../../shared/meta/fields.ts";
import { formatLabelSelector, matchesLabelSelector, matchesSelector, parseSelector, selectorText } from "../../../shared/meta/labels.ts";
import { jsonLines, type ValidationFact } from "../../support/facts.ts";

const facts = jsonLines<ValidationFact>("validation.jsonl");
const asked = (name: string): [string, string, string][] =>
  facts.flatMap((fact) => {
    const text = new URL(fact.path ?? "/", "http://x").searchParams.get(name);
    const about = /unable to parse requirement|expected: |can't understand|invalid field selector/;
    return text !== null && fact.code === 400 && about.test(fact.message ?? "") ? [[fact.id, text, fact.message ?? ""] as [string, string, string]] : [];
  });
const errorOf = (result: { ok: boolean; error?: unknown }): unknown => (result.ok ? "accepted" : result.error);

describe("label selectors", () => {
  const bad = asked("labelSelector");
  it("has recorded complaints", () => expect(bad.length).toBeGreaterThan(20));
  it.each(bad)("%s %s", (_id, text, message) => expect(errorOf(parseSelector(text))).toBe(message));

  it.each([
    ["", {}, true],
    ["a", { a: "" }, true],
    ["!a", { a: "" }, false],
    ["a=b,c!=d", { a: "b" }, true],
    ["a in (b, c)", { a: "c" }, true],
    ["a notin (b)", {}, true],
    ["a>5", { a: "6" }, true],
    ["a>5", { a: "x" }, false],
    ["a==b", { a: "c" }, false],
    ["a in (in,notin)", { a: "in" }, true],
    ["a=", { a: "" }, true],
    ["toString", {}, false],
  ])("%s of %j is %s", (text, labels, want) => {
    const parsed = parseSelector(text);
    expect(parsed.ok && matchesSelector(parsed.value, labels as Record<string, string>)).toBe(want);
  });
  it("an absent selector selects nothing, an empty one everything", () => {
    expect([matchesLabelSelector(undefined, { a: "b" }), matchesLabelSelector({}, undefined)]).toEqual([false, true]);
  });
  it("print sorted", () => {
    const selector = {
      matchLabels: { b: "1", a: "2" },
      matchExpressions: [
        { key: "c", operator: "NotIn", values: ["z", "y"] },
        { key: "aa", operator: "DoesNotExist" },
      ],
    };
    expect(formatLabelSelector(selector)).toBe("a=2,!aa,b=1,c notin (y,z)");
    expect([formatLabelSelector({}), selectorText({}), formatLabelSelector({ matchExpressions: [{ key: "a", operator: "x" }] })]).toEqual([
      "<none>",
      "",
      "<error>",
    ]);
  });
});

describe("field selectors", () => {
  const bad = asked("fieldSelector");
  it("has recorded complaints", () => expect(bad.length).toBeGreaterThan(5));
  it.each(bad)("%s %s", (_id, text, message) => expect(errorOf(parseFieldSelector(text))).toBe(message));
  it("reads terms with escapes", () => {
    expect(parseFieldSelector("metadata.name=a\\,b,spec.x!=c")).toEqual({
      ok: true,
      value: [
        { field: "metadata.name", operator: "=", value: "a,b" },
        { field: "spec.x", operator: "!=", value: "c" },
      ],
    });
  });
});
