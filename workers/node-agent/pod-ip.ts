// Addresses of pods: the lowest free one of the node's range, after the gateway.
import { bigIntToIP, ipToBigInt, parseCIDR } from "../../shared/meta/ip.ts";
import type { PodEntry } from "../../shared/sim/node.ts";

const FIRST_OFFSET = 2;

/** Many addresses are looked at before a free one is found on a full node. */
const dotted = (value: number): string => `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

/** Gives out free addresses, each once; undefined when the range is used up. */
export function firstFreeIP(podCIDR: string, pods: ReadonlyMap<string, PodEntry>): () => string | undefined {
  let taken: Set<string> | undefined;
  let offset = FIRST_OFFSET;
  let base: bigint | undefined;
  const cidr = parseCIDR(podCIDR);
  return () => {
    if (cidr === undefined) return undefined;
    base ??= ipToBigInt(cidr.canonical.split("/")[0] ?? "") ?? 0n;
    taken ??= new Set([...pods.values()].flatMap(({ record }) => (record.ip === undefined || record.done ? [] : [record.ip])));
    const size = 2 ** Math.min((cidr.family === 4 ? 32 : 128) - cidr.prefix, 20);
    for (; offset < size - 1; offset++) {
      const ip = cidr.family === 4 ? dotted(Number(base) + offset) : bigIntToIP(base + BigInt(offset), cidr.family);
      if (taken.has(ip)) continue;
      taken.add(ip);
      return ip;
    }
    return undefined;
  };
}
