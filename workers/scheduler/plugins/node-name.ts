// NodeName: a pod that names its node goes nowhere else. Such pods are already bound when the scheduler sees them, so there
// is nothing left to refuse; it is listed because profiles and messages name it (upstream: plugins/nodename).
import { defineSchedulerPlugin } from "../../../shared/scheduling/framework.ts";

export const nodeName = defineSchedulerPlugin({ name: "NodeName", scope: "node", prepare: () => ({ is: "skip" }) });
