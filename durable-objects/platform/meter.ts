// What each actor uses of what the platform bills: counted where it is used, known for as long as the isolate lives.
import { METERED_ACTORS_MAX } from "../../shared/base/limits.ts";
import { platformPorts } from "./ports.ts";

/** What the platform bills rows for besides tables: each pair that is put or deleted, and each time that is set for the alarm. */
export const PAIRS = "kv";
export const ALARM = "alarm";
/** An actor's memory for the platform's bill, in gigabytes, whatever it really takes. */
export const BILLED_GIGABYTES = 0.128;

/** The counters of one actor. They only ever rise, and are plain members: counting costs less than a microsecond. */
export class Meter {
  readonly family: string;
  /** What the actor is called in its cluster: a resource, a controller, a profile, a node. */
  readonly name: string;
  /** RPC calls and fetches that it received. */
  requests = 0;
  /** Alarms that rang. */
  alarms = 0;
  /** RPC calls and fetches that it sent to other actors. */
  calls = 0;
  /** WebSocket messages that came in; twenty are billed as a request. */
  messagesReceived = 0;
  /** Frames of changes and bookmarks that went out to watchers, over sockets or streams; they are free. */
  messagesSent = 0;
  rowsRead = 0;
  /** Rows written of each table; key-value pairs and the alarm are tables, too: PAIRS and ALARM. */
  readonly written = new Map<string, number>();
  /** Of its database, as of its last alarm. */
  databaseBytes = 0;
  #inside = 0;
  #since = 0;
  #activeMs = 0;

  constructor(family: string, name: string) {
    this.family = family;
    this.name = name;
  }

  /**
   * Milliseconds in which it was at work: handling requests or alarms, waiting for answers to its own calls, or held awake by an
   * open watch that is a stream; what overlaps counts once. An approximation of the duration that is billed: the clock of the
   * platform stands still while code runs, starting up an actor is not seen from inside, and neither is how long the other streams
   * of a node (logs that are followed, exec) stay open.
   */
  get activeMs(): number {
    return this.#activeMs + (this.#inside > 0 ? platformPorts.now() - this.#since : 0);
  }
  wrote(table: string, rows: number): void {
    this.written.set(table, (this.written.get(table) ?? 0) + rows);
  }
  /** From here to the `leave` that belongs to it the actor is at work. */
  enter(): void {
    if (this.#inside++ === 0) this.#since = platformPorts.now();
  }
  leave(): void {
    if (this.#inside > 0 && --this.#inside === 0) this.#activeMs += platformPorts.now() - this.#since;
  }
  /** A new life of the actor: what the one before left open when it crashed will not be closed any more. */
  begin(): void {
    while (this.#inside > 0) this.leave();
  }
  async during<T>(work: Promise<T>): Promise<T> {
    this.enter();
    try {
      return await work;
    } finally {
      this.leave();
    }
  }
}

/** The meters of an isolate by cluster and actor. An actor that is evicted and comes back goes on with the meter it had. */
export class Meters {
  /** Clusters in the order in which they were last asked for. */
  readonly #clusters = new Map<string, Map<string, Meter>>();
  readonly #max: number;
  #count = 0;

  constructor(max: number = METERED_ACTORS_MAX) {
    this.#max = max;
  }

  /** Reaching the limit, the cluster that has been left alone longest is forgotten; a cluster that is too big alone counts no further actors. */
  of(cluster: string, family: string, name: string): Meter {
    const key = `${family}|${name}`;
    const actors = this.#clusters.get(cluster) ?? new Map<string, Meter>();
    this.#clusters.delete(cluster);
    this.#clusters.set(cluster, actors);
    const known = actors.get(key);
    if (known) return known;
    const meter = new Meter(family, name);
    for (const oldest of this.#clusters.keys()) {
      if (this.#count < this.#max || oldest === cluster) break;
      this.forget(oldest);
    }
    if (this.#count >= this.#max) return meter;
    actors.set(key, meter);
    this.#count++;
    return meter;
  }
  /** Every meter of a cluster, in no particular order. */
  all(cluster: string): readonly Meter[] {
    return [...(this.#clusters.get(cluster)?.values() ?? [])];
  }
  /** The cluster is gone. */
  forget(cluster: string): void {
    this.#count -= this.#clusters.get(cluster)?.size ?? 0;
    this.#clusters.delete(cluster);
  }
}
/** Those of this isolate. Locally that is every actor of every cluster. */
export const meters = new Meters();
