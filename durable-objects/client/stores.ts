// How one part of the system reaches the stores of a cluster: one place for names, batches and retries.
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import type { ActorEnv, ClusterRef, Key, ListAnswer, ListOptions, ResourceStoreRpc, StoreQuery } from "../env.ts";
import { actorName, resourceIdOf } from "./names.ts";

export class Stores {
  readonly #env: ActorEnv;
  readonly cluster: ClusterRef;
  readonly #wrote: (resource: ResourceId) => void;

  /** `wrote` hears of every write. */
  constructor(env: ActorEnv, cluster: ClusterRef, wrote: (resource: ResourceId) => void = () => {}) {
    this.#env = env;
    this.cluster = cluster;
    this.#wrote = wrote;
  }

  stub(resource: ResourceId): ReturnType<ActorEnv["STORE"]["getByName"]> {
    return this.#env.STORE.getByName(actorName(this.cluster.uid, resource));
  }
  write(resource: ResourceId, requests: readonly WriteRequest[]): Promise<WriteResult[]> {
    this.#wrote(resource);
    return this.stub(resource).write(this.cluster, requests);
  }
  query(resource: ResourceId, queries: readonly StoreQuery[]): Promise<string[]> {
    return this.stub(resource).query(this.cluster, queries);
  }
  read(kind: AnyKind, keys: readonly Key[]): ReturnType<ResourceStoreRpc["read"]> {
    return this.stub(resourceIdOf(kind)).read(this.cluster, { group: kind.group, version: kind.version }, keys);
  }
  list(kind: AnyKind, options: Omit<ListOptions, "group" | "version">): Promise<ListAnswer> {
    return this.stub(resourceIdOf(kind)).list(this.cluster, { group: kind.group, version: kind.version, ...options });
  }
  /** Resources whose store exists in this cluster. */
  live(): Promise<ResourceId[]> {
    return this.#env.CLUSTER.getByName(this.cluster.uid).stores();
  }
}
