// One object on its shortest way: the store's answer is the client's, and nothing but the API worker tells the store what to do.
import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import worker from "../../workers/index.ts";
import { api, CONFIG_MAPS, configMap, env, eventually, metrics, store } from "./harness.ts";

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  Promise.resolve(worker.fetch(new Request(`http://paperplane.test${path}`, { headers: { authorization: "Bearer workerd-test-token", ...headers } }), env));
const ENDPOINTS = "/api/v1/namespaces/default/endpoints";

test("its bytes and headers are the same however the store was found", async () => {
  const created = await api("POST", CONFIG_MAPS, configMap("plain", { key: "\u{1F600} ü" }));
  const awake = await get(`${CONFIG_MAPS}/plain`);
  const text = await awake.text();
  expect(JSON.parse(text)).toEqual(created.body);
  expect([awake.status, ...awake.headers]).toEqual([200, ["cache-control", "no-cache, private"], ["content-type", "application/json"]]);
  await evictDurableObject(store("/configmaps"));
  expect(await (await get(`${CONFIG_MAPS}/plain`)).text()).toBe(text);
  const yaml = await get(`${CONFIG_MAPS}/plain`, { accept: "application/yaml" });
  expect([yaml.status, yaml.headers.get("content-type")]).toEqual([200, "application/yaml"]);
  expect((await api("GET", `${CONFIG_MAPS}/none`)).body).toMatchObject({ kind: "Status", reason: "NotFound", message: 'configmaps "none" not found' });
  expect((await api("GET", `${CONFIG_MAPS}/${"n".repeat(5000)}`)).body).toMatchObject({ reason: "NotFound" });
});

test("headers of a client tell the store nothing", async () => {
  await api("POST", CONFIG_MAPS, configMap("guarded"));
  const watch = { group: "", version: "v1", as: "object", includeObject: "Metadata", metaVersion: "v1" };
  const forged = { "x-watch": JSON.stringify({ watch, cluster: {}, timeoutMs: 1000 }), upgrade: "websocket" };
  const answer = await get(`${CONFIG_MAPS}/guarded`, forged);
  expect([answer.status, ((await answer.json()) as { kind: string }).kind]).toEqual([200, "ConfigMap"]);
});

test("a kind that is deprecated says so, and the next answer does not", async () => {
  await api("POST", ENDPOINTS, { apiVersion: "v1", kind: "Endpoints", metadata: { name: "old" } });
  for (const name of ["old", "none"]) expect((await get(`${ENDPOINTS}/${name}`)).headers.get("warning")).toContain("deprecated");
  expect((await get(`${CONFIG_MAPS}/guarded`)).headers.has("warning")).toBe(false);
});

test("a store that was never written to is asked after without reading a row, and found as soon as it is there", async () => {
  const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
  const rows = async (): Promise<number | undefined> => (await metrics()).get(`paperplane_rows_read_total{family="cluster",name=""}`);
  expect((await api("GET", `${claims}/a`)).status).toBe(404);
  const before = await rows();
  expect(before).toBeGreaterThan(0);
  for (let round = 0; round < 3; round++) expect((await api("GET", `${claims}/a`)).status).toBe(404);
  expect(await rows()).toBe(before);
  const created = await api("POST", claims, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "a" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  expect(created.status).toBe(201);
  expect((await api("GET", `${claims}/a`)).body.metadata.uid).toBe(created.body.metadata.uid);
});

test("of a cluster that was deleted while it was being read there is nothing", { timeout: 30_000 }, async () => {
  const clusters = "/apis/paperplane.dev/v1/clusters";
  const kept = "/clusters/brief/api/v1/namespaces/default/configmaps";
  await api("POST", clusters, { apiVersion: "paperplane.dev/v1", kind: "Cluster", metadata: { name: "brief" }, spec: { nodes: 1 } });
  await api("POST", kept, configMap("kept"));
  const seen: number[] = [];
  const read = async (): Promise<number> => {
    const { status } = await api("GET", `${kept}/kept`);
    if (seen.at(-1) !== status) seen.push(status);
    return status;
  };
  await read();
  await Promise.all([api("DELETE", `${clusters}/brief`), read()]);
  await eventually(read, (status) => status === 404);
  // The name is remembered for a second: longer than the store lives.
  for (let round = 0; round < 5; round++) await read();
  expect(seen).toEqual([200, 404]);
});
