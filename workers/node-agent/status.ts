// The status of a pod as the kubelet writes it. As upstream: kubelet_pods.go generateAPIPodStatus.
import { podQOSClass } from "../../shared/kinds/_parts/qos.ts";
import { aggregateResources } from "../../shared/kinds/_parts/resource-sums.ts";
import type { Pod, PodStatus } from "../../shared/kinds/_generated/types.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import { podConditions, podPhase } from "./conditions.ts";
import { containerStatus } from "./container-status.ts";
import type { StatusPlace } from "./container-status.ts";
import type { NodeConfig } from "../../shared/sim/node.ts";

const NONE: Pick<PodStatus, "resources"> = { resources: {} };

/** Resources of the whole pod: what its containers (or the pod itself) ask for together. */
function podResources(pod: Pod): Pick<PodStatus, "allocatedResources" | "resources"> {
  const { spec = {} } = pod;
  const own = spec.resources;
  const asks =
    own !== undefined || [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some((one) => one.resources?.requests ?? one.resources?.limits);
  if (!asks) return NONE;
  const requests = { ...aggregateResources(spec, "requests"), ...own?.requests };
  const limits = { ...aggregateResources(spec, "limits"), ...own?.limits };
  const some = (list: object): boolean => Object.keys(list).length > 0;
  return {
    ...(some(requests) ? { allocatedResources: requests } : {}),
    resources: { ...(some(limits) ? { limits } : {}), ...(some(requests) ? { requests } : {}) },
  };
}
const byName = (a: { name?: string }, b: { name?: string }): number => ((a.name ?? "") < (b.name ?? "") ? -1 : 1);

export function generateStatus(place: StatusPlace & { readonly config: NodeConfig }): PodStatus {
  const { pod, record, config } = place;
  const { spec = {} } = pod;
  const ip = spec.hostNetwork ? config.ip : record.mounted || record.ip !== undefined ? record.ip : undefined;
  const lost = record.done && (spec.initContainers?.length ?? 0) === 0;
  const main = (spec.containers ?? []).map((one) => containerStatus(one, "main", place, lost)).sort(byName);
  const init = (spec.initContainers ?? []).map((one) => containerStatus(one, "init", place, false));
  const ephemeral = (spec.ephemeralContainers ?? []).map((one) => containerStatus(one, "main", place, false)).sort(byName);
  const generation = pod.metadata?.generation;
  const { reason, message } = record.failed ?? {};
  return {
    ...podResources(pod),
    conditions: podConditions(place, rfc3339),
    containerStatuses: main,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    hostIP: config.ip,
    hostIPs: [{ ip: config.ip }],
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    ...(message === undefined ? {} : { message }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase: podPhase(place),
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    qosClass: pod.status?.qosClass ?? podQOSClass(pod),
    ...(reason === undefined ? {} : { reason }),
    startTime: rfc3339(record.startTime),
  };
}
