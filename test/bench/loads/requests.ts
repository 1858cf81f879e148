// Loads of single requests: ConfigMaps created and read as fast as it goes, and at a fixed rate whatever the server does.
import { perSecond, Times } from "../figures.ts";
import { configMap } from "../objects.ts";
import { must, sleep, type Session } from "../session.ts";

async function createAll(session: Session): Promise<void> {
  const { count, connections } = session.options;
  const times = new Times();
  const ms = await session.each(count, async (connection, index) => {
    const start = performance.now();
    await must(connection, "POST", `${session.path}/configmaps`, configMap(`c${index}`));
    times.add(performance.now() - start);
  });
  session.report("create", { n: count, c: connections, per_s: perSecond(count, ms), ...times.figures() });
}

export const create = createAll;

export async function get(session: Session): Promise<void> {
  const { count, connections } = session.options;
  await createAll(session);
  const times = new Times();
  const ms = await session.each(count, async (connection, index) => {
    const start = performance.now();
    await must(connection, "GET", `${session.path}/configmaps/c${index}`);
    times.add(performance.now() - start);
  });
  session.report("get", { n: count, c: connections, per_s: perSecond(count, ms), ...times.figures() });
}

/** A timer's turn is a millisecond; what is due within half of one goes out now. */
const EARLY_MS = 0.5;

/** Open loop: a slow answer delays no request after it, and a request that finds no free connection waits with its clock running. */
export async function rate(session: Session): Promise<void> {
  const { count, connections } = session.options;
  const aSecond = session.options.rate || 200;
  const times = new Times();
  const all = await session.connections(connections);
  const idle = [...all];
  const queue: { readonly index: number; readonly since: number }[] = [];
  const pending: Promise<void>[] = [];
  let bad = 0;
  const send = async (index: number, since: number): Promise<void> => {
    const connection = idle.pop();
    if (!connection) return void queue.push({ index, since });
    const answer = await connection.request("POST", `${session.path}/configmaps`, configMap(`r${index}`));
    times.add(performance.now() - since);
    if (answer.status !== 201) bad++;
    idle.push(connection);
    const next = queue.shift();
    if (next) await send(next.index, next.since);
  };
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    const due = start + (index / aSecond) * 1000;
    for (let early = due - performance.now(); early > EARLY_MS; early = due - performance.now()) await sleep(Math.max(1, Math.floor(early)));
    pending.push(send(index, performance.now()));
  }
  await Promise.all(pending);
  for (const connection of all) connection.close();
  session.report("rate", { r: aSecond, n: count, bad, sent_per_s: perSecond(count, performance.now() - start), ...times.figures() });
}
