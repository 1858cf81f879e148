// Which endpoints of a service's port may answer a connection that comes from a given node.
// As upstream: pkg/proxy/topology.go CategorizeEndpoints, pkg/proxy/endpoint.go.
import type { Endpoint, EndpointSlice } from "../kinds/_generated/types.ts";

export interface Backend {
  readonly ip: string;
  readonly port: number;
  readonly node: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

const namesOf = (hints: readonly { name?: string }[] | undefined | null): string[] => (hints ?? []).map((hint) => hint.name ?? "");

function backendOf(endpoint: Endpoint, port: number, slice: EndpointSlice): Backend[] {
  const ip = endpoint.addresses?.[0];
  if (ip === undefined) return [];
  const ready = endpoint.conditions?.ready ?? true;
  const target = endpoint.targetRef;
  return [
    {
      ip,
      port,
      node: endpoint.nodeName ?? "",
      ready,
      serving: endpoint.conditions?.serving ?? ready,
      terminating: endpoint.conditions?.terminating ?? false,
      pod: target?.kind === "Pod" && target.name ? { namespace: target.namespace ?? slice.metadata?.namespace ?? "", name: target.name } : undefined,
      zoneHints: namesOf(endpoint.hints?.forZones),
      nodeHints: namesOf(endpoint.hints?.forNodes),
    },
  ];
}

/**
 * All endpoints of one port, by its name and protocol, out of a service's slices. A named target port was resolved when
 * the slices were made: pods that number it differently lie in different slices.
 */
export function backendsOf(slices: readonly EndpointSlice[], portName: string, protocol: string): Backend[] {
  const found = new Map<string, Backend>();
  for (const slice of slices) {
    if (slice.addressType === "FQDN") continue;
    const port = (slice.ports ?? []).find((one) => (one.name ?? "") === portName && (one.protocol ?? "TCP") === protocol);
    if (port?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      for (const backend of backendOf(endpoint, port.port, slice)) {
        const key = `${backend.ip} ${backend.port}`;
        // An endpoint may be in two slices for a moment: the readier one counts.
        if (found.get(key)?.ready !== true) found.set(key, backend);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port));
}

export interface Place {
  readonly node: string | undefined;
  readonly zone: string | undefined;
}

/** Ready endpoints that hints give to this place; all ready ones when the hints are incomplete or give it none. */
function nearest(ready: readonly Backend[], place: Place): readonly Backend[] {
  const { node, zone } = place;
  if (node !== undefined && ready.every((backend) => backend.nodeHints.length > 0)) {
    const same = ready.filter((backend) => backend.nodeHints.includes(node));
    if (same.length > 0) return same;
  }
  if (zone !== undefined && ready.every((backend) => backend.zoneHints.length > 0)) {
    const same = ready.filter((backend) => backend.zoneHints.includes(zone));
    if (same.length > 0) return same;
  }
  return ready;
}

const fallback = (backends: readonly Backend[]): readonly Backend[] => backends.filter((backend) => backend.serving && backend.terminating);

/** For policy Cluster: ready ones, near ones first; terminating ones that still serve when none is ready. */
export function clusterBackends(backends: readonly Backend[], place: Place): readonly Backend[] {
  const ready = backends.filter((backend) => backend.ready);
  return ready.length > 0 ? nearest(ready, place) : fallback(backends);
}

/** For policy Local: the same among those of one node; no hints. */
export function localBackends(backends: readonly Backend[], node: string): readonly Backend[] {
  const local = backends.filter((backend) => backend.node === node);
  const ready = local.filter((backend) => backend.ready);
  return ready.length > 0 ? ready : fallback(local);
}

export const anyUsable = (backends: readonly Backend[]): boolean => backends.some((one) => one.ready || (one.serving && one.terminating));
