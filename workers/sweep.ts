// The cron: looks after stores that were written to since it last rang. Opening a store tells subscribers what a crash may have
// left untold; clusters where nothing was written are not touched, so that an idle cluster runs nothing.
import { type NewbornStores, Stores } from "../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef, StoreQuery } from "../durable-objects/env.ts";
import type { ResourceId } from "../shared/reconcile/controller.ts";

const REMEMBERED_MAX = 10_000;
/** Finds nothing: being asked is what opens a store. */
const NOTHING: StoreQuery = { view: "text", namespace: "", name: "" };

export class Sweep {
  readonly #written = new Map<string, { readonly cluster: ClusterRef; readonly resource: ResourceId }>();

  /** Something was written through this isolate. */
  note(cluster: ClusterRef, resource: ResourceId): void {
    if (this.#written.size < REMEMBERED_MAX) this.#written.set(`${cluster.uid}|${resource}`, { cluster, resource });
  }

  async run(env: ActorEnv, newborns: NewbornStores): Promise<void> {
    const written = [...this.#written.values()];
    this.#written.clear();
    await Promise.all(written.map(({ cluster, resource }) => new Stores(env, cluster, { newborns }).query(resource, [NOTHING])));
  }
}
