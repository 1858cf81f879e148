// What is compared: groups of loads, each on a fresh server, and the rows of the table they fill.

export interface Row {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly better: "more" | "less";
  /** Rows that only one side can fill are no comparison. */
  readonly alone?: true;
}
/** One figure of one line that a load prints. */
export interface Taken {
  readonly line: string;
  readonly key: string;
  readonly row: Row;
}
export interface LoadStep {
  readonly words: readonly string[];
  readonly takes: readonly Taken[];
}
export interface Group {
  readonly name: GroupName;
  /** At the start. */
  readonly nodes: number;
  readonly steps: readonly LoadStep[];
  /** Once the group's own measurement is done. */
  readonly afterwards?: readonly LoadStep[];
}
export type GroupName = "base" | "deploy" | "pods" | "many" | "nodes" | "clusters";
export interface Sizes {
  readonly creates: number;
  readonly listed: number;
  readonly watchRateEvents: number;
  readonly deployments: readonly number[];
  readonly pods: number;
  readonly nodes: number;
  readonly clusters: number;
  readonly settleMs: number;
  readonly idleMs: number;
  /** How long pods have been running when the server is looked at. */
  readonly restMs: number;
}
export const FULL: Sizes = {
  creates: 3000,
  listed: 10_000,
  watchRateEvents: 500,
  deployments: [100, 1000, 10_000],
  pods: 10_000,
  nodes: 5000,
  clusters: 10_000,
  settleMs: 15_000,
  idleMs: 30_000,
  restMs: 60_000,
};
export const QUICK: Sizes = {
  creates: 1500,
  listed: 2000,
  watchRateEvents: 100,
  deployments: [100, 500],
  pods: 1000,
  nodes: 1000,
  clusters: 200,
  settleMs: 5000,
  idleMs: 8000,
  restMs: 8000,
};
const NODES = 100;

const count = (value: number): string => value.toLocaleString("en-US");
const take = (line: string, key: string, what: string, unit: string, better: Row["better"]): Taken => ({
  line,
  key,
  row: { id: `${line}.${key}.${what}`, what, unit, better },
});
const step = (words: string, ...takes: readonly Taken[]): LoadStep => ({ words: words.split(" "), takes });

/** Figures that no load prints. */
export interface OwnRows {
  readonly start: Row;
  readonly newCluster: Row;
  readonly idleCpu: Row;
  readonly idleMemory: Row;
  readonly syncs: Row;
  readonly podsCpu: Row;
  readonly podsMemory: Row;
  readonly nodes: Row;
  readonly nodesCpu: Row;
  readonly nodesMemory: Row;
  readonly clustersRate: Row;
  readonly clusterMemory: Row;
  readonly clusterDisk: Row;
}
export const ownRows = (sizes: Sizes): OwnRows => ({
  start: { id: "start", what: "start to the first answer", unit: "s", better: "less" },
  newCluster: { id: "new-cluster", what: "a new cluster, until it answers `GET namespaces` (p50)", unit: "ms", better: "less" },
  clustersRate: { id: "clusters", what: "clusters a second, 16 connections", unit: "/s", better: "more", alone: true },
  clusterMemory: { id: "cluster-memory", what: `memory for each of ${count(sizes.clusters)} clusters`, unit: "MB", better: "less" },
  clusterDisk: { id: "cluster-disk", what: "disk for each of them", unit: "KB", better: "less", alone: true },
  idleCpu: { id: "idle-cpu", what: `idle with ${count(NODES)} nodes, of one core`, unit: "%", better: "less" },
  idleMemory: { id: "idle-memory", what: `memory, idle with ${count(NODES)} nodes`, unit: "MB", better: "less" },
  syncs: { id: "syncs", what: "fsync calls for one create", unit: "", better: "less", alone: true },
  podsCpu: { id: "pods-cpu", what: `CPU ${sizes.restMs / 1000} s after those pods run, of one core`, unit: "%", better: "less" },
  podsMemory: { id: "pods-memory", what: "memory with those pods", unit: "MB", better: "less" },
  nodes: { id: "nodes", what: `${count(sizes.nodes)} nodes Ready`, unit: "s", better: "less" },
  nodesCpu: { id: "nodes-cpu", what: `idle with ${count(sizes.nodes)} nodes, of one core`, unit: "%", better: "less" },
  nodesMemory: { id: "nodes-memory", what: `memory, idle with ${count(sizes.nodes)} nodes`, unit: "MB", better: "less" },
});

function baseSteps(sizes: Sizes): LoadStep[] {
  const { creates, listed } = sizes;
  return [
    step(
      `create -n ${creates} -c 1`,
      take("create", "per_s", "create ConfigMaps, 1 connection", "/s", "more"),
      take("create", "p99_ms", "the same, p99", "ms", "less"),
    ),
    step(
      `get -n ${creates} -c 16`,
      take("create", "per_s", "create ConfigMaps, 16 connections", "/s", "more"),
      take("create", "p99_ms", "the same with 16, p99", "ms", "less"),
      take("get", "per_s", "get, 16 connections", "/s", "more"),
    ),
    step(
      `rate -n ${creates} -r 200`,
      take("rate", "p50_ms", "200 creates a second, open loop, p50", "ms", "less"),
      take("rate", "p99_ms", "200 creates a second, open loop, p99", "ms", "less"),
    ),
    step(
      "watch -n 200 -r 0",
      take("watch-burst", "delivered_per_s", "1,000 watchers, 200 events in a burst: delivered", "/s", "more"),
      take("watch-burst", "p99_ms", "the same, lag p99", "ms", "less"),
    ),
    step(
      `watch -n ${sizes.watchRateEvents} -r 50`,
      take("watch-rate", "kept_per_s", "1,000 watchers, 50 events a second: kept", "/s", "more"),
      take("watch-rate", "p50_ms", "the same at a rate, lag p50", "ms", "less"),
      take("watch-rate", "p99_ms", "the same at a rate, lag p99", "ms", "less"),
    ),
    step(
      `list -n ${listed} --keep`,
      take("create-pods", "per_s", "create pods, 16 connections", "/s", "more"),
      take("list", "p50_ms", `list ${count(listed)} pods`, "ms", "less"),
      take("list-chunked", "p50_ms", "the same in chunks of 500", "ms", "less"),
    ),
  ];
}

const deployed = (pods: number): Taken => take("deploy", "seconds", `a Deployment of ${count(pods)} pods Available, ${NODES} nodes`, "s", "less");
/** The last one stays; the first and smallest is made once more, when all code has run and every node has had a pod. */
const deploySteps = ({ deployments }: Sizes): LoadStep[] =>
  deployments.flatMap((pods, at) => {
    if (at === deployments.length - 1) return [step(`deploy -n ${pods} --keep`, deployed(pods))];
    const deleted = take("undeploy", "seconds", `the same deleted, until its ${count(pods)} pods are gone`, "s", "less");
    const once = step(`undeploy -n ${pods}`, deployed(pods), deleted);
    return at > 0 ? [once] : [once, step(`undeploy -n ${pods}`, take("deploy", "seconds", "a second one like it, on the same server", "s", "less"))];
  });

const burst = ({ pods }: Sizes, nodes: number, what = `${count(pods)} single pods created and bound, ${count(nodes)} nodes`): LoadStep =>
  step(`pods -n ${pods} --keep`, take("pods", "all_bound_s", what, "s", "less"));

/** The last load of a group keeps what it made: the server ends with it. */
export const groups = (sizes: Sizes): Group[] => [
  { name: "base", nodes: NODES, steps: baseSteps(sizes) },
  { name: "deploy", nodes: NODES, steps: deploySteps(sizes) },
  { name: "pods", nodes: NODES, steps: [burst(sizes, NODES)] },
  { name: "many", nodes: sizes.nodes, steps: [burst(sizes, sizes.nodes)] },
  {
    name: "nodes",
    nodes: 0,
    steps: [],
    afterwards: [burst(sizes, sizes.nodes, `${count(sizes.pods)} single pods, ${count(sizes.nodes)} nodes added to a running server`)],
  },
  { name: "clusters", nodes: 3, steps: [] },
];
