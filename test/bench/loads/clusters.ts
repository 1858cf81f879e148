// New clusters, from the POST to the first list of namespaces at the cluster's own URL. Only Paperplane has this kind.
import type { Connection } from "../connection.ts";
import { perSecond, Times } from "../figures.ts";
import { cluster } from "../objects.ts";
import { must, type Session } from "../session.ts";

const PATH = "/apis/paperplane.dev/v1/clusters";
const NODES = 3;
/** So many of the new clusters are asked again, after all have come. */
const ASKED_AGAIN = 50;

/** Asks for a cluster, and for its namespaces. */
export async function birth(connection: Connection, name: string): Promise<void> {
  await must(connection, "POST", PATH, cluster(name, NODES));
  const { body } = await must(connection, "GET", `/clusters/${name}/api/v1/namespaces`);
  if (!body.includes('"name":"kube-system"')) throw new Error(`cluster ${name} has no kube-system`);
}

export async function clusters(session: Session): Promise<void> {
  const { count, connections, keep } = session.options;
  const times = new Times();
  const prefix = session.namespace;
  const ms = await session.each(count, async (connection, index) => {
    const start = performance.now();
    await birth(connection, `${prefix}-${index}`);
    times.add(performance.now() - start);
  });
  session.report("clusters", { n: count, c: connections, per_s: perSecond(count, ms), ...times.figures() });
  const again = new Times();
  for (let asked = 0; asked < Math.min(count, ASKED_AGAIN); asked++) {
    const start = performance.now();
    await must(session.control, "GET", `/clusters/${prefix}-${Math.floor(Math.random() * count)}/api/v1/namespaces`);
    again.add(performance.now() - start);
  }
  session.report("asked-again", { n: Math.min(count, ASKED_AGAIN), ...again.figures() });
  if (!keep) await session.each(count, async (connection, index) => void (await must(connection, "DELETE", `${PATH}/${prefix}-${index}`)));
}
