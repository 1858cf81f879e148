// What a type of Service needs, and the defaults of its fields.
// As upstream: pkg/api/service/util.go, pkg/registry/core/service/strategy.go, pkg/apis/core/v1/defaults.go.
import type { Service } from "../_generated/types.ts";

export const typeOf = (service: Service): string => service.spec?.type ?? "";
export const isHeadless = (service: Service): boolean => service.spec?.clusterIPs?.[0] === "None" || service.spec?.clusterIP === "None";
const withAddress = ["ClusterIP", "NodePort", "LoadBalancer"];
export const needsClusterIP = (service: Service): boolean => withAddress.includes(typeOf(service));
export const needsNodePort = (service: Service): boolean => typeOf(service) === "NodePort" || typeOf(service) === "LoadBalancer";
export const needsHealthCheckPort = (service: Service): boolean => typeOf(service) === "LoadBalancer" && service.spec?.externalTrafficPolicy === "Local";
/** Reached from outside by node port, load balancer or external IP. */
export const isExternallyAccessible = (service: Service): boolean =>
  needsNodePort(service) || (typeOf(service) === "ClusterIP" && (service.spec?.externalIPs ?? []).length > 0);
/** Node ports are made for it unless it asks a load balancer to do without. */
export const allocatesNodePorts = (service: Service): boolean =>
  typeOf(service) === "NodePort" || (typeOf(service) === "LoadBalancer" && service.spec?.allocateLoadBalancerNodePorts !== false);

const AFFINITY_SECONDS = 10_800;

export function defaultService(service: Service): void {
  const spec = (service.spec ??= {});
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  }
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    if (!port.targetPort) port.targetPort = port.port ?? 0;
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= "Cluster";
  if (needsClusterIP(service)) spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= "VIP";
  }
  (service.status ??= {}).loadBalancer ??= {};
}
