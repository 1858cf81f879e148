// Many watchers of one resource, and events for all of them: in a burst, or at a fixed rate.
import { Connection } from "../connection.ts";
import { perSecond, round, Times, type Figures } from "../figures.ts";
import { byLine } from "../lines.ts";
import { configMap } from "../objects.ts";
import { must, sleep, versionIn, type Session } from "../session.ts";

/** One watcher in so many has its times taken. */
const SAMPLE = 50;
const OPENING = 50;
const SETTLE_MS = 500;
const REOPEN_MS = 100;
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

/** One of many watchers. As a client does, it goes on from the last event when the server ends its watch: real servers end those that are slow. */
class Watcher {
  readonly #connection: Connection;
  readonly #pathFrom: (last: number | undefined) => string;
  readonly #event: (number: number) => void;
  readonly #seen: Uint8Array;
  #last: number | undefined;
  reopened = 0;

  constructor(connection: Connection, pathFrom: (last: number | undefined) => string, event: (number: number) => void, count: number) {
    this.#connection = connection;
    this.#seen = new Uint8Array(count);
    this.#pathFrom = pathFrom;
    this.#event = event;
  }

  async open(): Promise<void> {
    const take = byLine((bytes, start, end) => {
      const number = eventNumber(bytes, start, end);
      if (number === undefined) return;
      this.#last = number;
      // A watch that was opened again may begin with what is known.
      if (this.#seen[number] === 1) return;
      this.#seen[number] = 1;
      this.#event(number);
    });
    const again = (): void => {
      this.reopened++;
      this.open().catch(() => setTimeout(again, REOPEN_MS));
    };
    const status = await this.#connection.open(this.#pathFrom(this.#last), take, again);
    if (status !== 200) throw new Error(`watch: ${status}`);
  }

  close(): void {
    this.#connection.close();
  }
}

async function openAll(watchers: readonly Watcher[]): Promise<void> {
  for (let at = 0; at < watchers.length; at += OPENING) await Promise.all(watchers.slice(at, at + OPENING).map((watcher) => watcher.open()));
}

export interface Watching {
  /** As many as the options say, at their rate, until every watcher has heard of all. */
  events(): Promise<void>;
  close(): void;
}
/** Opens as many watches as the options say. */
export async function openWatches(session: Session): Promise<Watching> {
  const { count, rate, connections, limitMs } = session.options;
  const path = `${session.path}/configmaps`;
  const first = versionIn((await must(session.control, "GET", `${path}?limit=1`)).body);
  const versions: string[] = [];
  const sent = new Float64Array(count);
  const lag = new Times();
  const { promise: done, resolve: allGot } = Promise.withResolvers<void>();
  let got = 0;
  let last = 0;
  const wanted = count * session.options.watchers;
  const pathFrom = (event: number | undefined): string => `${path}?watch=1&resourceVersion=${(event === undefined ? undefined : versions[event]) ?? first}`;
  const watchers = Array.from({ length: session.options.watchers }, (_, index) => {
    const sampled = index % SAMPLE === 0;
    return new Watcher(
      new Connection(session.target),
      pathFrom,
      (number) => {
        if (sampled) lag.add(performance.now() - (sent[number] ?? 0));
        if (++got < wanted) return;
        last = performance.now();
        allGot();
      },
      count,
    );
  });
  await openAll(watchers);

  const report = (ms: number): void => {
    const kept: Figures = rate > 0 ? { r: rate, kept_per_s: round((count / ms) * 1000, 1) } : {};
    session.report(rate > 0 ? "watch-rate" : "watch-burst", {
      watchers: watchers.length,
      n: count,
      ...kept,
      seconds: round(ms / 1000, DIGITS),
      delivered_per_s: perSecond(got, ms),
      reopened: watchers.reduce((sum, watcher) => sum + watcher.reopened, 0),
      ...lag.figures(),
    });
  };
  return {
    async events() {
      const start = performance.now();
      const send = async (connection: Connection, index: number): Promise<void> => {
        const early = rate > 0 ? start + (index / rate) * 1000 - performance.now() : 0;
        if (early > 0) await sleep(early);
        sent[index] = performance.now();
        versions[index] = versionIn((await must(connection, "POST", path, configMap(`w${index}`))).body);
      };
      // At a rate one connection sends, as one client would: a server that is slow to answer keeps no rate.
      const sending = session.each(count, send, rate > 0 ? 1 : connections);
      const limit = sleep(limitMs).then(() => {
        throw new Error(`gave up with ${got} of ${wanted} events`);
      });
      await Promise.race([Promise.all([sending, done]), limit]);
      report(last - start);
    },
    close: () => {
      for (const watcher of watchers) watcher.close();
    },
  };
}

export async function watch(session: Session): Promise<void> {
  const watching = await openWatches(session);
  await sleep(SETTLE_MS);
  await watching.events();
  watching.close();
}
