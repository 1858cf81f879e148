// NodeResourcesBalancedAllocation: prefers nodes whose CPU and memory would be used more evenly than before
// (upstream: plugins/noderesources/balanced_allocation.go).
import { defineSchedulerPlugin, MAX_NODE_SCORE } from "../../../shared/scheduling/framework.ts";
import type { NodeInfo } from "../../../shared/scheduling/node-info.ts";

/** 100 when CPU and memory are used to the same fraction, less the further they are apart. */
function balance(node: NodeInfo, cpuMilli: number, memory: number): number {
  if (node.cpuMilli === 0 || node.memory === 0) return MAX_NODE_SCORE;
  const cpu = Math.min(cpuMilli / node.cpuMilli, 1);
  const ram = Math.min(memory / node.memory, 1);
  return Math.trunc((1 - Math.abs((cpu - ram) / 2)) * MAX_NODE_SCORE);
}

export const nodeResourcesBalancedAllocation = defineSchedulerPlugin<undefined>({
  name: "NodeResourcesBalancedAllocation",
  weight: 1,
  scope: "node",
  prepare: (shape) => (shape.cpuMilli || shape.memory ? { is: "ready", state: undefined } : { is: "skip" }),
  score(_state, shape, node) {
    const { requested } = node;
    const after = balance(node, requested.cpuMilli + (shape.cpuMilli ?? 0), requested.memory + (shape.memory ?? 0));
    const before = balance(node, requested.cpuMilli, requested.memory);
    return MAX_NODE_SCORE / 2 + Math.trunc((MAX_NODE_SCORE / 2 + after - before) / 2);
  },
});
