// What a real server answered to bodies that it could not decode.
import { describe, expect, test } from "vitest";
import { cloneJson } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import resourcesTable from "../../../shared/kinds/_generated/resources.json" with { type: "json" };
import { type Expected, decodeBody, type FieldValidation } from "../../../shared/schema/decode.ts";
import { inputObject, jsonLines, mutated, type ValidationFact } from "../../support/facts.ts";

interface Fact extends ValidationFact {
  ctype?: string | null;
}
const facts = jsonLines<Fact>("validation.jsonl");
const DECODING = /cannot be handled as|is unrecognized \(must be|does not match the expected API version/;

/** The kind that a path's collection takes; custom resources of the recorded definition, too. */
function expectedOf(path: string): Expected | undefined {
  const url = path.split("?")[0] ?? "";
  const match = /^\/(?:api|apis\/([^/]+))\/(v[^/]+)\/(?:namespaces\/[^/]+\/)?([^/]+)/.exec(url);
  const [, group = "", version = "", resource = ""] = match ?? [];
  if (group === "facts.example.test") return { group, version, kind: "FactsGadget" };
  const row = resourcesTable.resources.find((candidate) => candidate.group === group && candidate.version === version && candidate.resource === resource);
  return row && "schema" in row && row.schema ? { group, version, kind: row.kind, schema: row.schema } : undefined;
}
const validationOf = (path: string): FieldValidation =>
  (new URLSearchParams(path.split("?")[1] ?? "").get("fieldValidation") as FieldValidation | null) ?? "Warn";

const CR: KubeObject = { apiVersion: "facts.example.test/v1", kind: "FactsGadget", metadata: { name: "g" } };
/** The body as the recorder sent it: Python's json.dumps puts blanks after colons and commas. */
function bodyOf(fact: Fact): string | undefined {
  if (typeof fact.body_in === "string") return fact.body_in;
  if (fact.base === undefined || fact.base.startsWith("live:")) return undefined;
  const base = fact.base === "cr" ? { ...cloneJson(CR), spec: { str: "abc", immut: "a", color: "red", num: 2 } } : inputObject(fact.base);
  return pythonJson(mutated(base, fact));
}
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member)}`)
    .join(", ")}}`;
}
function answer(fact: Fact): { message: string | undefined; warnings: string[] } | undefined {
  const path = fact.path ?? "";
  const body = bodyOf(fact);
  const kindOfBase = (): Expected | undefined => {
    const { apiVersion = "", kind } = inputObject(fact.base ?? "");
    const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    const row = resourcesTable.resources.find(
      (candidate) => candidate.group === group && candidate.version === version && candidate.kind === kind && "schema" in candidate,
    );
    return row && "schema" in row && row.schema ? { group, version, kind: row.kind, schema: row.schema } : undefined;
  };
  const expected = path === "" ? (fact.base === undefined || fact.base.startsWith("live:") ? undefined : kindOfBase()) : expectedOf(path);
  if (body === undefined || !expected) return undefined;
  const result = decodeBody(body, fact.ctype === "application/yaml" ? "yaml" : "json", expected, validationOf(path));
  return result.ok ? { message: undefined, warnings: result.value.warnings } : { message: result.error.message, warnings: [] };
}
const isDecoding = (fact: Fact): boolean =>
  fact.code === 400 &&
  DECODING.test(fact.message ?? "") &&
  !/protobuf/.test(fact.ctype ?? "") &&
  // Unknown fields of custom resources outside metadata are found by their own schemas.
  !/unknown field "(?:metadata\.)?(?!metadata)/.test(fact.base === "cr" && !/unknown-metadata/.test(fact.id) ? (fact.message ?? "") : "");

describe("refusals of a real server", () => {
  const relevant = facts.filter((fact) => isDecoding(fact) && bodyOf(fact) !== undefined);
  test("there are enough of them", () => expect(relevant.length).toBeGreaterThan(180));
  test.each(relevant.map((fact) => [fact.id, fact] as const))("%s", (_id, fact) => {
    // The recordings' keys are sorted, so the order of several unknown fields is not known.
    const parts = (message: string | undefined): string[] => (message ?? "").split(/(?:: |, )(?=unknown field)/).toSorted();
    expect(parts(answer(fact)?.message)).toEqual(parts(fact.message));
  });
});

/** Recordings whose bodies were masked or cut. */
const MASKED = /certificatesigningrequest|kind-csr|too-big/;
describe("what a real server took is taken", () => {
  const taken = facts.filter(
    (fact) =>
      (fact.code === 201 || fact.code === 422) &&
      (fact.method === undefined || fact.method === "POST") &&
      bodyOf(fact) !== undefined &&
      fact.base !== "cr" &&
      !MASKED.test(fact.id),
  );
  test("none is refused", () => {
    expect(taken.length).toBeGreaterThan(1000);
    const refused = taken.map((fact) => [fact.id, answer(fact)?.message]).filter(([, message]) => message !== undefined);
    expect(refused).toEqual([]);
  });
  const warned = facts.filter(
    (fact) =>
      fact.code === 201 && fact.base !== "cr" && fact.warnings?.some((text) => /unknown field|duplicate field/.test(text)) && bodyOf(fact) !== undefined,
  );
  test.each(warned.map((fact) => [fact.id, fact] as const))("warnings of %s", (_id, fact) => {
    expect(answer(fact)?.warnings.map((text) => `299 - ${JSON.stringify(text)}`)).toEqual(fact.warnings);
  });
});
