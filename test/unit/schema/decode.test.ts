// Decoding: what is kept, dropped, counted and refused. The answers of a real server to the same bodies are in decode.facts.test.ts.
import { describe, expect, test } from "vitest";
import { checkObject, decodeBody, type FieldValidation } from "../../../shared/schema/decode.ts";

const CONFIG_MAP = { group: "", version: "v1", kind: "ConfigMap", schema: "core.v1.ConfigMap" };
const POD = { group: "", version: "v1", kind: "Pod", schema: "core.v1.Pod" };
const DEPLOYMENT = { group: "apps", version: "v1", kind: "Deployment", schema: "apps.v1.Deployment" };
function decoded(body: string, expected = CONFIG_MAP, validation: FieldValidation = "Warn", type: "json" | "yaml" = "json") {
  const result = decodeBody(body, type, expected, validation);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
function refusal(body: string, expected = CONFIG_MAP, validation: FieldValidation = "Warn"): string {
  const result = decodeBody(body, "json", expected, validation);
  return result.ok ? "" : (result.error.message ?? "");
}

describe("what is kept", () => {
  test("kind and apiVersion come from the path when the body has none", () => {
    expect(decoded('{"metadata":{"name":"a"}}').object).toEqual({ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" } });
  });
  test("nulls are absent, but null values of a map become empty", () => {
    expect(decoded('{"metadata":{"name":"a","labels":null},"immutable":null,"data":{"a":null}}').object).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "a" },
      data: { a: "" },
    });
  });
  test("what Go leaves out when it is zero is left out; pointers, required fields and structs stay", () => {
    const body =
      '{"metadata":{"name":"a","annotations":{}},"spec":{"replicas":0,"paused":false,"minReadySeconds":0,"selector":{},"template":{"spec":{"hostNetwork":false,"containers":[{"name":"","image":"","args":[]}]}}}}';
    expect(decoded(body, DEPLOYMENT).object).toEqual({
      kind: "Deployment",
      apiVersion: "apps/v1",
      metadata: { name: "a" },
      spec: { replicas: 0, selector: {}, strategy: {}, template: { metadata: {}, spec: { containers: [{ name: "", resources: {} }] } } },
      status: {},
    });
  });
  test("null is kept where Go writes it: lists and times that are always there", () => {
    const role = { group: "rbac.authorization.k8s.io", version: "v1", kind: "Role" };
    const result = decodeBody('{"metadata":{"name":"a"},"rules":[{"apiGroups":null}]}', "json", role, "Strict");
    expect(result).toMatchObject({ ok: true, value: { object: { rules: [{ verbs: null }] } } });
    expect(decodeBody('{"metadata":{"name":"a"},"rules":null}', "json", role, "Strict")).toMatchObject({ value: { object: { rules: null } } });
  });
  test("quantities and times are written as the server writes them", () => {
    const body =
      '{"metadata":{"name":"a","creationTimestamp":"2024-01-01T02:00:00.5+02:00"},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":0.5,"memory":"1024Mi","x.y/z":1e3}}}]}}';
    expect(decoded(body, POD).object).toMatchObject({
      metadata: { creationTimestamp: "2024-01-01T00:00:00Z" },
      spec: { containers: [{ resources: { limits: { cpu: "500m", memory: "1Gi", "x.y/z": "1e3" } } }] },
    });
  });
  test("unknown fields are dropped with what is in them", () => {
    const { object, warnings } = decoded('{"metadata":{"name":"a","nope":{"b":[1]}},"Data":{"a":"b"}}');
    expect(object).toEqual({ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" } });
    expect(warnings).toEqual(['unknown field "metadata.nope"', 'unknown field "Data"']);
  });
  test("a custom resource keeps its fields, whole numbers written as 2.0 too; metadata is checked", () => {
    const custom = { group: "x.example", version: "v1", kind: "Cup" };
    const result = decodeBody(
      '{"apiVersion":"x.example/v1","kind":"Cup","metadata":{"name":"a","zip":1},"spec":{"n":2.0,"deep":[{"m":1e3}]}}',
      "json",
      custom,
      "Warn",
    );
    expect(result).toMatchObject({ ok: true, value: { object: { spec: { n: 2, deep: [{ m: 1000 }] } }, warnings: ['unknown field "metadata.zip"'] } });
  });
});

describe("duplicates", () => {
  test("are found, however keys are spaced, and not where a string only looks like a key", () => {
    expect(decoded('{"metadata":{"name" : "a"},"data":{"a":"1","a":"2"}}').warnings).toEqual(['duplicate field "data.a"']);
    expect(decoded('{"metadata":{"name":"a"},"data":{"a":"{\\"x\\":1,\\"x\\":2}"}}').warnings).toEqual([]);
    expect(decoded('{"metadata":{"name":"a","name":"b"}}').warnings).toEqual(['duplicate field "metadata.name"']);
  });
  test("the last one wins", () => {
    expect(decoded('{"metadata":{"name":"a"},"data":{"a":"1","a":"2"}}', CONFIG_MAP, "Ignore").object).toMatchObject({ data: { a: "2" } });
  });
});

describe("what is refused", () => {
  test("keys that reach prototypes, in maps and in values without a schema", () => {
    expect(refusal('{"metadata":{"name":"a"},"data":{"__proto__":"x"}}')).toMatch(/key "__proto__" is not supported/);
    expect(
      refusal('{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"a"},"revision":1,"data":{"constructor":{"prototype":{}}}}', {
        group: "apps",
        version: "v1",
        kind: "ControllerRevision",
        schema: "apps.v1.ControllerRevision",
      }),
    ).toMatch(/not supported/);
    const dropped = decoded('{"__proto__":{"polluted":true},"metadata":{"name":"a"}}').object as Record<string, unknown>;
    expect(dropped.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(dropped)).toBe(Object.prototype);
  });
  test("schemas within schemas without end", () => {
    const schemas = '{"not":'.repeat(50_000) + "{}" + "}".repeat(50_000);
    const crd = { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", schema: "apiextensions.v1.CustomResourceDefinition" };
    expect(refusal(`{"spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":${schemas}}}]}}`, crd)).toMatch(/exceeded max depth/);
  });
  test("an error of a type's own decoder is told before mere type errors, the first type error before later ones", () => {
    expect(refusal('{"spec":{"hostNetwork":1,"overhead":{"cpu":"x"}}}', POD)).toMatch(/quantities must match/);
    expect(refusal('{"spec":{"hostNetwork":1,"hostPID":"x"}}', POD)).toMatch(/PodSpec\.spec\.hostNetwork of type bool/);
  });
  test("the API version of another version of the kind", () => {
    const v2 = { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler", schema: "autoscaling.v2.HorizontalPodAutoscaler" };
    expect(refusal('{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler"}', v2)).toBe(
      "the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)",
    );
  });
});

describe("YAML", () => {
  const yaml = (body: string) => decoded(body, CONFIG_MAP, "Warn", "yaml");
  test("is read as version 1.1: anchors, merge keys, dates as text", () => {
    expect(yaml("metadata: &m {name: a}\ndata: {a: 2001-01-01, b: '0777'}\n").object).toMatchObject({
      metadata: { name: "a" },
      data: { a: "2001-01-01", b: "0777" },
    });
  });
  test("whole numbers may be written as 2.0", () => {
    expect(decoded("spec: {replicas: 2.0}", DEPLOYMENT, "Warn", "yaml").object).toMatchObject({ spec: { replicas: 2 } });
  });
  test("an alias bomb is refused", () => {
    const lines = [..."bcdefghij"].map((letter, index) => `${letter}: &${letter} [${Array(10).fill(`*${"abcdefghi"[index]}`).join(",")}]`);
    const result = decodeBody(`a: &a [x,x,x,x,x,x,x,x,x,x]\n${lines.join("\n")}`, "yaml", CONFIG_MAP, "Warn");
    expect(result).toMatchObject({ ok: false, error: { code: 400, message: expect.stringContaining("excessive aliasing") } });
  });
  test("only the first document counts", () => {
    expect(yaml("metadata: {name: a}\n---\nmetadata: {name: b}\n").object).toMatchObject({ metadata: { name: "a" } });
  });
});

describe("options of a DELETE", () => {
  const OPTIONS = { group: "meta.k8s.io", version: "v1", kind: "DeleteOptions", schema: "meta.v1.DeleteOptions" };
  test("are taken in any group and version, and refused without a frame", () => {
    expect(decoded('{"kind":"DeleteOptions","apiVersion":"apps/v1","gracePeriodSeconds":0}', OPTIONS).object).toMatchObject({ gracePeriodSeconds: 0 });
    expect(refusal('{"kind":"Pod","apiVersion":"v1"}', OPTIONS)).toBe('no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"');
    expect(refusal("{", OPTIONS)).toBe("couldn't get version/kind; json parse error: unexpected end of JSON input");
  });
});

describe("objects that come out of a patch", () => {
  const shown = (): string => "map[metadata:map[labels:x]]";
  test("a wrong type is 422 about the patch", () => {
    const result = checkObject({ metadata: { labels: "x" } }, "core.v1.Pod", "Warn");
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: 422,
        reason: "Invalid",
        message:
          ' "" is invalid: patch: Invalid value: "{\\"metadata\\":{\\"labels\\":\\"x\\"}}": json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
      },
    });
  });
  test("after a strategic merge patch the words are those of the converter", () => {
    const message = (value: unknown, schema: string): string | undefined => {
      const result = checkObject(value, schema, "Warn", { wording: "converter", shown });
      return result.ok ? undefined : result.error.details?.causes?.[0]?.message;
    };
    expect(message({ metadata: { labels: "x" } }, "core.v1.Pod")).toBe('Invalid value: "map[metadata:map[labels:x]]": cannot restore map from string');
    expect(message({ spec: { containers: "x" } }, "core.v1.Pod")).toMatch(/: cannot restore slice from string$/);
    expect(message({ spec: { replicas: "x" } }, "autoscaling.v1.Scale")).toMatch(/: unrecognized type: int32$/);
  });
  test("unknown fields are warnings, or with Strict the same refusal", () => {
    expect(checkObject({ nope: 1 }, "core.v1.Pod", "Warn")).toMatchObject({ ok: true, value: { object: {}, warnings: ['unknown field "nope"'] } });
    expect(checkObject({ nope: 1 }, "core.v1.Pod", "Strict")).toMatchObject({
      ok: false,
      error: { code: 422, message: expect.stringMatching(/: strict decoding error: unknown field "nope"$/) },
    });
  });
});
