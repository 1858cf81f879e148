// EndpointSlice of discovery.k8s.io/v1. As upstream: pkg/registry/discovery/endpointslice/strategy.go, pkg/apis/discovery/validation.
import { equalJson } from "../../base/json.ts";
import { duplicate, invalid, notSupported, required, tooMany, type FieldError } from "../../errors/field-error.ts";
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { validateFullyQualifiedDomainName } from "../../meta/domains.ts";
import { ipFamily, validateIP } from "../../meta/ip.ts";
import { isDNS1123Label, isDNS1123Subdomain, isValidLabelValue, nameIsDNSSubdomain } from "../../meta/names.ts";
import { PROTOCOLS, validateAppProtocol, validateEndpointIP } from "../_core/addresses.ts";
import { AGE_COLUMN, ageOf, listWithMore, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const HINTS_MAX = 8;
const SHOWN_MAX = 3;

function validateAddress(address: string, type: string, path: string, index: number): FieldError[] {
  const field = `${path}[${index}]`;
  if (type === "FQDN") return validateFullyQualifiedDomainName(field, address);
  if (type !== "IPv4" && type !== "IPv6") return [];
  const errors = validateIP(field, address);
  if (errors.length > 0) return errors;
  return [...wrongFamily(address, type, path), ...validateEndpointIP(address, field)];
}
const wrongFamily = (address: string, type: string, path: string): FieldError[] =>
  ipFamily(address) === (type === "IPv4" ? 4 : 6) ? [] : [invalid(path, address, `must be an ${type} address`)];

function validateHintNames(names: readonly string[], field: string): FieldError[] {
  if (names.length > HINTS_MAX) return [tooMany(field, names.length, HINTS_MAX)];
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const path = `${field}[${index}].name`;
    const errors = isValidLabelValue(name).map((message) => invalid(path, name, message));
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
    return errors;
  });
}

function validateEndpoint(endpoint: Endpoint, type: string, path: string): FieldError[] {
  const { nodeName, hostname, hints } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, "must contain at least 1 address"));
  else if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(`${path}.addresses`, addresses.length, ADDRESSES_MAX));
  addresses.forEach((address, index) => errors.push(...validateAddress(address, type, `${path}.addresses`, index)));
  if (nodeName !== undefined) errors.push(...isDNS1123Subdomain(nodeName).map((message) => invalid(`${path}.nodeName`, nodeName, message)));
  if (hostname !== undefined) errors.push(...isDNS1123Label(hostname).map((message) => invalid(`${path}.hostname`, hostname, message)));
  const namesOf = (list: readonly { name?: string }[] | undefined): string[] => (list ?? []).map((hint) => hint.name ?? "");
  errors.push(...validateHintNames(namesOf(hints?.forZones), `${path}.hints.forZones`));
  return [...errors, ...validateHintNames(namesOf(hints?.forNodes), `${path}.hints.forNodes`)];
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[]): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany("ports", ports.length, PORTS_MAX)];
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const path = `ports[${index}]`;
    const name = port.name ?? "";
    const errors = name === "" ? [] : isDNS1123Label(name).map((message) => invalid(`${path}.name`, name, message));
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    const protocol = port.protocol ?? "";
    if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
    return [...errors, ...validateAppProtocol(port.appProtocol, `${path}.appProtocol`)];
  });
}

function validate(object: EndpointSlice): FieldError[] {
  const type = object.addressType ?? "";
  const endpoints = object.endpoints ?? [];
  const errors: FieldError[] = [];
  if (type === "") errors.push(required("addressType"));
  else if (!ADDRESS_TYPES.includes(type)) errors.push(notSupported("addressType", type, ADDRESS_TYPES));
  if (endpoints.length > ENDPOINTS_MAX) errors.push(tooMany("endpoints", endpoints.length, ENDPOINTS_MAX));
  else endpoints.forEach((endpoint, index) => errors.push(...validateEndpoint(endpoint, type, `endpoints[${index}]`)));
  return [...errors, ...validatePorts(object.ports ?? [])];
}

function validateUpdate(next: EndpointSlice, stored: EndpointSlice): FieldError[] {
  const type = next.addressType ?? "";
  // Endpoints that did not change are taken for what they were, even when the type of their addresses is tried to change.
  const kept = equalJson(next.endpoints, stored.endpoints) && type !== "" && stored.addressType !== undefined;
  const errors = validate(kept ? { ...next, addressType: stored.addressType } : next);
  return [...errors, ...(type === stored.addressType ? [] : [invalid("addressType", type, "field is immutable")])];
}

function defaults(object: EndpointSlice): void {
  // Upstream's lists are not omitted when empty; null as on a real server.
  object.endpoints ??= null as never;
  object.ports ??= null as never;
  for (const endpoint of object.endpoints ?? []) endpoint.conditions ??= {};
  for (const port of object.ports ?? []) {
    port.name ??= "";
    port.protocol ??= "TCP";
  }
}

const shown = (all: readonly string[]): string => listWithMore(all.slice(0, SHOWN_MAX), all.length) || "<unset>";

export const endpointSliceKind = defineKind<EndpointSlice>("discovery.k8s.io/v1/endpointslices", {
  generation: true,
  defaults,
  nameRule: nameIsDNSSubdomain,
  validate,
  update: { validate: validateUpdate },
  table: {
    columns: [NAME_COLUMN, textColumn("AddressType"), textColumn("Ports"), textColumn("Endpoints"), AGE_COLUMN],
    row: (object, now) => [
      nameOf(object),
      object.addressType ?? "",
      shown((object.ports ?? []).map((port) => String(port.port ?? port.name ?? "*"))),
      shown((object.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? [])),
      ageOf(object, now),
    ],
  },
});
