// The subsets of an Endpoints object: pods by the ports they answer on. As upstream: pkg/api/v1/endpoints/util.go RepackSubsets,
// pkg/controller/endpoint/endpoints_controller.go truncateEndpoints.
import type { EndpointAddress, EndpointSubset, EndpointPort, Service } from "../../../shared/kinds/_generated/types.ts";
import { ipFamily } from "../../../shared/meta/ip.ts";
import { stableJson } from "../../../shared/meta/hash.ts";
import { compareText } from "../../../shared/meta/text.ts";
import { belongs, type EndpointPod, findPort, hostnameFor } from "./endpoint-pods.ts";

const CAPACITY_MAX = 1000;

/** The family of a Service is that of its first address, or IPv4. */
function familyOf(service: Service): 4 | 6 {
  const [declared] = service.spec?.ipFamilies ?? [];
  if (declared !== undefined) return declared === "IPv6" ? 6 : 4;
  return ipFamily(service.spec?.clusterIP ?? "") ?? 4;
}

function addressOf(service: Service, pod: EndpointPod): EndpointAddress | undefined {
  const ip = pod.ips.find((candidate) => ipFamily(candidate) === familyOf(service));
  if (ip === undefined) return undefined;
  const hostname = hostnameFor(pod, service);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    nodeName: pod.nodeName,
    targetRef: { kind: "Pod", namespace: pod.namespace, name: pod.name, uid: pod.uid },
  };
}

/** undefined: the pod answers on none of the ports. */
function portsOf(service: Service, pod: EndpointPod): EndpointPort[] | undefined {
  const wanted = service.spec?.ports ?? [];
  if (wanted.length === 0) return service.spec?.clusterIP === "None" ? [] : undefined;
  const ports = wanted.flatMap((port): EndpointPort[] => {
    const number = findPort(pod, port);
    if (number === undefined) return [];
    const { name, protocol = "TCP", appProtocol } = port;
    return [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
  return ports.length === 0 ? undefined : ports.sort((a, b) => compareText(stableJson(a), stableJson(b)));
}

const byAddress = (a: EndpointAddress, b: EndpointAddress): number =>
  compareText(a.ip ?? "", b.ip ?? "") || compareText(a.targetRef?.uid ?? "", b.targetRef?.uid ?? "");

export function subsetsOf(service: Service, pods: readonly EndpointPod[]): EndpointSubset[] {
  const tolerant = service.spec?.publishNotReadyAddresses === true;
  const subsets = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const pod of pods) {
    if (!belongs(pod, { terminatingToo: tolerant })) continue;
    const address = addressOf(service, pod);
    const ports = portsOf(service, pod);
    if (address === undefined || ports === undefined) continue;
    const key = stableJson(ports);
    const subset = subsets.get(key) ?? { ports, ready: [], notReady: [] };
    subsets.set(key, subset);
    (tolerant || pod.ready ? subset.ready : subset.notReady).push(address);
  }
  return [...subsets]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { ports, ready, notReady }]) => ({
      ...(ready.length > 0 ? { addresses: ready.sort(byAddress) } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady.sort(byAddress) } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }));
}

const count = (subsets: readonly EndpointSubset[], key: "addresses" | "notReadyAddresses"): number =>
  subsets.reduce((total, subset) => total + (subset[key]?.length ?? 0), 0);
export const isOverCapacity = (subsets: readonly EndpointSubset[]): boolean => count(subsets, "addresses") + count(subsets, "notReadyAddresses") > CAPACITY_MAX;

/** At most 1,000 addresses, ready ones first, shared between the subsets in proportion. */
export function truncated(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  if (!isOverCapacity(subsets)) return subsets;
  const ready = count(subsets, "addresses");
  const key = ready > CAPACITY_MAX ? "addresses" : "notReadyAddresses";
  const max = ready > CAPACITY_MAX ? CAPACITY_MAX : CAPACITY_MAX - ready;
  const total = count(subsets, key);
  let room = max;
  return subsets.map((subset): EndpointSubset => {
    const share = Math.ceil(((subset[key]?.length ?? 0) / total) * max);
    const kept = (subset[key] ?? []).slice(0, Math.min(share, room));
    room -= kept.length;
    const { notReadyAddresses: _dropped, ...rest } = subset;
    if (key === "addresses") return { ...rest, addresses: kept };
    return kept.length > 0 ? { ...rest, notReadyAddresses: kept } : rest;
  });
}
