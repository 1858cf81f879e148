// garbage-collector-controller: what has no owner left goes. As upstream: pkg/controller/garbagecollector. There is no graph in memory:
// a commit names the owners it may concern, and their dependents are asked for by owner uid.
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { OwnerReference } from "../../shared/kinds/_generated/types.ts";
import { type AnyController, type Controller, defineController, NOTHING, type World } from "../../shared/reconcile/controller.ts";
import { ownerName, reconcileItem } from "./_parts/gc-item.ts";
import { isBulk, locate, reconcileOwner } from "./_parts/gc-owner.ts";
import {
  FOREGROUND,
  type GraphView,
  isWaiting,
  ORPHAN,
  type OwnerAt,
  ownerAt,
  ownerQuery,
  readWork,
  resolve,
  viewGraph,
  type Work,
  writeWork,
} from "./_parts/gc-view.ts";
import { definitionQuery, definitionView, groupOf, type ResourceFacts, type ResourceTable, resourceTable } from "./_parts/resource-table.ts";
import { isDeleting, metaOf, nameOf, namespaceOf, type Queries, seen, uidOf } from "./_parts/world.ts";

/** They own nothing and nothing owns them for long. */
const IGNORED: ReadonlySet<string> = new Set(["/events", "events.k8s.io/events"]);

const refsOf = (object: KubeObject | undefined): readonly OwnerReference[] => metaOf(object ?? {}).ownerReferences ?? [];
const sameRefs = (a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean =>
  a.length === b.length && a.every((ref, index) => ref.uid === b[index]?.uid);
/** Its dependents are to be looked at before it goes. */
const holdsBack = (object: KubeObject | undefined): boolean =>
  object !== undefined && isDeleting(object) && (metaOf(object).finalizers ?? []).some((name) => name === FOREGROUND || name === ORPHAN);

function dependentWork(table: ResourceTable, next: KubeObject, old: KubeObject | undefined, resource: string): Work[] {
  const refs = refsOf(next);
  if (refs.length === 0 || (old !== undefined && sameRefs(refs, refsOf(old)))) return [];
  const owners = refs.map((ref) => ownerAt(table, ref, namespaceOf(next), []));
  // An object without namespace whose owner would have one is never collected.
  if (owners.includes(undefined)) return [];
  const [only] = owners;
  if (owners.length === 1 && only !== undefined) return [{ do: "check", owner: only }];
  const item = { resource, namespace: namespaceOf(next), name: nameOf(next), uid: uidOf(next), owners: owners as OwnerAt[] };
  return [{ do: "item", item }];
}

/** Owners that this object blocked before and does not now. */
function unblockedWork(table: ResourceTable, next: KubeObject | undefined, old: KubeObject | undefined): Work[] {
  if (old === undefined) return [];
  const blocking = new Set(
    refsOf(next)
      .filter((ref) => ref.blockOwnerDeletion === true)
      .map((ref) => ref.uid),
  );
  return refsOf(old)
    .filter((ref) => ref.blockOwnerDeletion === true && !blocking.has(ref.uid))
    .flatMap((ref): Work[] => {
      const owner = ownerAt(table, ref, namespaceOf(old), []);
      return owner === undefined ? [] : [{ do: "wait", owner }];
    });
}

function ownWork(next: KubeObject | undefined, old: KubeObject | undefined, resource: string, table: ResourceTable): Work[] {
  const object = next ?? old;
  if (object === undefined || (next !== undefined && (!holdsBack(next) || holdsBack(old)))) return [];
  const group = groupOf(object.apiVersion);
  const namespace = namespaceOf(object);
  const namespaced = table.find(group, object.kind ?? "", [])?.namespaced ?? namespace !== "";
  const owner = { group, kind: object.kind ?? "", resource, namespaced, namespace, name: nameOf(object), uid: uidOf(object) };
  return [{ do: "spread", owner }];
}

type Expand = NonNullable<Controller["expand"]>;
function expandNeeds(text: string): Queries | undefined {
  const work = readWork(text);
  if (work.do === "owner") return undefined;
  if (work.do === "item") return work.item.owners.some((owner) => owner.resource === "") ? { definitions: definitionQuery } : undefined;
  const { owner } = work;
  if (owner.resource === "") return { definitions: definitionQuery };
  const found = { owner: ownerQuery(owner), definitions: definitionQuery };
  return work.do === "spread" ? { ...found, dependents: { view: "objects", ownerUids: [owner.uid] } } : { owner: ownerQuery(owner) };
}

/** Work on each dependent that cannot be dealt with together with its siblings. */
function itemsOf(table: ResourceTable, owner: GraphView | undefined, world: World): Work[] {
  const custom = seen<ResourceFacts>(world, "definitions");
  return locate(table, seen<GraphView>(world, "dependents"), custom).flatMap(({ object, resource }): Work[] => {
    const alone = owner === undefined ? object.owners.length > 1 : isWaiting(owner) && !isBulk(object);
    if (!alone || object.deleting) return [];
    const owners = object.owners.map((ref) => ownerAt(table, ref, object.namespace, custom));
    if (owners.some((other) => other === undefined || other.resource === "")) return [];
    const { namespace, name, uid } = object;
    return [{ do: "item", item: { resource, namespace, name, uid, owners: owners as OwnerAt[] } }];
  });
}

function expandKeys(table: ResourceTable, text: string, world: World): Work[] {
  const work = readWork(text);
  const custom = seen<ResourceFacts>(world, "definitions");
  if (work.do === "owner") return [work];
  if (work.do === "item") {
    const owners = work.item.owners.map((owner) => resolve(table, owner, custom));
    return owners.includes(undefined) ? [] : [{ do: "item", item: { ...work.item, owners: owners as OwnerAt[] } }];
  }
  const owner = resolve(table, work.owner, custom);
  if (owner === undefined) return [];
  if (work.owner.resource === "") return [{ do: "owner", owner, found: work.do === "check" ? "absent" : "spread" }];
  const here = seen<GraphView>(world, "owner").find((object) => object.uid === owner.uid && object.namespace === owner.namespace);
  if (work.do === "spread") {
    const alone = seen(world, "dependents").length === 0;
    if (here === undefined ? alone : false) return [];
    return [{ do: "owner", owner, found: "spread" }, ...itemsOf(table, here, world)];
  }
  if (here === undefined) return work.do === "check" ? [{ do: "owner", owner, found: "absent" }] : [];
  return here.deleting ? [{ do: "owner", owner, found: work.do === "check" ? "late" : "spread" }] : [];
}

function needs(text: string): Queries {
  const work = readWork(text);
  if (work.do === "owner") {
    const { owner, found } = work;
    const elsewhere = found === "absent" && owner.namespaced;
    return {
      owner: ownerQuery(owner),
      dependents: { view: "objects", ownerUids: [owner.uid] },
      definitions: definitionQuery,
      ...(elsewhere ? { namesakes: { view: "objects", resource: owner.resource, name: owner.name } } : {}),
    };
  }
  if (work.do !== "item") return {};
  const { resource, namespace, name, uid, owners } = work.item;
  return {
    item: { view: "objects", resource, namespace, name },
    dependents: { view: "objects", ownerUids: [uid] },
    ...Object.fromEntries(owners.map((owner, index) => [ownerName(index), ownerQuery(owner)])),
  };
}

/** `resources`: the built-in resources, so that an owner's kind tells where to look for it. */
export function garbageCollectorController(resources: readonly ResourceFacts[]): AnyController {
  const table = resourceTable(resources);
  const expand: Expand = { needs: expandNeeds, keys: (text, world) => expandKeys(table, text, world).map(writeWork) };
  return defineController({
    name: "garbage-collector-controller",
    triggers: [
      {
        resource: "*",
        hints(next, old, resource) {
          if (IGNORED.has(resource)) return [];
          const own = next === undefined ? [] : dependentWork(table, next, old, resource);
          const work = [...own, ...unblockedWork(table, next, old), ...ownWork(next, old, resource, table)];
          return work.length === 0 ? [] : [...new Set(work.map(writeWork))];
        },
      },
    ],
    views: { objects: { resource: "*", project: viewGraph }, definitions: definitionView },
    expand,
    needs,
    reconcile(text, _root, world) {
      const work = readWork(text);
      if (work.do === "owner") return reconcileOwner(table, work, world);
      return work.do === "item" ? reconcileItem(table, work.item, world) : NOTHING;
    },
  });
}
