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

/** Open loop: a slow answer delays no request after it, and its time counts from when it was due. */
export async function rate(session: Session): Promise<void> {
  const { count, connections } = session.options;
  const aSecond = session.options.rate || 200;
  const times = new Times();
  const idle = await session.connections(connections);
  const all = [...idle];
  const queue: number[] = [];
  const pending: Promise<void>[] = [];
  let bad = 0;
  const start = performance.now();
  const due = (index: number): number => start + (index / aSecond) * 1000;
  const send = async (index: number): Promise<void> => {
    const connection = idle.pop();
    // Every connection is busy: it waits, and its clock runs.
    if (!connection) return void queue.push(index);
    const answer = await connection.request("POST", `${session.path}/configmaps`, configMap(`r${index}`));
    times.add(performance.now() - due(index));
    if (answer.status !== 201) bad++;
    idle.push(connection);
    const next = queue.shift();
    if (next !== undefined) await send(next);
  };
  for (let index = 0; index < count; index++) {
    // Timers come up to a millisecond late; the rest is waited for in turns of the event loop.
    const early = due(index) - performance.now() - 1.5;
    if (early > 0) await sleep(early);
    while (performance.now() < due(index)) await new Promise<void>((turn) => void setImmediate(turn));
    pending.push(send(index));
  }
  await Promise.all(pending);
  for (const connection of all) connection.close();
  session.report("rate", { r: aSecond, n: count, bad, ...times.figures() });
}
