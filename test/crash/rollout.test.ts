// kill -9 in the midst of work: what was acknowledged is there, what was begun is finished, nothing is doubled.
// Quick: one kill each. Full (npm run test:crash): fifty kills in all, at other moments each time.
import { afterEach, expect, test } from "vitest";
import { eventually } from "../support/kubectl.ts";
import { startServer, type Server } from "../support/server.ts";

const ROUNDS = process.env.PAPERPLANE_CRASH === "full" ? 24 : 1;
const PODS = 200;
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec: { readonly nodeName?: string; readonly replicas?: number; readonly containers?: readonly { readonly image: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly replicas?: number;
    readonly observedGeneration?: number;
  };
}
let server: Server | undefined;
afterEach(async () => server?.stop());

async function ask<T>(at: Server, method: string, path: string, body?: object): Promise<T> {
  const headers = { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
  const answer = await at.fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
const list = async (at: Server, path: string): Promise<readonly Item[]> => (await ask<{ items: Item[] }>(at, "GET", path)).items;
const template = (image: string) => ({ metadata: { labels: { app: "big" } }, spec: { containers: [{ name: "web", image }] } });
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

const finished = (at: Server) =>
  eventually(
    () => ask<Item>(at, "GET", `${DEPLOYMENTS}/big`),
    ({ status }) => status?.updatedReplicas === PODS && status.availableReplicas === PODS && status.replicas === PODS,
    90_000,
  );
const podsOfBig = (at: Server) =>
  eventually(
    () => list(at, "/api/v1/namespaces/default/pods?labelSelector=app%3Dbig"),
    (pods) => pods.length === PODS && pods.every(({ status }) => status?.phase === "Running"),
    60_000,
  );

/** What must be true of any finished rollout. */
async function expectWhole(at: Server, image: string): Promise<void> {
  await finished(at);
  const pods = await podsOfBig(at);
  expect(new Set(pods.map(({ spec }) => spec.containers?.[0]?.image))).toEqual(new Set([image]));
  expect(new Set(pods.map(({ metadata }) => metadata.uid)).size).toBe(PODS);
  // An address belongs to one pod.
  expect(new Set(pods.map(({ status }) => status?.podIP)).size).toBe(PODS);
  const sets = await list(at, "/apis/apps/v1/namespaces/default/replicasets?labelSelector=app%3Dbig");
  const current = sets.filter(({ spec }) => (spec.replicas ?? 0) > 0);
  expect(current.map(({ spec, status }) => [spec.replicas, status?.replicas])).toEqual([[PODS, PODS]]);
  expect(new Set(pods.flatMap(({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? []))).toEqual(
    new Set(current.map(({ metadata }) => metadata.uid)),
  );
  const slices = (
    await ask<{ items: { endpoints: { targetRef: { uid: string } }[] }[] }>(
      at,
      "GET",
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dbig",
    )
  ).items;
  expect(slices.flatMap(({ endpoints }) => endpoints.map(({ targetRef }) => targetRef.uid)).sort()).toEqual(pods.map(({ metadata }) => metadata.uid).sort());
}

test(
  `a rollout of ${PODS} pods is finished after kill -9 in its midst`,
  async () => {
    const at = (server = await startServer({ nodes: 5 }));
    await ask(at, "POST", "/api/v1/namespaces/default/services", { metadata: { name: "big" }, spec: { selector: { app: "big" }, ports: [{ port: 80 }] } });
    await ask(at, "POST", DEPLOYMENTS, {
      metadata: { name: "big" },
      spec: { replicas: PODS, selector: { matchLabels: { app: "big" } }, template: template("nginx:1.0") },
    });
    // The first kill strikes while the pods are being made, later ones while they are being replaced.
    await sleep(150);
    await at.crash();
    await at.restart();
    await expectWhole(at, "nginx:1.0");
    for (let round = 1; round <= ROUNDS; round++) {
      const image = `nginx:1.${round}`;
      await ask(at, "PATCH", `${DEPLOYMENTS}/big`, { spec: { template: template(image) } });
      await sleep(100 + ((round * 137) % 700));
      await at.crash();
      await at.restart();
      await eventually(
        () =>
          expectWhole(at, image).then(
            () => true,
            (error: unknown) => String(error),
          ),
        (held) => held === true,
        60_000,
      );
    }
  },
  (ROUNDS + 1) * 120_000,
);

test(
  "every acknowledged write is there after kill -9, in the order of its version, and none twice",
  async () => {
    const at = (server = await startServer({ nodes: 1 }));
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < ROUNDS; round++) {
      let next = 0;
      const writer = async (): Promise<void> => {
        // Until the server is gone.
        for (;;) {
          const name = `write-${round}-${next++}`;
          try {
            const { metadata } = await ask<{ metadata: { uid: string } }>(at, "POST", CONFIG_MAPS, { metadata: { name }, data: { round: String(round) } });
            acknowledged.set(name, metadata.uid);
          } catch {
            return;
          }
        }
      };
      const writers = Array.from({ length: 8 }, writer);
      const enough = acknowledged.size + 100 + ((round * 37) % 100);
      await eventually(
        () => Promise.resolve(acknowledged.size),
        (count) => count >= enough,
      );
      await at.crash();
      await Promise.all(writers);
      await at.restart();
    }
    const { items } = await ask<{ items: { metadata: { name: string; uid: string; resourceVersion: string } }[] }>(at, "GET", CONFIG_MAPS);
    const stored = new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]));
    expect([...acknowledged].filter(([name, uid]) => stored.get(name) !== uid)).toEqual([]);
    expect(new Set(items.map(({ metadata }) => metadata.resourceVersion)).size).toBe(items.length);
  },
  ROUNDS * 60_000,
);

test("a namespace that was being deleted is gone after kill -9", async () => {
  const at = (server = await startServer({ nodes: 1 }));
  await ask(at, "POST", "/api/v1/namespaces", { metadata: { name: "doomed" } });
  for (let index = 0; index < 100; index++) await ask(at, "POST", "/api/v1/namespaces/doomed/configmaps", { metadata: { name: `inside-${index}` } });
  await ask(at, "DELETE", "/api/v1/namespaces/doomed");
  await at.crash();
  await at.restart();
  expect(
    await eventually(
      async () => (await at.fetch("/api/v1/namespaces/doomed")).status,
      (status) => status === 404,
    ),
  ).toBe(404);
  expect(await list(at, "/api/v1/namespaces/doomed/configmaps")).toEqual([]);
});
