// NodeResourcesFit: what a pod requests must be left on the node; emptier nodes score more (upstream: plugins/noderesources/fit.go,
// least_allocated.go).
import { defineSchedulerPlugin, MAX_NODE_SCORE, type Refusal } from "../../../shared/scheduling/framework.ts";
import type { NodeInfo } from "../../../shared/scheduling/node-info.ts";
import type { PodShape } from "../../../shared/scheduling/views.ts";

const NAME = "NodeResourcesFit";

/** The answer for a node that has all; checked first because it is the usual one. */
function fits(shape: PodShape, node: NodeInfo): boolean {
  const { requested } = node;
  if (node.pods.size + 1 > node.allowedPods) return false;
  if ((shape.cpuMilli ?? 0) > 0 && (shape.cpuMilli ?? 0) > node.cpuMilli - requested.cpuMilli) return false;
  if ((shape.memory ?? 0) > 0 && (shape.memory ?? 0) > node.memory - requested.memory) return false;
  const storage = shape.ephemeralStorage ?? 0;
  if (storage > 0 && storage > node.ephemeralStorage - requested.ephemeralStorage) return false;
  for (const [name, value] of shape.scalars ?? []) {
    if (value > node.allocatable(name) - (requested.scalars.get(name) ?? 0)) return false;
  }
  return true;
}

function lacks(shape: PodShape, node: NodeInfo): Refusal {
  const { requested } = node;
  const reasons: string[] = [];
  let unresolvable = false;
  const ask = (name: string, wanted: number, capacity: number, used: number): void => {
    if (wanted <= 0 || wanted <= capacity - used) return;
    reasons.push(`Insufficient ${name}`);
    unresolvable ||= wanted > capacity;
  };
  if (node.pods.size + 1 > node.allowedPods) reasons.push("Too many pods");
  ask("cpu", shape.cpuMilli ?? 0, node.cpuMilli, requested.cpuMilli);
  ask("memory", shape.memory ?? 0, node.memory, requested.memory);
  ask("ephemeral-storage", shape.ephemeralStorage ?? 0, node.ephemeralStorage, requested.ephemeralStorage);
  for (const [name, value] of shape.scalars ?? []) ask(name, value, node.allocatable(name), requested.scalars.get(name) ?? 0);
  return { plugin: NAME, reasons, unresolvable };
}

const left = (requested: number, capacity: number): number => (requested > capacity ? 0 : Math.trunc(((capacity - requested) * MAX_NODE_SCORE) / capacity));

export const nodeResourcesFit = defineSchedulerPlugin({
  name: NAME,
  weight: 1,
  scope: "node",
  filter: (_state, shape, node) => (fits(shape, node) ? undefined : lacks(shape, node)),
  score(_state, shape, node) {
    const { requested, cpuMilli, memory } = node;
    let sum = 0;
    let weights = 0;
    if (cpuMilli > 0) {
      sum += left(requested.scoreCpuMilli + (shape.scoreCpuMilli ?? 0), cpuMilli);
      weights++;
    }
    if (memory > 0) {
      sum += left(requested.scoreMemory + (shape.scoreMemory ?? 0), memory);
      weights++;
    }
    return weights === 0 ? 0 : Math.trunc(sum / weights);
  },
  hint(event, pod) {
    if (event.on === "podRemoved" || event.on === "podUpdated") return event.node !== undefined;
    return event.on === "node" && (event.change.added || event.change.allocatable) && fits(pod.shape, event.node);
  },
});
