// What the garbage collector sees of any object, and the texts by which it remembers what to look at.
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { OwnerReference } from "../../../shared/kinds/_generated/types.ts";
import { stableJson } from "../../../shared/meta/hash.ts";
import type { Action, Query, ResourceId } from "../../../shared/reconcile/controller.ts";
import { groupOf, type ResourceFacts, resourceId, type ResourceTable } from "./resource-table.ts";
import { isDeleting, metaOf, nameOf, namespaceOf, uidOf } from "./world.ts";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

export interface GraphView {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}
export const viewGraph = (object: KubeObject): GraphView => ({
  apiVersion: object.apiVersion ?? "",
  kind: object.kind ?? "",
  namespace: namespaceOf(object),
  name: nameOf(object),
  uid: uidOf(object),
  resourceVersion: metaOf(object).resourceVersion ?? "",
  owners: metaOf(object).ownerReferences ?? [],
  finalizers: metaOf(object).finalizers ?? [],
  deleting: isDeleting(object),
});
/** It waits until those that block it are gone. */
export const isWaiting = (object: GraphView): boolean => object.deleting && object.finalizers.includes(FOREGROUND);
export const isOrphaning = (object: GraphView): boolean => object.deleting && object.finalizers.includes(ORPHAN);

/** Where an owner is, as its dependents say; `resource` is "" while the kind is not known. */
export interface OwnerAt {
  readonly group: string;
  readonly kind: string;
  readonly resource: ResourceId;
  readonly namespaced: boolean;
  /** Of the dependents; "" for an owner without namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}
export interface ItemAt {
  readonly resource: ResourceId;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly owners: readonly OwnerAt[];
}

export type Work =
  /** A new dependent: does its owner exist? */
  | { readonly do: "check"; readonly owner: OwnerAt }
  /** A dependent no longer blocks: may its owner go? */
  | { readonly do: "wait"; readonly owner: OwnerAt }
  /** An owner is gone, or waits for its dependents. */
  | { readonly do: "spread"; readonly owner: OwnerAt }
  | { readonly do: "owner"; readonly owner: OwnerAt; readonly found: "spread" | "late" | "absent" }
  /** An object whose owners may all be gone. */
  | { readonly do: "item"; readonly item: ItemAt };

export const writeWork = (work: Work): string => stableJson(work);
export const readWork = (text: string): Work => JSON.parse(text) as Work;

/** undefined: an object without namespace cannot have this owner; upstream never collects it. */
export function ownerAt(table: ResourceTable, ref: OwnerReference, namespace: string, custom: readonly ResourceFacts[]): OwnerAt | undefined {
  const group = groupOf(ref.apiVersion);
  const kind = ref.kind ?? "";
  const facts = table.find(group, kind, custom);
  if (facts?.namespaced === true && namespace === "") return undefined;
  const known = { group, kind, name: ref.name ?? "", uid: ref.uid ?? "" };
  if (facts === undefined) return { ...known, resource: "", namespaced: true, namespace };
  return { ...known, resource: resourceId(facts), namespaced: facts.namespaced, namespace: facts.namespaced ? namespace : "" };
}
/** The same once the definitions of custom resources are known. */
export function resolve(table: ResourceTable, owner: OwnerAt, custom: readonly ResourceFacts[]): OwnerAt | undefined {
  if (owner.resource !== "") return owner;
  const facts = table.find(owner.group, owner.kind, custom);
  if (facts === undefined || (facts.namespaced && owner.namespace === "")) return undefined;
  return { ...owner, resource: resourceId(facts), namespaced: facts.namespaced, namespace: facts.namespaced ? owner.namespace : "" };
}

export const ownerQuery = (owner: OwnerAt): Query => ({
  view: "objects",
  resource: owner.resource,
  name: owner.name,
  ...(owner.namespaced ? { namespace: owner.namespace } : {}),
});

/** Takes the references to `uids` off an object. Only built-in resources know strategic merge. */
export function unownPatch(object: GraphView, at: { readonly resource: ResourceId; readonly custom: boolean }, uids: readonly string[]): Action {
  const target = { do: "patch", resource: at.resource, namespace: object.namespace, name: object.name } as const;
  if (!at.custom) {
    const ownerReferences = uids.map((uid) => ({ $patch: "delete", uid }));
    return { ...target, type: "strategic", patch: { metadata: { uid: object.uid, ownerReferences } } };
  }
  const left = object.owners.filter((ref) => !uids.includes(ref.uid ?? ""));
  return { ...target, type: "merge", patch: { metadata: { ...exactly(object), ownerReferences: left.length > 0 ? left.map(plainRef) : null } } };
}
export const exactly = (object: GraphView): { uid: string; resourceVersion: string } => ({
  uid: object.uid,
  resourceVersion: object.resourceVersion,
});
export const plainRef = (ref: OwnerReference): Record<string, string | boolean> =>
  Object.fromEntries(Object.entries(ref).filter((entry): entry is [string, string | boolean] => entry[1] !== undefined));

/** How an object that nobody owns any longer goes: finalizers that are on it already have the say. */
export const propagationOf = (object: GraphView): "Orphan" | "Foreground" | "Background" =>
  object.finalizers.includes(ORPHAN) ? "Orphan" : object.finalizers.includes(FOREGROUND) ? "Foreground" : "Background";
