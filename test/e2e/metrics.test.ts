// /metrics of a real server: who may read it, that clusters are counted apart, and that idle means idle.
import { expect, test } from "vitest";
import { eventually } from "../support/kubectl.ts";
import { setting } from "./setting.ts";

const here = setting({ nodes: 3 });
const IDLE_MS = 8000;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function metrics(path = "/metrics"): Promise<ReadonlyMap<string, number>> {
  const response = await here.server.fetch(path);
  expect(response.status).toBe(200);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}
/** All that must stand still. The launcher watches Services: that takes its store's time, and a bookmark now and then. */
const counts = async (): Promise<Record<string, number>> =>
  Object.fromEntries([...(await metrics())].filter(([series]) => !/^paperplane_(duration|watch)/.test(series)));
const post = (path: string, object: unknown): Promise<Response> =>
  here.server.fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(object) });

test("only the admin reads it, and nobody writes it", async () => {
  expect((await fetch(`${here.server.url}/metrics`)).status).toBe(403);
  expect((await fetch(`${here.server.url}/metrics`, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  expect((await here.server.fetch("/metrics", { method: "POST" })).status).toBe(405);
  expect((await here.server.fetch("/metrics")).headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
});

test("each cluster has its own; one that is gone has none", async () => {
  const clusters = "/apis/paperplane.dev/v1/clusters";
  await post(clusters, { apiVersion: "paperplane.dev/v1", kind: "Cluster", metadata: { name: "counted" }, spec: { nodes: 1 } });
  const secret = (n: number) => ({ apiVersion: "v1", kind: "Secret", metadata: { name: `s${n}` } });
  for (let n = 0; n < 3; n++) expect((await post("/clusters/counted/api/v1/namespaces/default/secrets", secret(n))).status).toBe(201);
  const series = `paperplane_rows_written_total{family="store",name="/secrets",table="history"}`;
  // With the one with which it begins.
  expect((await metrics("/clusters/counted/metrics")).get(series)).toBe(4);
  expect((await metrics()).get(series)).toBeUndefined();
  expect((await here.server.fetch(`${clusters}/counted`, { method: "DELETE" })).status).toBe(200);
  await eventually(
    async () => (await here.server.fetch("/clusters/counted/metrics")).status,
    (status) => status === 404,
  );
});

test("a cluster with nodes and a running Deployment, left alone, counts nothing", async () => {
  const labels = { app: "web" };
  const spec = {
    replicas: 5,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "nginx:1.27" }] } },
  };
  await post("/apis/apps/v1/namespaces/default/deployments", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec });
  await post("/api/v1/namespaces/default/services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { selector: labels, ports: [{ port: 80 }] },
  });
  await eventually(
    async () =>
      ((await (await here.server.fetch("/apis/apps/v1/namespaces/default/deployments/web")).json()) as { status: { availableReplicas?: number } }).status,
    ({ availableReplicas }) => availableReplicas === 5,
  );
  // The alarm that looks after deliveries rings once more.
  let before = await counts();
  await eventually(
    async () => {
      const last = before;
      await sleep(2500);
      before = await counts();
      return JSON.stringify(before) === JSON.stringify(last);
    },
    (same) => same,
  );
  await sleep(IDLE_MS);
  expect(await counts()).toEqual(before);
  expect(before[`paperplane_rows_written_total{family="store",name="/pods",table="history"}`]).toBeGreaterThanOrEqual(3);
});
