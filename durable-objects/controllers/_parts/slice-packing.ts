// Shares endpoints between slices, changing as few slices as possible. As upstream: k8s.io/endpointslice reconciler.go
// reconcileByPortMapping.
import { equalJson } from "../../../shared/base/json.ts";
import type { Endpoint, EndpointSlice } from "../../../shared/kinds/_generated/types.ts";
import { stableJson } from "../../../shared/meta/hash.ts";
import { nameOf } from "./world.ts";

export const ENDPOINTS_PER_SLICE_MAX = 100;

/** What makes an endpoint the same one, whatever its state. */
export const endpointKey = ({ addresses, hostname = "", targetRef }: Endpoint): string =>
  stableJson([[...(addresses ?? [])].sort(), hostname, targetRef?.namespace ?? "", targetRef?.name ?? ""]);

export interface Packed {
  /** New lists for slices that exist, by name. */
  readonly changed: ReadonlyMap<string, readonly Endpoint[]>;
  readonly emptied: readonly string[];
  /** Lists that need a new slice. */
  readonly created: readonly (readonly Endpoint[])[];
}

interface Kept {
  readonly name: string;
  readonly endpoints: Endpoint[];
  readonly changed: boolean;
}

function keep(slice: EndpointSlice, rest: Map<string, Endpoint>): Kept {
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const known of slice.endpoints ?? []) {
    const key = endpointKey(known);
    const wanted = rest.get(key);
    if (wanted === undefined) changed = true;
    else {
      rest.delete(key);
      endpoints.push(wanted);
      changed ||= !equalJson(wanted, known);
    }
  }
  return { name: nameOf(slice), endpoints, changed };
}

/** Takes endpoints that have no slice yet until the list is full. */
function fill(endpoints: Endpoint[], rest: Map<string, Endpoint>): void {
  for (const [key, endpoint] of rest) {
    if (endpoints.length >= ENDPOINTS_PER_SLICE_MAX) return;
    endpoints.push(endpoint);
    rest.delete(key);
  }
}

/** The slice that has room for all that is left and is then fullest. */
function bestFit(slices: readonly Kept[], count: number): Kept | undefined {
  let best: Kept | undefined;
  for (const slice of slices) {
    const room = ENDPOINTS_PER_SLICE_MAX - slice.endpoints.length - count;
    if (room >= 0 && (best === undefined || slice.endpoints.length > best.endpoints.length)) best = slice;
  }
  return best;
}

/** `slices` and `desired` have the same ports. */
export function pack(slices: readonly EndpointSlice[], desired: readonly Endpoint[]): Packed {
  const rest = new Map(desired.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const kept = slices.map((slice) => keep(slice, rest));
  const emptied = kept.filter((slice) => slice.changed && slice.endpoints.length === 0);
  const touched = kept.filter((slice) => slice.changed && slice.endpoints.length > 0);
  const untouched = kept.filter((slice) => !slice.changed);
  // Slices that are written anyway take what is new, the fullest first.
  touched.sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const slice of touched) fill(slice.endpoints, rest);
  const created: Endpoint[][] = [];
  while (rest.size > 0) {
    const target = rest.size < ENDPOINTS_PER_SLICE_MAX ? bestFit(untouched, rest.size) : undefined;
    const endpoints = target?.endpoints ?? [];
    fill(endpoints, rest);
    if (target === undefined) created.push(endpoints);
    else touched.push(target);
  }
  const changed = new Map(touched.map((slice) => [slice.name, slice.endpoints] as const));
  return { changed, emptied: emptied.map((slice) => slice.name), created };
}
