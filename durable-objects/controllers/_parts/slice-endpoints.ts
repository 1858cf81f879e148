// What the EndpointSlices of a Service should hold. As upstream: k8s.io/endpointslice utils.go podToEndpoint, trafficdist.
import type { DiscoveryV1EndpointPort, Endpoint, EndpointHints, Service } from "../../../shared/kinds/_generated/types.ts";
import { stableJson } from "../../../shared/meta/hash.ts";
import { canonicalIP, ipFamily } from "../../../shared/meta/ip.ts";
import { compareText } from "../../../shared/meta/text.ts";
import { belongs, type EndpointPod, findPort, hostnameFor } from "./endpoint-pods.ts";

export type AddressType = "IPv4" | "IPv6";
export interface PortGroup {
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: Endpoint[];
}

const NEAR: ReadonlySet<string> = new Set(["PreferClose", "PreferSameZone", "PreferSameNode"]);

export function addressTypes(service: Service): AddressType[] {
  const families = (service.spec?.ipFamilies ?? []).filter((family) => family === "IPv4" || family === "IPv6");
  if (families.length > 0) return families as AddressType[];
  const clusterIP = service.spec?.clusterIP ?? "";
  if (clusterIP === "" || clusterIP === "None") return ["IPv4", "IPv6"];
  return [ipFamily(clusterIP) === 6 ? "IPv6" : "IPv4"];
}

function hintsFor(service: Service, pod: EndpointPod, ready: boolean): EndpointHints | undefined {
  const distribution = service.spec?.trafficDistribution ?? "";
  if (!ready || !NEAR.has(distribution)) return undefined;
  const forZones = pod.zone === "" ? undefined : [{ name: pod.zone }];
  const forNodes = distribution === "PreferSameNode" && pod.nodeName !== "" ? [{ name: pod.nodeName }] : undefined;
  if (forZones === undefined && forNodes === undefined) return undefined;
  return { ...(forNodes ? { forNodes } : {}), ...(forZones ? { forZones } : {}) };
}

function endpointOf(service: Service, pod: EndpointPod, type: AddressType): Endpoint | undefined {
  const addresses = pod.ips.filter((ip) => ipFamily(ip) === (type === "IPv6" ? 6 : 4)).map((ip) => canonicalIP(ip) ?? ip);
  if (addresses.length === 0) return undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (pod.ready && !pod.deleting);
  const hostname = hostnameFor(pod, service);
  const hints = hintsFor(service, pod, ready);
  return {
    addresses,
    conditions: { ready, serving: pod.ready, terminating: pod.deleting },
    ...(hints === undefined ? {} : { hints }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.nodeName === "" ? {} : { nodeName: pod.nodeName }),
    targetRef: { kind: "Pod", namespace: pod.namespace, name: pod.name, uid: pod.uid },
    ...(pod.zone === "" ? {} : { zone: pod.zone }),
  };
}

function portsOf(service: Service, pod: EndpointPod): DiscoveryV1EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port): DiscoveryV1EndpointPort[] => {
    const number = findPort(pod, port);
    if (number === undefined) return [];
    const { name = "", protocol = "TCP", appProtocol } = port;
    return [{ name, port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
}

/** Lists of ports are equal in any order. */
export const portsKey = (ports: readonly DiscoveryV1EndpointPort[] | null | undefined): string =>
  stableJson((ports ?? []).map((port) => stableJson(port)).sort());

/** Endpoints by the ports they answer on. */
export function desiredGroups(service: Service, pods: readonly EndpointPod[], type: AddressType): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const pod of [...pods].sort((a, b) => compareText(a.name, b.name))) {
    if (!belongs(pod, { terminatingToo: true })) continue;
    const ports = portsOf(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    const endpoint = endpointOf(service, pod, type);
    if (endpoint !== undefined) group.endpoints.push(endpoint);
  }
  return groups;
}
