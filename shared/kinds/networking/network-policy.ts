// NetworkPolicy of networking.k8s.io/v1. As upstream: pkg/apis/networking/validation/validation.go ValidateNetworkPolicySpec.
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { cidrContains, parseCIDR, validateCIDR } from "../../meta/ip.ts";
import { formatLabelSelector, validateLabelSelector } from "../../meta/labels.ts";
import { isValidPortName, isValidPortNum, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../_generated/types.ts";
import { messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const POLICY_TYPES = ["Ingress", "Egress"];

function defaults(object: NetworkPolicy): void {
  const spec = (object.spec ??= {});
  spec.podSelector ??= {};
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= "TCP";
  }
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
}

function validatePort(entry: NetworkPolicyPort, field: string): FieldError[] {
  const { protocol, port, endPort } = entry;
  const errors: FieldError[] = [];
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) errors.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
  if (typeof port === "number") {
    errors.push(...messages(isValidPortNum(port), `${field}.port`, port));
    if (endPort === undefined) return errors;
    // The value shown is the port's: upstream's own oddity.
    if (endPort < port) errors.push(invalid(`${field}.endPort`, port, "must be greater than or equal to `port`"));
    return [...errors, ...messages(isValidPortNum(endPort), `${field}.endPort`, endPort)];
  }
  if (endPort !== undefined) {
    errors.push(invalid(`${field}.endPort`, endPort, `may not be specified when \`port\` is ${port === undefined ? "not specified" : "non-numeric"}`));
  }
  return port === undefined ? errors : [...errors, ...messages(isValidPortName(port), `${field}.port`, port)];
}

/** CIDRs that a stored policy has are tolerated whatever their form. */
type Known = ReadonlySet<string>;
const checkCIDR = (field: string, cidr: string, known: Known): FieldError[] => (known.has(cidr) ? [] : validateCIDR(field, cidr));

function validateBlock(block: IPBlock, known: Known, field: string): FieldError[] {
  const cidr = block.cidr ?? "";
  if (cidr === "") return [required(`${field}.cidr`)];
  const errors = checkCIDR(`${field}.cidr`, cidr, known);
  const network = parseCIDR(cidr);
  if (!network) return errors;
  const exceptions = (block.except ?? []).flatMap((except, index) => {
    const path = `${field}.except[${index}]`;
    const wrong = checkCIDR(path, except, known);
    const inner = parseCIDR(except);
    if (!inner) return wrong;
    const inside = cidrContains(network.canonical, inner.ip) && network.prefix < inner.prefix;
    return inside ? wrong : [...wrong, invalid(path, except, "must be a strict subset of `cidr`")];
  });
  return [...errors, ...exceptions];
}
function validatePeer(peer: NetworkPolicyPeer, known: Known, field: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const selectors = [podSelector, namespaceSelector].filter((selector) => selector !== undefined);
  if (selectors.length === 0 && !ipBlock) return [required(field, "must specify a peer")];
  const errors = [
    ...validateLabelSelector(podSelector, {}, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector, {}, `${field}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, known, `${field}.ipBlock`) : []),
  ];
  if (ipBlock && selectors.length > 0) errors.push(forbidden(field, "may not specify both ipBlock and another peer"));
  return errors;
}
/** The peers of every rule with their paths. */
const peersOf = (spec: NetworkPolicySpec): { peer: NetworkPolicyPeer; field: string; rule: string }[] => [
  ...(spec.ingress ?? []).flatMap((rule, index) =>
    (rule.from ?? []).map((peer, at) => ({ peer, field: `spec.ingress[${index}].from[${at}]`, rule: `spec.ingress[${index}]` })),
  ),
  ...(spec.egress ?? []).flatMap((rule, index) =>
    (rule.to ?? []).map((peer, at) => ({ peer, field: `spec.egress[${index}].to[${at}]`, rule: `spec.egress[${index}]` })),
  ),
];
function validateSpec(spec: NetworkPolicySpec, known: Known): FieldError[] {
  const types = spec.policyTypes ?? [];
  const peers = peersOf(spec);
  const rules = [
    ...(spec.ingress ?? []).map((rule, index) => ({ rule, field: `spec.ingress[${index}]` })),
    ...(spec.egress ?? []).map((rule, index) => ({ rule, field: `spec.egress[${index}]` })),
  ];
  const errors = validateLabelSelector(spec.podSelector, {}, "spec.podSelector");
  for (const { rule, field } of rules) {
    errors.push(...(rule.ports ?? []).flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`)));
    for (const one of peers) if (one.rule === field) errors.push(...validatePeer(one.peer, known, one.field));
  }
  if (types.length > POLICY_TYPES.length) return [...errors, invalid("spec.policyTypes", types, "may not specify more than two policyTypes")];
  const wrong = types.flatMap((type, index) => (POLICY_TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, POLICY_TYPES)]));
  return [...errors, ...wrong];
}
const cidrsOf = (block: IPBlock | undefined): string[] => (block ? [block.cidr ?? "", ...(block.except ?? [])] : []);
const knownCIDRs = (spec: NetworkPolicySpec): Known => new Set(peersOf(spec).flatMap(({ peer }) => cidrsOf(peer.ipBlock)));
function cidrWarnings(cidr: string, field: string): string[] {
  const network = parseCIDR(cidr);
  if (network?.family !== 6 || network.canonical === cidr || validateCIDR(field, cidr).length > 0) return [];
  return [`${field}: IPv6 CIDR value ${JSON.stringify(cidr)} should be in RFC 5952 canonical format (${JSON.stringify(network.canonical)})`];
}

export const networkPolicyKind = defineKind<NetworkPolicy>("networking.k8s.io/v1/networkpolicies", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults,
  validate: (object) => validateSpec(object.spec ?? {}, new Set()),
  update: { validate: (next, stored) => validateSpec(next.spec ?? {}, knownCIDRs(stored.spec ?? {})) },
  warnings: (object) =>
    peersOf(object.spec ?? {}).flatMap(({ peer: { ipBlock }, field }) =>
      ipBlock
        ? [
            ...cidrWarnings(ipBlock.cidr ?? "", `${field}.ipBlock.cidr`),
            ...(ipBlock.except ?? []).flatMap((except, index) => cidrWarnings(except, `${field}.ipBlock.except[${index}]`)),
          ]
        : [],
    ),
  table: {
    columns: [NAME, text("Pod-Selector"), AGE],
    row: (object, now) => [nameCell(object), formatLabelSelector(object.spec?.podSelector ?? {}), ageCell(object, now)],
  },
});
