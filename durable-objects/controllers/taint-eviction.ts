// taint-eviction-controller: deletes pods that do not tolerate a NoExecute taint of their node, or no longer do.
// As upstream: pkg/controller/tainteviction/taint_eviction.go.
import { equalJson } from "../../shared/base/json.ts";
import type { EpochMs } from "../../shared/base/ports.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Node, Pod, Taint, Toleration } from "../../shared/kinds/_generated/types.ts";
import { parseTime, rfc3339 } from "../../shared/meta/time.ts";
import { type Action, defineController, NOTHING, type Plan, type World } from "../../shared/reconcile/controller.ts";
import { toleratedSeconds } from "./_parts/node-taints.ts";
import { isDeleting, metaOf, nameOf, namespaceOf, plan, type Queries, seen, sooner, uidOf } from "./_parts/world.ts";

interface EvictView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly deleting: boolean;
  readonly tolerations: readonly Toleration[];
  /** Since when it is on its node. */
  readonly since: string;
}
function viewPod(object: KubeObject): EvictView {
  const pod = object as Pod;
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === "PodScheduled");
  return {
    namespace: namespaceOf(pod),
    name: nameOf(pod),
    uid: uidOf(pod),
    deleting: isDeleting(pod),
    tolerations: pod.spec?.tolerations ?? [],
    since: scheduled?.lastTransitionTime ?? metaOf(pod).creationTimestamp ?? "",
  };
}

const noExecute = (node: Node): Taint[] => (node.spec?.taints ?? []).filter((taint) => taint.effect === "NoExecute");

function evict(pod: EvictView, now: EpochMs): Action[] {
  const { namespace, name, uid } = pod;
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastTransitionTime: rfc3339(now),
  };
  return [
    {
      do: "event",
      about: { apiVersion: "v1", kind: "Pod", metadata: { namespace, name } },
      type: "Normal",
      reason: "TaintManagerEviction",
      message: `Marking for deletion Pod ${namespace}/${name}`,
    },
    {
      do: "patch",
      resource: "/pods",
      namespace,
      name,
      subresource: "status",
      type: "strategic",
      patch: { metadata: { uid }, status: { conditions: [condition] } },
    },
    { do: "delete", resource: "/pods", namespace, name, uid },
  ];
}

/** Writes down when a taint was first seen, should nobody have: the time that is tolerated counts from there. */
function dateTaints(node: Node, now: EpochMs): Action {
  const taints = (node.spec?.taints ?? []).map((taint) =>
    taint.effect === "NoExecute" && taint.timeAdded === undefined ? { ...taint, timeAdded: rfc3339(now) } : { ...taint },
  );
  const metadata = { uid: uidOf(node), resourceVersion: metaOf(node).resourceVersion ?? "" };
  return { do: "patch", resource: "/nodes", namespace: "", name: nameOf(node), type: "merge", patch: { metadata, spec: { taints } } };
}

function reconcile(node: Node, world: World, now: EpochMs): Plan {
  const taints = noExecute(node);
  if (taints.length === 0) return NOTHING;
  const since = Math.max(...taints.map((taint) => parseTime(taint.timeAdded ?? "") ?? now));
  const undated = taints.some((taint) => taint.timeAdded === undefined);
  const actions: Action[] = [];
  let next: number | undefined;
  for (const pod of seen<EvictView>(world, "pods")) {
    if (pod.deleting) continue;
    const seconds = toleratedSeconds(pod.tolerations, taints);
    if (seconds === undefined) continue;
    const wait = seconds === 0 ? 0 : Math.max(since, parseTime(pod.since) ?? since) + seconds * 1000 - now;
    if (wait <= 0) actions.push(...evict(pod, now));
    else next = sooner(next, wait);
  }
  if (undated && next !== undefined) actions.unshift(dateTaints(node, now));
  return plan(actions, next);
}

/** A pod that comes to a node, or tolerates something else. */
function podHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  const [spec, before] = [(next as Pod | undefined)?.spec, (old as Pod | undefined)?.spec];
  if (spec?.nodeName === undefined || spec.nodeName === "") return [];
  const settled = before?.nodeName === spec.nodeName && equalJson(before.tolerations, spec.tolerations);
  return settled ? [] : [`/${spec.nodeName}`];
}

export const taintEvictionController = defineController<Node>({
  name: "taint-eviction-controller",
  root: "/nodes",
  triggers: [
    {
      resource: "/nodes",
      hints(next, old) {
        if (next === undefined) return [];
        const taints = noExecute(next as Node);
        return taints.length === 0 || (old !== undefined && equalJson(taints, noExecute(old as Node))) ? [] : [`/${nameOf(next)}`];
      },
    },
    // No node is born with a taint.
    { resource: "/pods", patient: true, dormantWithout: "/nodes", hints: podHints },
  ],
  views: { pods: { resource: "/pods", project: viewPod } },
  needs(_key, node): Queries {
    if (node === undefined || noExecute(node).length === 0) return {};
    return { pods: { view: "pods", field: { path: "spec.nodeName", value: nameOf(node) } } };
  },
  reconcile: (_key, node, world, now) => (node === undefined ? NOTHING : reconcile(node, world, now)),
});
