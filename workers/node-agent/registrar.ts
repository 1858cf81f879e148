// Brings Node objects that somebody else made to life: a simulated kubelet reports for them, too. Nodes that report are left alone.
import { defineController, keyOf, NOTHING, type Plan } from "../../shared/reconcile/controller.ts";
import type { Json } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Node } from "../../shared/kinds/_generated/types.ts";
import { nodeConfig, nodeObject } from "./node-object.ts";

const reports = (node: Node): boolean => node.status?.conditions?.some(({ type }) => type === "Ready") ?? false;
const hasEntries = (map: object | undefined): boolean => Object.keys(map ?? {}).length > 0;

export const nodeRegistrarController = defineController<Node & KubeObject>({
  name: "node-registrar",
  root: "/nodes",
  triggers: [{ resource: "/nodes", hints: (next) => (next && !reports(next as Node) ? [keyOf(next)] : []) }],
  views: {},
  needs: () => ({}),
  reconcile(_key, node, _world, now): Plan {
    if (!node || reports(node) || node.metadata?.deletionTimestamp) return NOTHING;
    const { name = "", uid = "" } = node.metadata ?? {};
    const podCIDR = node.spec?.podCIDR;
    const { status = {} } = nodeObject(nodeConfig(name, { profile: "instant", uid, ...(podCIDR ? { podCIDR } : {}) }), now);
    const said = node.status ?? {};
    // What its maker said about the machine stands: capacity planning lives from it.
    const capacity = hasEntries(said.capacity) ? said.capacity : hasEntries(said.allocatable) ? said.allocatable : status.capacity;
    const allocatable = hasEntries(said.allocatable) ? said.allocatable : capacity;
    const patch = { metadata: { uid }, status: { ...status, capacity, allocatable } } as unknown as Json;
    return { actions: [{ do: "patch", resource: "/nodes", namespace: "", name, subresource: "status", type: "merge", patch }] };
  },
});
