// Ingress of networking.k8s.io/v1. As upstream: pkg/apis/networking/validation/validation.go ValidateIngress.
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { parseIPSloppy, validateIP } from "../../meta/ip.ts";
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isValidPathSegmentName,
  isValidPortName,
  isValidPortNum,
  isWildcardDNS1123Subdomain,
  nameIsDNSSubdomain,
} from "../../meta/names.ts";
import { compareText } from "../../meta/text.ts";
import type { HTTPIngressPath, Ingress, IngressBackend, IngressLoadBalancerIngress, IngressRule, IngressSpec, IngressTLS } from "../_generated/types.ts";
import { messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const FORBIDDEN_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const FORBIDDEN_ENDS = ["/..", "/."];

/** A reference to an object of any kind in the same namespace; used by ingress classes too. */
export function validateTypedReference(reference: { apiGroup?: string; kind?: string; name?: string }, field: string): FieldError[] {
  const { kind = "", name = "" } = reference;
  const apiGroup = reference.apiGroup ?? undefined;
  const errors = apiGroup === undefined ? [] : messages(isDNS1123Subdomain(apiGroup), `${field}.apiGroup`, apiGroup);
  if (kind === "") errors.push(required(`${field}.kind`));
  else errors.push(...messages(isValidPathSegmentName(kind), `${field}.kind`, kind));
  if (name === "") errors.push(required(`${field}.name`));
  else errors.push(...messages(isValidPathSegmentName(name), `${field}.name`, name));
  return errors;
}

function validateBackend(backend: IngressBackend, field: string): FieldError[] {
  const { resource, service } = backend;
  if (resource && service) return [invalid(field, "", "cannot set both resource and service backends")];
  if (resource) return validateTypedReference(resource, `${field}.resource`);
  if (!service) return [invalid(field, "", "resource or service backend is required")];
  const name = service.name ?? "";
  const errors = name === "" ? [required(`${field}.service.name`)] : messages(isDNS1123Label(name), `${field}.service.name`, name);
  const portName = service.port?.name ?? "";
  const number = service.port?.number ?? 0;
  if (portName !== "" && number !== 0) errors.push(invalid(field, "", "cannot set both port name & port number"));
  else if (portName !== "") errors.push(...messages(isValidPortName(portName), `${field}.service.port.name`, portName));
  else if (number !== 0) errors.push(...messages(isValidPortNum(number), `${field}.service.port.number`, number));
  else errors.push(required(field, "port name or number is required"));
  return errors;
}

function validatePath(path: HTTPIngressPath, field: string): FieldError[] {
  const { path: value = "" } = path;
  const pathType = path.pathType ?? undefined;
  const errors: FieldError[] = [];
  if (pathType === undefined) return [required(`${field}.pathType`, "pathType must be specified")];
  const absolute = value.startsWith("/") || (pathType === "ImplementationSpecific" && value === "");
  if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
  else if (!absolute) errors.push(invalid(`${field}.path`, value, "must be an absolute path"));
  if (pathType === "Exact" || pathType === "Prefix") {
    for (const part of FORBIDDEN_SEQUENCES) {
      if (value.includes(part)) errors.push(invalid(`${field}.path`, value, `must not contain '${part}'`));
    }
    for (const end of FORBIDDEN_ENDS) if (value.endsWith(end)) errors.push(invalid(`${field}.path`, value, `cannot end with '${end}'`));
  }
  return [...errors, ...validateBackend(path.backend ?? {}, `${field}.backend`)];
}

const validateHost = (host: string, field: string): FieldError[] =>
  messages(host.includes("*") ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host), field, host);
function validateRule(rule: IngressRule, field: string): FieldError[] {
  const host = rule.host ?? "";
  const errors: FieldError[] = [];
  if (host !== "") {
    if (parseIPSloppy(host)) errors.push(invalid(`${field}.host`, host, "must be a DNS name, not an IP address"));
    errors.push(...validateHost(host, `${field}.host`));
  }
  if (!rule.http) return errors;
  const paths = rule.http.paths ?? [];
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  return [...errors, ...paths.flatMap((path, index) => validatePath(path, `${field}.http.paths[${index}]`))];
}
function validateTLS(tls: IngressTLS, field: string): FieldError[] {
  const secret = tls.secretName ?? "";
  return [
    ...(tls.hosts ?? []).flatMap((host, index) => validateHost(host, `${field}.hosts[${index}]`)),
    ...(secret === "" ? [] : messages(isDNS1123Subdomain(secret), `${field}.secretName`, secret)),
  ];
}
function validateSpec(spec: IngressSpec): FieldError[] {
  const rules = spec.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length === 0 && !spec.defaultBackend) {
    errors.push(invalid("spec", spec.rules === undefined ? undefined : [], "either `defaultBackend` or `rules` must be specified"));
  }
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, "spec.defaultBackend"));
  errors.push(...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)));
  errors.push(...(spec.tls ?? []).flatMap((tls, index) => validateTLS(tls, `spec.tls[${index}]`)));
  const className = spec.ingressClassName;
  if (className !== undefined) errors.push(...messages(isDNS1123Subdomain(className), "spec.ingressClassName", className));
  return errors;
}
function validateBalancer(entry: IngressLoadBalancerIngress, field: string): FieldError[] {
  const errors = entry.ip ? validateIP(`${field}.ip`, entry.ip) : [];
  if (!entry.hostname) return errors;
  errors.push(...messages(isDNS1123Subdomain(entry.hostname), `${field}.hostname`, entry.hostname));
  if (parseIPSloppy(entry.hostname)) errors.push(invalid(`${field}.hostname`, entry.hostname, "must be a DNS name, not an IP address"));
  return errors;
}

const HOSTS_SHOWN = 3;
function hostsCell(rules: readonly IngressRule[]): string {
  const hosts = rules.flatMap((rule) => (rule.host ? [rule.host] : []));
  if (hosts.length === 0) return "*";
  const shown = hosts.slice(0, HOSTS_SHOWN).join(",");
  return hosts.length > HOSTS_SHOWN ? `${shown} + ${hosts.length - HOSTS_SHOWN} more...` : shown;
}
const addressCell = (entries: readonly IngressLoadBalancerIngress[]): string =>
  [...new Set(entries.flatMap((entry) => entry.ip || entry.hostname || []))].sort(compareText).join(",");

export const ingressKind = defineKind<Ingress>("networking.k8s.io/v1/ingresses", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = { loadBalancer: {} };
  },
  validate(object) {
    const annotation = object.metadata?.annotations?.[CLASS_ANNOTATION];
    const className = object.spec?.ingressClassName;
    const errors = validateSpec(object.spec ?? {});
    if (annotation === undefined || className === undefined || annotation === className) return errors;
    const field = `annotations.${CLASS_ANNOTATION}`;
    return [...errors, invalid(field, annotation, "must match `ingressClassName` when both are specified")];
  },
  update: { validate: (next) => validateSpec(next.spec ?? {}) },
  subresources: {
    status: statusStrategy((next) =>
      (next.status?.loadBalancer?.ingress ?? []).flatMap((entry, index) => validateBalancer(entry, `status.loadBalancer.ingress[${index}]`)),
    ),
  },
  warnings: (object, stored) =>
    stored === undefined && object.metadata?.annotations?.[CLASS_ANNOTATION] !== undefined
      ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  table: {
    columns: [NAME, text("Class"), text("Hosts"), text("Address"), text("Ports"), AGE],
    row: (object, now) => [
      nameCell(object),
      object.spec?.ingressClassName ?? "<none>",
      hostsCell(object.spec?.rules ?? []),
      addressCell(object.status?.loadBalancer?.ingress ?? []),
      object.spec?.tls?.length ? "80, 443" : "80",
      ageCell(object, now),
    ],
  },
});
