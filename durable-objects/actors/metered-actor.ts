// What all actors have in common: a meter in front of their storage, of what arrives at them, and of what they ask of others.
import { DurableObject } from "cloudflare:workers";
import { DESTROYED, splitActorName } from "../client/names.ts";
import type { ActorEnv, ActorFamily } from "../env.ts";
import { type Meter, meters } from "../platform/meter.ts";
import { MeteredStorage } from "../platform/metered-storage.ts";

export class MeteredActor extends DurableObject<ActorEnv> {
  static readonly family: ActorFamily | "cluster";
  readonly meter: Meter;
  readonly storage: MeteredStorage;

  constructor(ctx: DurableObjectState, env: ActorEnv) {
    const { clusterUid, name } = splitActorName(ctx.id.name ?? "");
    const meter = meters.of(clusterUid, new.target.family, name);
    super(ctx, counting(env, meter));
    meter.begin();
    this.meter = meter;
    this.storage = new MeteredStorage(ctx.storage, meter);
  }
  /** The cluster goes: nothing stays of what the actor kept, nor of the actor. */
  async destroy(): Promise<void> {
    await this.storage.deleteAll();
    meters.forget(splitActorName(this.ctx.id.name ?? "").clusterUid);
    this.ctx.abort(DESTROYED);
  }
}

/** Bindings that count: whoever takes a stub is about to make one call with it. */
function counting(env: ActorEnv, meter: Meter): ActorEnv {
  const counted = <R>(namespace: { getByName(name: string): R }): { getByName(name: string): R } => ({
    getByName(name) {
      meter.calls++;
      return namespace.getByName(name);
    },
  });
  return {
    ...env,
    STORE: counted(env.STORE),
    CONTROLLER: counted(env.CONTROLLER),
    SCHEDULER: counted(env.SCHEDULER),
    NODE: counted(env.NODE),
    CLUSTER: counted(env.CLUSTER),
  };
}

type Counter = "requests" | "alarms" | "messagesReceived";
/** What the platform calls by itself; the end of a socket is no event that is billed. */
const HANDLERS: Readonly<Record<string, Counter | undefined>> = {
  alarm: "alarms",
  webSocketMessage: "messagesReceived",
  webSocketClose: undefined,
  webSocketError: undefined,
};

/** Counts and times what arrives: every method of an actor's prototype is a way in. Methods that an actor keeps to itself are private (`#`). */
export function metered<A extends new (...words: never[]) => MeteredActor>(actor: A): A {
  const prototype = actor.prototype as unknown as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = name === "constructor" ? undefined : prototype[name];
    if (typeof method !== "function") continue;
    const counter = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : "requests";
    const run = method as (this: MeteredActor, ...words: unknown[]) => Promise<unknown>;
    prototype[name] = async function (this: MeteredActor, ...words: unknown[]): Promise<unknown> {
      if (counter) this.meter[counter]++;
      const answer = await this.meter.during(run.apply(this, words));
      if (counter === "alarms") this.meter.databaseBytes = this.storage.databaseBytes;
      return answer;
    };
  }
  return actor;
}
