// Tests one kind against everything that a real server was recorded to say about it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { normalize } from "../../../shared/schema/fill.ts";
import { cloneJson, type JsonObject } from "../../../shared/base/json.ts";
import type { FieldError } from "../../../shared/errors/field-error.ts";
import type { AnyKind, Kind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import {
  columnMismatches,
  defaultingMismatches,
  inputObject,
  jsonLines,
  mutated,
  recordedColumns,
  testContext,
  type ValidationFact,
} from "../../support/facts.ts";

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
interface Mismatch {
  id: string;
  want: string[];
  got: string[];
}

const CUT = /\.\.\.<cut, \d+ characters>$/;
/** Recorded texts that are too long were cut: as far as they go they must be equal. */
const agrees = (wanted: string, got: string | undefined): boolean => wanted === got || (CUT.test(wanted) && got?.startsWith(wanted.replace(CUT, "")) === true);
const textOf = (error: { type?: string; field: string; message: string }): string => `${error.type} ${error.field}: ${error.message}`;
/** Errors under metadata are compared in registry.test.ts. */
const outsideMetadata = (line: string): boolean => !/^\S+ metadata\b/.test(line);

/** Decoding takes a null for an absent member. */
const withoutNulls = (object: KubeObject, fact: ValidationFact): KubeObject =>
  mutated(object, { unset: Object.entries(fact.set ?? {}).flatMap(([pointer, value]) => (value === null ? [pointer] : [])) });
/** Puts in what decoding puts in (`strategy: {}`, `rules: null`); emptied members stay, as a real server's decoder keeps them. */
function asDecoded(kind: AnyKind, object: KubeObject): void {
  const full = cloneJson(object);
  normalize(full, kind.schema);
  addMissing(object as JsonObject, full as JsonObject);
}
function addMissing(target: JsonObject, source: JsonObject): void {
  for (const [key, value] of Object.entries(source)) {
    if (!Object.hasOwn(target, key)) target[key] = value;
    else if (typeof value === "object" && value !== null) addMissing(target[key] as JsonObject, value as JsonObject);
  }
}
function created(kind: AnyKind, fact: ValidationFact, admit: (object: KubeObject) => void): KubeObject {
  const object = withoutNulls(mutated(inputObject(fact.base ?? ""), fact), fact);
  if (kind.namespaced) (object.metadata ??= {}).namespace = "facts-val";
  asDecoded(kind, object);
  kind.defaults(object);
  admit(object);
  kind.prepareForCreate(object, testContext);
  return object;
}
function createErrors(kind: AnyKind, fact: ValidationFact, admit: (object: KubeObject) => void): FieldError[] {
  return kind.validate(created(kind, fact, admit), testContext);
}
function updateErrors(kind: AnyKind, fact: ValidationFact, admit: (object: KubeObject) => void): FieldError[] {
  const stored = created(kind, { ...fact, base: fact.base?.slice("live:".length) ?? "", set: {}, unset: [] }, admit);
  Object.assign((stored.metadata ??= {}), { creationTimestamp: "2026-11-21T02:00:00Z", resourceVersion: "7" });
  const next = mutated(cloneJson(stored), fact);
  asDecoded(kind, next);
  kind.defaults(next);
  kind.update.prepare(next, stored, testContext);
  return kind.update.validate(next, stored, testContext);
}
/** What of a fact's causes the kind does not say, says besides, or says in another order. */
function compared(fact: ValidationFact, errors: readonly FieldError[], elsewhere: RegExp | undefined): Mismatch[] {
  const ours = (line: string): boolean => outsideMetadata(line) && elsewhere?.test(line) !== true;
  const want = (fact.causes ?? []).map(([type, field, message]) => textOf({ type, field, message })).filter(ours);
  const got = errors.map(textOf).filter(ours);
  const same = want.length === got.length && want.every((line, index) => agrees(line, got[index]));
  return same ? [] : [{ id: fact.id, want, got }];
}
/** Warnings that a real server gave with accepted creations. */
function warningMismatches(kind: AnyKind, fact: ValidationFact, admit: (object: KubeObject) => void): Mismatch[] {
  const want = (fact.warnings ?? []).map((line) => JSON.parse(line.slice(line.indexOf('"'))) as string);
  const got = [...(kind.deprecation === undefined ? [] : [kind.deprecation]), ...kind.warnings(created(kind, fact, admit), undefined)];
  return JSON.stringify(want) === JSON.stringify(got) ? [] : [{ id: fact.id, want, got }];
}

const VALUE_LENGTH_MAX = 60;
/** Mutations of one member that a real server accepted: `create/<base>/<pointer>:<tag>`, code, value as JSON. */
function acceptedFacts(): ValidationFact[] {
  const lines = readFileSync(join(import.meta.dirname, "..", "..", "facts", "validation-accepted.tsv"), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1);
  return lines.flatMap((line) => {
    const [id = "", code = "", value = ""] = line.split("\t");
    const [verb = "", base = "", ...rest] = id.split("/");
    const pointer = `/${rest.join("/").replace(/:[^:]*$/, "")}`;
    // Longer values were cut.
    if ((verb !== "create" && verb !== "update") || value.length >= VALUE_LENGTH_MAX) return [];
    const change = value === "" ? { unset: [pointer] } : { set: { [pointer]: JSON.parse(value) as unknown } };
    return [{ id, base: verb === "update" ? `live:${base}` : base, code: Number(code), ...change }];
  });
}
const ACCEPTED = acceptedFacts();
const FACTS = jsonLines<ValidationFact>("validation.jsonl");
export function describeKind<T extends KubeObject>(typed: Kind<T>, suite: Suite): void {
  const { bases, admit = () => {}, defaultingAdmit = admit, gaps = [], elsewhere, unevenSamples = [] } = suite;
  const kind = typed as unknown as AnyKind;
  const facts = FACTS.filter(({ id, base }) => base !== undefined && !gaps.includes(id) && bases.includes(base.replace(/^live:/, "")));
  const made = facts.filter(({ base = "" }) => !base.startsWith("live:"));
  /** Facts made by hand: creations of a base with a few members set. */
  const byHand = (fact: ValidationFact): boolean =>
    fact.id.startsWith("hand/kind-") && fact.method === "POST" && fact.path?.split("?")[0]?.endsWith(`/${kind.resource}`) === true;
  describe(kind.kind, () => {
    it("refuses new objects as recorded, in the order recorded", () => {
      const relevant = made.filter((fact) => (fact.id.startsWith("create/") || byHand(fact)) && [201, 422].includes(fact.code));
      expect(relevant.flatMap((fact) => compared(fact, createErrors(kind, fact, admit), elsewhere))).toEqual([]);
    });
    it("refuses updates as recorded, in the order recorded", () => {
      const relevant = facts.filter((fact) => fact.id.startsWith("update/") && fact.base?.startsWith("live:") && [200, 422].includes(fact.code));
      expect(relevant.flatMap((fact) => compared(fact, updateErrors(kind, fact, admit), elsewhere))).toEqual([]);
    });
    it("accepts what was accepted", () => {
      const relevant = ACCEPTED.filter(({ id, base = "" }) => !gaps.includes(id) && bases.includes(base.replace(/^live:/, "")));
      const errorsOf = (fact: ValidationFact): FieldError[] =>
        fact.id.startsWith("create/") ? createErrors(kind, fact, admit) : updateErrors(kind, fact, admit);
      expect(relevant.flatMap((fact) => compared(fact, errorsOf(fact), elsewhere))).toEqual([]);
    });
    it("warns as recorded", () => {
      const relevant = made.filter((fact) => /^(?:create|meta)\//.test(fact.id) && fact.code === 201);
      expect(relevant.flatMap((fact) => warningMismatches(kind, fact, admit))).toEqual([]);
    });
    it("fills in defaults as recorded", () =>
      expect(defaultingMismatches(kind, bases, defaultingAdmit).filter(({ id }) => !gaps.includes(`defaulting/${id}`))).toEqual([]));
    it("prints table rows as recorded", () => expect(columnMismatches(kind).filter(({ state }) => !unevenSamples.includes(state))).toEqual([]));
    it("has the recorded columns", () =>
      expect(kind.table.columns.map(({ name, type, format = "", priority }) => ({ name, type, format, priority }))).toEqual(recordedColumns(kind)));
  });
}
