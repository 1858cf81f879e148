// Controller: one Durable Object for each (cluster, controller). Told of changes, it writes them down and arms its alarm;
// the alarm does the work. A shell around ../runtime/controller-runner.ts.
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { AnyController } from "../../shared/reconcile/controller.ts";
import { PolicySnapshot } from "../client/policy.ts";
import { resourceIdOf, splitActorName } from "../client/names.ts";
import { Stores } from "../client/stores.ts";
import type { ClusterRef, NotifiedRpc } from "../env.ts";
import { platformPorts } from "../platform/ports.ts";
import { metered, MeteredActor } from "./metered-actor.ts";
import { ControllerRunner } from "../runtime/controller-runner.ts";
import { EventRecorder } from "../runtime/event-recorder.ts";
import { WorkQueue, type QueueState } from "../runtime/work-queue.ts";

export interface ControllerBricks {
  readonly controllers: readonly AnyController[];
  readonly kinds: readonly AnyKind[];
  readonly plugins: readonly AdmissionPlugin[];
}
interface Loaded {
  readonly cluster: ClusterRef;
  readonly queue: WorkQueue;
}
/** Rounds that one alarm does before it gives others a turn. */
const ROUNDS_MAX = 20;

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function controllerActor(bricks: ControllerBricks) {
  class Controller extends MeteredActor implements NotifiedRpc {
    static override readonly family = "controller";
    #loaded: Loaded | undefined;
    #runner: ControllerRunner | undefined;
    #armed: number | undefined;
    #running = false;

    async notify(cluster: ClusterRef, items: readonly string[]): Promise<void> {
      const { queue } = await this.#load(cluster);
      queue.hint(items);
      this.#keep();
      // While a round is going on it will see the new hints; the alarm is there for the case that it does not end.
      this.#arm(platformPorts.now());
    }

    override async alarm(): Promise<void> {
      this.#armed = undefined;
      const loaded = await this.#load(undefined);
      if (!loaded || this.#running) return;
      this.#running = true;
      try {
        const { queue } = loaded;
        this.#runner ??= this.#makeRunner(loaded.cluster);
        for (let round = 0; round < ROUNDS_MAX; round++) {
          const now = platformPorts.now();
          const due = queue.nextDue(now);
          if (due === undefined || due > now) break;
          await this.#runner.round(queue);
        }
      } finally {
        this.#running = false;
        this.#keep();
        const next = loaded.queue.nextDue(platformPorts.now());
        if (next !== undefined) this.#arm(next);
      }
    }

    async #load(cluster: ClusterRef): Promise<Loaded>;
    async #load(cluster: undefined): Promise<Loaded | undefined>;
    async #load(cluster: ClusterRef | undefined): Promise<Loaded | undefined> {
      if (this.#loaded) return this.#loaded;
      const { kv } = this.storage;
      const known = kv.get<ClusterRef>("cluster");
      const reference = cluster ?? known;
      if (!reference) return undefined;
      if (!known) {
        const { name } = splitActorName(this.ctx.id.name ?? "");
        await this.env.CLUSTER.getByName(reference.uid).register(reference, "controller", name);
        kv.put("cluster", reference);
      }
      this.#loaded ??= { cluster: reference, queue: new WorkQueue(kv.get<QueueState>("queue")) };
      return this.#loaded;
    }

    #keep(): void {
      if (this.#loaded) this.storage.kv.put("queue", this.#loaded.queue.state());
    }

    /** One physical alarm: only ever moved earlier, or set anew after it rang. */
    #arm(due: number): void {
      if (this.#armed !== undefined && this.#armed <= due) return;
      this.#armed = due;
      void this.storage.setAlarm(due);
    }

    #makeRunner(cluster: ClusterRef): ControllerRunner {
      const { name } = splitActorName(this.ctx.id.name ?? "");
      const controller = bricks.controllers.find((candidate) => candidate.name === name);
      if (!controller) throw new Error(`no controller ${name}`);
      const kinds = new Map(bricks.kinds.filter((kind) => !kind.conversion).map((kind) => [resourceIdOf(kind), kind]));
      const events = kinds.get("/events");
      if (!events) throw new Error("no kind for events");
      const submitter = {
        stores: new Stores(this.env, cluster),
        ports: platformPorts,
        username: `system:serviceaccount:kube-system:${name}`,
        manager: "kube-controller-manager",
        plugins: bricks.plugins,
      };
      return new ControllerRunner(controller, {
        submitter,
        policy: new PolicySnapshot(),
        recorder: new EventRecorder(submitter, events),
        kindOf: (resource) => kinds.get(resource),
        // oxlint-disable-next-line no-console -- the log of the Worker is where operators look
        report: ({ controller: who, key, message }) => console.error(JSON.stringify({ level: "error", controller: who, key, message })),
      });
    }
  }
  return metered(Controller);
}
