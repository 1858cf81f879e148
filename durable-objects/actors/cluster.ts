// Cluster: one Durable Object for each cluster. It knows which actors of the cluster keep something, and removes them with it.
import { BATCH_MAX } from "../../shared/base/limits.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import { actorName, DESTROYED } from "../client/names.ts";
import type { ActorEnv, ActorFamily, ClusterRef, ClusterRpc, StoresThere } from "../env.ts";
import { meters } from "../platform/meter.ts";
import { platformPorts } from "../platform/ports.ts";
import { metered, MeteredActor } from "./metered-actor.ts";

/** So long a cluster that is gone remembers that it is: longer than any isolate remembers its name. */
const GONE_MS = 60_000;
/** Family of the stores that exist because they are watched, and that nobody has written to yet. */
const WATCHED = "watched";
type Row = { family: string; actor: string };

/** What the composition root knows about the end of a cluster: its record, an object of `home`, is let go once nothing is left. */
export interface ClusterBricks {
  release(env: ActorEnv, home: ClusterRef, cluster: ClusterRef): Promise<void>;
}

/** Removes what one actor keeps, and with it the actor. */
async function destroyActor(env: ActorEnv, cluster: ClusterRef, { family, actor }: Row): Promise<void> {
  const name = actorName(cluster.uid, actor);
  try {
    if (family === "store" || family === WATCHED) await env.STORE.getByName(name).destroy();
    else if (family === "controller") await env.CONTROLLER.getByName(name).destroy();
    else if (family === "scheduler") await env.SCHEDULER.getByName(name).destroy();
    else await env.NODE.getByName(name).destroy();
  } catch (error) {
    // An actor ends its own life after it has removed what it kept; the call breaks then, which is the sign that it is done.
    if (!(error instanceof Error && error.message.includes(DESTROYED))) throw error;
  }
}

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function clusterActor(bricks: ClusterBricks) {
  class Cluster extends MeteredActor implements ClusterRpc {
    static override readonly family = "cluster";
    /** The stores of a cluster that lasts, once they were read: whoever reads a store that does not exist asks for them each time. */
    #stores: StoresThere | undefined;

    constructor(ctx: DurableObjectState, env: ActorEnv) {
      super(ctx, env);
      this.#makeTables();
    }

    #makeTables(): void {
      const { sql } = this.storage;
      sql.exec(`CREATE TABLE IF NOT EXISTS actors (family TEXT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (family, actor)) WITHOUT ROWID`);
      sql.exec(`CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    }

    async register(_cluster: ClusterRef, family: ActorFamily | typeof WATCHED, actors: readonly string[]): Promise<void> {
      this.#mustLast();
      this.#stores = undefined;
      for (const actor of actors) this.storage.sql.exec(`INSERT OR IGNORE INTO actors VALUES (?, ?)`, family, actor);
    }

    async stores(): Promise<StoresThere> {
      return (this.#stores ??= this.#readStores());
    }
    #readStores(): StoresThere {
      this.#mustLast();
      const of = (family: string): ResourceId[] =>
        [...this.storage.sql.exec<Row>(`SELECT family, actor FROM actors WHERE family = ? ORDER BY actor`, family)].map((row) => row.actor);
      return { written: of("store"), watched: of(WATCHED) };
    }

    async settle(cluster: Omit<ClusterRef, "birth">): Promise<ClusterRef> {
      const { kv } = this.storage;
      const known = kv.get<ClusterRef>("settled");
      if (known) return { ...known, timing: cluster.timing };
      const settled = { ...cluster, birth: { at: platformPorts.now(), seed: platformPorts.uid() } };
      kv.put("settled", settled);
      return settled;
    }

    /** The record of the cluster is being deleted: everything goes, in steps that an alarm carries on. */
    async notify(cluster: ClusterRef, items: readonly string[]): Promise<void> {
      const last = items.at(-1);
      if (last === undefined) return;
      const doomed = JSON.parse(last) as ClusterRef;
      this.#stores = undefined;
      this.storage.sql.exec(`INSERT OR REPLACE INTO facts VALUES ('doomed', ?), ('home', ?)`, JSON.stringify(doomed), JSON.stringify(cluster));
      await this.storage.setAlarm(platformPorts.now());
    }

    override async alarm(): Promise<void> {
      if (this.#fact("gone")) {
        await this.storage.deleteAll();
        return;
      }
      const [doomed, home] = [this.#fact("doomed"), this.#fact("home")];
      if (!doomed || !home) return;
      const rows = [...this.storage.sql.exec<Row>(`SELECT family, actor FROM actors LIMIT ?`, BATCH_MAX)];
      await Promise.all(rows.map((row) => destroyActor(this.env, doomed, row)));
      for (const { family, actor } of rows) this.storage.sql.exec(`DELETE FROM actors WHERE family = ? AND actor = ?`, family, actor);
      if (rows.length === BATCH_MAX) {
        await this.storage.setAlarm(platformPorts.now());
        return;
      }
      await bricks.release(this.env, home, doomed);
      meters.forget(doomed.uid);
      await this.storage.deleteAll();
      this.#makeTables();
      this.storage.sql.exec(`INSERT INTO facts VALUES ('gone', ?)`, JSON.stringify(doomed));
      await this.storage.setAlarm(platformPorts.now() + GONE_MS);
    }

    override async destroy(): Promise<void> {
      this.#stores = undefined;
      await this.storage.deleteAll();
    }

    /** Somebody still remembers a cluster that is going or gone: nothing of it is made anew. */
    #mustLast(): void {
      if (this.#fact("gone") ?? this.#fact("doomed")) throw new Error(DESTROYED);
    }
    #fact(key: string): ClusterRef | undefined {
      for (const row of this.storage.sql.exec<{ value: string }>(`SELECT value FROM facts WHERE key = ?`, key)) return JSON.parse(row.value) as ClusterRef;
      return undefined;
    }
  }
  return metered(Cluster);
}
