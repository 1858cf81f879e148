// Endpoints of v1. As upstream: pkg/registry/core/endpoint/strategy.go, validation.go validateEndpointSubsets.
import { invalid, required, type FieldError } from "../../errors/field-error.ts";
import type { EndpointAddress, EndpointPort, Endpoints } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { validateIP } from "../../meta/ip.ts";
import { isDNS1123Label, isDNS1123Subdomain, isValidPortNum, nameIsDNSSubdomain } from "../../meta/names.ts";
import { validateAppProtocol, validateEndpointIP, validateProtocol } from "../_core/addresses.ts";
import { AGE_COLUMN, ageOf, listWithMore, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

const DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
const SHOWN_MAX = 3;

function validateAddress(address: EndpointAddress, path: string): FieldError[] {
  const ip = address.ip ?? "";
  const { hostname, nodeName } = address;
  return [
    ...validateIP(`${path}.ip`, ip),
    ...(hostname ? isDNS1123Label(hostname).map((message) => invalid(`${path}.hostname`, hostname, message)) : []),
    ...(nodeName === undefined ? [] : isDNS1123Subdomain(nodeName).map((message) => invalid(`${path}.nodeName`, nodeName, message))),
    ...validateEndpointIP(ip, `${path}.ip`),
  ];
}

function validatePort(port: EndpointPort, path: string, options: { readonly nameRequired: boolean }): FieldError[] {
  const name = port.name ?? "";
  const errors: FieldError[] = [];
  if (options.nameRequired && name === "") errors.push(required(`${path}.name`));
  else if (name !== "") errors.push(...isDNS1123Label(name).map((message) => invalid(`${path}.name`, name, message)));
  const number = port.port ?? 0;
  errors.push(...isValidPortNum(number).map((message) => invalid(`${path}.port`, number, message)));
  errors.push(...validateProtocol(port.protocol, `${path}.protocol`));
  return [...errors, ...validateAppProtocol(port.appProtocol, `${path}.appProtocol`)];
}

function validate(object: Endpoints): FieldError[] {
  return (object.subsets ?? []).flatMap((subset, index) => {
    const path = `subsets[${index}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    const empty = addresses.length === 0 && notReadyAddresses.length === 0;
    return [
      ...(empty ? [required(path, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...addresses.flatMap((address, i) => validateAddress(address, `${path}.addresses[${i}]`)),
      ...notReadyAddresses.flatMap((address, i) => validateAddress(address, `${path}.notReadyAddresses[${i}]`)),
      ...ports.flatMap((port, i) => validatePort(port, `${path}.ports[${i}]`, { nameRequired: ports.length > 1 })),
    ];
  });
}

function addressesText(object: Endpoints): string {
  const subsets = object.subsets ?? [];
  if (subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map((address) => address.ip ?? "")
      : ports.flatMap((port) => addresses.map(({ ip = "" }) => `${ip.includes(":") ? `[${ip}]` : ip}:${port.port ?? 0}`)),
  );
  return listWithMore(all.slice(0, SHOWN_MAX), all.length);
}

export const endpointsKind = defineKind<Endpoints>("v1/endpoints", {
  defaults(object) {
    for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= "TCP";
  },
  nameRule: nameIsDNSSubdomain,
  validate,
  deprecation: DEPRECATED,
  allowCreateOnUpdate: true,
  table: {
    columns: [NAME_COLUMN, textColumn("Endpoints"), AGE_COLUMN],
    row: (object, now) => [nameOf(object), addressesText(object), ageOf(object, now)],
  },
});
