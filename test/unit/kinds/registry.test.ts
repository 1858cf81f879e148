// The list of kinds: complete, in order, and with names judged as a real server judges them.
import { describe, expect, it } from "vitest";
import resources from "../../../shared/kinds/_generated/resources.json" with { type: "json" };
import type { AnyKind } from "../../../shared/kinds/define-kind.ts";
import { KINDS } from "../../../shared/kinds/index.ts";
import { validateMeta } from "../../../shared/meta/validate-meta.ts";
import { inputObject, jsonLines, mutated, recordedColumns, testContext, type ValidationFact } from "../../support/facts.ts";

const idOf = (kind: AnyKind): string => `${kind.group}/${kind.version}/${kind.resource}`;

describe("KINDS", () => {
  it("has every resource of a real server once, in the order of discovery", () => {
    const rows = resources.resources.filter((row) => !("subresource" in row));
    expect(KINDS.map(idOf)).toEqual(rows.map((row) => `${row.group}/${row.version}/${row.resource}`));
  });
  it("has a strategy for every subresource that is written as the whole object", () => {
    for (const kind of KINDS) {
      const written = kind.subresourceFacts.filter((sub) => sub.kind === kind.kind && sub.verbs.includes("update") && sub.name !== "finalize");
      expect({ kind: kind.kind, written: written.map((sub) => sub.name).filter((name) => !(name in kind.subresources)) }).toEqual({
        kind: kind.kind,
        written: [],
      });
    }
  });
  it("answers for scale wherever there is a scale subresource", () => {
    const scaled = KINDS.filter((kind) => kind.subresourceFacts.some((sub) => sub.name === "scale"));
    expect(scaled.filter((kind) => kind.scale === undefined)).toEqual([]);
  });
  it("declares the columns of a real server", () => {
    for (const kind of KINDS.filter((one) => one.verbs.includes("list"))) {
      const declared = kind.table.columns.map(({ name, type, format = "", priority }) => ({ name, type, format, priority }));
      expect({ id: idOf(kind), columns: declared }).toEqual({ id: idOf(kind), columns: recordedColumns(kind) });
    }
  });
});

describe("metadata of new objects", () => {
  const facts = jsonLines<ValidationFact>("validation.jsonl").filter((fact) => fact.id.startsWith("meta/") && fact.base && [201, 422].includes(fact.code));
  const byKind = Map.groupBy(facts, (fact) => {
    const { apiVersion = "", kind = "" } = inputObject(fact.base ?? "");
    return `${apiVersion}/${kind}`;
  });
  for (const [key, list] of byKind) {
    const kind = KINDS.find((one) => `${one.group === "" ? "" : `${one.group}/`}${one.version}/${one.kind}` === key);
    it.skipIf(kind === undefined)(`is judged as recorded for ${key}`, () => {
      if (!kind) return;
      const wrong = list.flatMap((fact) => {
        const object = mutated(inputObject(fact.base ?? ""), fact);
        const metadata = (object.metadata ??= {});
        if (kind.namespaced) metadata.namespace = "facts-val";
        kind.defaults(object);
        metadata.uid = "00000000-0000-4000-8000-000000000000";
        kind.prepareForCreate(object, testContext);
        const isMeta = (line: string): boolean => line.startsWith("metadata.name:");
        const got = [...validateMeta(kind, object), ...kind.validate(object, testContext)].map(({ field, message }) => `${field}: ${message}`);
        const want = (fact.causes ?? []).map(([, field, message]) => `${field}: ${message}`);
        const [gotNames, wantNames] = [new Set(got.filter(isMeta)), new Set(want.filter(isMeta))];
        // The recording masks what looks like a random suffix.
        if (want.some((line) => line.includes("<rand>"))) return [];
        return [...gotNames].every((line) => wantNames.has(line)) && gotNames.size === wantNames.size
          ? []
          : [{ id: fact.id, got: [...gotNames], want: [...wantNames] }];
      });
      expect(wrong).toEqual([]);
    });
  }
});
