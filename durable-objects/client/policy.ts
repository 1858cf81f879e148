// The policy snapshot: the few objects that admission has to know, kept for at most a second.
import type { PolicyFacts } from "../../shared/admission/plugin.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { Stores } from "./stores.ts";

const MAX_AGE_MS = 1000;

interface Loaded {
  readonly at: number;
  readonly objects: ReadonlyMap<string, KubeObject>;
}
/** What one isolate knows of its clusters: the actors of a cluster that live in it need not all ask. */
const shared = new Map<string, Map<ResourceId, Loaded>>();
const CLUSTERS_MAX = 1000;
function loadedOf(cluster: string): Map<ResourceId, Loaded> {
  let loaded = shared.get(cluster);
  if (!loaded) {
    if (shared.size >= CLUSTERS_MAX) shared.clear();
    shared.set(cluster, (loaded = new Map()));
  }
  return loaded;
}
const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export class PolicySnapshot {
  /** Calls under way are each asker's own: nobody may wait for another one's. */
  readonly #loading = new Map<ResourceId, Promise<void>>();

  /** Facts about these resources, none older than a second; `fresh`: asked for anew, as after a refusal that may be stale. */
  async facts(stores: Stores, resources: readonly ResourceId[], how: { readonly now: number; readonly fresh?: boolean }): Promise<PolicyFacts> {
    const known = loadedOf(stores.cluster.uid);
    const stale = resources.filter((resource) => {
      const loaded = known.get(resource);
      return how.fresh || !loaded || how.now - loaded.at > MAX_AGE_MS;
    });
    if (stale.length > 0) await Promise.all(stale.map((resource) => this.#load(stores, resource, how)));
    return {
      get: (resource, namespace, name) => known.get(resource)?.objects.get(keyOf(namespace, name)),
      list: (resource, namespace) =>
        [...(known.get(resource)?.objects.values() ?? [])].filter((object) => namespace === undefined || object.metadata?.namespace === namespace),
    };
  }

  async #load(stores: Stores, resource: ResourceId, how: { readonly now: number; readonly fresh?: boolean }): Promise<void> {
    const running = how.fresh ? undefined : this.#loading.get(resource);
    if (running) return running;
    const load = (async (): Promise<void> => {
      const [found = []] = await stores.query<KubeObject>(resource, [{ view: "text" }]);
      const objects = found.map((object) => [keyOf(object.metadata?.namespace ?? "", object.metadata?.name ?? ""), object] as const);
      const loaded = loadedOf(stores.cluster.uid);
      // An answer that took its time does not push out one that was asked for later.
      if (how.fresh || (loaded.get(resource)?.at ?? 0) <= how.now) loaded.set(resource, { at: how.now, objects: new Map(objects) });
    })();
    this.#loading.set(resource, load);
    try {
      await load;
    } finally {
      if (this.#loading.get(resource) === load) this.#loading.delete(resource);
    }
  }
}
