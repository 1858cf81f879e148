// NodeUnschedulable: cordoned nodes take only pods that tolerate it (upstream: plugins/nodeunschedulable).
import { defineSchedulerPlugin, unresolvable } from "../../../shared/scheduling/framework.ts";
import { toleratesAll } from "../../../shared/scheduling/node-terms.ts";

const TAINT = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
const REFUSAL = unresolvable("NodeUnschedulable", "node(s) were unschedulable");

export const nodeUnschedulable = defineSchedulerPlugin({
  name: "NodeUnschedulable",
  scope: "node",
  filter: (_state, shape, node) => (node.view.unschedulable && !toleratesAll(shape.tolerations, TAINT) ? REFUSAL : undefined),
  hint: (event) => event.on === "node" && (event.change.added || event.change.taints || event.change.unschedulable) && !event.node.view.unschedulable,
});
