// Adopting and releasing by controller reference. As upstream: pkg/controller/controller_ref_manager.go.
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { OwnerReference } from "../../../shared/kinds/_generated/types.ts";
import { ownerRef } from "../../../shared/meta/owner-refs.ts";
import type { Action, ResourceId } from "../../../shared/reconcile/controller.ts";
import { isDeleting, uidOf } from "./world.ts";

export interface Claimable {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owners: readonly OwnerReference[];
  readonly deletionTimestamp?: string;
}
export interface Claimer {
  readonly root: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: ResourceId;
  selects(labels: Readonly<Record<string, string>>): boolean;
}
export interface Claimed<T> {
  /** Owned, or about to be by one of `actions`. */
  readonly mine: T[];
  readonly actions: Action[];
}

type ReferencePatch = { $patch: "delete"; uid: string } | Record<string, string | boolean>;
const patchOf = (claimer: Claimer, object: Claimable, reference: ReferencePatch): Action => ({
  do: "patch",
  resource: claimer.resource,
  namespace: object.namespace,
  name: object.name,
  type: "strategic",
  patch: { metadata: { uid: object.uid, ownerReferences: [reference] } },
});

export const releasePatch = (claimer: Claimer, object: Claimable): Action => patchOf(claimer, object, { $patch: "delete", uid: uidOf(claimer.root) });
export function adoptPatch(claimer: Claimer, object: Claimable): Action {
  const { apiVersion = "", kind = "", name = "", uid = "" } = ownerRef(claimer.root, claimer);
  return patchOf(claimer, object, { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true });
}

/** Sorts out whose `objects` are; an owner that is going away takes none and lets none go. */
export function claim<T extends Claimable>(claimer: Claimer, objects: readonly T[]): Claimed<T> {
  const owner = uidOf(claimer.root);
  const going = isDeleting(claimer.root);
  const mine: T[] = [];
  const actions: Action[] = [];
  for (const object of objects) {
    const controller = object.owners.find((ref) => ref.controller === true);
    const selected = claimer.selects(object.labels);
    if (controller !== undefined) {
      if (controller.uid !== owner) continue;
      if (selected) mine.push(object);
      else if (!going) actions.push(releasePatch(claimer, object));
    } else if (selected && !going && object.deletionTimestamp === undefined) {
      mine.push(object);
      actions.push(adoptPatch(claimer, object));
    }
  }
  return { mine, actions };
}

/** Two answers of overlapping queries as one, each object once, in the order of the first. */
export function union<T extends { readonly uid: string }>(...lists: readonly (readonly T[])[]): T[] {
  const known = new Set<string>();
  const all: T[] = [];
  for (const list of lists) {
    for (const object of list) {
      if (known.has(object.uid)) continue;
      known.add(object.uid);
      all.push(object);
    }
  }
  return all;
}
