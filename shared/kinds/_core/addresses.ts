// Checks of addresses that Services, Endpoints and EndpointSlices share. As upstream: validation.go ValidateEndpointIP.
import { invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { canonicalIP, cidrContains, ipFamily } from "../../meta/ip.ts";
import { isQualifiedName } from "../../meta/names.ts";

export const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];

/** Ranges that must not be endpoints, in the order of upstream's checks. */
const SPECIAL: readonly (readonly [detail: string, ranges: readonly string[]])[] = [
  ["may not be in the loopback range (127.0.0.0/8, ::1/128)", ["127.0.0.0/8", "::1/128"]],
  ["may not be in the link-local range (169.254.0.0/16, fe80::/10)", ["169.254.0.0/16", "fe80::/10"]],
  ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)", ["224.0.0.0/24", "ff02::/16"]],
];

export function validateEndpointIP(ip: string, field: string): FieldError[] {
  const family = ipFamily(ip);
  if (family === undefined) return [invalid(field, ip, "must be a valid IP address")];
  const plain = canonicalIP(ip) ?? ip;
  const errors: FieldError[] = [];
  if (plain === "0.0.0.0" || plain === "::") errors.push(invalid(field, ip, `may not be unspecified (${ip})`));
  for (const [detail, ranges] of SPECIAL) {
    if (ranges.some((range) => range.includes(":") === (family === 6) && cidrContains(range, ip))) errors.push(invalid(field, ip, detail));
  }
  return errors;
}

export function validateProtocol(protocol: string | undefined, field: string): FieldError[] {
  if (!protocol) return [required(field)];
  return PROTOCOLS.includes(protocol) ? [] : [notSupported(field, protocol, PROTOCOLS)];
}

export const validateAppProtocol = (value: string | undefined, field: string): FieldError[] =>
  value === undefined ? [] : isQualifiedName(value).map((message) => invalid(field, value, message));
