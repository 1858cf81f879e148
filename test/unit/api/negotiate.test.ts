// Accept and Content-Type: the choices and refusals of a real server 1.36.3, asked with the same headers.
import { describe, expect, test } from "vitest";
import { acceptedDiscovery, acceptedForm, acceptsJson, bodyType, formProblem, patchTypeOf, wantsPretty } from "../../../shared/api/negotiate.ts";
import { ACCEPT_CHARACTERS_MAX, ACCEPTS_REMEMBERED_MAX } from "../../../shared/base/limits.ts";
import { jsonLines, type ValidationFact } from "../../support/facts.ts";

interface Fact extends ValidationFact {
  accept?: string | null;
  ctype?: string | null;
  contentType?: string;
}
const facts = jsonLines<Fact>("validation.jsonl");
/** Protobuf is not written here (yet), so what a real server does with it is not compared. */
const accepts = facts.filter((fact) => fact.id.startsWith("hand/accept-") && !/protobuf|badinclude/.test(`${fact.accept}${fact.id}`) && fact.method === "GET");

const isList = (path: string): boolean => /\/(?:configmaps|pods|deployments|clusterroles|customresourcedefinitions|facts-gadgets)(?:\?|$)/.test(path);
describe("Accept", () => {
  test("there are recordings", () => expect(accepts.length).toBeGreaterThan(25));
  test.each(accepts.map((fact) => [fact.id, fact] as const))("%s", (_id, fact) => {
    const path = fact.path ?? "";
    const result = acceptedForm(fact.accept, { list: isList(path), custom: path.startsWith("/apis/facts.example.test/") });
    expect(result.ok ? 200 : result.error.code).toBe(fact.code);
    if (!result.ok) expect(result.error.message).toBe(fact.message);
  });

  const JSON_ONLY = { as: "object", media: "json" };
  const TABLE = { as: "Table", media: "json", version: "v1" };
  test.each([
    ["application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", TABLE],
    ["application/vnd.kubernetes.protobuf,application/json", JSON_ONLY],
    ["application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io", TABLE],
    ["application/json;as=Foo;v=v1;g=meta.k8s.io,application/json", JSON_ONLY],
    ["application/json;q=0.1,application/yaml;q=0.9", { as: "object", media: "yaml" }],
    ["application/json;q=abc", JSON_ONLY],
    ["application/yaml;as=Table;v=v1;g=meta.k8s.io", { as: "Table", media: "yaml" }],
    ["text/html, */*;q=0.1", JSON_ONLY],
    ["application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io", { as: "PartialObjectMetadata", version: "v1beta1" }],
    ["application/json ,  text/plain", JSON_ONLY],
    ["application/json;stream=watch", JSON_ONLY],
    ["application/cbor,application/json", JSON_ONLY],
  ])("%s", (accept, form) => {
    expect(acceptedForm(accept, { list: true })).toMatchObject({ ok: true, value: form });
  });
  test("what is remembered of a header belongs to its options, and is the same when it was forgotten", () => {
    const accept = "application/vnd.kubernetes.protobuf,application/yaml";
    const ask = () => [{ list: true }, { list: false }, { list: true, watch: true }, { list: true, custom: true }].map((how) => acceptedForm(accept, how));
    const first = ask();
    expect(first[0]).toMatchObject({ ok: true, value: { media: "yaml" } });
    expect(first[2]).toMatchObject({ ok: false });
    expect(ask()).toEqual(first);
    for (let other = 0; other <= ACCEPTS_REMEMBERED_MAX; other++) acceptedForm(`application/json;q=0.${other}`, { list: true });
    expect(ask()).toEqual(first);
    expect(acceptedForm(`${"x".repeat(ACCEPT_CHARACTERS_MAX)},application/json`, { list: true })).toMatchObject({ ok: true, value: JSON_ONLY });
  });
  test.each([
    "application/*",
    "*",
    "APPLICATION/JSON",
    "application/json;stream=foo",
    "application/json;as=Table;v=v1",
    "application/vnd.kubernetes.protobuf",
    "application/json;as=Status;v=v1;g=meta.k8s.io",
  ])("%s is refused", (accept) => {
    expect(acceptedForm(accept, { list: false })).toMatchObject({ ok: false, error: { code: 406, reason: "NotAcceptable" } });
  });
  test("a watch is JSON", () => {
    expect(acceptedForm("application/yaml", { list: true, watch: true })).toMatchObject({
      ok: false,
      error: { message: "only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch" },
    });
  });
  test("metadata of one object is not given for a list, nor the other way round", () => {
    expect(formProblem("PartialObjectMetadata", { list: true, goType: "core.SecretList" })?.message).toBe(
      "you requested PartialObjectMetadata, but the requested object is a list (*core.SecretList)",
    );
    expect(formProblem("PartialObjectMetadataList", { list: false, goType: "core.Secret" })?.message).toBe(
      "you requested PartialObjectMetadataList, but the requested object is not a list (*core.Secret)",
    );
    expect(formProblem("Table", { list: true, goType: "core.SecretList" })).toBeUndefined();
  });
});

describe("discovery", () => {
  const CLIENT_GO =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
  test("clients that know the aggregated form get it at the roots, even when they name it last", () => {
    const aggregated = { ok: true, value: { aggregated: true, contentType: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" } };
    expect(acceptedDiscovery(CLIENT_GO, "apis")).toMatchObject(aggregated);
    expect(acceptedDiscovery("application/json,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "api")).toMatchObject(aggregated);
    expect(acceptedDiscovery(CLIENT_GO, "group")).toMatchObject({ ok: true, value: { aggregated: false, contentType: "application/json" } });
  });
  test("others get the old form, or a refusal", () => {
    expect(acceptedDiscovery("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "apis")).toMatchObject({
      ok: true,
      value: { aggregated: false },
    });
    expect(acceptedDiscovery("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", "apis")).toMatchObject({
      ok: false,
      error: { code: 406 },
    });
    expect(acceptedDiscovery("application/*", "apis")).toMatchObject({ ok: true });
    expect(acceptedDiscovery("application/*", "api")).toMatchObject({ ok: false });
  });
  test("/version speaks JSON alone", () => {
    expect(acceptsJson("*/*").ok).toBe(true);
    expect(acceptsJson("application/yaml")).toMatchObject({
      ok: false,
      error: { message: "406: Not Acceptable\n\nAvailable representations: application/json" },
    });
  });
});

describe("Content-Type", () => {
  const patches = facts.filter((fact) => /^hand\/patch-(?:no-content-type|unsupported|strategic-noop)/.test(fact.id));
  test.each(patches.map((fact) => [fact.id, fact] as const))("%s", (_id, fact) => {
    const result = patchTypeOf(fact.ctype, { custom: fact.id.endsWith("/cr") });
    expect(result.ok ? undefined : result.error.message).toBe(fact.code === 415 ? fact.message : undefined);
  });
  const bodies = facts.filter((fact) => /^hand\/content-type-(?:bad|cbor|text)/.test(fact.id));
  test.each(bodies.map((fact) => [fact.id, fact] as const))("%s", (_id, fact) => {
    expect(bodyType(fact.ctype)).toMatchObject({ ok: false, error: { code: fact.code, reason: fact.reason, message: fact.message } });
  });
  test("bodies are JSON unless they say otherwise", () => {
    expect(bodyType(null)).toEqual({ ok: true, value: "json" });
    expect(bodyType("application/json; charset=utf-8")).toEqual({ ok: true, value: "json" });
    expect(bodyType("application/yaml")).toEqual({ ok: true, value: "yaml" });
  });
});

test("people's tools get indented JSON, unless the parameter says otherwise", () => {
  expect(wantsPretty(null, "curl/8.5.0")).toBe(true);
  expect(wantsPretty("false", "curl/8.5.0")).toBe(false);
  expect(wantsPretty("1", "kubectl/v1.36.3")).toBe(true);
  expect(wantsPretty(null, "kubectl/v1.36.3")).toBe(false);
});
