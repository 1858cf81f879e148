// `npm run bench:cost`: what pods cost. Runs a workload on a fresh server, reads /metrics around each part of it, and prints rows,
// requests, alarms and calls per pod, where each row went, and the price of a million pods beside the targets.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "../support/server.ts";
import { Connection } from "./connection.ts";
import { costText, dollarsPerMillion, rowsPerPod, type Measured } from "./cost-report.ts";
import { readKubeconfig, type Target } from "./kubeconfig.ts";
import { follow } from "./loads/workloads.ts";
import { deployment, pod } from "./objects.ts";
import { family } from "./processes.ts";
import { must, Session } from "./session.ts";
import { difference, settled } from "./used.ts";

const USAGE = `npm run bench:cost -- [-n N] [-c N] [--nodes N]
  -n N        single pods, and replicas of the Deployment (1000)
  -c N        connections over which single pods are created (16)
  --nodes N   simulated nodes (as many as 2 N pods need)`;
/** Targets: rows written for one pod from its creation until it runs, and dollars for a million pods. */
const ROWS_MAX = 8;
const DOLLARS_MAX = 10;
const PODS_PER_NODE = 100;
/** Longer than any delivery waits before it is tried again, and than the alarm that looks after it. */
const QUIET_MS = 4000;
const LIMIT_MS = 300_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

class Costs {
  readonly #target: Target;
  readonly #control: Connection;
  readonly #cpuMs: () => number;
  #last: Awaited<ReturnType<typeof settled>> = [];

  constructor(target: Target, cpuMs: () => number) {
    this.#target = target;
    this.#control = new Connection(target);
    this.#cpuMs = cpuMs;
  }
  async settle(): Promise<void> {
    this.#last = await settled(this.#control, { quietMs: QUIET_MS, limitMs: LIMIT_MS });
  }
  /** What `work` used, with everything that came of it. */
  async of(what: string, pods: number, work: () => Promise<unknown>): Promise<Measured> {
    const cpu = this.#cpuMs();
    const before = this.#last;
    await work();
    await this.settle();
    return { what, pods, used: difference(before, this.#last), cpuMs: this.#cpuMs() - cpu };
  }
  /** Follows the pods of a namespace until so many different ones have been seen Running, or DELETED. */
  pods(namespace: string, wanted: "Running" | "DELETED", count: number): Promise<void> {
    const seen = new Set<string>();
    return follow(this.#target, `/api/v1/namespaces/${namespace}/pods?watch=1`, LIMIT_MS, (line) => {
      const { type, object } = JSON.parse(line) as PodEvent;
      if (type === wanted || object.status?.phase === wanted) seen.add(object.metadata.name);
      return seen.size >= count;
    });
  }
}
interface PodEvent {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name: string }; readonly status?: { readonly phase?: string } };
}

interface Workload {
  readonly costs: Costs;
  readonly session: Session;
  readonly count: number;
}
async function singlePods({ costs, session, count }: Workload): Promise<void> {
  const path = `${session.path}/pods`;
  await Promise.all([
    costs.pods(session.namespace, "Running", count),
    session.each(count, async (connection, index) => void (await must(connection, "POST", path, pod(`p${index}`, { nowhere: false })))),
  ]);
}
async function oneDeployment({ costs, session, count }: Workload, name: string, known: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${session.namespace}/deployments`;
  await Promise.all([costs.pods(session.namespace, "Running", known + count), must(session.control, "POST", path, deployment(name, count))]);
}
async function removal({ costs, session, count }: Workload): Promise<void> {
  const gone = costs.pods(session.namespace, "DELETED", count);
  await must(session.control, "DELETE", `/apis/apps/v1/namespaces/${session.namespace}/deployments/d`);
  await must(session.control, "DELETE", `${session.path}/pods`);
  await gone;
}

async function measure(costs: Costs, session: Session, nodes: number): Promise<Measured[]> {
  const { count } = session.options;
  const workload = { costs, session, count };
  await session.begin();
  await costs.settle();
  // Actors come into being with their first work: that is paid once and shown by itself.
  const first = await costs.of("the first pods of all nodes, which make their actors", 2 * nodes, async () => {
    await oneDeployment({ ...workload, count: 2 * nodes }, "d", 0);
    await removal({ ...workload, count: 2 * nodes });
  });
  const single = await costs.of("single pods, created until Running", count, () => singlePods(workload));
  const replicas = await costs.of("a Deployment, created until all its pods are Running", count, () => oneDeployment(workload, "d", count));
  const removed = await costs.of("deletion of all of them", 2 * count, () => removal({ ...workload, count: 2 * count }));
  return [first, single, replicas, removed];
}

const verdict = (value: number, most: number): string => (value <= most ? "met" : `missed by ${Math.round((value / most - 1) * 100)}%`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      n: { type: "string", short: "n", default: "1000" },
      c: { type: "string", short: "c", default: "16" },
      nodes: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(USAGE);
  const count = Number(values.n);
  const nodes = Number(values.nodes ?? Math.ceil((2 * count) / PODS_PER_NODE) + 1);
  const connections = Number(values.c);
  if (![count, nodes, connections].every((one) => Number.isInteger(one) && one > 0)) throw new Error(USAGE);
  const data = mkdtempSync(join(tmpdir(), "paperplane-cost-"));
  // Watches leave stores as they do where rows and requests are paid for.
  const server = await startServer({ data, nodes, watchTransport: "socket" });
  try {
    const { pid } = JSON.parse(readFileSync(join(data, "lock"), "utf8")) as { readonly pid: number };
    const target = readKubeconfig(server.kubeconfig);
    const costs = new Costs(target, () => family([pid]).reduce((sum, { cpuMs }) => sum + cpuMs, 0));
    const session = new Session(target, { count, connections, rate: 0, watchers: 0, limitMs: LIMIT_MS, keep: false }, say);
    const parts = await measure(costs, session, nodes);
    for (const part of parts) say(costText(part));
    say(`\n${nodes} nodes; figures of the local runtime: rows, requests and alarms are counted as they are billed, the duration depends on distances.`);
    for (const part of parts.slice(1, 3)) {
      const [rows, dollars] = [rowsPerPod(part), dollarsPerMillion(part)];
      say(`${part.what}: ${rows.toFixed(2)} rows per pod (target at most ${ROWS_MAX}: ${verdict(rows, ROWS_MAX)})`);
      say(`${part.what}: $${dollars.toFixed(2)} for a million pods (target at most $${DOLLARS_MAX}: ${verdict(dollars, DOLLARS_MAX)})`);
    }
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
