// `npm run bench:hops`: where the time goes of one pod, from its creation until it runs, and of one event for a hundred watchers.
// The Worker is profiled while pods come alone, one after the other; rows and calls are read from /metrics.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Connection } from "./connection.ts";
import { Times } from "./figures.ts";
import { hopTimes } from "./hop-times.ts";
import { hopsPage, type HopsMeasured } from "./hops-report.ts";
import { readKubeconfig, type Target } from "./kubeconfig.ts";
import { byLine } from "./lines.ts";
import { configMap, pod } from "./objects.ts";
import { withProfiledServer, type ProfiledServer } from "./profiled-server.ts";
import { program, say } from "./program.ts";
import { must, Session, sleep } from "./session.ts";
import { difference, settled } from "./used.ts";

const USAGE = `npm run bench:hops -- [-n N] [--out FILE]
  -n N        pods, and events (100)
  --out FILE  also write the report there, as docs/hops.md`;
const NODES = 5;
const WATCHERS = 100;
const WARM = 60;
/** Longer than the alarm of a store waits for more: each pod finds everybody at rest, but awake. */
const APART_MS = 300;
const EVENT_MS = 20;
const QUIET_MS = 4000;
const LIMIT_MS = 60_000;

interface PodEvent {
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly spec?: { readonly nodeName?: string };
    readonly status?: { readonly phase?: string };
  };
}
interface Seen {
  readonly bound: Times;
  readonly running: Times;
}

/** Makes pods one by one; each has run before the next one comes. */
class Pods {
  readonly answered = new Times();
  readonly seen: Seen = { bound: new Times(), running: new Times() };
  readonly #session: Session;
  readonly #watch: Connection;
  #name = "";
  #since = 0;
  #bound = false;
  #done: () => void = () => {};

  constructor(session: Session) {
    this.#session = session;
    this.#watch = new Connection(session.target);
  }
  async follow(): Promise<void> {
    const take = byLine((bytes, start, end) => this.#event(bytes.toString("utf8", start, end)));
    await this.#watch.open(`${this.#session.path}/pods?watch=1`, take, () => {});
  }
  #event(line: string): void {
    const { metadata, spec, status } = (JSON.parse(line) as PodEvent).object;
    // A watch begins with the pods that are there.
    if (metadata.name !== this.#name) return;
    if (spec?.nodeName && !this.#bound) {
      this.#bound = true;
      this.seen.bound.add(performance.now() - this.#since);
    }
    if (status?.phase !== "Running" || this.#name === "") return;
    this.#name = "";
    this.seen.running.add(performance.now() - this.#since);
    this.#done();
  }
  async make(from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      this.#name = `p${index}`;
      this.#bound = false;
      const running = new Promise<void>((done) => (this.#done = done));
      this.#since = performance.now();
      await must(this.#session.control, "POST", `${this.#session.path}/pods`, pod(this.#name, { nowhere: false }));
      this.answered.add(performance.now() - this.#since);
      await running;
      await sleep(APART_MS);
    }
  }
  close(): void {
    this.#watch.close();
  }
}

async function onePod(server: ProfiledServer, session: Session, count: number): Promise<HopsMeasured["pod"]> {
  const warm = new Pods(session);
  await warm.follow();
  await warm.make(0, WARM);
  warm.close();
  const pods = new Pods(session);
  await pods.follow();
  const before = await settled(session.control, { quietMs: QUIET_MS, limitMs: LIMIT_MS });
  const profile = await server.profile(() => pods.make(WARM, count));
  const used = difference(before, await settled(session.control, { quietMs: QUIET_MS, limitMs: LIMIT_MS }));
  pods.close();
  return { count, hops: hopTimes(profile, server.source), used, answered: pods.answered, bound: pods.seen.bound, running: pods.seen.running };
}

async function oneEvent(server: ProfiledServer, session: Session, count: number): Promise<HopsMeasured["event"]> {
  const watchers = await session.connections(WATCHERS);
  for (const watcher of watchers)
    await watcher.open(
      `${session.path}/configmaps?watch=1`,
      () => {},
      () => {},
    );
  const send = async (from: number): Promise<void> => {
    for (let index = from; index < from + count; index++) {
      await must(session.control, "POST", `${session.path}/configmaps`, configMap(`w${index}`));
      await sleep(EVENT_MS);
    }
  };
  await send(0);
  const profile = await server.profile(() => send(count));
  for (const watcher of watchers) watcher.close();
  return { count, watchers: WATCHERS, hops: hopTimes(profile, server.source) };
}

async function measure(server: ProfiledServer, target: Target, count: number): Promise<HopsMeasured> {
  const options = { count, connections: 1, rate: 0, watchers: WATCHERS, limitMs: LIMIT_MS, keep: true };
  const session = new Session(target, options, () => {});
  await session.begin();
  return { pod: await onePod(server, session, count), event: await oneEvent(server, session, count) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { n: { type: "string", short: "n", default: "100" }, out: { type: "string" }, help: { type: "boolean", default: false } },
  });
  const count = Number(values.n);
  if (values.help) return say(USAGE);
  // A node takes 110 pods.
  if (!Number.isInteger(count) || count < 1 || count + WARM > NODES * 110) throw new Error(USAGE);
  await withProfiledServer(NODES, async (server) => {
    const page = hopsPage(await measure(server, readKubeconfig(server.kubeconfig), count));
    say(page);
    if (values.out === undefined) return;
    mkdirSync(dirname(resolve(values.out)), { recursive: true });
    writeFileSync(resolve(values.out), page);
  });
}

program(main);
