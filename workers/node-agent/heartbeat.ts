// The derived heartbeat: a simulated node is alive by definition, until its Node is annotated to fall silent; then it does what a
// crashed machine does. Nothing beats while all is well.
import type { Json } from "../../shared/base/json.ts";
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Node, NodeCondition } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { parseTime, rfc3339 } from "../../shared/meta/time.ts";
import { type Action, defineController, keyOf, NOTHING, type Plan } from "../../shared/reconcile/controller.ts";
import { nodeConfig, nodeObject } from "./node-object.ts";

/** Any value but "" and "false" makes the node's agent stop: no status, no starts, no stops, no answers. */
export const SILENT = "paperplane.dev/silent";
/** When it was first found silent: the time of its last heartbeat. */
const SINCE = "paperplane.dev/silent-since";
/** As kube-controller-manager --node-monitor-grace-period (50 s since 1.32). */
const GRACE_MS = 50_000;
const UNKNOWN = { reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };

export function isSilent(node: KubeObject): boolean {
  const value = node.metadata?.annotations?.[SILENT] ?? "";
  return value !== "" && value !== "false";
}
const readyOf = (node: Node): NodeCondition | undefined => node.status?.conditions?.find(({ type }) => type === "Ready");
const isLost = (node: Node): boolean => readyOf(node)?.status === "Unknown" && readyOf(node)?.reason === UNKNOWN.reason;

function patch(node: Node, body: Record<string, unknown>, subresource?: "status"): Action {
  const { name = "", uid = "" } = node.metadata ?? {};
  const { metadata, ...rest } = body as { metadata?: object };
  const whole = { metadata: { uid, ...metadata }, ...rest } as unknown as Json;
  return { do: "patch", resource: "/nodes", namespace: "", name, type: "merge", patch: whole, ...(subresource ? { subresource } : {}) };
}

/** As upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go tryUpdateNodeHealth. */
function lose(node: Node, since: EpochMs, now: EpochMs): Action {
  const conditions = (node.status?.conditions ?? []).map((condition) => ({
    ...condition,
    status: "Unknown",
    ...UNKNOWN,
    lastHeartbeatTime: rfc3339(since),
    lastTransitionTime: rfc3339(now),
  }));
  return patch(node, { status: { conditions } }, "status");
}

function silence(node: Node, now: EpochMs): Plan {
  const since = parseTime(node.metadata?.annotations?.[SINCE] ?? "");
  if (since === undefined) return { actions: [patch(node, { metadata: { annotations: { [SINCE]: rfc3339(now) } } })], requeueAfterMs: GRACE_MS };
  if (isLost(node)) return NOTHING;
  const left = since + GRACE_MS - now;
  return left > 0 ? { actions: [], requeueAfterMs: left } : { actions: [lose(node, since, now)] };
}

/** It speaks again: its conditions are what a healthy kubelet says. */
function speak(node: Node, now: EpochMs): Plan {
  const actions: Action[] = [];
  if (isLost(node)) {
    const { status = {} } = nodeObject(nodeConfig(node.metadata?.name ?? "", { profile: "instant" }), now);
    actions.push(patch(node, { status: { conditions: status.conditions } }, "status"));
  }
  if (node.metadata?.annotations?.[SINCE] !== undefined) actions.push(patch(node, { metadata: { annotations: { [SINCE]: null } } }));
  return { actions };
}

export const nodeHeartbeatController = defineController<Node & KubeObject>({
  name: "node-heartbeat",
  component: "kubelet",
  root: "/nodes",
  triggers: [
    { resource: "/nodes", hints: (next) => (next && (isSilent(next) || isLost(next as Node) || next.metadata?.annotations?.[SINCE]) ? [keyOf(next)] : []) },
  ],
  views: {},
  needs: () => ({}),
  reconcile(_key, node, _world, now): Plan {
    if (!node || node.metadata?.deletionTimestamp) return NOTHING;
    return isSilent(node) ? silence(node, now) : speak(node, now);
  },
});
