// Loads that need the controllers, the scheduler and the nodes: a Deployment until it is Available, single pods until all are bound, nodes until they are Ready.
import { Connection } from "../connection.ts";
import { round } from "../figures.ts";
import type { Target } from "../kubeconfig.ts";
import { byLine } from "../lines.ts";
import { deployment, pod } from "../objects.ts";
import { must, type Session } from "../session.ts";

const DIGITS = 3;
const seconds = (ms: number): number => round(ms / 1000, DIGITS);

/** Follows a watch until `take` says that it has seen enough. A watch that the server ends is opened again. */
export async function follow(target: Target, path: string, limitMs: number, take: (line: string) => boolean): Promise<void> {
  const connection = new Connection(target);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((enough, failed) => {
      timer = setTimeout(() => failed(new Error(`gave up on ${path} after ${limitMs / 1000} s`)), limitMs);
      const consume = byLine((bytes, start, end) => {
        if (take(bytes.toString("utf8", start, end))) enough();
      });
      const open = (): void => {
        connection.open(path, consume, open).then((status) => {
          if (status !== 200) failed(new Error(`watch ${path}: ${status}`));
        }, failed);
      };
      open();
    });
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

export async function deploy(session: Session): Promise<void> {
  const { count, limitMs } = session.options;
  const path = `/apis/apps/v1/namespaces/${session.namespace}/deployments`;
  const start = performance.now();
  let half = 0;
  let all = 0;
  const available = follow(session.target, `${path}?watch=1&fieldSelector=metadata.name%3Dd`, limitMs, (line) => {
    const now = Number(/"availableReplicas": ?(\d+)/.exec(line)?.[1] ?? 0);
    if (half === 0 && now >= count / 2) half = performance.now() - start;
    if (now >= count) all = performance.now() - start;
    return all > 0;
  });
  await Promise.all([available, must(session.control, "POST", path, deployment("d", count))]);
  session.report("deploy", { n: count, seconds: seconds(all), half_s: seconds(half), pods_per_s: round((count / all) * 1000, 0) });
}

export async function pods(session: Session): Promise<void> {
  const { count, connections, limitMs } = session.options;
  const path = `${session.path}/pods`;
  const bound = new Set<string>();
  const start = performance.now();
  let all = 0;
  const watching = follow(session.target, `${path}?watch=1`, limitMs, (line) => {
    if (line.includes(`"nodeName":"`)) bound.add(/"name": ?"([^"]+)"/.exec(line)?.[1] ?? "");
    if (bound.size >= count) all = performance.now() - start;
    return all > 0;
  });
  const [, created] = await Promise.all([
    watching,
    session.each(count, async (connection, index) => void (await must(connection, "POST", path, pod(`p${index}`, { nowhere: false })))),
  ]);
  session.report("pods", { n: count, c: connections, created_s: seconds(created), all_bound_s: seconds(all), bound_per_s: round((count / all) * 1000, 0) });
}

interface NodeEvent {
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  };
}
/** Resolves when so many nodes are Ready, however they come about. */
export async function nodesReady(target: Target, count: number, limitMs: number): Promise<void> {
  const ready = new Set<string>();
  if (count === 0) return;
  await follow(target, "/api/v1/nodes?watch=1", limitMs, (line) => {
    const { object } = JSON.parse(line) as NodeEvent;
    if (object.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")) ready.add(object.metadata.name);
    return ready.size >= count;
  });
}

export async function nodes(session: Session): Promise<void> {
  const { count, limitMs } = session.options;
  const start = performance.now();
  await nodesReady(session.target, count, limitMs);
  session.report("nodes", { n: count, seconds: seconds(performance.now() - start) });
}
