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

function validateBlock(block: IPBlock, field: string): FieldError[] {
  const cidr = block.cidr ?? "";
  if (cidr === "") return [required(`${field}.cidr`)];
  const errors = validateCIDR(`${field}.cidr`, cidr);
  const network = parseCIDR(cidr);
  if (errors.length > 0 || !network) return errors;
  return (block.except ?? []).flatMap((except, index) => {
    const path = `${field}.except[${index}]`;
    const wrong = validateCIDR(path, except);
    const inner = parseCIDR(except);
    if (wrong.length > 0 || !inner) return wrong;
    return cidrContains(cidr, inner.ip) && network.prefix < inner.prefix ? [] : [invalid(path, except, "must be a strict subset of `cidr`")];
  });
}
function validatePeer(peer: NetworkPolicyPeer, field: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const selectors = [podSelector, namespaceSelector].filter((selector) => selector !== undefined);
  if (selectors.length === 0 && !ipBlock) return [required(field, "must specify a peer")];
  const errors = [
    ...validateLabelSelector(podSelector, {}, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector, {}, `${field}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${field}.ipBlock`) : []),
  ];
  if (ipBlock && selectors.length > 0) errors.push(forbidden(field, "may not specify both ipBlock and another peer"));
  return errors;
}
function validateRule(rule: { ports?: NetworkPolicyPort[] }, peers: readonly NetworkPolicyPeer[], field: string, direction: "from" | "to"): FieldError[] {
  return [
    ...(rule.ports ?? []).flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`)),
    ...peers.flatMap((peer, index) => validatePeer(peer, `${field}.${direction}[${index}]`)),
  ];
}
function validateSpec(spec: NetworkPolicySpec): FieldError[] {
  const types = spec.policyTypes ?? [];
  const errors = [
    ...validateLabelSelector(spec.podSelector, {}, "spec.podSelector"),
    ...(spec.ingress ?? []).flatMap((rule, index) => validateRule(rule, rule.from ?? [], `spec.ingress[${index}]`, "from")),
    ...(spec.egress ?? []).flatMap((rule, index) => validateRule(rule, rule.to ?? [], `spec.egress[${index}]`, "to")),
  ];
  if (types.length > POLICY_TYPES.length) return [...errors, invalid("spec.policyTypes", types, "may not specify more than two policyTypes")];
  const wrong = types.flatMap((type, index) => (POLICY_TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, POLICY_TYPES)]));
  return [...errors, ...wrong];
}

export const networkPolicyKind = defineKind<NetworkPolicy>("networking.k8s.io/v1/networkpolicies", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults,
  validate: (object) => validateSpec(object.spec ?? {}),
  table: {
    columns: [NAME, text("Pod-Selector"), AGE],
    row: (object, now) => [nameCell(object), formatLabelSelector(object.spec?.podSelector ?? {}), ageCell(object, now)],
  },
});
