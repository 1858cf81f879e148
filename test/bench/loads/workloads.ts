// Loads that need the controllers, the scheduler and the nodes: a Deployment until it is Available, single pods until all are bound, nodes until they are Ready.
import { Connection } from "../connection.ts";
import { round } from "../figures.ts";
import type { Target } from "../kubeconfig.ts";
import { byLine } from "../lines.ts";
import { deployment, pod } from "../objects.ts";
import { must, versionIn, type Session } from "../session.ts";

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

interface PodEvent {
  readonly object: { readonly metadata: { readonly name: string }; readonly status?: { readonly phase?: string } };
}
/** Resolves when so many different pods of a namespace have been seen Running. */
export function podsRunning(target: Target, namespace: string, count: number, limitMs: number): Promise<void> {
  const seen = new Set<string>();
  return follow(target, `/api/v1/namespaces/${namespace}/pods?watch=1`, limitMs, (line) => {
    const { object } = JSON.parse(line) as PodEvent;
    if (object.status?.phase === "Running") seen.add(object.metadata.name);
    return seen.size >= count;
  });
}

/** Deletes the Deployment of `deploy`; resolves when all its pods are gone. */
export async function undeploy(session: Session): Promise<void> {
  const { count, limitMs } = session.options;
  const path = `/apis/apps/v1/namespaces/${session.namespace}/deployments/d`;
  const pods = `${session.path}/pods`;
  const version = versionIn((await must(session.control, "GET", `${pods}?limit=1`)).body);
  const gone = new Set<string>();
  const start = performance.now();
  const watching = follow(session.target, `${pods}?watch=1&resourceVersion=${version}`, limitMs, (line) => {
    if (!line.startsWith(`{"type":"DELETED"`)) return false;
    gone.add((JSON.parse(line) as PodEvent).object.metadata.name);
    return gone.size >= count;
  });
  await Promise.all([watching, must(session.control, "DELETE", path)]);
  session.report("undeploy", { n: count, seconds: seconds(performance.now() - start) });
}

export async function deployAndDelete(session: Session): Promise<void> {
  await deploy(session);
  await undeploy(session);
}

interface NodeFacts {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
interface NodePage {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly NodeFacts[];
}
/** Nodes that are asked for at once: what a client-go reflector asks for. */
const CHUNK = 500;

/** Resolves when so many nodes are Ready, however they come about. As clients do, it lists them in chunks and watches what happens after that. */
export async function nodesReady(target: Target, count: number, limitMs: number): Promise<void> {
  const ready = new Set<string>();
  const take = ({ metadata, status }: NodeFacts): void => {
    if (status?.conditions?.some((one) => one.type === "Ready" && one.status === "True")) ready.add(metadata.name);
  };
  if (count === 0) return;
  const connection = new Connection(target);
  let metadata: NodePage["metadata"] = { resourceVersion: "" };
  do {
    const { continue: token = "" } = metadata;
    const { body } = await must(connection, "GET", `/api/v1/nodes?limit=${CHUNK}${token === "" ? "" : `&continue=${encodeURIComponent(token)}`}`);
    const page = JSON.parse(body.toString()) as NodePage;
    page.items.forEach(take);
    metadata = page.metadata;
  } while (metadata.continue);
  connection.close();
  if (ready.size >= count) return;
  await follow(target, `/api/v1/nodes?watch=1&resourceVersion=${metadata.resourceVersion}`, limitMs, (line) => {
    take((JSON.parse(line) as { readonly object: NodeFacts }).object);
    return ready.size >= count;
  });
}

export async function nodes(session: Session): Promise<void> {
  const { count, limitMs } = session.options;
  const start = performance.now();
  await nodesReady(session.target, count, limitMs);
  session.report("nodes", { n: count, seconds: seconds(performance.now() - start) });
}
