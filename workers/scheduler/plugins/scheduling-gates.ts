// SchedulingGates: a pod with gates does not enter the queue (upstream: plugins/schedulinggates).
import { defineSchedulerPlugin } from "../../../shared/scheduling/framework.ts";

export const schedulingGates = defineSchedulerPlugin({
  name: "SchedulingGates",
  scope: "node",
  preEnqueue: (pod) => (pod.gates?.length ? `waiting for scheduling gates: [${pod.gates.join(" ")}]` : undefined),
});
