// A whole cluster in one process: every actor is the production one; the platform under it loses, repeats, delays and crashes.
import type { ActorEnv } from "../../durable-objects/env.ts";
import { CALL_DEPTH_MAX } from "../../shared/base/limits.ts";
import { Clock, type Life, lineage, living, useClock } from "./_clock.ts";
import { Host, type Instance } from "./_host.ts";
import type { RowChange } from "./_rows.ts";

export interface Faults {
  /** A call that never arrives. */
  readonly lostRequest: number;
  /** A call that has its effect and whose answer is lost. */
  readonly lostAnswer: number;
  /** A notice that arrives twice. */
  readonly repeated: number;
  /** A call that is overtaken by many others. */
  readonly slow: number;
  /** Some actor crashes, at each step. */
  readonly crash: number;
  /** An actor that has nothing to do is put to sleep, at each step. */
  readonly sleep: number;
  /** An actor crashes right after it wrote something. */
  readonly cutAfterWrite: number;
}
export const NO_FAULTS: Faults = { lostRequest: 0, lostAnswer: 0, repeated: 0, slow: 0, crash: 0, sleep: 0, cutAfterWrite: 0 };
const SLOW_MS = 4000;
const CALM_MS = 100;
const LOG_MAX = Number(process.env["SIM_LOG"] ?? "400");

/** What a call is about, in a few words. */
function summary(method: string, args: readonly unknown[]): string {
  if (method === "write") {
    const requests = args[1] as readonly { verb: string; name: string; subresource?: string }[];
    return `: ${requests.map(({ verb, name, subresource = "" }) => `${verb} ${name} ${subresource}`.trim()).join(", ")}`;
  }
  if (method !== "notify") return "";
  const brief = (item: string): string => item.replace(/^\{"pod":\{.*?"metadata":\{.*?"name":"([^"]*)".*?("deletionTimestamp")?.*$/, "pod $1 $2").slice(0, 80);
  return `: ${(args[1] as readonly string[]).map(brief).join(", ")}`;
}

export type Make = (family: string, ctx: unknown, env: ActorEnv) => Instance;
/** Looks at every row of an object that a store writes or removes. */
export type Observer = (host: Host, change: RowChange) => void;

export class Simulation {
  readonly clock: Clock;
  readonly env: ActorEnv;
  faults: Faults = NO_FAULTS;
  observers: Observer[] = [];
  readonly problems: string[] = [];
  readonly operations: string[] = [];
  readonly hosts = new Map<string, Host>();
  steps = 0;
  /** Of all calls so far, how deep they nested. */
  deepest = 0;
  readonly #make: Make;
  #calmUntil = 0;

  constructor(seed: number, make: Make) {
    this.clock = new Clock(seed);
    useClock(this.clock);
    this.#make = make;
    const families = ["STORE", "CONTROLLER", "SCHEDULER", "NODE", "CLUSTER"];
    this.env = Object.fromEntries(
      families.map((family) => [family, { getByName: (name: string) => this.#stub(this.host(family, name)) }]),
    ) as unknown as ActorEnv;
  }

  /** How often what happened. */
  readonly counts = new Map<string, number>();
  log(line: string): void {
    this.counts.set(line, (this.counts.get(line) ?? 0) + 1);
    this.operations.push(`${((this.clock.now - Date.parse("2026-01-01T00:00:00Z")) / 1000).toFixed(3)} ${line}`);
    if (this.operations.length > 2 * LOG_MAX) this.operations.splice(0, LOG_MAX);
  }
  fail(problem: string): void {
    this.problems.push(problem);
    this.log(`PROBLEM ${problem}`);
  }
  complain(life: Life, host: Host, error: unknown): void {
    if (!life.dead) this.fail(`${host.label}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  observe: Observer = (host, change) => {
    for (const observer of this.observers) observer(host, change);
  };
  cutsAfterWrite(): boolean {
    return this.#crashes(this.faults.cutAfterWrite);
  }
  /** Crashes leave each other some time, or recovering from them would be all that ever happens. */
  #crashes(probability: number): boolean {
    if (this.clock.now < this.#calmUntil || !this.clock.chance(probability)) return false;
    this.#calmUntil = this.clock.now + CALM_MS;
    return true;
  }
  lateness(): number {
    return this.clock.chance(this.faults.slow) ? this.clock.between(0, SLOW_MS) : 0;
  }

  host(family: string, name: string): Host {
    const key = `${family} ${name}`;
    let host = this.hosts.get(key);
    if (!host) this.hosts.set(key, (host = new Host(this, { family, name }, (ctx) => this.#make(family, ctx, this.env))));
    return host;
  }
  stop(host: Host, how: "crash" | "sleep"): void {
    if (!host.incarnation) return;
    this.log(`${how} ${host.label}`);
    host.stop(how);
  }

  #stub(host: Host): unknown {
    return new Proxy(
      {},
      { get: (_target, method) => (typeof method === "string" && method !== "then" ? (...args: unknown[]) => this.#call(host, method, args) : undefined) },
    );
  }
  #delay(): number {
    return this.clock.chance(this.faults.slow) ? this.clock.between(1, SLOW_MS) : this.clock.between(1, 5);
  }

  #call(host: Host, method: string, args: readonly unknown[]): Promise<unknown> {
    const { clock, faults } = this;
    const caller = living.getStore();
    const sent = method === "fetch" ? args : structuredClone(args);
    const path = [...(lineage.getStore() ?? []), `${host.label} ${method}`];
    if (path.length > CALL_DEPTH_MAX + (method === "register" ? 1 : 0)) this.fail(`[Y9] a call within ${path.length - 1} others: ${path.join(" > ")}`);
    this.deepest = Math.max(this.deepest, path.length);
    return new Promise((done, failed) => {
      // What a life that is over asks for goes nowhere.
      if (caller?.dead) return;
      const answer = (run: () => void): void => clock.at(clock.now + this.#delay(), () => caller?.dead || (caller ? living.run(caller, run) : run()));
      const isLost = clock.chance(faults.lostRequest);
      if (isLost) {
        this.log(`lost ${host.label} ${method}`);
        answer(() => failed(new Error("the call was lost")));
        return;
      }
      const isAnswerLost = clock.chance(faults.lostAnswer);
      clock.at(clock.now + this.#delay(), () => {
        lineage
          .run(path, () => this.#deliver(host, method, sent))
          .then(
            (value) => {
              if (isAnswerLost) this.log(`answer lost ${host.label} ${method}`);
              answer(() => (isAnswerLost ? failed(new Error("the answer was lost")) : done(method === "fetch" ? value : structuredClone(value))));
            },
            (error: unknown) => answer(() => failed(new Error(error instanceof Error ? error.message : String(error)))),
          );
      });
      if (method === "notify" && clock.chance(faults.repeated)) {
        clock.at(
          clock.now + this.#delay() + this.#delay(),
          () => void lineage.run(path, () => this.#deliver(host, method, structuredClone(sent))).catch(() => {}),
        );
      }
    });
  }
  #deliver(host: Host, method: string, args: readonly unknown[]): Promise<unknown> {
    const incarnation = host.wake();
    this.log(`${method} ${host.label}${summary(method, args)}`);
    return new Promise((done, failed) => {
      incarnation.calls.add(failed);
      const run = incarnation.instance[method] as (...args: readonly unknown[]) => Promise<unknown>;
      living.run(incarnation, () =>
        run.apply(incarnation.instance, [...args]).then(
          (value) => {
            incarnation.calls.delete(failed);
            if (!incarnation.dead) done(value);
          },
          (error: unknown) => {
            incarnation.calls.delete(failed);
            failed(error instanceof Error ? error : new Error(String(error)));
          },
        ),
      );
    });
  }

  /** One thing happens, and everything that follows from it at once. False: nothing is left before `until`. */
  async step(until: number): Promise<boolean> {
    const { clock, faults } = this;
    const next = clock.next;
    if (next === undefined || next > until) {
      clock.now = Math.max(clock.now, until);
      return false;
    }
    this.steps++;
    if (this.#crashes(faults.crash)) this.#hit((host) => host.incarnation !== undefined, "crash");
    if (clock.chance(faults.sleep)) this.#hit((host) => host.isIdle, "sleep");
    clock.take()?.();
    await new Promise((done) => setImmediate(done));
    return true;
  }
  #hit(when: (host: Host) => boolean, how: "crash" | "sleep"): void {
    const host = this.clock.pick([...this.hosts.values()].filter(when));
    if (host) this.stop(host, how);
  }
  /** Lets the world run for so long. Stops early at the first problem. */
  async run(ms: number): Promise<void> {
    const until = this.clock.now + ms;
    while (this.problems.length === 0 && (await this.step(until)));
  }
}
