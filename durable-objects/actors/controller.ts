// Controller: one Durable Object for each (cluster, controller). Told of changes in a store's alarm, it does what follows before
// it answers; what cannot be done yet it writes down, and its own alarm carries on. A shell around ../runtime/controller-runner.ts.
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { AnyController } from "../../shared/reconcile/controller.ts";
import { PolicySnapshot } from "../client/policy.ts";
import { resourceIdOf, splitActorName } from "../client/names.ts";
import { type NewbornStores, Stores } from "../client/stores.ts";
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
  readonly newborns: NewbornStores;
}
interface Loaded {
  readonly cluster: ClusterRef;
  readonly queue: WorkQueue;
}
/** Rounds that one alarm does before it gives others a turn. */
const ROUNDS_MAX = 20;

function isDue(queue: WorkQueue): boolean {
  const now = platformPorts.now();
  const due = queue.nextDue(now);
  return due !== undefined && due <= now;
}

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function controllerActor(bricks: ControllerBricks) {
  class Controller extends MeteredActor implements NotifiedRpc {
    static override readonly family = "controller";
    #loaded: Loaded | undefined;
    #runner: ControllerRunner | undefined;
    #armed: number | undefined;
    #working: Promise<void> | undefined;
    /** The queue as it is stored. */
    #kept = "";

    async notify(cluster: ClusterRef, items: readonly string[]): Promise<void> {
      const loaded = await this.#load(cluster);
      loaded.queue.hint(items);
      await this.#work(loaded);
    }

    override async alarm(): Promise<void> {
      this.#armed = undefined;
      const loaded = await this.#load(undefined);
      if (loaded) await this.#work(loaded);
    }

    /** Whoever comes while others are served is served with them, or right after. Returns when all is done or written down. */
    async #work(loaded: Loaded): Promise<void> {
      const { queue } = loaded;
      if (this.#working) await this.#working;
      if (!this.#working && isDue(queue)) this.#working = this.#rounds(loaded).finally(() => (this.#working = undefined));
      await this.#working;
      this.#keep(queue);
    }
    async #rounds({ cluster, queue }: Loaded): Promise<void> {
      this.#runner ??= this.#makeRunner(cluster);
      for (let round = 0; round < ROUNDS_MAX && isDue(queue); round++) await this.#runner.round(queue);
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
        await this.env.CLUSTER.getByName(reference.uid).register(reference, "controller", [name]);
        kv.put("cluster", reference);
      }
      if (this.#loaded) return this.#loaded;
      this.#loaded = { cluster: reference, queue: new WorkQueue(kv.get<QueueState>("queue")) };
      this.#kept = JSON.stringify(this.#loaded.queue.state());
      return this.#loaded;
    }

    /** Writes down what is left to do, with the alarm that does it. */
    #keep(queue: WorkQueue): void {
      const state = queue.state();
      const text = JSON.stringify(state);
      if (text !== this.#kept) this.storage.kv.put("queue", state);
      this.#kept = text;
      const next = queue.nextDue(platformPorts.now());
      if (next !== undefined) this.#arm(next);
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
        stores: new Stores(this.env, cluster, bricks),
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
