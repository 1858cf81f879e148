// `npm run bench:cost`: what pods cost. Runs a workload on a fresh server, reads /metrics around each part of it, and prints rows,
// requests, alarms and calls per pod, where each row went, and the price of a million pods beside the targets.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { costPage, costText, dollarsPerMillion, rowsPerPod, type Measured } from "./cost-report.ts";
import { podsRunning } from "./loads/workloads.ts";
import { deployment, pod } from "./objects.ts";
import { withServer } from "./own-server.ts";
import { program, say } from "./program.ts";
import { must, Session, sleep } from "./session.ts";
import { LIMIT_MS, Spending } from "./spending.ts";

const USAGE = `npm run bench:cost -- [-n N] [-c N] [--nodes N] [--out FILE]
  -n N        single pods, and replicas of the Deployment (1000)
  -c N        connections over which single pods are created (16)
  --nodes N   simulated nodes (as many as 2 N pods need)
  --out FILE  also write the report there, as docs/cost.md`;
/** Targets: rows written for one pod from its creation until it runs, and dollars for a million pods. */
const ROWS_MAX = 8;
const DOLLARS_MAX = 10;
const PODS_PER_NODE = 100;
/** So many pods come alone, so long after the one before: longer than a store's alarm waits. */
const LONE = 10;
const LONE_MS = 2500;
/** Each look is a request and a row read. */
const GONE_POLL_MS = 200;

const NOTES =
  "Figures of the local runtime: rows, requests and alarms are counted as they are billed; the time at work, and with it the duration, depends on " +
  "distances that a real deployment has and this has not. The database's size is not part of the price.";

interface Workload {
  readonly session: Session;
  readonly count: number;
}
/** Follows the pods of the namespace until so many different ones have been seen Running. */
const running = ({ target, namespace }: Session, count: number): Promise<void> => podsRunning(target, namespace, count, LIMIT_MS);
async function singlePods({ session, count, known }: Workload & { readonly known: number }): Promise<void> {
  const path = `${session.path}/pods`;
  await Promise.all([
    running(session, known + count),
    session.each(count, async (connection, index) => void (await must(connection, "POST", path, pod(`p${index}`, { nowhere: false })))),
  ]);
}
/** Nothing of one pod is shared with another one, but for the watch that sees them run. */
async function lonePods({ session, count }: Workload): Promise<void> {
  const allRun = running(session, count);
  for (let index = 0; index < count; index++) {
    await must(session.control, "POST", `${session.path}/pods`, pod(`alone${index}`, { nowhere: false }));
    await sleep(LONE_MS);
  }
  await allRun;
}
async function oneDeployment({ session, count }: Workload, name: string, known: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${session.namespace}/deployments`;
  await Promise.all([running(session, known + count), must(session.control, "POST", path, deployment(name, count))]);
}
async function removal({ session }: Workload): Promise<void> {
  await must(session.control, "DELETE", `/apis/apps/v1/namespaces/${session.namespace}/deployments/d`);
  await must(session.control, "DELETE", `${session.path}/pods`);
  const none = async (): Promise<boolean> => (await must(session.control, "GET", `${session.path}/pods?limit=1`)).body.includes(`"items":[]`);
  await session.until(none, { every: GONE_POLL_MS, what: "the pods to go" });
}

async function measure(spending: Spending, session: Session, nodes: number): Promise<Measured[]> {
  const { count } = session.options;
  const workload = { session, count };
  const part = async (what: string, pods: number, work: () => Promise<unknown>): Promise<Measured> => ({ what, pods, ...(await spending.of(work)) });
  await session.begin();
  await spending.settle();
  // Actors come into being with their first work: that is paid once and shown by itself.
  const first = await part("the first pods of all nodes, which make their actors", 2 * nodes, async () => {
    await oneDeployment({ ...workload, count: 2 * nodes }, "d", 0);
    await removal({ ...workload, count: 2 * nodes });
  });
  const alone = await part("pods far apart in time, each created until Running", LONE, () => lonePods({ ...workload, count: LONE }));
  const single = await part("single pods, created until Running", count, () => singlePods({ ...workload, known: LONE }));
  const replicas = await part("a Deployment, created until all its pods are Running", count, () => oneDeployment(workload, "d", LONE + count));
  const removed = await part("deletion of all of them", LONE + 2 * count, () => removal({ ...workload, count: LONE + 2 * count }));
  return [first, alone, single, replicas, removed];
}

const verdict = (value: number, most: number): string => (value <= most ? "met" : `missed by ${Math.round((value / most - 1) * 100)}%`);
function verdictsOn(part: Measured): string[] {
  const [rows, dollars] = [rowsPerPod(part), dollarsPerMillion(part)];
  return [
    `${part.what}: ${rows.toFixed(2)} rows per pod (target at most ${ROWS_MAX}: ${verdict(rows, ROWS_MAX)})`,
    `${part.what}: $${dollars.toFixed(2)} for a million pods (target at most $${DOLLARS_MAX}: ${verdict(dollars, DOLLARS_MAX)})`,
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      n: { type: "string", short: "n", default: "1000" },
      c: { type: "string", short: "c", default: "16" },
      nodes: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(USAGE);
  const count = Number(values.n);
  const nodes = Number(values.nodes ?? Math.ceil((LONE + 2 * count) / PODS_PER_NODE));
  const connections = Number(values.c);
  if (![count, nodes, connections].every((one) => Number.isInteger(one) && one > 0)) throw new Error(USAGE);
  // Watches leave stores as they do where rows and requests are paid for.
  await withServer({ nodes, watchTransport: "socket" }, async (server) => {
    const session = new Session(server.target, { count, connections, rate: 0, watchers: 0, limitMs: LIMIT_MS, keep: false }, say);
    const parts = await measure(new Spending(server), session, nodes);
    const verdicts = parts.slice(1, 4).flatMap(verdictsOn);
    for (const part of parts) say(`\n${costText(part)}`);
    say(`\n${nodes} nodes. ${NOTES}\n\n${verdicts.join("\n")}`);
    if (values.out) writeFileSync(values.out, costPage({ parts, verdicts, nodes, notes: NOTES }));
  });
}

program(main);
