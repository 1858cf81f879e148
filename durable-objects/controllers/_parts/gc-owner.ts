// What an owner that is gone, waits or orphans means for its dependents. As upstream: pkg/controller/garbagecollector/
// garbagecollector.go processDeletingDependentsItem, attemptToOrphanWorker, and attemptToDeleteItem for many at once.
import type { Action, Plan, World } from "../../../shared/reconcile/controller.ts";
import { NOTHING } from "../../../shared/reconcile/controller.ts";
import { exactly, FOREGROUND, type GraphView, isOrphaning, isWaiting, ORPHAN, type OwnerAt, propagationOf, unownPatch, type Work } from "./gc-view.ts";
import { groupOf, type ResourceFacts, resourceId, type ResourceTable } from "./resource-table.ts";
import { plan, seen } from "./world.ts";

/** Pods are many and seldom own anything, so they are removed in bulk; what they own follows when they are gone. */
const isPod = (object: GraphView): boolean => object.kind === "Pod" && object.apiVersion === "v1";
export const isBulk = (object: GraphView): boolean => isPod(object) && object.owners.length === 1;

interface Located {
  readonly object: GraphView;
  readonly resource: string;
  readonly custom: boolean;
}
export function locate(table: ResourceTable, objects: readonly GraphView[], custom: readonly ResourceFacts[]): Located[] {
  return objects.flatMap((object) => {
    const group = groupOf(object.apiVersion);
    const builtIn = table.find(group, object.kind, []);
    const facts = builtIn ?? table.find(group, object.kind, custom);
    return facts === undefined ? [] : [{ object, resource: resourceId(facts), custom: builtIn === undefined }];
  });
}

export const blocks = (object: GraphView, uid: string): boolean => object.owners.some((ref) => ref.uid === uid && ref.blockOwnerDeletion === true);

const deletion = ({ object, resource }: Located, propagation: "Orphan" | "Foreground" | "Background"): Action => ({
  do: "delete",
  resource,
  namespace: object.namespace,
  name: object.name,
  uid: object.uid,
  propagation,
});

function withoutFinalizer(owner: GraphView, at: OwnerAt, finalizer: string): Action {
  const left = owner.finalizers.filter((other) => other !== finalizer);
  return {
    do: "patch",
    resource: at.resource,
    namespace: owner.namespace,
    name: owner.name,
    type: "merge",
    patch: { metadata: { ...exactly(owner), finalizers: left.length > 0 ? left : null } },
  };
}

/** A dependent that names an owner of another namespace: as upstream graph_builder.go reportInvalidNamespaceOwnerRef. */
function misplaced(located: Located, at: OwnerAt): Action {
  const { object } = located;
  const { apiVersion, kind, namespace, name, uid, resourceVersion } = object;
  const ref = object.owners.find((other) => other.uid === at.uid);
  const what = `[${ref?.apiVersion}/${ref?.kind}, namespace: ${namespace}, name: ${at.name}, uid: ${at.uid}]`;
  return {
    do: "event",
    about: { apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } },
    type: "Warning",
    reason: "OwnerRefInvalidNamespace",
    message: `ownerRef ${what} does not exist in namespace "${namespace}"`,
  };
}

export function reconcileOwner(table: ResourceTable, work: Work & { do: "owner" }, world: World): Plan {
  const at = work.owner;
  const custom = seen<ResourceFacts>(world, "definitions");
  const dependents = seen<GraphView>(world, "dependents");
  const here = seen<GraphView>(world, "owner").find((object) => object.uid === at.uid && object.namespace === at.namespace);
  if (here === undefined) {
    const elsewhere = seen<GraphView>(world, "namesakes").some((object) => object.uid === at.uid);
    const doomed = locate(table, dependents, custom).filter(({ object }) => object.owners.length === 1 && !object.deleting);
    return plan(doomed.flatMap((located) => [...(elsewhere ? [misplaced(located, at)] : []), deletion(located, propagationOf(located.object))]));
  }
  if (isOrphaning(here)) {
    const orphans = locate(table, dependents, custom).map((located) => unownPatch(located.object, located, [at.uid]));
    return plan([...orphans, withoutFinalizer(here, at, ORPHAN)]);
  }
  if (!isWaiting(here)) return NOTHING;
  if (!dependents.some((object) => blocks(object, at.uid))) return plan([withoutFinalizer(here, at, FOREGROUND)]);
  const left = locate(table, dependents, custom).filter(({ object }) => !object.deleting && object.owners.length === 1);
  const bulk = left.filter(({ object }) => isBulk(object)).map((located) => deletion(located, propagationOf(located.object)));
  // The others were told one by one when the wait began; those that came later are told here.
  const late = work.found === "late" ? left.filter(({ object }) => !isBulk(object)).map((located) => deletion(located, "Foreground")) : [];
  return plan([...bulk, ...late]);
}
