// Which stores of a cluster exist: its Cluster actor knows. A store makes itself known before it keeps anything, and never goes while the cluster lasts.
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { ActorEnv } from "../env.ts";

export class Census {
  readonly #env: ActorEnv;
  readonly #clusterUid: string;
  /** Stores that exist; grows. */
  readonly known: Set<ResourceId>;
  #asking: Promise<void> | undefined;

  constructor(env: ActorEnv, clusterUid: string, known = new Set<ResourceId>()) {
    this.#env = env;
    this.#clusterUid = clusterUid;
    this.known = known;
  }

  /** Whether a store exists at this moment. */
  has(resource: ResourceId): true | Promise<boolean> {
    return this.known.has(resource) || this.ask().then(() => this.known.has(resource));
  }
  /** Asks which stores exist. Those who want to know in one turn ask once; never is somebody told what was true before he asked. */
  ask(): Promise<void> {
    return (this.#asking ??= Promise.resolve().then(async () => {
      this.#asking = undefined;
      for (const resource of await this.#env.CLUSTER.getByName(this.#clusterUid).stores()) this.known.add(resource);
    }));
  }
}
