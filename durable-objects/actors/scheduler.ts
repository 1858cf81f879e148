// Scheduler: one Durable Object for each (cluster, profile). Told in a store's alarm which objects changed, it decides and writes
// before it answers; its own alarm is for what has to wait. All it knows is in memory and made anew from the stores when it wakes
// without. A shell: decisions lie in shared/scheduling and in the plugins it is handed.
import { isWish } from "../../shared/scheduling/notice.ts";
import { splitActorName } from "../client/names.ts";
import { Stores } from "../client/stores.ts";
import type { ClusterRef, NotifiedRpc } from "../env.ts";
import { platformPorts } from "../platform/ports.ts";
import { metered, MeteredActor } from "./metered-actor.ts";
import { type SchedulerBricks, SchedulerRunner } from "../runtime/scheduler-runner.ts";

/** Batches that one alarm does before it gives others a turn. */
const ROUNDS_MAX = 20;
/** Notices that wait in memory while nobody waits for a node. */
const NOTICES_MAX = 10_000;
/** After a failure everything is begun anew so much later. */
const RETRY_MS = 2_000;

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function schedulerActor(bricks: SchedulerBricks) {
  class Scheduler extends MeteredActor implements NotifiedRpc {
    static override readonly family = "scheduler";
    #cluster: ClusterRef | undefined;
    #runner: SchedulerRunner | undefined;
    readonly #notices = new Set<string>();
    #armed: number | undefined;
    #working: Promise<void> | undefined;

    async notify(cluster: ClusterRef, items: readonly string[]): Promise<void> {
      await this.#know(cluster);
      for (const item of items) this.#notices.add(item);
      const waiting = this.#runner?.isWaiting ?? this.storage.kv.get<boolean>("waiting");
      if (waiting || items.some(isWish) || this.#notices.size > NOTICES_MAX) await this.#work(cluster);
      // Whoever loads everything later sees these changes anyway.
      else if (!this.#runner && !this.#working) this.#notices.clear();
    }

    override async alarm(): Promise<void> {
      this.#armed = undefined;
      const cluster = this.#cluster ?? this.storage.kv.get<ClusterRef>("cluster");
      if (cluster) await this.#work(cluster);
    }

    /** Whoever comes while others are served is served right after; that is for all who came meanwhile. */
    async #work(cluster: ClusterRef): Promise<void> {
      if (this.#working) await this.#working;
      await (this.#working ??= this.#rounds(cluster).finally(() => (this.#working = undefined)));
    }
    async #rounds(cluster: ClusterRef): Promise<void> {
      try {
        const runner =
          this.#runner ??
          (await SchedulerRunner.load(bricks, { profile: this.#profile, stores: new Stores(this.env, cluster, bricks), notices: this.#notices }));
        this.#runner = runner;
        for (let round = 0; round < ROUNDS_MAX; round++) if (!(await runner.round())) break;
        this.#rest(runner);
      } catch (error) {
        // What was in flight is unclear: the next alarm starts from what the stores say. One of our own, since the platform gives up after six.
        this.#runner = undefined;
        // oxlint-disable-next-line no-console -- the log of the Worker is where operators look
        console.error(JSON.stringify({ level: "error", scheduler: this.#profile, message: error instanceof Error ? error.message : String(error) }));
        this.#arm(platformPorts.now() + RETRY_MS);
      }
    }

    async #know(cluster: ClusterRef): Promise<void> {
      if (this.#cluster) return;
      if (!this.storage.kv.get<ClusterRef>("cluster")) {
        await this.env.CLUSTER.getByName(cluster.uid).register(cluster, "scheduler", [this.#profile]);
        this.storage.kv.put("cluster", cluster);
      }
      this.#cluster = cluster;
    }
    get #profile(): string {
      return splitActorName(this.ctx.id.name ?? "").name;
    }

    /** One physical alarm: only ever moved earlier, or set anew after it rang. */
    #arm(due: number): void {
      if (this.#armed !== undefined && this.#armed <= due) return;
      this.#armed = due;
      void this.storage.setAlarm(due);
    }
    #rest(runner: SchedulerRunner): void {
      const { kv } = this.storage;
      if ((kv.get("waiting") ?? false) !== runner.isWaiting) kv.put("waiting", runner.isWaiting);
      const next = runner.nextAt();
      if (next !== undefined) this.#arm(next);
    }
  }
  return metered(Scheduler);
}
