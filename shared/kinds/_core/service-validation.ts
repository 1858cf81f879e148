// Checks of a Service. As upstream: pkg/apis/core/validation/validation.go ValidateService and ValidateServiceUpdate.
import type { Json } from "../../base/json.ts";
import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { validateCIDR, validateIP } from "../../meta/ip.ts";
import { validateLabels } from "../../meta/labels.ts";
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidPortName, isValidPortNum } from "../../meta/names.ts";
import type { Service, ServicePort } from "../_generated/types.ts";
import { validateAppProtocol, validateEndpointIP, validateProtocol } from "./addresses.ts";
import { validateRelated } from "./service-families.ts";
import { isExternallyAccessible, isHeadless, needsClusterIP, needsHealthCheckPort, typeOf } from "./service-rules.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITIES = ["ClientIP", "None"];
const TRAFFIC_POLICIES = ["Cluster", "Local"];
const DISTRIBUTIONS = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const AFFINITY_SECONDS_MAX = 86_400;
const LB_ONLY = "may only be used when `type` is 'LoadBalancer'";

/** Ports as upstream's key of duplicates prints them. */
const portKey = (protocol: string, port: number, nodePort: number): Json => ({
  Name: "",
  Protocol: protocol,
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: nodePort,
});

function validateTargetPort(value: string | number | undefined, field: string): FieldError[] {
  if (typeof value === "string") return isValidPortName(value).map((message) => invalid(field, value, message));
  return isValidPortNum(value ?? 0).map((message) => invalid(field, value ?? 0, message));
}

function validatePort(port: ServicePort, path: string, names: Set<string>, options: { readonly nameRequired: boolean }): FieldError[] {
  const name = port.name ?? "";
  const errors: FieldError[] = [];
  if (options.nameRequired && name === "") errors.push(required(`${path}.name`));
  else if (name !== "") {
    errors.push(...isDNS1123Label(name).map((message) => invalid(`${path}.name`, name, message)));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  }
  const number = port.port ?? 0;
  errors.push(...isValidPortNum(number).map((message) => invalid(`${path}.port`, number, message)));
  errors.push(...validateProtocol(port.protocol, `${path}.protocol`));
  errors.push(...validateTargetPort(port.targetPort, `${path}.targetPort`));
  return [...errors, ...validateAppProtocol(port.appProtocol, `${path}.appProtocol`)];
}

function validatePorts(service: Service): FieldError[] {
  const ports = service.spec?.ports ?? [];
  const names = new Set<string>();
  return ports.flatMap((port, index) => validatePort(port, `spec.ports[${index}]`, names, { nameRequired: ports.length > 1 }));
}

/** Numbers that a Service names twice, and node ports where none may be. */
function validatePortNumbers(service: Service): FieldError[] {
  const ports = service.spec?.ports ?? [];
  const errors: FieldError[] = [];
  if (typeOf(service) === "ClusterIP") {
    ports.forEach((port, index) => {
      if (port.nodePort) errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  }
  const nodePorts = new Set<string>();
  ports.forEach(({ nodePort = 0, protocol = "" }, index) => {
    if (nodePort === 0) return;
    if (nodePorts.has(`${protocol} ${nodePort}`)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(`${protocol} ${nodePort}`);
  });
  const numbers = new Set<string>();
  ports.forEach(({ port = 0, protocol = "" }, index) => {
    if (numbers.has(`${protocol} ${port}`)) errors.push(duplicate(`spec.ports[${index}]`, portKey(protocol, port, 0)));
    numbers.add(`${protocol} ${port}`);
  });
  return errors;
}

function validateTypeFields(service: Service): FieldError[] {
  const spec = service.spec ?? {};
  const type = typeOf(service);
  const errors: FieldError[] = [];
  if ((spec.ports ?? []).length === 0 && !isHeadless(service) && type !== "ExternalName") errors.push(required("spec.ports"));
  if ((type === "LoadBalancer" || type === "NodePort") && isHeadless(service)) {
    errors.push(invalid("spec.clusterIPs[0]", spec.clusterIPs?.[0] ?? "None", `may not be set to 'None' for ${type} services`));
  }
  if (type !== "ExternalName") return errors;
  const unset = "may not be set for ExternalName services";
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbidden("spec.clusterIPs", unset));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden("spec.ipFamilies", unset));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden("spec.ipFamilyPolicy", unset));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") errors.push(required("spec.externalName"));
  else errors.push(...isDNS1123Subdomain(name).map((message) => invalid("spec.externalName", name, message)));
  return errors;
}

function validateAffinity(service: Service): FieldError[] {
  const { sessionAffinity = "", sessionAffinityConfig: config } = service.spec ?? {};
  if (sessionAffinity === "") return [required("spec.sessionAffinity")];
  if (!AFFINITIES.includes(sessionAffinity)) return [notSupported("spec.sessionAffinity", sessionAffinity, AFFINITIES)];
  const field = "spec.sessionAffinityConfig";
  if (sessionAffinity === "None") {
    return config === undefined ? [] : [forbidden(field, "must not be set when session affinity is None")];
  }
  const seconds = config?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [required(`${field}.clientIP.timeoutSeconds`, "")];
  if (seconds > 0 && seconds <= AFFINITY_SECONDS_MAX) return [];
  const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
  return [invalid(`${field}.clientIP.timeoutSeconds`, seconds, detail)];
}

const validateExternalIPs = (service: Service): FieldError[] =>
  (service.spec?.externalIPs ?? []).flatMap((ip, index) => {
    const errors = validateIP(`spec.externalIPs[${index}]`, ip);
    return errors.length > 0 ? errors : validateEndpointIP(ip, `spec.externalIPs[${index}]`);
  });

function validateLoadBalancer(service: Service): FieldError[] {
  const spec = service.spec ?? {};
  const balanced = typeOf(service) === "LoadBalancer";
  const errors: FieldError[] = [];
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    // The odd capital is upstream's.
    const field = "spec.LoadBalancerSourceRanges";
    if (!balanced) errors.push(forbidden(field, LB_ONLY));
    ranges.forEach((range, index) => errors.push(...validateCIDR(`${field}[${index}]`, range.trim())));
  }
  if (!balanced && spec.allocateLoadBalancerNodePorts !== undefined) errors.push(forbidden("spec.allocateLoadBalancerNodePorts", LB_ONLY));
  const name = spec.loadBalancerClass;
  if (name === undefined) return errors;
  if (!balanced) return [...errors, forbidden("spec.loadBalancerClass", LB_ONLY)];
  return [...errors, ...isQualifiedName(name).map((message) => invalid("spec.loadBalancerClass", name, message))];
}

function validateTraffic(service: Service): FieldError[] {
  const { externalTrafficPolicy: external = "", internalTrafficPolicy: internal, healthCheckNodePort = 0, trafficDistribution } = service.spec ?? {};
  const errors: FieldError[] = [];
  const field = "spec.externalTrafficPolicy";
  if (!isExternallyAccessible(service)) {
    if (external !== "") errors.push(invalid(field, external, "may only be set for externally-accessible services"));
  } else if (external === "") errors.push(required(field));
  else if (!TRAFFIC_POLICIES.includes(external)) errors.push(notSupported(field, external, TRAFFIC_POLICIES));
  if (healthCheckNodePort !== 0 && !needsHealthCheckPort(service)) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid("spec.healthCheckNodePort", healthCheckNodePort, detail));
  } else if (healthCheckNodePort !== 0) {
    errors.push(...isValidPortNum(healthCheckNodePort).map((message) => invalid("spec.healthCheckNodePort", healthCheckNodePort, message)));
  }
  if (internal === undefined) {
    if (needsClusterIP(service)) errors.push(required("spec.internalTrafficPolicy"));
  } else if (!TRAFFIC_POLICIES.includes(internal)) errors.push(notSupported("spec.internalTrafficPolicy", internal, TRAFFIC_POLICIES));
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    errors.push(notSupported("spec.trafficDistribution", trafficDistribution, DISTRIBUTIONS));
  }
  return errors;
}

export function validateService(service: Service): FieldError[] {
  const type = typeOf(service);
  const { selector } = service.spec ?? {};
  return [
    ...validateTypeFields(service),
    ...validatePorts(service),
    ...(selector === undefined ? [] : validateLabels(selector, "spec.selector")),
    ...validateAffinity(service),
    ...validateRelated(service),
    ...validateExternalIPs(service),
    ...(type === "" ? [required("spec.type")] : TYPES.includes(type) ? [] : [notSupported("spec.type", type, TYPES)]),
    ...validatePortNumbers(service),
    ...validateLoadBalancer(service),
    ...validateTraffic(service),
  ];
}

/** What may not change from `stored` to `next`. */
export function validateServiceStep(next: Service, stored: Service): FieldError[] {
  const errors: FieldError[] = [];
  const external = typeOf(next) === "ExternalName" || typeOf(stored) === "ExternalName";
  if (!external && !(isHeadless(next) && isHeadless(stored))) {
    const before = stored.spec?.clusterIPs ?? [];
    const after = next.spec?.clusterIPs ?? [];
    const shared = Math.min(before.length, after.length);
    for (let i = 0; i < shared; i++) {
      if (before[i] !== after[i]) errors.push(invalid(`spec.clusterIPs[${i}]`, after, "may not change once set"));
    }
    if (before.length > 0 && after.length === 0) errors.push(invalid("spec.clusterIPs[0]", after, "primary clusterIP can not be unset"));
  }
  if (typeOf(next) === "LoadBalancer" && typeOf(stored) === "LoadBalancer" && next.spec?.loadBalancerClass !== stored.spec?.loadBalancerClass) {
    errors.push(invalid("spec.loadBalancerClass", next.spec?.loadBalancerClass, "may not change once set"));
  }
  return errors;
}

const IP_MODES = ["Proxy", "VIP"];
/** As upstream: ValidateLoadBalancerStatus. */
export function validateServiceStatus(service: Service): FieldError[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const path = "status.loadBalancer.ingress";
  if (ingress.length > 0 && typeOf(service) !== "LoadBalancer") {
    return [forbidden(path, 'may only be used when `spec.type` is "LoadBalancer"')];
  }
  return ingress.flatMap(({ ip = "", ipMode, hostname = "" }, index) => {
    const field = `${path}[${index}]`;
    const errors = ip === "" ? [] : validateIP(`${field}.ip`, ip);
    if (ip !== "" && ipMode === undefined) errors.push(required(`${field}.ipMode`, "must be specified when `ip` is set"));
    if (ip === "" && ipMode !== undefined) errors.push(forbidden(`${field}.ipMode`, "may not be specified when `ip` is not set"));
    else if (ipMode !== undefined && !IP_MODES.includes(ipMode)) errors.push(notSupported(`${field}.ipMode`, ipMode, IP_MODES));
    if (hostname !== "") {
      errors.push(...isDNS1123Subdomain(hostname).map((message) => invalid(`${field}.hostname`, hostname, message)));
      if (validateIP("", hostname).length === 0) errors.push(invalid(`${field}.hostname`, hostname, "must be a DNS name, not an IP address"));
    }
    return errors;
  });
}
