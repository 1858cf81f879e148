// What routing looks things up in: addresses, ports and names of a cluster, indexed once for many connections.
import type { EndpointSlice, Node, Pod, Service, ServicePort } from "../kinds/_generated/types.ts";

export interface ClusterObjects {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
}
/** A service's port that an address and number lead to. */
export interface Entry {
  readonly service: Service;
  readonly port: ServicePort;
}
export interface RoutingTables {
  /** `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** Slices of each service, by `namespace/name`. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** By `ip port protocol`. */
  readonly clusterIPs: ReadonlyMap<string, Entry>;
  /** Addresses from outside that lead to a service: external IPs and load balancers; by `ip port protocol`. */
  readonly externalIPs: ReadonlyMap<string, Entry>;
  /** By `port protocol`. */
  readonly nodePorts: ReadonlyMap<string, Entry>;
  /** All addresses of services, whatever their ports. */
  readonly serviceIPs: ReadonlySet<string>;
  /** Pods that still have their address, by it; several share that of their node. */
  readonly podsByIP: ReadonlyMap<string, readonly Pod[]>;
  readonly podsByName: ReadonlyMap<string, Pod>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly nodesByIP: ReadonlyMap<string, Node>;
}

const SERVICE_NAME = "kubernetes.io/service-name";
export const keyOf = (object: { metadata?: { namespace?: string; name?: string } }): string =>
  `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
export const addressKey = (ip: string, port: number, protocol: string): string => `${ip} ${port} ${protocol}`;
export const portKey = (port: number, protocol: string): string => `${port} ${protocol}`;

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
const hasEnded = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

function indexServices(services: readonly Service[]): Pick<RoutingTables, "services" | "clusterIPs" | "externalIPs" | "nodePorts" | "serviceIPs"> {
  const byName = new Map<string, Service>();
  const clusterIPs = new Map<string, Entry>();
  const externalIPs = new Map<string, Entry>();
  const nodePorts = new Map<string, Entry>();
  const serviceIPs = new Set<string>();
  for (const service of services) {
    byName.set(keyOf(service), service);
    const spec = service.spec ?? {};
    if (spec.type === "ExternalName") continue;
    const inside = (spec.clusterIPs ?? []).filter((ip) => ip !== "None" && ip !== "");
    const balanced = (service.status?.loadBalancer?.ingress ?? []).flatMap((one) => (one.ip && one.ipMode !== "Proxy" ? [one.ip] : []));
    const outside = inside.length === 0 ? [] : [...(spec.externalIPs ?? []), ...balanced];
    for (const ip of inside) serviceIPs.add(ip);
    for (const port of spec.ports ?? []) {
      const entry: Entry = { service, port };
      const protocol = port.protocol ?? "TCP";
      for (const ip of inside) clusterIPs.set(addressKey(ip, port.port ?? 0, protocol), entry);
      for (const ip of outside) externalIPs.set(addressKey(ip, port.port ?? 0, protocol), entry);
      if (port.nodePort) nodePorts.set(portKey(port.nodePort, protocol), entry);
    }
  }
  return { services: byName, clusterIPs, externalIPs, nodePorts, serviceIPs };
}

export function routingTables(objects: ClusterObjects): RoutingTables {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of objects.endpointSlices) {
    const service = slice.metadata?.labels?.[SERVICE_NAME];
    if (service) push(slices, `${slice.metadata?.namespace ?? ""}/${service}`, slice);
  }
  const podsByIP = new Map<string, Pod[]>();
  const podsByName = new Map<string, Pod>();
  for (const pod of objects.pods) {
    podsByName.set(keyOf(pod), pod);
    if (hasEnded(pod)) continue;
    const ips = new Set([pod.status?.podIP, ...(pod.status?.podIPs ?? []).map((one) => one.ip)]);
    for (const ip of ips) if (ip) push(podsByIP, ip, pod);
  }
  const nodes = new Map<string, Node>();
  const nodesByIP = new Map<string, Node>();
  for (const node of objects.nodes) {
    nodes.set(node.metadata?.name ?? "", node);
    for (const { type, address } of node.status?.addresses ?? []) {
      if (address && (type === "InternalIP" || type === "ExternalIP")) nodesByIP.set(address, node);
    }
  }
  return { ...indexServices(objects.services), slices, podsByIP, podsByName, nodes, nodesByIP };
}
