// Metadata is checked as a real server does: every recorded answer about metadata that no kind's own rule explains.
import { describe, expect, it } from "vitest";
import { factsOfKind } from "./kind-rules.ts";
import { nameIsDNSLabel, nameIsDNSSubdomain, nameIsPathSegment } from "../../../shared/meta/names.ts";
import { validateMeta, validateMetaUpdate } from "../../../shared/meta/validate-meta.ts";
import { inputObject, jsonLines, mutated, type ValidationFact } from "../../support/facts.ts";

const facts = jsonLines<ValidationFact>("validation.jsonl");
const PATH_SEGMENT = /^(certificatesigningrequest|clusterrole|clusterrolebinding|role|rolebinding|event-core|poddisruptionbudget)(-full)?$/;
const LABEL = /^(service|statefulset|namespace)(-full)?$/;
/** Kinds whose names depend on their content, are checked by newer code, or are repeated in pods. */
const OWN_RULES = /^(apiservice|customresourcedefinition|ipaddress|job|deviceclass|replicationcontroller)(-full)?$/;
const ruleOf = (base: string): typeof nameIsDNSLabel => (PATH_SEGMENT.test(base) ? nameIsPathSegment : LABEL.test(base) ? nameIsDNSLabel : nameIsDNSSubdomain);

const texts = (fact: ValidationFact): string[] => (fact.causes ?? []).filter(([, field]) => field.startsWith("metadata.")).map((cause) => cause.join(" "));

function ours(fact: ValidationFact): string[] {
  const base = fact.base ?? "";
  const object = mutated(inputObject(base), fact);
  const kind = factsOfKind(object);
  const metadata = (object.metadata ??= {});
  if (kind.namespaced) metadata.namespace = "facts-val";
  // Defaulting labels a Namespace with its own name.
  if (object.kind === "Namespace") metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name ?? "" };
  return validateMeta({ ...kind, nameRule: ruleOf(base) }, object).map((error) => `${error.type} ${error.field} ${error.message}`);
}

describe("validateMeta", () => {
  const mine = facts.filter((fact) => fact.id.startsWith("meta/") && fact.code === 422 && !OWN_RULES.test(fact.base ?? ""));
  it("has hundreds of recorded answers to agree with", () => expect(mine.length).toBeGreaterThan(380));
  it.each(mine.map((fact) => [fact.id, fact] as const))("%s", (_id, fact) => expect(ours(fact)).toEqual(texts(fact)));

  const byHand = /^hand\/(labels|annotations|finalizers|owner|generation)[^/]*\/(configmap|deployment|pod|clusterrole)$/;
  const hand = facts.filter((fact) => byHand.test(fact.id) && fact.code === 422 && fact.base !== undefined);
  it("has recorded answers about labels, finalizers and owners", () => expect(hand.length).toBeGreaterThan(20));
  it.each(hand.map((fact) => [fact.id, fact] as const))("%s", (_id, fact) => expect(ours(fact)).toEqual(texts(fact)));

  it("counts annotations in bytes, keys and values together", () => {
    const fact = facts.find(({ id }) => id === "hand/annotations-too-big");
    const object = { metadata: { name: "a", namespace: "b", annotations: { k: "é".repeat(131_072) } } };
    const errors = validateMeta({ group: "", namespaced: true, nameRule: nameIsDNSSubdomain }, object);
    expect(errors.map((error) => [error.type, error.field, error.message])).toEqual(fact?.causes);
  });
});

describe("validateMetaUpdate", () => {
  const stored = { metadata: { name: "x", namespace: "facts-val", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" } };
  const errorsOf = (metadata: object, from: object = stored.metadata): unknown[] =>
    validateMetaUpdate({ metadata: { ...from, ...metadata } }, { metadata: from }, { group: "", namespaced: true }).map((error) => [
      error.type,
      error.field,
      error.message,
    ]);
  const causes = (id: string): unknown => facts.find((fact) => fact.id === id)?.causes;

  it("accepts an unchanged object", () => expect(errorsOf({})).toEqual([]));
  it("reports a changed uid twice", () => expect(errorsOf({ uid: "other" })).toEqual(causes("hand/patch-merge-uid/configmap")));
  it("reports a deletionTimestamp twice", () => {
    expect(errorsOf({ deletionTimestamp: "2001-01-01T00:00:00Z" })).toEqual(causes("hand/put-deletiontimestamp/deployment"));
  });
  it("lets no finalizer join an object that is being deleted", () => {
    const from = { ...stored.metadata, deletionTimestamp: "2026-01-01T00:00:01Z", finalizers: ["example.test/hold"] };
    expect(errorsOf({ finalizers: ["example.test/hold", "example.test/more"] }, from)).toEqual(causes("hand/finalizer-add-while-deleting"));
    expect(errorsOf({ finalizers: [] }, from)).toEqual([]);
  });
});
