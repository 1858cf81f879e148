// The few other objects that scheduling looks up: namespaces' labels, claims, volumes, classes, services, disruption budgets.
import { equalJson } from "../base/json.ts";
import type { Labels } from "../meta/labels.ts";
import { compareText } from "../meta/text.ts";
import type { BudgetView, ClaimView, ServiceView, StorageClassView, VolumeView } from "./views.ts";

const NO_LABELS: Labels = {};

export type LedgerObject =
  | { readonly sort: "claim"; readonly view: ClaimView }
  | { readonly sort: "volume"; readonly view: VolumeView }
  | { readonly sort: "storageClass"; readonly view: StorageClassView }
  | { readonly sort: "service"; readonly view: ServiceView }
  | { readonly sort: "budget"; readonly view: BudgetView };

export class ClusterObjects {
  readonly #namespaces = new Map<string, Labels>();
  readonly #claims = new Map<string, ClaimView>();
  readonly #volumes = new Map<string, VolumeView>();
  readonly #storageClasses = new Map<string, StorageClassView>();
  readonly #services = new Map<string, Map<string, ServiceView>>();
  readonly #budgets = new Map<string, BudgetView>();

  /** Whether the labels are new; undefined removes the namespace. */
  setNamespace(name: string, labels: Labels | undefined): boolean {
    if (labels === undefined) return this.#namespaces.delete(name);
    const known = this.#namespaces.get(name);
    if (known && equalJson(known, labels)) return false;
    this.#namespaces.set(name, labels);
    return true;
  }
  namespaceLabels(namespace: string): Labels {
    return this.#namespaces.get(namespace) ?? NO_LABELS;
  }

  change(object: LedgerObject, { removed }: { readonly removed: boolean }): void {
    const set = <T>(map: Map<string, T>, key: string, value: T): void => void (removed ? map.delete(key) : map.set(key, value));
    switch (object.sort) {
      case "claim":
        return set(this.#claims, `${object.view.namespace}/${object.view.name}`, object.view);
      case "volume":
        return set(this.#volumes, object.view.name, object.view);
      case "storageClass":
        return set(this.#storageClasses, object.view.name, object.view);
      case "service": {
        const services = this.#services.get(object.view.namespace) ?? new Map<string, ServiceView>();
        this.#services.set(object.view.namespace, services);
        return set(services, object.view.name, object.view);
      }
      case "budget":
        return set(this.#budgets, `${object.view.namespace}/${object.view.name}`, object.view);
    }
  }

  claim(namespace: string, name: string): ClaimView | undefined {
    return this.#claims.get(`${namespace}/${name}`);
  }
  volume(name: string): VolumeView | undefined {
    return this.#volumes.get(name);
  }
  /** In the order of their names. */
  get volumes(): readonly VolumeView[] {
    return Array.from(this.#volumes.values()).sort((a, b) => compareText(a.name, b.name));
  }
  storageClass(name: string): StorageClassView | undefined {
    return this.#storageClasses.get(name);
  }
  servicesOf(namespace: string): readonly ServiceView[] {
    return Array.from(this.#services.get(namespace)?.values() ?? []);
  }
  get budgets(): readonly BudgetView[] {
    return Array.from(this.#budgets.values()).sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
  }
}
