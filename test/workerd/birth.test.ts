// Clusters in the real runtime: one that nobody wrote to is a record and nothing else; the first write changes nothing but what it says.
import { evictAllDurableObjects, listDurableObjectIds } from "cloudflare:test";
import { expect, test } from "vitest";
import { api, configMap, env, eventually, type Answer, watch } from "./harness.ts";

const CLUSTERS = "/apis/paperplane.dev/v1/clusters";
const HOLD = "paperplane.dev/storage";
const record = (name: string, nodes = 2) => ({ apiVersion: "paperplane.dev/v1", kind: "Cluster", metadata: { name }, spec: { nodes } });
const make = async (name: string): Promise<void> => expect((await api("POST", CLUSTERS, record(name))).status).toBe(201);
const finalizers = async (name: string): Promise<readonly string[]> =>
  ((await api("GET", `${CLUSTERS}/${name}`)).body.metadata as unknown as { finalizers?: string[] }).finalizers ?? [];
const LISTS = [
  "/api/v1/namespaces",
  "/api/v1/nodes",
  "/api/v1/configmaps",
  "/api/v1/pods",
  "/api/v1/namespaces/kube-system/serviceaccounts",
  "/apis/rbac.authorization.k8s.io/v1/clusterroles",
];
const listAll = (name: string): Promise<Answer[]> => Promise.all(LISTS.map((path) => api("GET", `/clusters/${name}${path}`)));

/** All actors there are, of every cluster. */
async function actors(): Promise<number> {
  const ids = await Promise.all(
    ["STORE", "CONTROLLER", "SCHEDULER", "NODE", "CLUSTER"].map((family) => listDurableObjectIds(env[family] as DurableObjectNamespace)),
  );
  return ids.flat().length;
}

test("a cluster that is only read needs no actor", async () => {
  await make("warm");
  const before = await actors();
  await make("read");
  const first = await listAll("read");
  expect(first.map(({ status }) => status)).toEqual(LISTS.map(() => 200));
  expect(first.map(({ body }) => body.items?.length)).toEqual([4, 2, 5, 0, 1, first[5]?.body.items?.length]);
  expect(first[5]?.body.items?.length).toBeGreaterThan(50);
  expect((await api("GET", "/clusters/read/api/v1/namespaces/kube-system")).body).toMatchObject({ metadata: { name: "kube-system" } });
  expect((await api("GET", "/clusters/read/api/v1/namespaces/default/pods/none")).body).toMatchObject({ reason: "NotFound" });
  await evictAllDurableObjects();
  expect(await listAll("read")).toEqual(first);
  expect(await actors()).toBe(before);
  expect(await finalizers("read")).toEqual([]);
});

test("the first write makes one store and the actor that will remove it, and what was read stays as it was", async () => {
  await make("written");
  const first = await listAll("written");
  const before = await actors();
  const created = await api("POST", "/clusters/written/api/v1/namespaces/default/configmaps", configMap("mine"));
  expect(created.status).toBe(201);
  expect((await actors()) - before).toBe(2);
  expect(await finalizers("written")).toEqual([HOLD]);
  const after = await listAll("written");
  const born = first[2]?.body;
  expect(Number(created.body.metadata.resourceVersion)).toBe(Number(born?.metadata.resourceVersion) + 1);
  expect(after[2]?.body.items?.filter(({ metadata }) => metadata.name !== "mine")).toEqual(born?.items);
  expect(after[2]?.body.items?.find(({ metadata }) => metadata.name === "mine")?.metadata.uid).toBe(created.body.metadata.uid);
  for (const index of [0, 1, 3, 4, 5]) expect(after[index]?.body).toEqual(first[index]?.body);
  expect((await actors()) - before).toBe(2);
});

test("a watch begun at a version that was read before the store existed hears the first write", async () => {
  await make("watched");
  const { body } = await api("GET", "/clusters/watched/api/v1/namespaces/default/configmaps");
  const watching = await watch(`/clusters/watched/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=${body.metadata.resourceVersion}`, "socket");
  await api("POST", "/clusters/watched/api/v1/namespaces/default/configmaps", configMap("news"));
  expect(await watching.next()).toMatchObject({ type: "ADDED", object: { metadata: { name: "news" } } });
  await watching.close();
});

test("writes that come at once all find the cluster, and it knows all of their stores", async () => {
  await make("crowded");
  const paths = ["configmaps", "secrets", "services", "endpoints", "limitranges"];
  const bodies = paths.map((path) => (path === "services" ? { metadata: { name: "x" }, spec: { ports: [{ port: 80 }] } } : { metadata: { name: "x" } }));
  const answers = await Promise.all(paths.map((path, index) => api("POST", `/clusters/crowded/api/v1/namespaces/default/${path}`, bodies[index])));
  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 201));
  const read = await Promise.all(paths.map((path) => api("GET", `/clusters/crowded/api/v1/namespaces/default/${path}/x`)));
  expect(read.map(({ body }) => body.metadata.uid)).toEqual(answers.map(({ body }) => body.metadata.uid));
});

test("whoever writes the record cannot take off what holds it", async () => {
  await make("held");
  await api("POST", "/clusters/held/api/v1/namespaces/default/configmaps", configMap("mine"));
  const { body } = await api("GET", `${CLUSTERS}/held`);
  const bare = { ...body, metadata: { ...body.metadata, finalizers: [] } };
  const updated = await api("PUT", `${CLUSTERS}/held`, bare);
  expect(updated.status).toBe(200);
  const status = { ...bare, metadata: { ...bare.metadata, resourceVersion: updated.body.metadata.resourceVersion } };
  expect((await api("PUT", `${CLUSTERS}/held/status`, status)).status).toBe(200);
  expect((await api("PATCH", `${CLUSTERS}/held`, { metadata: { finalizers: null } })).status).toBe(200);
  expect(await finalizers("held")).toEqual([HOLD]);
});

test("a cluster that kept nothing is gone at once, one that did when all of it is; its name is then free", async () => {
  await make("empty");
  await make("full");
  await api("POST", "/clusters/full/api/v1/namespaces/default/configmaps", configMap("mine"));
  expect((await api("DELETE", `${CLUSTERS}/empty`)).status).toBe(200);
  expect((await api("GET", `${CLUSTERS}/empty`)).status).toBe(404);
  expect((await api("GET", "/clusters/empty/api/v1/namespaces")).status).toBe(404);
  expect((await api("POST", "/clusters/empty/api/v1/namespaces/default/configmaps", configMap("late"))).status).toBe(404);
  await api("DELETE", `${CLUSTERS}/full`);
  await eventually(
    () => api("GET", `${CLUSTERS}/full`),
    ({ status }) => status === 404,
  );
  // Whether its store existed or not.
  for (const path of LISTS) expect((await api("GET", `/clusters/full${path}`)).status, path).toBe(404);
  const uidOf = async (): Promise<string | undefined> => (await api("GET", "/clusters/empty/api/v1/namespaces/default")).body.metadata?.uid;
  await make("empty");
  const uid = await uidOf();
  await api("DELETE", `${CLUSTERS}/empty`);
  await make("empty");
  expect(await uidOf()).not.toBe(uid);
});

test("a namespace that a cluster is born with goes with all that it was born with", async () => {
  await make("emptied");
  const path = "/clusters/emptied/api/v1/namespaces/kube-node-lease";
  expect((await api("GET", `${path}/configmaps`)).body.items).toHaveLength(1);
  await api("DELETE", path);
  await eventually(
    () => api("GET", path),
    ({ status }) => status === 404,
  );
  for (const resource of ["configmaps", "serviceaccounts"]) expect((await api("GET", `${path}/${resource}`)).body.items).toEqual([]);
});

test("a deployment in a new cluster comes to run on the nodes it was born with", async () => {
  await make("working");
  await api("POST", "/clusters/working/apis/apps/v1/namespaces/default/deployments", {
    metadata: { name: "web" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
    },
  });
  const { body } = await eventually(
    () => api("GET", "/clusters/working/apis/apps/v1/namespaces/default/deployments/web"),
    (answer) => (answer.body as unknown as { status?: { availableReplicas?: number } }).status?.availableReplicas === 3,
  );
  expect(body).toMatchObject({ status: { availableReplicas: 3 } });
});
