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
const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export class PolicySnapshot {
  readonly #loaded = new Map<ResourceId, Loaded>();
  readonly #loading = new Map<ResourceId, Promise<void>>();

  /** Facts about these resources, none older than a second; `fresh`: asked for anew, as after a refusal that may be stale. */
  async facts(stores: Stores, resources: readonly ResourceId[], how: { readonly now: number; readonly fresh?: boolean }): Promise<PolicyFacts> {
    const stale = resources.filter((resource) => {
      const loaded = this.#loaded.get(resource);
      return how.fresh || !loaded || how.now - loaded.at > MAX_AGE_MS;
    });
    if (stale.length > 0) await Promise.all(stale.map((resource) => this.#load(stores, resource, how)));
    return {
      get: (resource, namespace, name) => this.#loaded.get(resource)?.objects.get(keyOf(namespace, name)),
      list: (resource, namespace) =>
        [...(this.#loaded.get(resource)?.objects.values() ?? [])].filter((object) => namespace === undefined || object.metadata?.namespace === namespace),
    };
  }

  async #load(stores: Stores, resource: ResourceId, how: { readonly now: number; readonly fresh?: boolean }): Promise<void> {
    const running = how.fresh ? undefined : this.#loading.get(resource);
    if (running) return running;
    const load = (async (): Promise<void> => {
      const [text = "[]"] = await stores.query(resource, [{ view: "text" }]);
      const objects = (JSON.parse(text) as KubeObject[]).map(
        (object) => [keyOf(object.metadata?.namespace ?? "", object.metadata?.name ?? ""), object] as const,
      );
      this.#loaded.set(resource, { at: how.now, objects: new Map(objects) });
    })();
    this.#loading.set(resource, load);
    try {
      await load;
    } finally {
      if (this.#loading.get(resource) === load) this.#loading.delete(resource);
    }
  }
}
