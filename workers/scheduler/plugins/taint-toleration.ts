// TaintToleration: NoSchedule and NoExecute taints keep pods off, PreferNoSchedule ones cost score (upstream: plugins/tainttoleration).
import { defineSchedulerPlugin, unresolvable } from "../../../shared/scheduling/framework.ts";
import { keepsOff, toleratesAll } from "../../../shared/scheduling/node-terms.ts";
import { normalizeReversed } from "../normalize.ts";

const REFUSAL = unresolvable("TaintToleration", "node(s) had untolerated taint(s)");

export const taintToleration = defineSchedulerPlugin({
  name: "TaintToleration",
  weight: 3,
  scope: "node",
  filter: (_state, shape, node) => (node.taints.length > 0 && keepsOff(node.taints, shape.tolerations) ? REFUSAL : undefined),
  score(_state, shape, node) {
    if (node.taints.length === 0) return 0;
    const soft = (shape.tolerations ?? []).filter((one) => !one.effect || one.effect === "PreferNoSchedule");
    return node.taints.filter((taint) => taint.effect === "PreferNoSchedule" && !toleratesAll(soft, taint)).length;
  },
  normalize: (_state, scores, count) => normalizeReversed(scores, count),
  hint: (event, pod) => event.on === "node" && (event.change.added || event.change.taints) && !keepsOff(event.node.taints, pod.shape.tolerations),
});
