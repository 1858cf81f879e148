// OpenAPI of custom resources: the schemas that a real server made of the same definitions.
import { describe, expect, test } from "vitest";
import { type CustomTemplate, type CustomType, customDocument, definitionName, withCustomDefinitions, withCustomPaths } from "../../../shared/api/openapi.ts";
import type { JsonObject } from "../../../shared/base/json.ts";

const cup: CustomType = {
  group: "x.example",
  version: "v2",
  kind: "Cup",
  listKind: "CupList",
  plural: "cups",
  namespaced: true,
  status: true,
  scale: false,
  schema: {
    type: "object",
    description: "a cup",
    required: ["spec"],
    properties: {
      spec: {
        type: "object",
        properties: {
          n: { type: "integer", default: 3, maximum: 9, nullable: true },
          any: { "x-kubernetes-preserve-unknown-fields": true, properties: { q: { type: "string" } } },
          ios: { "x-kubernetes-int-or-string": true },
          o: { type: "object", oneOf: [{ required: ["p"] }], properties: { p: { type: "string" } } },
          e: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    },
  },
};
const mug: CustomType = {
  ...cup,
  kind: "Mug",
  listKind: "MugList",
  plural: "mugs",
  namespaced: false,
  status: false,
  schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};
const call = (operationId: string): JsonObject => ({
  get: { tags: ["<<tag>>"], operationId, schema: { $ref: "#/components/schemas/<<schema>>List" } },
  parameters: [{ name: "namespace" }, { name: "pretty" }],
});
const base = "/apis/<<group>>/<<version>>";
const template: CustomTemplate = {
  paths: {
    [`${base}/<<plural>>`]: call("list<<id>><<kind>>ForAllNamespaces"),
    [`${base}/namespaces/{namespace}/<<plural>>`]: call("list<<id>>Namespaced<<kind>>"),
    [`${base}/namespaces/{namespace}/<<plural>>/{name}/status`]: call("read<<id>>Namespaced<<kind>>Status"),
    [`${base}/namespaces/{namespace}/<<plural>>/{name}/scale`]: call("read<<id>>Namespaced<<kind>>Scale"),
  },
  schemas: { "io.k8s.Meta": { type: "object" } },
};
type Document = {
  paths: Record<string, { get: { operationId: string; tags: string[]; schema: { $ref: string } }; parameters: { name: string }[] }>;
  components: { schemas: Record<string, JsonObject> };
};

describe("version 3", () => {
  const document = customDocument(template, [cup, mug]) as unknown as Document;
  test("paths are those that the resource has: subresources it declares, namespaces if it is in them", () => {
    expect(Object.keys(document.paths)).toEqual([
      "/apis/x.example/v2/cups",
      "/apis/x.example/v2/mugs",
      "/apis/x.example/v2/namespaces/{namespace}/cups",
      "/apis/x.example/v2/namespaces/{namespace}/cups/{name}/status",
    ]);
    expect(document.paths["/apis/x.example/v2/cups"]?.get).toMatchObject({
      operationId: "listXExampleV2CupForAllNamespaces",
      tags: ["xExample_v2"],
      schema: { $ref: "#/components/schemas/example.x.v2.CupList" },
    });
    expect(document.paths["/apis/x.example/v2/mugs"]).toMatchObject({ get: { operationId: "listXExampleV2Mug" }, parameters: [{ name: "pretty" }] });
  });
  test("schemas say what the definition leaves unsaid", () => {
    const { schemas } = document.components;
    expect(Object.keys(schemas)).toEqual(["example.x.v2.Cup", "example.x.v2.CupList", "example.x.v2.Mug", "example.x.v2.MugList", "io.k8s.Meta"]);
    expect(schemas["example.x.v2.Cup"]).toMatchObject({
      description: "a cup",
      required: ["spec"],
      properties: {
        metadata: { allOf: [{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }] },
        spec: {
          properties: { n: { nullable: true, default: 3 }, ios: { anyOf: [{ type: "integer" }, { type: "string" }] }, e: { required: ["kind", "apiVersion"] } },
        },
      },
      "x-kubernetes-group-version-kind": [{ group: "x.example", kind: "Cup", version: "v2" }],
    });
  });
});

test("version 2 leaves out what it cannot say", () => {
  const text = withCustomDefinitions('{"swagger":"2.0","paths":{},"definitions":{"a":{"type":"object"}}}', [cup, mug]);
  const { definitions } = JSON.parse(text) as { definitions: Record<string, JsonObject & { properties: { spec: { properties: JsonObject } } }> };
  expect(Object.keys(definitions)).toEqual(["a", "example.x.v2.Cup", "example.x.v2.CupList", "example.x.v2.Mug", "example.x.v2.MugList"]);
  expect(definitions["example.x.v2.Cup"]?.properties.spec.properties).toEqual({
    n: { maximum: 9 },
    any: { "x-kubernetes-preserve-unknown-fields": true },
    ios: { "x-kubernetes-int-or-string": true },
    o: { type: "object", properties: { p: { type: "string" } } },
    e: { "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  });
  expect(definitions["example.x.v2.Mug"]).toEqual({ type: "object", "x-kubernetes-group-version-kind": [{ group: "x.example", kind: "Mug", version: "v2" }] });
  expect(withCustomDefinitions(text, [])).toBe(text);
});

test("the definition itself is not touched; names are reversed groups", () => {
  const before = JSON.stringify(cup);
  customDocument(template, [cup]);
  withCustomDefinitions('{"definitions":{"a":{}}}', [cup]);
  expect(JSON.stringify(cup)).toBe(before);
  expect(definitionName({ group: "stable.example.com", version: "v1" }, "CronTab")).toBe("com.example.stable.v1.CronTab");
});

test("the index names the documents of custom resources among the others", () => {
  const index = withCustomPaths(
    '{"paths":{"version":{"serverRelativeURL":"/openapi/v3/version?hash=A"},"api/v1":{"serverRelativeURL":"/openapi/v3/api/v1?hash=B"}}}',
    new Map([["apis/x.example/v2", "C"]]),
  );
  expect(JSON.parse(index)).toEqual({
    paths: {
      "api/v1": { serverRelativeURL: "/openapi/v3/api/v1?hash=B" },
      "apis/x.example/v2": { serverRelativeURL: "/openapi/v3/apis/x.example/v2?hash=C" },
      version: { serverRelativeURL: "/openapi/v3/version?hash=A" },
    },
  });
});
