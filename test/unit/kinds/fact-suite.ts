// Tests one kind against everything that a real server was recorded to say about it.
import { describe, expect, it } from "vitest";
import {
  columnMismatches,
  createMismatches,
  defaultingMismatches,
  inputObject,
  jsonLines,
  type Mismatch,
  mutated,
  recordedColumns,
  testContext,
  updateMismatches,
  type ValidationFact,
} from "../../support/facts.ts";
import type { AnyKind, Kind, KubeObject } from "../../../shared/kinds/define-kind.ts";

const CUT = /\.\.\.<cut, \d+ characters>$/;
/** Recorded texts that are too long were cut: as far as they go they must be equal. */
const agreesWithCut = (wanted: string, got: string): boolean => CUT.test(wanted) && got.startsWith(wanted.replace(CUT, ""));
function withoutCutTexts({ id, missing, unexpected }: Mismatch): Mismatch {
  const stillMissing = missing.filter((wanted) => !unexpected.some((got) => agreesWithCut(wanted, got)));
  const stillUnexpected = unexpected.filter((got) => !missing.some((wanted) => agreesWithCut(wanted, got)));
  return { id, missing: stillMissing, unexpected: stillUnexpected };
}

const textOf = (error: { type?: string; field: string; message: string }): string => `${error.type} ${error.field}: ${error.message}`;
/** Facts made by hand: creations of a base with a few members set. */
function handMismatches(kind: AnyKind, bases: readonly string[], admit: (object: KubeObject) => void): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const fact of jsonLines<ValidationFact>("validation.jsonl")) {
    if (!fact.id.startsWith("hand/kind-") || fact.method !== "POST" || !fact.base || !bases.includes(fact.base) || fact.code !== 422) continue;
    if (!fact.path?.includes(`/${kind.version}/`) || !fact.path.split("?")[0]?.endsWith(`/${kind.resource}`)) continue;
    // Decoding takes a null for an absent member.
    const nulls = Object.entries(fact.set ?? {}).flatMap(([pointer, value]) => (value === null ? [pointer] : []));
    const object = mutated(mutated(inputObject(fact.base), fact), { unset: nulls });
    if (kind.namespaced) (object.metadata ??= {}).namespace = "facts-val";
    kind.defaults(object);
    admit(object);
    kind.prepareForCreate(object, testContext);
    const outside = (line: string): boolean => !/^\S+ metadata\b/.test(line);
    const wanted = new Set((fact.causes ?? []).map(([type, field, message]) => textOf({ type, field, message })).filter(outside));
    const got = new Set(kind.validate(object, testContext).map(textOf).filter(outside));
    const missing = [...wanted].filter((line) => !got.has(line));
    const unexpected = [...got].filter((line) => !wanted.has(line));
    if (missing.length + unexpected.length > 0) mismatches.push({ id: fact.id, missing, unexpected });
  }
  return mismatches;
}
/** Warnings that a real server gave with accepted creations. */
function warningMismatches(kind: AnyKind, bases: readonly string[], admit: (object: KubeObject) => void): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const fact of jsonLines<ValidationFact>("validation.jsonl")) {
    if (!/^(?:create|meta)\//.test(fact.id) || fact.code !== 201 || !fact.base || !bases.includes(fact.base)) continue;
    const object = mutated(inputObject(fact.base), fact);
    kind.defaults(object);
    admit(object);
    kind.prepareForCreate(object, testContext);
    const wanted = (fact.warnings ?? []).map((text) => JSON.parse(text.slice(text.indexOf('"'))) as string);
    const got = kind.warnings(object, undefined);
    const missing = wanted.filter((line) => !got.includes(line));
    const unexpected = got.filter((line) => !wanted.includes(line));
    if (missing.length + unexpected.length > 0) mismatches.push({ id: fact.id, missing, unexpected });
  }
  return mismatches;
}

export interface Suite {
  /** Bases of test/facts/inputs.yaml that are of this kind. */
  bases: readonly string[];
  /** Stands for what runs between defaulting and the kind's own preparation: admission, uid. */
  admit?: (object: KubeObject) => void;
  /** The same for the comparison of defaulted objects. */
  defaultingAdmit?: (object: KubeObject) => void;
  /** Causes that are found by others: the compiler of expressions. */
  elsewhere?: RegExp;
  /** Ids of facts that are known to differ. */
  gaps?: readonly string[];
  /** States of samples that are not compared: their time and the object's lie on two sides of a second. */
  unevenSamples?: readonly string[];
}
export function describeKind<T extends KubeObject>(typed: Kind<T>, { bases, admit = () => {}, defaultingAdmit = admit, gaps = [], elsewhere, unevenSamples = [] }: Suite): void {
  const kind = typed as unknown as AnyKind;
  const apart = (found: Mismatch[]): Mismatch[] =>
    found
      .map(withoutCutTexts)
      .map((one) => ({ ...one, missing: one.missing.filter((line) => elsewhere?.test(line) !== true) }))
      .filter(({ id, missing, unexpected }) => missing.length + unexpected.length > 0 && !gaps.includes(id));
  describe(kind.kind, () => {
    it("refuses new objects as recorded", () => expect(apart(createMismatches(kind, bases, admit))).toEqual([]));
    it("refuses updates as recorded", () => expect(apart(updateMismatches(kind, bases, admit))).toEqual([]));
    it("refuses hand-made objects as recorded", () => expect(apart(handMismatches(kind, bases, admit))).toEqual([]));
    it("warns as recorded", () => expect(apart(warningMismatches(kind, bases, admit))).toEqual([]));
    it("fills in defaults as recorded", () =>
      expect(defaultingMismatches(kind, bases, defaultingAdmit).filter(({ id }) => !gaps.includes(`defaulting/${id}`))).toEqual([]));
    it("prints table rows as recorded", () => 
      expect(columnMismatches(kind).filter(({ state }) => !unevenSamples.includes(state))).toEqual([]));
    it("has the recorded columns", () =>
      expect(kind.table.columns.map(({ name, type, format = "", priority }) => ({ name, type, format, priority }))).toEqual(recordedColumns(kind)));
  });
}
