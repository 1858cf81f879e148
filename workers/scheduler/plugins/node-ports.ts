// NodePorts: a host port is taken once on each address of a node (upstream: plugins/nodeports).
import { defineSchedulerPlugin, refusal } from "../../../shared/scheduling/framework.ts";

const REFUSAL = refusal("NodePorts", "node(s) didn't have free ports for the requested pod ports");

export const nodePorts = defineSchedulerPlugin<undefined>({
  name: "NodePorts",
  scope: "node",
  prepare: (shape) => (shape.hostPorts ? { is: "ready", state: undefined } : { is: "skip" }),
  filter: (_state, shape, node) => (node.portsClash(shape.hostPorts ?? []) ? REFUSAL : undefined),
  hint(event, pod) {
    if (event.on === "node") return event.change.added;
    if (event.on !== "podRemoved") return false;
    const freed = event.pod.shape.hostPorts ?? [];
    return (pod.shape.hostPorts ?? []).some((want) => freed.some((port) => port.port === want.port && port.protocol === want.protocol));
  },
});
