// DynamicResources: resource claims are not scheduled for yet; only what it adds to the message of a pod without claims
// (upstream: plugins/dynamicresources PostFilter, which comes before preemption and fails when no claim was looked at).
import { defineSchedulerPlugin } from "../../../shared/scheduling/framework.ts";

export const dynamicResources = defineSchedulerPlugin({
  name: "DynamicResources",
  scope: "node",
  prepare: () => ({ is: "skip" }),
  postFilter: ({ refusalOf }) => (refusalOf ? { reasons: ["no new claims to deallocate"] } : { reasons: ["not found"], stop: true }),
});
