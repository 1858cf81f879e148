// The deepest values that are taken, on the platform's own stack: made, read, patched, applied and refused like any others.
import { expect, test } from "vitest";
import { JSON_DEPTH_MAX, YAML_DEPTH_MAX } from "../../shared/base/limits.ts";
import worker from "../../workers/index.ts";
import { api, env } from "./harness.ts";

const REVISIONS = "/apis/apps/v1/namespaces/default/controllerrevisions";
const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number): string => '{"a":'.repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
const revision = (name: string, data: string): string =>
  `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"${name}"},"revision":1,"data":${data}}`;
async function send(method: string, path: string, type: string, body: string) {
  const headers = { authorization: "Bearer workerd-test-token", "content-type": type };
  const response = await worker.fetch(new Request(`http://paperplane.test${path}`, { method, headers, body }), env);
  return { status: response.status, body: (await response.json()) as { message?: string; data?: unknown } };
}

test("what is as deep as allowed can be made, read, patched and applied", async () => {
  const deep = objects(JSON_DEPTH_MAX - 1);
  expect((await send("POST", REVISIONS, "application/json", revision("deep", deep))).status).toBe(201);
  expect(JSON.stringify((await api("GET", `${REVISIONS}/deep`)).body.data)).toBe(deep);
  expect((await api("PATCH", `${REVISIONS}/deep`, { revision: 2 })).status).toBe(200);
  const put = revision("deep", deep).replace(`"revision":1`, `"revision":3`);
  expect((await send("PUT", `${REVISIONS}/deep`, "application/json", put)).status).toBe(200);
  expect((await send("PATCH", `${REVISIONS}/deep`, "application/merge-patch+json", `{"data":${deep}}`)).status).toBe(200);
  const path = `${REVISIONS}/applied?fieldManager=test`;
  expect((await send("PATCH", path, "application/apply-patch+yaml", revision("applied", deep))).status).toBe(201);
  expect((await send("POST", REVISIONS, "application/yaml", `metadata: {name: yaml}\nrevision: 1\ndata: ${objects(YAML_DEPTH_MAX - 1)}\n`)).status).toBe(201);
});

test("schemas nest in each other as deep as that", async () => {
  const definition = (levels: number): string =>
    `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"xs.a.b"},"spec":{"group":"a.b","scope":"Namespaced",` +
    `"names":{"kind":"X","plural":"xs"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":` +
    `${'{"type":"object","not":'.repeat(levels)}{}${"}".repeat(levels)}}}]}}`;
  const answer = await send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All", "application/json", definition(JSON_DEPTH_MAX - 7));
  expect(answer.status).toBeLessThan(500);
});

test("what is deeper is refused in any form", async () => {
  const tooDeep = lists(JSON_DEPTH_MAX + 1);
  const asked: readonly [method: string, path: string, type: string, body: string][] = [
    ["POST", REVISIONS, "application/json", revision("x", tooDeep)],
    ["POST", REVISIONS, "application/yaml", `metadata: {name: x}\nrevision: 1\ndata: ${tooDeep}\n`],
    ["PATCH", `${REVISIONS}/deep`, "application/merge-patch+json", `{"data":${tooDeep}}`],
    ["PATCH", `${REVISIONS}/deep`, "application/strategic-merge-patch+json", `{"data":${tooDeep}}`],
    ["PATCH", `${REVISIONS}/deep`, "application/json-patch+json", `[{"op":"add","path":"/data","value":${tooDeep}}]`],
    ["PATCH", `${REVISIONS}/deep?fieldManager=test`, "application/apply-patch+yaml", revision("deep", tooDeep)],
    ["DELETE", `${REVISIONS}/deep`, "application/json", `{"kind":"DeleteOptions","apiVersion":"v1","nope":${tooDeep}}`],
  ];
  for (const [method, path, type, body] of asked) {
    const { status, body: said } = await send(method, path, type, body);
    expect([type, status, said.message]).toEqual([type, 400, expect.stringContaining("exceeded max depth")]);
  }
});
