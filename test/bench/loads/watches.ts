// Many watchers of one resource, and events for all of them: in a burst, or at a fixed rate.
import { Connection } from "../connection.ts";
import { perSecond, round, Times, type Figures } from "../figures.ts";
import { byLine } from "../lines.ts";
import { configMap } from "../objects.ts";
import { must, sleep, type Session } from "../session.ts";

/** One watcher in so many has its times taken. */
const SAMPLE = 50;
const OPENING = 50;
const SETTLE_MS = 500;
const NAME = Buffer.from('"name":"w');
const DIGITS = 3;

/** The number in the name of an event's object; undefined: it is none of ours. */
function eventNumber(bytes: Buffer, start: number, end: number): number | undefined {
  const at = bytes.indexOf(NAME, start);
  if (at < 0 || at >= end) return undefined;
  let number = 0;
  for (let digit = at + NAME.length; digit < end; digit++) {
    const value = (bytes[digit] ?? 0) - 48;
    if (value < 0 || value > 9) break;
    number = number * 10 + value;
  }
  return number;
}

export async function watch(session: Session): Promise<void> {
  const { count, watchers, rate, connections, limitMs } = session.options;
  const path = `${session.path}/configmaps`;
  const version = /"resourceVersion": ?"(\d+)"/.exec((await must(session.control, "GET", `${path}?limit=1`)).body.toString("latin1"))?.[1];
  if (version === undefined) throw new Error("a list without resourceVersion");
  const sent = new Float64Array(count);
  const lag = new Times();
  let got = 0;
  let last = 0;
  const { promise: done, resolve: allGot } = Promise.withResolvers<void>();
  const { promise: broken, reject: failed } = Promise.withResolvers<never>();
  broken.catch(() => {});
  const take = (sampled: boolean) => (bytes: Buffer, start: number, end: number) => {
    const number = eventNumber(bytes, start, end);
    if (number === undefined) return;
    got++;
    if (sampled) lag.add(performance.now() - (sent[number] ?? 0));
    if (got === count * watchers) {
      last = performance.now();
      allGot();
    }
  };
  const open: Connection[] = [];
  while (open.length < watchers) {
    const some = Array.from({ length: Math.min(OPENING, watchers - open.length) }, () => new Connection(session.target));
    await Promise.all(
      some.map(async (connection, index) => {
        const sampled = (open.length + index) % SAMPLE === 0;
        const status = await connection.open(`${path}?watch=1&resourceVersion=${version}`, byLine(take(sampled)), () =>
          failed(new Error("the server ended a watch")),
        );
        if (status !== 200) throw new Error(`watch: ${status}`);
      }),
    );
    open.push(...some);
  }
  await sleep(SETTLE_MS);

  const start = performance.now();
  const send = async (connection: Connection, index: number): Promise<void> => {
    const early = rate > 0 ? start + (index / rate) * 1000 - performance.now() : 0;
    if (early > 0) await sleep(early);
    sent[index] = performance.now();
    await must(connection, "POST", path, configMap(`w${index}`));
  };
  // At a rate one connection sends, as one client would: a server that is slow to answer keeps no rate.
  const sending = session.each(count, send, rate > 0 ? 1 : connections);
  const limit = sleep(limitMs).then(() => {
    throw new Error(`gave up with ${got} of ${count * watchers} events`);
  });
  limit.catch(() => {});
  await Promise.race([Promise.all([sending, done]), broken, limit]);
  const ms = last - start;
  for (const connection of open) connection.close();
  const kept: Figures = rate > 0 ? { r: rate, kept_per_s: round((count / ms) * 1000, 1) } : {};
  session.report(rate > 0 ? "watch-rate" : "watch-burst", {
    watchers,
    n: count,
    ...kept,
    seconds: round(ms / 1000, DIGITS),
    delivered_per_s: perSecond(got, ms),
    ...lag.figures(),
  });
}
