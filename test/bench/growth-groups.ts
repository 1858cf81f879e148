// What grows in `npm run bench:growth`: pods, nodes, watchers, clusters; and what is done and measured at each size.
import { Connection } from "./connection.ts";
import type { Head, Step } from "./growth-report.ts";
import type { Target } from "./kubeconfig.ts";
import { birth } from "./loads/clusters.ts";
import { openWatches } from "./loads/watches.ts";
import { deploy, nodesReady, podsRunning, undeploy } from "./loads/workloads.ts";
import { cluster, configMap, deployment, pod } from "./objects.ts";
import type { OwnServer } from "./own-server.ts";
import { say } from "./program.ts";
import { must, Session, sleep, versionIn, type LoadOptions } from "./session.ts";
import { LIMIT_MS, Spending, together, type Spent } from "./spending.ts";

/** A step of one curve. */
export interface Part extends Step {
  readonly head: Head;
}
export interface Group {
  readonly name: string;
  /** Of the server, when it starts. */
  readonly nodes: number;
  readonly sizes: readonly number[];
  readonly quick: readonly number[];
  run(size: number, server: OwnServer): Promise<Part[]>;
}
const POD_NODES = 100;
/** Each node has its actor before pods are counted. */
const FIRST_PODS = 2 * POD_NODES;
const EVENTS = 100;
const EVENTS_PER_S = 25;
/** Single pods on a cluster that has had one; each comes when nothing is left to be done for the one before. */
const MORE_PODS = 5;
/** Longer than the platform keeps an actor in memory that has nothing to do. */
const ASLEEP_MS = 15_000;
const CLUSTER_NODES = 3;
const REQUESTS = 100;

const sessionOf = (target: Target, options: Partial<LoadOptions>): Session =>
  new Session(target, { count: 1, connections: 16, rate: 0, watchers: 0, limitMs: LIMIT_MS, keep: true, ...options }, say);
const inside = (target: Target, name: string): Target => ({ ...target, prefix: `${target.prefix}/clusters/${name}` });

const DEPLOYED: Head = { title: `A Deployment on ${POD_NODES} nodes, until it is Available`, many: "pods", one: "a pod", flat: false };
const UNDEPLOYED: Head = { title: "The Deployment deleted, until its pods are gone", many: "pods", one: "a pod", flat: false };
const pods: Group = {
  name: "pods",
  nodes: POD_NODES,
  sizes: [100, 1000, 10_000],
  quick: [50, 200, 800],
  async run(size, server) {
    const session = sessionOf(server.target, { count: size });
    const spending = new Spending(server);
    await must(session.control, "POST", "/apis/apps/v1/namespaces/default/deployments", deployment("first", FIRST_PODS));
    await podsRunning(server.target, "default", FIRST_PODS, LIMIT_MS);
    await session.begin();
    await spending.settle();
    return [
      { head: DEPLOYED, size, units: size, spent: await spending.of(() => deploy(session)) },
      { head: UNDEPLOYED, size, units: size, spent: await spending.of(() => undeploy(session)) },
    ];
  },
};

const READY: Head = { title: "A cluster with nodes, until a list says that all of them are Ready", many: "nodes", one: "a node", flat: false };
const FIRST_POD: Head = { title: "The first pod of that cluster, until it runs", many: "nodes", one: "the pod", flat: true };
const MORE: Head = { title: `One more pod on that cluster (${MORE_PODS}, far apart in time)`, many: "nodes", one: "a pod", flat: true };
const WOKEN: Head = { title: "One more pod on that cluster when all of it is asleep", many: "nodes", one: "the pod", flat: true };

/** A watch from now on, that is left at once: before anybody watched them a cluster does not store its nodes. */
async function watchOnce(target: Target, path: string): Promise<void> {
  const connection = new Connection(target);
  const version = versionIn((await must(connection, "GET", `${path}?limit=1`)).body);
  const status = await connection.open(
    `${path}?watch=1&resourceVersion=${version}`,
    () => {},
    () => {},
  );
  if (status !== 200) throw new Error(`watch ${path}: ${status}`);
  connection.close();
}

const nodes: Group = {
  name: "nodes",
  nodes: 0,
  sizes: [10, 100, 1000, 5000],
  quick: [10, 100, 1000],
  async run(size, server) {
    const target = inside(server.target, "nodes");
    const connection = new Connection(target);
    const onePod = async (known: number): Promise<void> => {
      const running = podsRunning(target, "default", known + 1, LIMIT_MS);
      await Promise.all([running, must(connection, "POST", "/api/v1/namespaces/default/pods", pod(`p${known}`, { nowhere: false }))]);
    };
    await new Spending(server).settle();
    const root = new Connection(server.target);
    // Only the new cluster's own counters: to ask for them is a request to the root cluster, whose counters would never rest.
    const spending = new Spending(server, target);
    const ready = await spending.of(async () => {
      await must(root, "POST", "/apis/paperplane.dev/v1/clusters", cluster("nodes", size));
      await watchOnce(target, "/api/v1/nodes");
      await nodesReady(target, size, LIMIT_MS);
    });
    const first = await spending.of(() => onePod(0));
    const more: Spent[] = [];
    for (let known = 1; known <= MORE_PODS; known++) more.push(await spending.of(() => onePod(known)));
    await sleep(ASLEEP_MS);
    const woken = await spending.of(() => onePod(1 + MORE_PODS));
    return [
      { head: READY, size, units: size, spent: ready },
      { head: FIRST_POD, size, units: 1, spent: first },
      { head: MORE, size, units: MORE_PODS, spent: together(more) },
      { head: WOKEN, size, units: 1, spent: woken },
    ];
  },
};

const OPENED: Head = { title: "Watches of one resource opened", many: "watchers", one: "a watcher", flat: false };
const EVENT: Head = {
  title: `${EVENTS} events at ${EVENTS_PER_S} a second, until every watcher has heard of all`,
  many: "watchers",
  one: "a delivery",
  flat: false,
  each: { what: "event", count: EVENTS },
};
const watchers: Group = {
  name: "watchers",
  nodes: 1,
  sizes: [1, 10, 100, 1000],
  quick: [1, 10, 100],
  async run(size, server) {
    const session = sessionOf(server.target, { count: EVENTS, rate: EVENTS_PER_S, watchers: size });
    const spending = new Spending(server);
    await session.begin();
    await spending.settle();
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof openWatches>>>();
    const opened = await spending.of(async () => resolve(await openWatches(session)));
    const watching = await promise;
    const heard = await spending.of(() => watching.events());
    watching.close();
    return [
      { head: OPENED, size, units: size, spent: opened },
      { head: EVENT, size, units: EVENTS * size, spent: heard },
    ];
  },
};

const BORN: Head = { title: "Clusters created, and asked for their namespaces", many: "clusters", one: "a cluster", flat: false };
const ASKED: Head = { title: `One more request to one of them, which keeps nothing yet (${REQUESTS} lists)`, many: "clusters", one: "a request", flat: true };
const WRITTEN: Head = { title: "The first write to one of them, after which it keeps something", many: "clusters", one: "the write", flat: true };
const WRITTEN_AGAIN: Head = { title: `One more write to that cluster (${REQUESTS} ConfigMaps)`, many: "clusters", one: "a write", flat: true };
const clusters: Group = {
  name: "clusters",
  nodes: CLUSTER_NODES,
  sizes: [1, 100, 1000, 10_000],
  quick: [1, 20, 200],
  async run(size, server) {
    const session = sessionOf(server.target, {});
    const spending = new Spending(server);
    const target = inside(server.target, "c0");
    const connection = new Connection(target);
    const write = (name: string): Promise<unknown> => must(connection, "POST", "/api/v1/namespaces/default/configmaps", configMap(name));
    await spending.settle();
    const born = await spending.of(() => session.each(size, (to, index) => birth(to, `c${index}`)));
    const asked = await spending.of(async () => {
      for (let request = 0; request < REQUESTS; request++) await must(connection, "GET", "/api/v1/namespaces");
    });
    const written = await spending.of(() => write("first"), { fresh: target });
    const again = new Spending(server, target);
    await again.settle();
    const writtenAgain = await again.of(async () => {
      for (let request = 0; request < REQUESTS; request++) await write(`c${request}`);
    });
    return [
      { head: BORN, size, units: size, spent: born },
      { head: ASKED, size, units: REQUESTS, spent: asked },
      { head: WRITTEN, size, units: 1, spent: written },
      { head: WRITTEN_AGAIN, size, units: REQUESTS, spent: writtenAgain },
    ];
  },
};

export const GROUPS: readonly Group[] = [pods, nodes, watchers, clusters];
