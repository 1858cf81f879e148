// IP addresses and networks: parsing as strict as Go's netip, canonical forms, and the texts of Kubernetes about bad ones.
// As upstream: k8s.io/apimachinery pkg/util/validation/ip.go with StrictIPCIDRValidation on.
import type { FieldError } from "../errors/field-error.ts";
import { invalid } from "../errors/field-error.ts";

export interface IP {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** Written as `::ffff:1.2.3.4`; `family` is 4 then, as for Go's net.IP. */
  readonly mapped: boolean;
  /** Some octet has leading zeros, which only lenient parsers accept. */
  readonly zeros: boolean;
}
export interface CIDR {
  /** The address as given, canonical. */
  readonly ip: string;
  readonly prefix: number;
  readonly family: 4 | 6;
  /** The network, without bits beyond the prefix. */
  readonly canonical: string;
}
interface ParsedCIDR {
  readonly address: IP;
  readonly prefix: number;
  readonly zeros: boolean;
}

function parseV4(text: string): { value: bigint; zeros: boolean } | undefined {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  let value = 0;
  let zeros = false;
  for (const octet of octets) {
    if (!/^[0-9]{1,10}$/.test(octet) || Number(octet) > 255) return undefined;
    if (octet.length > 1 && octet.startsWith("0")) zeros = true;
    value = value * 256 + Number(octet);
  }
  return { value: BigInt(value), zeros };
}

const groupsOf = (text: string): string[] => (text === "" ? [] : text.split(":"));

function parseV6(text: string): IP | undefined {
  if (text.length > 64) return undefined;
  let rest = text;
  let tail: { value: bigint; zeros: boolean } | undefined;
  if (rest.includes(".")) {
    const cut = rest.lastIndexOf(":") + 1;
    tail = parseV4(rest.slice(cut));
    if (!tail || cut === 0) return undefined;
    rest = `${rest.slice(0, cut)}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`;
  }
  const halves = rest.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "");
  const end = groupsOf(halves[1] ?? "");
  const missing = 8 - head.length - end.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<string>(Math.max(missing, 0)).fill("0"), ...end]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(Number.parseInt(group, 16));
  }
  const mapped = value >> 32n === 0xffffn;
  return { family: mapped ? 4 : 6, value: mapped ? value & 0xffff_ffffn : value, mapped, zeros: tail?.zeros ?? false };
}

/** As lenient as old versions of Kubernetes: octets may have leading zeros. */
export function parseIPSloppy(text: string): IP | undefined {
  if (text.includes(":")) return parseV6(text);
  const v4 = parseV4(text);
  return v4 && { family: 4, value: v4.value, mapped: false, zeros: v4.zeros };
}
export function parseIP(text: string): IP | undefined {
  const ip = parseIPSloppy(text);
  return ip?.zeros ? undefined : ip;
}

export const isValidIP = (text: string): boolean => parseIP(text) !== undefined;
export const ipFamily = (text: string): 4 | 6 | undefined => parseIP(text)?.family;
export const ipToBigInt = (text: string): bigint | undefined => parseIP(text)?.value;

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function bigIntToIP(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}
export function canonicalIP(text: string): string | undefined {
  const ip = parseIP(text);
  return ip && bigIntToIP(ip.value, ip.family);
}

function parseCIDRSloppy(text: string): ParsedCIDR | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIPSloppy(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (!address || !/^[0-9]{1,5}$/.test(digits)) return undefined;
  const prefix = Number(digits);
  if (prefix > (address.family === 4 && !address.mapped ? 32 : 128)) return undefined;
  return { address, prefix, zeros: address.zeros || (digits.length > 1 && digits.startsWith("0")) };
}
const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);
const masked = (value: bigint, prefix: number, family: 4 | 6): bigint => {
  const host = BigInt(bitsOf(family) - prefix);
  return (value >> host) << host;
};

export function parseCIDR(text: string): CIDR | undefined {
  const parsed = parseCIDRSloppy(text);
  if (!parsed || parsed.zeros) return undefined;
  const { family, value, mapped } = parsed.address;
  const prefix = mapped ? Math.max(parsed.prefix - 96, 0) : parsed.prefix;
  return {
    ip: bigIntToIP(value, family),
    prefix,
    family,
    canonical: `${bigIntToIP(masked(value, prefix, family), family)}/${prefix}`,
  };
}
/** Does the network hold the address? False when either is malformed or the families differ. */
export function cidrContains(cidr: string, ip: string): boolean {
  const network = parseCIDR(cidr);
  const address = parseIP(ip);
  if (!network || address?.family !== network.family) return false;
  return `${bigIntToIP(masked(address.value, network.prefix, network.family), network.family)}/${network.prefix}` === network.canonical;
}

/** For fields that are older than strict validation: the form need not be canonical. */
export function validateIP(field: string, text: string): FieldError[] {
  const ip = parseIPSloppy(text);
  if (!ip) return [invalid(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
  if (ip.zeros) return [invalid(field, text, "must not have leading 0s")];
  return ip.mapped ? [invalid(field, text, "must not be an IPv4-mapped IPv6 address")] : [];
}
/** For newer fields, which accept the canonical form only. */
export function validateCanonicalIP(field: string, text: string): FieldError[] {
  const errors = validateIP(field, text);
  const canonical = canonicalIP(text);
  if (errors.length > 0 || canonical === text) return errors;
  return [invalid(field, text, `must be in canonical form (${JSON.stringify(canonical)})`)];
}
export function validateCIDR(field: string, text: string): FieldError[] {
  const parsed = parseCIDRSloppy(text);
  if (!parsed) return [invalid(field, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")];
  const { address, prefix, zeros } = parsed;
  if (zeros) return [invalid(field, text, "must not have leading 0s in IP or prefix length")];
  if (address.mapped) return [invalid(field, text, "must not have an IPv4-mapped IPv6 address")];
  if (masked(address.value, prefix, address.family) === address.value) return [];
  return [invalid(field, text, "must not have bits set beyond the prefix length")];
}
export function validateCanonicalCIDR(field: string, text: string): FieldError[] {
  const errors = validateCIDR(field, text);
  const canonical = parseCIDR(text)?.canonical;
  if (errors.length > 0 || canonical === text) return errors;
  return [invalid(field, text, `must be in canonical form (${JSON.stringify(canonical)})`)];
}
