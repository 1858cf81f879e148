// PrioritySort: higher priority first, then who waits longer (upstream: plugins/queuesort/priority_sort.go).
import { defineSchedulerPlugin } from "../../../shared/scheduling/framework.ts";

export const prioritySort = defineSchedulerPlugin({
  name: "PrioritySort",
  scope: "node",
  queueSort: (a, b) => b.pod.priority - a.pod.priority || a.since - b.since,
});
