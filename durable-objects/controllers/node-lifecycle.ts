// node-lifecycle-controller: taints nodes by their conditions, and says of pods on a lost node that they are not ready.
// A simulated node's heartbeat is derived, so nothing is watched for silence here: whoever makes a node fail sets its Ready condition.
// As upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Node, Taint } from "../../shared/kinds/_generated/types.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import { type Action, defineController, NOTHING, type Plan, type World } from "../../shared/reconcile/controller.ts";
import { correctedTaints, isUnready, readyStatus } from "./_parts/node-taints.ts";
import { type PodView, podView } from "./_parts/pod-view.ts";
import { labelsOf, metaOf, nameOf, plan, type Queries, seen, typed, uidOf } from "./_parts/world.ts";

const NODES = "/nodes";
/** A hint: every node that is not ready. */
const UNREADY = "*";
/** Old names of labels that follow the new ones. */
const LABELS: readonly (readonly [primary: string, secondary: string])[] = [
  ["kubernetes.io/os", "beta.kubernetes.io/os"],
  ["kubernetes.io/arch", "beta.kubernetes.io/arch"],
];

interface NodeView {
  readonly name: string;
  readonly unready: boolean;
}
const viewNode = (object: KubeObject): NodeView => ({ name: nameOf(object), unready: isUnready(readyStatus(object as Node)) });

/** Once, as the node is lost: a node's agent that still lives has the last word about its pods. */
function loseNode(node: Node, pods: readonly PodView[], now: EpochMs): Action[] {
  const message = `Node ${nameOf(node)} status is now: NodeNotReady`;
  const lost = pods.filter((pod) => pod.ready);
  return [
    ...lost.flatMap((pod): Action[] => [
      {
        do: "patch",
        resource: "/pods",
        namespace: pod.namespace,
        name: pod.name,
        subresource: "status",
        type: "strategic",
        patch: {
          metadata: { uid: pod.uid },
          status: { conditions: [{ type: "Ready", status: "False", lastTransitionTime: rfc3339(now) }] },
        },
      },
      {
        do: "event",
        about: { apiVersion: "v1", kind: "Pod", metadata: { namespace: pod.namespace, name: pod.name, uid: pod.uid } },
        type: "Warning",
        reason: "NodeNotReady",
        message: "Node is not ready",
      },
    ]),
    { do: "event", about: typed(node, "v1", "Node"), type: "Normal", reason: "NodeNotReady", message },
  ];
}

function labelChanges(node: Node): Record<string, string> {
  const labels = labelsOf(node);
  const changes: Record<string, string> = {};
  for (const [primary, secondary] of LABELS) {
    const value = labels[primary];
    if (value !== undefined && labels[secondary] !== value) changes[secondary] = value;
  }
  return changes;
}

const isNotReadyTaint = (taint: Taint): boolean =>
  taint.effect === "NoSchedule" && (taint.key?.endsWith("/not-ready") === true || taint.key?.endsWith("/unreachable") === true);

function reconcile(node: Node, world: World, now: EpochMs): Plan {
  const unready = isUnready(readyStatus(node));
  // When no node at all is ready, it is the control plane that is cut off: nobody is sent away.
  const evict = unready && seen<NodeView>(world, "nodes").some((other) => !other.unready);
  const taints = correctedTaints(node, { evict }, now);
  const labels = labelChanges(node);
  const relabel = Object.keys(labels).length > 0;
  if (taints === undefined && !relabel) return NOTHING;
  const lost = unready && !(node.spec?.taints ?? []).some(isNotReadyTaint);
  const change: Action = {
    do: "patch",
    resource: NODES,
    namespace: "",
    name: nameOf(node),
    type: "merge",
    patch: {
      metadata: { uid: uidOf(node), resourceVersion: metaOf(node).resourceVersion ?? "", ...(relabel ? { labels } : {}) },
      ...(taints === undefined ? {} : { spec: { taints: taints.length > 0 ? taints.map((taint) => ({ ...taint })) : null } }),
    },
  };
  return plan([...(lost ? loseNode(node, seen<PodView>(world, "pods"), now) : []), change]);
}

function hints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  const before = old && viewNode(old).unready;
  const after = next && viewNode(next).unready;
  // One node that comes back or goes changes the judgement about all.
  const turned = before !== after && (old !== undefined || after === false);
  return [...(next === undefined ? [] : [`/${nameOf(next)}`]), ...(turned ? [UNREADY] : [])];
}

export const nodeLifecycleController = defineController<Node>({
  name: "node-lifecycle-controller",
  component: "node-controller",
  root: NODES,
  triggers: [{ resource: NODES, hints }],
  views: { nodes: { resource: NODES, project: viewNode }, pods: podView },
  expand: {
    needs: (hint): Queries | undefined => (hint === UNREADY ? { nodes: { view: "nodes" } } : undefined),
    keys: (_hint, world) => seen<NodeView>(world, "nodes").flatMap((node) => (node.unready ? [`/${node.name}`] : [])),
  },
  needs(_key, node): Queries {
    if (node === undefined || !isUnready(readyStatus(node))) return {};
    return { nodes: { view: "nodes" }, pods: { view: "pods", field: { path: "spec.nodeName", value: nameOf(node) } } };
  },
  reconcile: (_key, node, world, now) => (node === undefined ? NOTHING : reconcile(node, world, now)),
});
