// The rules of kube-proxy as one pure function: where a connection to an address, a node port or a service ends.
// As upstream: pkg/proxy/iptables/proxier.go, pkg/proxy/topology.go; by name: pkg/registry/core/service/storage/storage.go ResourceLocation.
import { err, ok, type Result } from "../base/result.ts";
import type { Pod, Service } from "../kinds/_generated/types.ts";
import { fnv32a } from "../meta/hash.ts";
import { anyUsable, backendsOf, clusterBackends, localBackends, type Backend, type Place } from "./backends.ts";
import { addressKey, keyOf, portKey, type Entry, type RoutingTables } from "./tables.ts";

export type Destination =
  /** As a client in or outside the cluster names it: address of a service, a pod or a node. */
  | { readonly to: "address"; readonly ip: string; readonly port: number; readonly protocol?: string }
  /** A port on a node; without `node`, on any. */
  | { readonly to: "nodePort"; readonly port: number; readonly protocol?: string; readonly node?: string }
  /** What services/NAME/proxy means: `port` is a name, a number or empty. */
  | { readonly to: "service"; readonly namespace: string; readonly name: string; readonly port: string }
  /** What pods/NAME/proxy and port-forward mean; without `port`, the first that a container declares. */
  | { readonly to: "pod"; readonly namespace: string; readonly name: string; readonly port?: number };

export interface Source {
  /** Address of the client: session affinity sticks to it. */
  readonly ip?: string;
  /** Node of the pod (or host) that connects; absent when the client is outside the cluster. */
  readonly node?: string;
}

/** Where session affinity remembers what it chose; the caller forgets entries after their seconds. */
export interface Affinity {
  recall(key: string): string | undefined;
}

export interface Target {
  readonly node: string;
  readonly podNamespace: string;
  readonly podName: string;
  readonly podIP: string;
  readonly port: number;
  /** The pod shares its node's address. */
  readonly hostNetwork: boolean;
  /** What session affinity should remember, and for how long. */
  readonly remember?: { readonly key: string; readonly value: string; readonly seconds: number };
}

export type RefusalReason = "NoRoute" | "NoSuchService" | "NoSuchPort" | "NoEndpoints" | "NoLocalEndpoints" | "ExternalName" | "NoSuchPod" | "NotAPod";
export interface Refusal {
  readonly reason: RefusalReason;
  /** What the client notices: its connection is refused at once, or nothing ever answers. */
  readonly client: "refused" | "timeout";
  readonly message: string;
  /** For NotAPod: the address that the endpoint names; for ExternalName: the name that DNS answers with. */
  readonly elsewhere?: { readonly host: string; readonly port: number };
}
export type Route = Result<Target, Refusal>;

export interface Connection {
  readonly destination: Destination;
  readonly source: Source;
  /** A random integer in [0, below). */
  dice(below: number): number;
  readonly affinity?: Affinity;
}

const refuse = (reason: RefusalReason, client: Refusal["client"], message: string, elsewhere?: Refusal["elsewhere"]): Route =>
  err({ reason, client, message, ...(elsewhere ? { elsewhere } : {}) });

const AFFINITY_SECONDS = 10_800;
const ZONE = "topology.kubernetes.io/zone";

function placeOf(tables: RoutingTables, node: string | undefined): Place {
  return { node, zone: node === undefined ? undefined : tables.nodes.get(node)?.metadata?.labels?.[ZONE] };
}

const targetOf = (pod: Pod, ip: string, port: number): Target => ({
  node: pod.spec?.nodeName ?? "",
  podNamespace: pod.metadata?.namespace ?? "",
  podName: pod.metadata?.name ?? "",
  podIP: ip,
  port,
  hostNetwork: pod.spec?.hostNetwork === true,
});

const declares = (pod: Pod, port: number): boolean =>
  [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].some((container) =>
    (container.ports ?? []).some((one) => one.containerPort === port || one.hostPort === port),
  );

/** The pod that listens at an address; of several that share it, the one that declares the port. */
function podAt(tables: RoutingTables, ip: string, port: number): Pod | undefined {
  const pods = tables.podsByIP.get(ip) ?? [];
  return pods.length === 1 ? pods[0] : (pods.find((pod) => declares(pod, port)) ?? pods[0]);
}

function arrive(tables: RoutingTables, backend: Backend): Route {
  const named = backend.pod && tables.podsByName.get(`${backend.pod.namespace}/${backend.pod.name}`);
  const pod = named ?? podAt(tables, backend.ip, backend.port);
  if (pod) return ok(targetOf(pod, backend.ip, backend.port));
  if (backend.pod) return refuse("NoSuchPod", "timeout", `no route to host ${backend.ip}`);
  const elsewhere = { host: backend.ip, port: backend.port };
  return refuse("NotAPod", "refused", `endpoint ${backend.ip}:${backend.port} is no pod`, elsewhere);
}

const textOf = (backend: Backend): string => `${backend.ip}:${backend.port}`;

/** FNV alone scores similar texts similarly; this spreads its bits (the finalizer of MurmurHash3). */
function spread(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Without a memory, the client's address alone decides, so that it stays while endpoints come and go (highest score wins). */
function sticky(backends: readonly Backend[], key: string): Backend | undefined {
  let best: Backend | undefined;
  let high = -1;
  for (const backend of backends) {
    const score = spread(fnv32a(`${textOf(backend)} ${key}`));
    if (score > high) [best, high] = [backend, score];
  }
  return best;
}

function choose(tables: RoutingTables, entry: Entry, backends: readonly Backend[], connection: Connection): Route {
  const { service, port } = entry;
  const client = connection.source.ip;
  const anyone = (): Backend | undefined => backends[connection.dice(backends.length)];
  if (service.spec?.sessionAffinity !== "ClientIP" || client === undefined) {
    const backend = anyone();
    return backend ? arrive(tables, backend) : refuse("NoEndpoints", "refused", "no endpoints");
  }
  const key = `${keyOf(service)}:${port.name ?? ""}/${port.protocol ?? "TCP"} ${client}`;
  const known = connection.affinity?.recall(key);
  const backend = backends.find((one) => textOf(one) === known) ?? (connection.affinity === undefined ? sticky(backends, key) : anyone());
  if (!backend) return refuse("NoEndpoints", "refused", "no endpoints");
  const route = arrive(tables, backend);
  if (!route.ok) return route;
  const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS;
  return ok({ ...route.value, remember: { key, value: textOf(backend), seconds } });
}

const endpointsOf = (tables: RoutingTables, { service, port }: Entry): Backend[] =>
  backendsOf(tables.slices.get(keyOf(service)) ?? [], port.name ?? "", port.protocol ?? "TCP");

/** Through a service: `at` is the node whose rules apply; `policy` the traffic policy of this way in. */
function throughService(
  tables: RoutingTables,
  entry: Entry,
  way: { readonly at: string | undefined; readonly policy: string | undefined },
  connection: Connection,
): Route {
  const all = endpointsOf(tables, entry);
  const name = keyOf(entry.service);
  if (!anyUsable(all)) return refuse("NoEndpoints", "refused", `service ${name} has no endpoints`);
  if (way.policy !== "Local") return choose(tables, entry, clusterBackends(all, placeOf(tables, way.at)), connection);
  // From outside without a node: a load balancer only sends to nodes that have endpoints.
  const local = way.at === undefined ? all.filter((one) => one.node !== "" && localBackends(all, one.node).includes(one)) : localBackends(all, way.at);
  if (local.length === 0) return refuse("NoLocalEndpoints", "timeout", `service ${name} has no endpoints on node ${way.at ?? ""}`);
  return choose(tables, entry, local, connection);
}

/** What comes from within the cluster to an outer address is not bound by externalTrafficPolicy. */
const externalPolicy = (service: Service, source: Source): string | undefined => (source.node === undefined ? service.spec?.externalTrafficPolicy : "Cluster");

function toNodePort(tables: RoutingTables, entry: Entry, node: string | undefined, connection: Connection): Route {
  const at = node ?? connection.source.node;
  return throughService(tables, entry, { at, policy: externalPolicy(entry.service, connection.source) }, connection);
}

function toAddress(tables: RoutingTables, destination: Extract<Destination, { to: "address" }>, connection: Connection): Route {
  const { ip, port, protocol = "TCP" } = destination;
  const { source } = connection;
  const inside = tables.clusterIPs.get(addressKey(ip, port, protocol));
  if (inside) return throughService(tables, inside, { at: source.node, policy: inside.service.spec?.internalTrafficPolicy }, connection);
  const outside = tables.externalIPs.get(addressKey(ip, port, protocol));
  if (outside) {
    return throughService(tables, outside, { at: source.node, policy: externalPolicy(outside.service, source) }, connection);
  }
  if (tables.serviceIPs.has(ip)) return refuse("NoSuchPort", "refused", `no service listens on ${ip}:${port}`);
  const node = tables.nodesByIP.get(ip);
  const nodePort = node && tables.nodePorts.get(portKey(port, protocol));
  if (nodePort) return toNodePort(tables, nodePort, node.metadata?.name, connection);
  const pod = podAt(tables, ip, port);
  if (pod && (!node || declares(pod, port))) return ok(targetOf(pod, ip, port));
  if (node) return refuse("NoSuchPort", "refused", `nothing listens on ${ip}:${port}`);
  return refuse("NoRoute", "timeout", `no route to host ${ip}`);
}

/** services/NAME/proxy goes to any ready pod of the service, past all policies; words as a real server's. */
function toService(tables: RoutingTables, destination: Extract<Destination, { to: "service" }>, connection: Connection): Route {
  const { namespace, name } = destination;
  const service = tables.services.get(`${namespace}/${name}`);
  if (!service) return refuse("NoSuchService", "refused", `services ${JSON.stringify(name)} not found`);
  if (service.spec?.type === "ExternalName") {
    const elsewhere = { host: service.spec.externalName ?? "", port: Number(destination.port) || 0 };
    return refuse("ExternalName", "refused", `no endpoints available for service ${JSON.stringify(name)}`, elsewhere);
  }
  let portName = destination.port;
  if (/^\d+$/.test(portName)) {
    const port = (service.spec?.ports ?? []).find((one) => one.port === Number(portName));
    if (!port) return refuse("NoSuchPort", "refused", `no service port ${Number(portName)} found for service ${JSON.stringify(name)}`);
    portName = port.name ?? "";
  }
  const slices = tables.slices.get(`${namespace}/${name}`) ?? [];
  const ready = ["TCP", "UDP", "SCTP"].flatMap((protocol) => backendsOf(slices, portName, protocol)).filter((backend) => backend.ready);
  const start = ready.length === 0 ? 0 : connection.dice(ready.length);
  for (let i = 0; i < ready.length; i++) {
    const backend = ready[(start + i) % ready.length];
    const route = backend && arrive(tables, backend);
    if (route?.ok) return route;
  }
  return refuse("NoEndpoints", "refused", `no endpoints available for service ${JSON.stringify(name)}`);
}

function toPod(tables: RoutingTables, destination: Extract<Destination, { to: "pod" }>): Route {
  const { namespace, name } = destination;
  const pod = tables.podsByName.get(`${namespace}/${name}`);
  if (!pod) return refuse("NoSuchPod", "refused", `pods ${JSON.stringify(name)} not found`);
  const ip = pod.status?.podIP;
  if (!ip) return refuse("NoRoute", "refused", "address not allowed");
  const declared = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? [])[0]?.containerPort;
  return ok(targetOf(pod, ip, destination.port ?? declared ?? 80));
}

/** The one answer to where a connection goes. */
export function route(tables: RoutingTables, connection: Connection): Route {
  const { destination } = connection;
  switch (destination.to) {
    case "address":
      return toAddress(tables, destination, connection);
    case "nodePort": {
      const entry = tables.nodePorts.get(portKey(destination.port, destination.protocol ?? "TCP"));
      if (!entry) return refuse("NoSuchPort", "refused", `nothing listens on node port ${destination.port}`);
      return toNodePort(tables, entry, destination.node, connection);
    }
    case "service":
      return toService(tables, destination, connection);
    case "pod":
      return toPod(tables, destination);
  }
}

/** `name`, `name:port` or `scheme:name:port`, as service and pod proxies are addressed; undefined when it is none of them. */
export function splitSchemeNamePort(text: string): { scheme: string; name: string; port: string } | undefined {
  const parts = text.split(":");
  const [a = "", b = "", c = ""] = parts;
  if (parts.length === 1) return a === "" ? undefined : { scheme: "", name: a, port: "" };
  if (parts.length === 2) return a === "" ? undefined : { scheme: "", name: a, port: b };
  if (parts.length !== 3 || b === "" || (a !== "" && a !== "http" && a !== "https")) return undefined;
  return { scheme: a, name: b, port: c };
}
