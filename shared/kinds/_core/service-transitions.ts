// What an update of a Service keeps of the stored one, and what it drops when the type changes.
// As upstream: pkg/registry/core/service/strategy.go dropTypeDependentFields, storage/storage.go patchAllocatedValues.
import { equalJson } from "../../base/json.ts";
import type { Service, ServiceSpec } from "../_generated/types.ts";
import { isExternallyAccessible, needsClusterIP, needsHealthCheckPort, needsNodePort, typeOf } from "./service-rules.ts";

/** A client that left out what was allocated keeps it. */
export function keepAllocated(next: Service, stored: Service): void {
  const spec = (next.spec ??= {});
  const old = stored.spec ?? {};
  if (needsClusterIP(stored) && needsClusterIP(next)) {
    if (!spec.clusterIP && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.clusterIP && old.clusterIPs) spec.clusterIPs = [...old.clusterIPs];
  }
  if (needsNodePort(stored) && needsNodePort(next)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(stored) && needsHealthCheckPort(next) && !spec.healthCheckNodePort && old.healthCheckNodePort) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

/** Node ports follow the name of their port, unless another port of the new spec took the number. */
function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const used = new Set((spec.ports ?? []).flatMap((port) => (port.nodePort ? [port.nodePort] : [])));
  const byName = new Map((old.ports ?? []).map((port) => [port.name ?? "", port.nodePort ?? 0]));
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const before = byName.get(port.name ?? "") ?? 0;
    if (before === 0 || used.has(before)) continue;
    port.nodePort = before;
    used.add(before);
  }
}

const nodePortsOf = (service: Service): number[] => (service.spec?.ports ?? []).flatMap((port) => (port.nodePort ? [port.nodePort] : [])).sort((a, b) => a - b);

/** Each field with who needs it; it goes when the new type does not and the client did not change it. */
const DEPENDENT: readonly (readonly [member: keyof ServiceSpec, needed: (service: Service) => boolean])[] = [
  ["ipFamilies", needsClusterIP],
  ["ipFamilyPolicy", needsClusterIP],
  ["internalTrafficPolicy", needsClusterIP],
  ["healthCheckNodePort", needsHealthCheckPort],
  ["allocateLoadBalancerNodePorts", (service) => typeOf(service) === "LoadBalancer"],
  ["loadBalancerClass", (service) => typeOf(service) === "LoadBalancer"],
  ["externalTrafficPolicy", isExternallyAccessible],
];

export function dropTypeDependent(next: Service, stored: Service): void {
  const spec = (next.spec ??= {});
  const old = stored.spec ?? {};
  // Before any member goes: the predicates read them.
  const gone = DEPENDENT.filter(([member, needed]) => needed(stored) && !needed(next) && equalJson(spec[member], old[member]));
  if (needsClusterIP(stored) && !needsClusterIP(next)) {
    if (spec.clusterIP === old.clusterIP && equalJson(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
  }
  if (needsNodePort(stored) && !needsNodePort(next) && equalJson(nodePortsOf(next), nodePortsOf(stored))) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  for (const [member] of gone) delete spec[member];
  // A load balancer's addresses go with it.
  if (typeOf(stored) === "LoadBalancer" && typeOf(next) !== "LoadBalancer" && next.status) next.status = { ...next.status, loadBalancer: {} };
}
