// Controllers in the real runtime: a change leads to work through an alarm, and ringing again changes nothing.
import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { api, controller, eventually } from "./harness.ts";

interface Rs {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number };
}
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const deployment = (name: string, replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
  },
});
const replicaSets = async (name: string): Promise<readonly Rs[]> =>
  ((await api("GET", `/apis/apps/v1/namespaces/default/replicasets?labelSelector=app%3D${name}`)).body.items ?? []) as unknown as Rs[];
const pods = async (name: string): Promise<readonly string[]> =>
  ((await api("GET", `/api/v1/namespaces/default/pods?labelSelector=app%3D${name}`)).body.items ?? []).map(({ metadata }) => metadata.uid).sort();

test("a deployment becomes a replica set becomes pods", async () => {
  expect((await api("POST", DEPLOYMENTS, deployment("grown", 3))).status).toBe(201);
  expect(
    await eventually(
      () => pods("grown"),
      (found) => found.length === 3,
    ),
  ).toHaveLength(3);
  expect(await replicaSets("grown")).toHaveLength(1);
});

test("an alarm that rings twice does its work once", async () => {
  await api("POST", DEPLOYMENTS, deployment("repeated", 2));
  const before = await eventually(
    () => pods("repeated"),
    (found) => found.length === 2,
  );
  for (const name of ["deployment", "replicaset"]) {
    for (let ring = 0; ring < 3; ring++) {
      await runDurableObjectAlarm(controller(name));
      await runInDurableObject(controller(name), (instance) => (instance as unknown as { alarm(): Promise<void> }).alarm());
    }
  }
  expect(await pods("repeated")).toEqual(before);
  expect(await replicaSets("repeated")).toHaveLength(1);
});

test("work goes on after the eviction of everything", async () => {
  await api("POST", DEPLOYMENTS, deployment("evicted", 2));
  await evictAllDurableObjects();
  expect(
    await eventually(
      () => pods("evicted"),
      (found) => found.length === 2,
    ),
  ).toHaveLength(2);
  await evictAllDurableObjects();
  await api("PATCH", `${DEPLOYMENTS}/evicted`, { spec: { replicas: 4 } });
  expect(
    await eventually(
      () => pods("evicted"),
      (found) => found.length === 4,
    ),
  ).toHaveLength(4);
});

test("a pod that is deleted comes anew", async () => {
  await api("POST", DEPLOYMENTS, deployment("renewed", 1));
  const [first = ""] = await eventually(
    () => pods("renewed"),
    (found) => found.length === 1,
  );
  const { body } = await api("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Drenewed");
  await api("DELETE", `/api/v1/namespaces/default/pods/${body.items?.[0]?.metadata.name ?? ""}?gracePeriodSeconds=0`);
  const after = await eventually(
    () => pods("renewed"),
    (found) => found.length === 1 && !found.includes(first),
  );
  expect(after).not.toContain(first);
});
