// Which stores of a cluster exist: its Cluster actor knows. A store makes itself known before it keeps anything, and never goes while the cluster lasts.
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { ActorEnv } from "../env.ts";

/** What is known of the stores of a cluster; grows. */
export interface KnownStores {
  /** Stores that exist. */
  readonly existing: Set<ResourceId>;
  /** Those of them that were written to. */
  readonly written: Set<ResourceId>;
}
export const nothingKnown = (): KnownStores => ({ existing: new Set(), written: new Set() });

export class Census {
  readonly #env: ActorEnv;
  readonly #clusterUid: string;
  readonly #known: KnownStores;
  #asking: Promise<void> | undefined;

  constructor(env: ActorEnv, clusterUid: string, known = nothingKnown()) {
    this.#env = env;
    this.#clusterUid = clusterUid;
    this.#known = known;
  }

  /** Whether a store is known to exist. */
  exists(resource: ResourceId): boolean {
    return this.#known.existing.has(resource);
  }
  /** Stores that are known to have been written to. */
  get written(): readonly ResourceId[] {
    return [...this.#known.written];
  }
  wrote(resource: ResourceId): void {
    this.#known.existing.add(resource);
    this.#known.written.add(resource);
  }

  /** Whether a store has been written to at this moment. */
  isWritten(resource: ResourceId): true | Promise<boolean> {
    return this.#known.written.has(resource) || this.ask().then(() => this.#known.written.has(resource));
  }
  /** Asks which stores there are. Those who want to know in one turn ask once; never is somebody told what was true before he asked. */
  ask(): Promise<void> {
    return (this.#asking ??= Promise.resolve().then(async () => {
      this.#asking = undefined;
      const { written, watched } = await this.#env.CLUSTER.getByName(this.#clusterUid).stores();
      for (const resource of watched) this.#known.existing.add(resource);
      for (const resource of written) this.wrote(resource);
    }));
  }
}
