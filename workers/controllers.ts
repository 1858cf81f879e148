// All controllers of a cluster: those of kube-controller-manager, and the simulated kubelets' registration of nodes.
import { CONTROLLERS } from "../durable-objects/controllers/index.ts";
import type { AnyController } from "../shared/reconcile/controller.ts";
import { nodeHeartbeatController } from "./node-agent/heartbeat.ts";
import { nodeRegistrarController } from "./node-agent/registrar.ts";

export const ALL_CONTROLLERS: readonly AnyController[] = [...CONTROLLERS, nodeRegistrarController, nodeHeartbeatController];
