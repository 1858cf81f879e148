// A node in the scheduler's memory: what it offers, what its pods hold, and a version that says when either changed.
import type { Taint } from "../kinds/_generated/types.ts";
import type { PodInfo } from "./pod-info.ts";
import type { HostPort, NodeView } from "./views.ts";

const NO_TAINTS: readonly Taint[] = [];
const NO_IMAGES: Readonly<Record<string, number>> = {};

export interface Totals {
  cpuMilli: number;
  memory: number;
  ephemeralStorage: number;
  /** As scoring counts: containers that request nothing count something. */
  scoreCpuMilli: number;
  scoreMemory: number;
  readonly scalars: Map<string, number>;
}
const noTotals = (): Totals => ({ cpuMilli: 0, memory: 0, ephemeralStorage: 0, scoreCpuMilli: 0, scoreMemory: 0, scalars: new Map() });

/** Two uses of a port clash when one of them listens on all addresses or both on the same (upstream: HostPortInfo.CheckConflict). */
const ANY_IP = "0.0.0.0";
const portKey = (port: HostPort): string => `${port.protocol}/${port.port}`;

export class NodeInfo {
  /** Its place in the ledger's list; changes only together with the ledger's layout. */
  index = 0;
  /** Grows with every change of the node or of its pods. */
  version = 1;
  view: NodeView;
  taints: readonly Taint[] = NO_TAINTS;
  images: Readonly<Record<string, number>> = NO_IMAGES;
  allowedPods = 0;
  cpuMilli = 0;
  memory = 0;
  ephemeralStorage = 0;
  readonly requested: Totals;
  readonly pods: Map<string, PodInfo>;
  readonly #ports: Map<string, string[]>;

  constructor(view: NodeView, from?: NodeInfo) {
    this.view = view;
    this.requested = from ? { ...from.requested, scalars: new Map(from.requested.scalars) } : noTotals();
    this.pods = new Map(from?.pods);
    this.#ports = new Map(from ? Array.from(from.#ports, ([key, ips]) => [key, [...ips]] as const) : []);
    this.setView(view);
    if (from) {
      this.index = from.index;
      this.version = from.version;
    }
  }

  get name(): string {
    return this.view.name;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.view.labels;
  }
  allocatable(resource: string): number {
    return this.view.allocatable[resource] ?? 0;
  }

  setView(view: NodeView): void {
    this.view = view;
    this.taints = view.taints ?? NO_TAINTS;
    this.images = view.images ?? NO_IMAGES;
    this.allowedPods = view.allocatable["pods"] ?? 0;
    this.cpuMilli = view.allocatable["cpu"] ?? 0;
    this.memory = view.allocatable["memory"] ?? 0;
    this.ephemeralStorage = view.allocatable["ephemeral-storage"] ?? 0;
    this.version++;
  }

  /** A copy to try things on. */
  copy(): NodeInfo {
    return new NodeInfo(this.view, this);
  }

  add(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    this.#count(pod, 1);
    for (const port of pod.shape.hostPorts ?? []) {
      const ips = this.#ports.get(portKey(port));
      if (ips) ips.push(port.ip);
      else this.#ports.set(portKey(port), [port.ip]);
    }
  }

  /** The pod must be the one that was added. */
  remove(pod: PodInfo): void {
    if (!this.pods.delete(pod.uid)) return;
    this.#count(pod, -1);
    for (const port of pod.shape.hostPorts ?? []) {
      const ips = this.#ports.get(portKey(port));
      const at = ips?.indexOf(port.ip) ?? -1;
      if (ips && at >= 0) ips.splice(at, 1);
      if (ips?.length === 0) this.#ports.delete(portKey(port));
    }
  }

  portsClash(ports: readonly HostPort[]): boolean {
    if (this.#ports.size === 0) return false;
    return ports.some((port) => {
      const ips = this.#ports.get(portKey(port));
      return ips !== undefined && (port.ip === ANY_IP || ips.some((ip) => ip === ANY_IP || ip === port.ip));
    });
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    const { shape } = pod;
    const { requested } = this;
    requested.cpuMilli += sign * (shape.cpuMilli ?? 0);
    requested.memory += sign * (shape.memory ?? 0);
    requested.ephemeralStorage += sign * (shape.ephemeralStorage ?? 0);
    requested.scoreCpuMilli += sign * (shape.scoreCpuMilli ?? 0);
    requested.scoreMemory += sign * (shape.scoreMemory ?? 0);
    for (const [name, value] of shape.scalars ?? []) {
      requested.scalars.set(name, (requested.scalars.get(name) ?? 0) + sign * value);
    }
    this.version++;
  }
}
