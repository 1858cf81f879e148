// Addresses of pods: a node's range without the network's own address and the gateway's.
import { bigIntToIP, ipToBigInt, parseCIDR } from "../../shared/meta/ip.ts";

const FIRST_OFFSET = 2;
/** So many addresses of a large range are used. */
const BITS_MAX = 20;

export interface AddressRange {
  readonly size: number;
  /** The address in this place, from 0 on. */
  at(place: number): string;
}
const EMPTY: AddressRange = { size: 0, at: () => "" };

/** Many addresses are looked at before a free one is found on a full node. */
const dotted = (value: number): string => `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

/** Of what is no CIDR: an empty one. */
export function addressRange(podCIDR: string): AddressRange {
  const cidr = parseCIDR(podCIDR);
  if (cidr === undefined) return EMPTY;
  const base = (ipToBigInt(cidr.canonical.split("/")[0] ?? "") ?? 0n) + BigInt(FIRST_OFFSET);
  const first = Number(base);
  // The last address is that of the broadcast.
  const size = Math.max(0, 2 ** Math.min((cidr.family === 4 ? 32 : 128) - cidr.prefix, BITS_MAX) - 1 - FIRST_OFFSET);
  return { size, at: (place) => (cidr.family === 4 ? dotted(first + place) : bigIntToIP(base + BigInt(place), cidr.family)) };
}
