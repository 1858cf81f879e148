// The contract of a controller: level-triggered and pure. It is told which root may need work, never why;
// it sees a world that the runner loaded from the stores just before; it answers with a plan.
import type { Json } from "../base/json.ts";
import type { EpochMs } from "../base/ports.ts";
import type { KubeObject } from "../kinds/define-kind.ts";

/** `group/resource` with "" for core: `/pods`, `apps/replicasets`. `*` stands for every resource of the cluster. */
export type ResourceId = string;

/** What a controller wants to see of a resource: a projection, so that 1,000 pods are not 2 MB. Pure. */
export interface View {
  readonly resource: ResourceId;
  project(object: KubeObject): unknown;
}

/** Which objects to load, all conditions joined by AND. An absent condition matches everything. */
export interface Query {
  /** Key in the controller's `views`. */
  readonly view: string;
  /** For a view on `*`: only this resource. */
  readonly resource?: ResourceId;
  readonly namespace?: string;
  readonly name?: string;
  /** Objects with an ownerReference (of any sort) to one of these uids. */
  readonly ownerUids?: readonly string[];
  /** Only objects that have no controller. */
  readonly orphans?: true;
  /** Objects with these labels, exactly equal. Anything finer is up to the controller. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Objects whose selectable field has this value, as `spec.nodeName`. */
  readonly field?: { readonly path: string; readonly value: string };
}
/** The loaded world: for each name of `needs`, the projected objects, ordered by namespace and name. */
export type World = Readonly<Record<string, readonly unknown[]>>;

/**
 * Which roots a change of an object may concern. Runs in the store right after the commit, so it must be cheap.
 * `next` is undefined for a deletion, `old` for a creation.
 */
export interface Trigger {
  readonly resource: ResourceId;
  /** Nobody waits for what comes of it: hints are gathered for a tenth of a second before they are told. */
  readonly patient?: boolean;
  /** Nothing comes of the hints as long as the cluster has of this resource only what it was born with: nobody is told of them until then. */
  readonly dormantWithout?: ResourceId;
  /** `namespace/name` of roots (`/name` for cluster-scoped ones), or hints for `expand`, or free keys where there is no root. */
  hints(next: KubeObject | undefined, old: KubeObject | undefined, resource: ResourceId): readonly string[];
}

export type Propagation = "Background" | "Foreground" | "Orphan";

/** One write. A plan's writes are done in order; the first that fails ends the plan, and the root is tried again later. */
export type Action =
  | { readonly do: "create"; readonly resource: ResourceId; readonly object: KubeObject }
  | {
      /** PUT; fails with Conflict when the object has changed since `object` was loaded. */
      readonly do: "update";
      readonly resource: ResourceId;
      readonly object: KubeObject;
      readonly subresource?: string;
    }
  | {
      readonly do: "patch";
      readonly resource: ResourceId;
      readonly namespace: string;
      readonly name: string;
      readonly subresource?: string;
      readonly type: "merge" | "strategic" | "json";
      /** May carry metadata.uid and metadata.resourceVersion as preconditions, as any patch of Kubernetes. */
      readonly patch: Json;
    }
  | {
      readonly do: "delete";
      readonly resource: ResourceId;
      readonly namespace: string;
      readonly name: string;
      readonly uid?: string;
      readonly resourceVersion?: string;
      readonly gracePeriodSeconds?: number;
      readonly propagation?: Propagation;
    }
  | { readonly do: "deleteCollection"; readonly resource: ResourceId; readonly namespace: string }
  | {
      /** Records an Event about an object. Equal ones within ten minutes are counted, not repeated. */
      readonly do: "event";
      readonly about: KubeObject;
      readonly type: "Normal" | "Warning";
      readonly reason: string;
      readonly message: string;
    };

export interface Plan {
  readonly actions: readonly Action[];
  /** Look at this root again after so long even if nothing changes; milliseconds, absent: never. */
  readonly requeueAfterMs?: number;
}

export interface Controller<R extends KubeObject = KubeObject> {
  /** As kube-controller-manager names it, as `deployment-controller`. Also the name of its actor. */
  readonly name: string;
  /** Source of its Events where that is another name. */
  readonly component?: string;
  /** The resource whose objects are the roots; absent: keys are free text and `root` is always undefined. */
  readonly root?: ResourceId;
  readonly triggers: readonly Trigger[];
  readonly views: Readonly<Record<string, View>>;
  /** For triggers that cannot know their roots alone (which Services select this pod?). */
  readonly expand?: {
    /** undefined: the hint already is a key. */
    needs(hint: string): Readonly<Record<string, Query>> | undefined;
    keys(hint: string, world: World): readonly string[];
  };
  /** What `reconcile` must see besides the root. `root` is undefined when it no longer exists. */
  needs(key: string, root: R | undefined): Readonly<Record<string, Query>>;
  /**
   * `now`: the cluster's clock. Never mutates root or world. Called again with an empty effect until the plan is empty.
   * After a write was refused it is asked once more with `world.failure` = [{ action, status }], so that it can say in a
   * status or an Event why it is stuck; the root is tried again later all the same.
   */
  reconcile(key: string, root: R | undefined, world: World, now: EpochMs): Plan;
}

/** A controller among others; the runner does not care about R. */
export type AnyController = Controller<KubeObject>;
export const defineController = <R extends KubeObject>(controller: Controller<R>): AnyController => controller as unknown as AnyController;

export const NOTHING: Plan = { actions: [] };
/** The usual hint: the object itself, as a root. */
export const keyOf = (object: KubeObject): string => `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
