// Whether one object may stay: it may while any of its owners is there and stays itself.
// As upstream: pkg/controller/garbagecollector/garbagecollector.go attemptToDeleteItem.
import type { Action, Plan, World } from "../../../shared/reconcile/controller.ts";
import { NOTHING } from "../../../shared/reconcile/controller.ts";
import { exactly, type GraphView, isWaiting, type ItemAt, type OwnerAt, plainRef, propagationOf, unownPatch } from "./gc-view.ts";
import { groupOf, type ResourceTable } from "./resource-table.ts";
import { plan, seen } from "./world.ts";

interface Owners {
  readonly solid: number;
  readonly dangling: readonly string[];
  readonly waiting: readonly string[];
}
/** The name under which `needs` asks for the owner of this position. */
export const ownerName = (index: number): string => `owner${index}`;

function classify(owners: readonly OwnerAt[], world: World): Owners {
  let solid = 0;
  const dangling: string[] = [];
  const waiting: string[] = [];
  owners.forEach((owner, index) => {
    const found = seen<GraphView>(world, ownerName(index)).find((object) => object.uid === owner.uid);
    if (found === undefined) dangling.push(owner.uid);
    else if (isWaiting(found)) waiting.push(owner.uid);
    else solid++;
  });
  return { solid, dangling, waiting };
}

const sameOwners = (object: GraphView, item: ItemAt): boolean =>
  object.owners.length === item.owners.length && item.owners.every((owner) => object.owners.some((ref) => ref.uid === owner.uid));

/** Lets go of its owners' deletion, so that a circle of objects that wait for each other opens. */
function unblock(object: GraphView, item: ItemAt): Action {
  const ownerReferences = object.owners.map((ref) => ({ ...plainRef(ref), blockOwnerDeletion: false }));
  const { resource, namespace, name } = item;
  return { do: "patch", resource, namespace, name, type: "merge", patch: { metadata: { ...exactly(object), ownerReferences } } };
}

export function reconcileItem(table: ResourceTable, item: ItemAt, world: World): Plan {
  const object = seen<GraphView>(world, "item").find((other) => other.uid === item.uid && other.namespace === item.namespace);
  // With other owners by now, it is looked at for that reason.
  if (object === undefined || object.deleting || object.owners.length === 0 || !sameOwners(object, item)) return NOTHING;
  const { resource, namespace, name, uid } = item;
  const { solid, dangling, waiting } = classify(item.owners, world);
  if (solid > 0) {
    const surplus = [...dangling, ...waiting];
    if (surplus.length === 0) return NOTHING;
    const custom = table.find(groupOf(object.apiVersion), object.kind, []) === undefined;
    return plan([unownPatch(object, { resource, custom }, surplus)]);
  }
  const dependents = seen<GraphView>(world, "dependents");
  const target = { do: "delete", resource, namespace, name, uid } as const;
  if (waiting.length > 0 && dependents.length > 0) {
    const circle = dependents.some(isWaiting) && object.owners.some((ref) => ref.blockOwnerDeletion === true);
    if (circle) return plan([unblock(object, item), { ...target, propagation: "Foreground" }]);
    return plan([{ ...target, resourceVersion: object.resourceVersion, propagation: "Foreground" }]);
  }
  return plan([{ ...target, resourceVersion: object.resourceVersion, propagation: propagationOf(object) }]);
}
