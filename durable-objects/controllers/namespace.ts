// namespace-controller: empties a namespace that is being deleted, pods first, then lets it go.
// As upstream: pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { AnyController } from "../../shared/reconcile/controller.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Namespace, Pod } from "../../shared/kinds/_generated/types.ts";
import { parseTime } from "../../shared/meta/time.ts";
import { defineController, NOTHING, type Plan, type World } from "../../shared/reconcile/controller.ts";
import { namespaceConditions, type Remains } from "./_parts/namespace-conditions.ts";
import { definitionQuery, definitionView, groupOf, type ResourceFacts, resourceId, type ResourceTable, resourceTable } from "./_parts/resource-table.ts";
import { statusPatch } from "./_parts/status-patch.ts";
import { failureOf, isDeleting, metaOf, nameOf, namespaceOf, plan, type Queries, seen } from "./_parts/world.ts";

const NAMESPACES = "/namespaces";
const FINALIZER = "kubernetes";

interface ContentView {
  readonly apiVersion: string;
  readonly kind: string;
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
  /** Seconds that a pod which still runs may take to end; 0 for everything else. */
  readonly grace: number;
}
interface Content {
  readonly facts: ResourceFacts;
  readonly items: readonly ContentView[];
}

function viewContent(object: KubeObject): ContentView {
  const pod = object.kind === "Pod" && object.apiVersion === "v1" ? (object as Pod) : undefined;
  const ended = pod?.status?.phase === "Succeeded" || pod?.status?.phase === "Failed";
  return {
    apiVersion: object.apiVersion ?? "",
    kind: object.kind ?? "",
    deleting: isDeleting(object),
    finalizers: metaOf(object).finalizers ?? [],
    grace: pod === undefined || ended ? 0 : (pod.spec?.terminationGracePeriodSeconds ?? 0),
  };
}

function contents(table: ResourceTable, world: World): Content[] {
  const custom = seen<ResourceFacts>(world, "definitions");
  const byKind = new Map<string, { facts: ResourceFacts; items: ContentView[] }>();
  for (const item of seen<ContentView>(world, "content")) {
    const group = groupOf(item.apiVersion);
    const key = `${group}/${item.kind}`;
    const known = byKind.get(key);
    const facts = known?.facts ?? table.find(group, item.kind, custom);
    if (facts === undefined) continue;
    if (known) known.items.push(item);
    else byKind.set(key, { facts, items: [item] });
  }
  return [...byKind.values()].sort((a, b) => (resourceId(a.facts) < resourceId(b.facts) ? -1 : 1));
}

function remainsOf(ns: Namespace, left: readonly Content[], now: EpochMs): Remains {
  const resources = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const errors: string[] = [];
  const age = now - (parseTime(metaOf(ns).deletionTimestamp ?? "") ?? now);
  for (const { facts, items } of left) {
    resources.set(`${facts.resource}.${facts.group}`, items.length);
    for (const finalizer of items.flatMap((item) => item.finalizers)) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    }
    const grace = Math.max(...items.map((item) => item.grace)) * 1000;
    if (items.some((item) => item.finalizers.length > 0) || age < grace) continue;
    const gvr = `${facts.group}/${facts.version}, Resource=${facts.resource}`;
    errors.push(`unexpected items still remain in namespace: ${nameOf(ns)} for gvr: ${gvr}`);
  }
  return { resources, finalizers, errors };
}

function sayWhatRemains(ns: Namespace, remains: Remains, now: EpochMs): Plan["actions"] {
  const conditions = namespaceConditions(ns.status?.conditions, remains, now);
  return statusPatch(NAMESPACES, ns, { ...ns.status, phase: "Terminating", conditions });
}

function empty(ns: Namespace, left: readonly Content[], world: World, now: EpochMs): Plan {
  const isPods = ({ facts }: Content): boolean => facts.group === "" && facts.resource === "pods";
  const pods = left.filter(isPods);
  // Nothing that pods may need goes before they are gone.
  const present = pods.length > 0 ? pods : left;
  const failure = failureOf(world);
  if (failure !== undefined) {
    return plan(sayWhatRemains(ns, { ...remainsOf(ns, present, now), errors: [failure.status.message ?? ""] }, now));
  }
  const doomed = present.filter(({ items }) => items.some((item) => !item.deleting));
  if (doomed.length > 0) {
    const actions = doomed.map(({ facts }) => ({ do: "deleteCollection", resource: resourceId(facts), namespace: nameOf(ns) }) as const);
    return plan(actions, 0);
  }
  const remains = remainsOf(ns, present, now);
  // While pods are ending, only what went wrong is said.
  const none: ReadonlyMap<string, number> = new Map();
  const said = pods.length > 0 ? { resources: none, finalizers: none, errors: remains.errors } : remains;
  const deleted = parseTime(metaOf(ns).deletionTimestamp ?? "") ?? now;
  const overdue = Math.max(0, ...present.flatMap(({ items }) => items.map((item) => deleted + item.grace * 1000 - now)));
  return plan(sayWhatRemains(ns, said, now), overdue > 0 ? overdue : undefined);
}

function reconcile(table: ResourceTable, ns: Namespace, world: World, now: EpochMs): Plan {
  const finalizers = ns.spec?.finalizers ?? [];
  if (!isDeleting(ns) || !finalizers.includes(FINALIZER)) return NOTHING;
  const left = contents(table, world);
  if (left.length > 0) return empty(ns, left, world, now);
  const others = finalizers.filter((finalizer) => finalizer !== FINALIZER);
  // Somebody else holds it still, or something was said that is no longer true: leave the truth behind.
  if (others.length > 0 || (metaOf(ns).finalizers ?? []).length > 0 || ns.status?.conditions !== undefined) {
    const said = sayWhatRemains(ns, { resources: new Map(), finalizers: new Map(), errors: [] }, now);
    if (said.length > 0) return plan(said);
  }
  const object: Namespace = { ...ns, spec: { ...ns.spec, finalizers: others } };
  return plan([{ do: "update", resource: NAMESPACES, subresource: "finalize", object }]);
}

/** `resources`: the built-in resources, so that an object's kind tells how to delete its like. */
export function namespaceController(resources: readonly ResourceFacts[]): AnyController {
  const table = resourceTable(resources);
  return defineController<Namespace>({
    name: "namespace-controller",
    root: NAMESPACES,
    triggers: [
      { resource: NAMESPACES, hints: (next) => (next !== undefined && isDeleting(next) ? [`/${nameOf(next)}`] : []) },
      {
        // What was waiting for a finalizer or its grace period is gone; what goes at once is seen in the next round anyway.
        resource: "*",
        hints: (next, old) => (next === undefined && old !== undefined && isDeleting(old) && namespaceOf(old) !== "" ? [`/${namespaceOf(old)}`] : []),
      },
    ],
    views: { content: { resource: "*", project: viewContent }, definitions: definitionView },
    needs(_key, ns): Queries {
      if (ns === undefined || !isDeleting(ns) || !(ns.spec?.finalizers ?? []).includes(FINALIZER)) return {};
      return { content: { view: "content", namespace: nameOf(ns) }, definitions: definitionQuery };
    },
    reconcile: (_key, ns, world, now) => (ns === undefined ? NOTHING : reconcile(table, ns, world, now)),
  });
}
