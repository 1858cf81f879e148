// Quality of service class of a pod (upstream: pkg/apis/core/helper/qos/qos.go).
import type { Pod, ResourceRequirements } from "../_generated/types.ts";
import { milli } from "./quantities.ts";

const COMPUTE = ["cpu", "memory"] as const;
type Sums = Record<(typeof COMPUTE)[number], number>;

export type QOSClass = "Guaranteed" | "Burstable" | "BestEffort";

/** The class that the pod's spec gives it. For a stored pod read status.qosClass. */
export function podQOSClass(pod: Pod): QOSClass {
  const requests: Sums = { cpu: 0, memory: 0 };
  const limits: Sums = { cpu: 0, memory: 0 };
  let guaranteed = true;
  const count = (resources: ResourceRequirements | undefined): void => {
    for (const name of COMPUTE) {
      const request = resources?.requests?.[name];
      const limit = resources?.limits?.[name];
      if (request !== undefined && milli(request) > 0) requests[name] += milli(request);
      if (limit !== undefined && milli(limit) > 0) limits[name] += milli(limit);
      else guaranteed = false;
    }
  };
  if (pod.spec?.resources) {
    count(pod.spec.resources);
    if (Object.keys(pod.spec.resources.limits ?? {}).length === 0) guaranteed = true;
  } else {
    for (const container of pod.spec?.containers ?? []) count(container.resources);
    for (const container of pod.spec?.initContainers ?? []) count(container.resources);
  }
  if (COMPUTE.every((name) => requests[name] === 0 && limits[name] === 0)) return "BestEffort";
  const equal = COMPUTE.every((name) => requests[name] === limits[name]);
  return guaranteed && equal ? "Guaranteed" : "Burstable";
}
