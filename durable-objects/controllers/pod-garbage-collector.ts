// pod-garbage-collector-controller: removes pods whose node is gone or out of service; nobody else would end them.
// As upstream: pkg/controller/podgc/gc_controller.go. Upstream waits 40 s after a node's end, to be sure of it; the stores here are
// consistent, so only pods that name a node which never was are given that time.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Node, Pod } from "../../shared/kinds/_generated/types.ts";
import { parseTime, rfc3339 } from "../../shared/meta/time.ts";
import { type Action, defineController, type Plan, splitKey, type World } from "../../shared/reconcile/controller.ts";
import { OUT_OF_SERVICE, readyStatus } from "./_parts/node-taints.ts";
import { isTerminal, type PodView, podView } from "./_parts/pod-view.ts";
import { isDeleting, nameOf, plan, type Queries, seen } from "./_parts/world.ts";

const QUARANTINE_MS = 40_000;

function remove(pod: PodView, now: EpochMs, options: { readonly nodeGone: boolean }): Action[] {
  const { namespace, name, uid } = pod;
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByPodGC",
    message: "PodGC: node no longer exists",
    lastTransitionTime: rfc3339(now),
  };
  const status = { phase: "Failed", ...(options.nodeGone ? { conditions: [condition] } : {}) };
  const patch = { metadata: { uid }, status };
  const failed: Action = { do: "patch", resource: "/pods", namespace, name, subresource: "status", type: "strategic", patch };
  return [...(isTerminal(pod) ? [] : [failed]), { do: "delete", resource: "/pods", namespace, name, uid, gracePeriodSeconds: 0 }];
}

const isOutOfService = (node: Node): boolean => readyStatus(node) !== "True" && (node.spec?.taints ?? []).some((taint) => taint.key === OUT_OF_SERVICE);

function reconcile(node: Node | undefined, world: World, now: EpochMs): Plan {
  const pods = seen<PodView>(world, "pods");
  if (node !== undefined) {
    const doomed = isOutOfService(node) ? pods.filter((pod) => pod.deletionTimestamp !== undefined) : [];
    return plan(doomed.flatMap((pod) => remove(pod, now, { nodeGone: false })));
  }
  const age = (pod: PodView): number => now - (parseTime(pod.creationTimestamp) ?? 0);
  const old = pods.filter((pod) => age(pod) >= QUARANTINE_MS);
  const waits = pods.filter((pod) => age(pod) < QUARANTINE_MS).map((pod) => QUARANTINE_MS - age(pod));
  return plan(
    old.flatMap((pod) => remove(pod, now, { nodeGone: true })),
    waits.length > 0 ? Math.min(...waits) : undefined,
  );
}

function podHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  const name = (next as Pod | undefined)?.spec?.nodeName ?? "";
  if (next === undefined || name === "") return [];
  const ends = isDeleting(next) && (old === undefined || !isDeleting(old));
  // A pod may be bound to a node in the moment in which the node is removed.
  const bound = (old as Pod | undefined)?.spec?.nodeName !== name;
  return bound || ends ? [`/${name}`] : [];
}

export const podGarbageCollectorController = defineController<Node>({
  name: "pod-garbage-collector-controller",
  root: "/nodes",
  triggers: [
    {
      resource: "/nodes",
      hints(next, old) {
        if (next === undefined) return old === undefined ? [] : [`/${nameOf(old)}`];
        return isOutOfService(next as Node) ? [`/${nameOf(next)}`] : [];
      },
    },
    { resource: "/pods", patient: true, hints: podHints },
  ],
  views: { pods: podView },
  needs(key, node): Queries {
    if (node !== undefined && !isOutOfService(node)) return {};
    return { pods: { view: "pods", field: { path: "spec.nodeName", value: splitKey(key).name } } };
  },
  reconcile: (_key, node, world, now) => reconcile(node, world, now),
});
