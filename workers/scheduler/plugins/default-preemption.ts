// DefaultPreemption: makes room by evicting pods of lower priority (upstream: plugins/defaultpreemption).
import { defineSchedulerPlugin } from "../../../shared/scheduling/framework.ts";
import { preempt } from "../preemption.ts";

export const defaultPreemption = defineSchedulerPlugin({
  name: "DefaultPreemption",
  scope: "node",
  prepare: () => ({ is: "skip" }),
  postFilter(context) {
    const answer = preempt(context);
    return { ...answer, reasons: answer.reasons.map((reason) => `preemption: ${reason}`) };
  },
});
