// What a node remembers: small JSON per pod, so that the node may be evicted at any moment and go on.
import type { EpochMs, Ports } from "../base/ports.ts";
import type { ConfigMap, Pod, Secret, Service } from "../kinds/_generated/types.ts";
import type { ContainerView, LogLine, Program, SimImage } from "./image.ts";

export type Profile = "instant" | "realistic";
/** What a node is: fixed while it lives. */
export interface NodeConfig {
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  /** IPv4 range of its pods. */
  readonly podCIDR: string;
  readonly profile: Profile;
}

export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs;
  readonly id: string;
}
/** One probe of a running container. */
export interface ProbeRecord {
  /** The result that counts now. */
  ok: boolean;
  /** When something comes of it next: it flips to `to`, fails for the first time, or has to be worked out further. */
  next?: EpochMs;
  to?: boolean;
  /** Failed attempts that the event tells of. */
  fails?: number;
  message?: string;
  /** Its failures have been told. */
  told?: boolean;
}
export type ProbeName = "startupProbe" | "livenessProbe" | "readinessProbe";

export interface ContainerRecord {
  phase: "waiting" | "pulling" | "running" | "exited";
  /** Why it does not run, as kubelet's reason cache: ErrImagePull, CrashLoopBackOff ... */
  reason?: string;
  message?: string;
  /** Waiting or exited: when it is tried again. Pulling: when the image is there. */
  due?: EpochMs;
  /** Text of spec.image that it was started with. */
  image?: string;
  id?: string;
  /** restartCount */
  attempt: number;
  startedAt?: EpochMs;
  started?: boolean;
  exit?: Ending;
  last?: Ending;
  /** How it will end, as far as it is known. */
  end?: { readonly at: EpochMs; readonly code: number; readonly reason?: string; readonly message?: string };
  stopping?: boolean;
  /** It is stopped to be started again whatever the restart policy says. */
  replace?: boolean;
  /** Restarting: the delay and when it was last raised. */
  crash?: { readonly ms: number; readonly at: EpochMs };
  pull?: { readonly ms: number; readonly at: EpochMs; readonly error: string };
  pullStart?: EpochMs;
  probes?: Partial<Record<ProbeName, ProbeRecord>>;
  /** A program that asked for what may come: when to ask again, and after how long then. */
  recheck?: { readonly at: EpochMs; readonly ms: number };
  /** Environment from ConfigMaps and Secrets as it was at the start. */
  env?: Record<string, string>;
  /** Files that commands have written into the running container. */
  overlay?: Record<string, string>;
}

export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  ip?: string;
  startTime: EpochMs;
  /** Volumes are there. */
  mounted: boolean;
  mount?: { readonly due: EpochMs; readonly ms: number };
  containers: Record<string, ContainerRecord>;
  /** The kubelet itself has ended it (activeDeadlineSeconds). */
  failed?: { readonly reason: string; readonly message: string };
  /** It is being stopped; containers get until then. */
  stopping?: { readonly since: EpochMs; readonly grace: number };
  /** Nothing of it runs any more, nor will. */
  done: boolean;
  /** Conditions as they were last generated: status and since when. */
  conditions: Record<string, readonly [status: string, since: EpochMs]>;
  phase: string;
  /** Counts generated statuses that differ; `acked` of them have been written. */
  version: number;
  acked: number;
  /** Of the last generated status. */
  hash: number;
  /** Its next own event. */
  next?: EpochMs;
}
export interface PodEntry {
  /** As last told by the store. */
  readonly pod: Pod;
  readonly record: PodRecord;
}
export interface NodeState {
  readonly pods: ReadonlyMap<string, PodEntry>;
  /** Image references that are on the node, by the name the runtime gives them. */
  readonly images: ReadonlySet<string>;
}
export const EMPTY_NODE: NodeState = { pods: new Map(), images: new Set() };

/** Objects around the pods, as far as they were fetched. undefined: there is none. */
export interface NodeWorld {
  configMap(namespace: string, name: string): ConfigMap | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  services(namespace: string): readonly Service[];
}

export interface PodEvent {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** `spec.containers{web}`, empty for the pod itself. */
  readonly fieldPath: string;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly first: EpochMs;
  readonly last: EpochMs;
  readonly count: number;
}
export type Effect =
  | {
      readonly do: "status";
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly version: number;
      readonly status: NonNullable<Pod["status"]>;
    }
  | { readonly do: "delete"; readonly namespace: string; readonly name: string; readonly uid: string }
  | { readonly do: "event"; readonly event: PodEvent }
  | { readonly do: "log"; readonly uid: string; readonly container: string; readonly id: string; readonly lines: readonly LogLine[] };

export interface NodeInput {
  /** Pods assigned to the node, new or changed; repeating one is harmless. */
  readonly changed: readonly Pod[];
  /** uids of pods that no longer exist. */
  readonly gone: readonly string[];
  /** uids of pods in whose containers commands have written files. */
  readonly disturbed?: readonly string[];
}
export interface NodeStep {
  readonly state: NodeState;
  readonly effects: readonly Effect[];
  /** When the step is due again; undefined: not before something changes. */
  readonly nextAt: EpochMs | undefined;
  /** uids whose entries have to be stored (or, where they are no longer in the state, deleted). */
  readonly touched: readonly string[];
}
export interface PodNeeds {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
  /** Services of its namespace and of `default`: only programs that look around want them. */
  readonly services: boolean;
}
export interface ContainerLook {
  readonly program: Program;
  readonly view: ContainerView;
  readonly image: SimImage;
  readonly id: string;
  /** Undefined while it runs. */
  readonly finishedAt: EpochMs | undefined;
}
export interface Kubelet {
  stepNode(state: NodeState, input: NodeInput, world: NodeWorld, now: EpochMs, ports: Pick<Ports, "dice">): NodeStep;
  /** When pods go on by themselves, by uid. */
  dues(state: NodeState): ReadonlyMap<string, EpochMs>;
  /** Effects that have not been acknowledged: what a node that was evicted between storing and writing has to do again. */
  pending(state: NodeState): Effect[];
  /** Remembers that statuses of these versions have been written. */
  acknowledge(state: NodeState, written: readonly { readonly uid: string; readonly version: number }[]): NodeState;
  /** Whether the status of this pod, once it is written, says all that its record does. */
  isTold(entry: PodEntry): boolean;
  /** The record that the stored status of a pod speaks for. Undefined: it does not say enough. */
  recall(pod: Pod): PodRecord | undefined;
  /** Images that must be on the node, since containers were made of them. */
  imagesOf(pods: Iterable<PodEntry>): ReadonlySet<string>;
  /** What has to be fetched before this pod can be looked at. */
  needs(pod: Pod): PodNeeds;
  /** A container's present or previous life, for logs, exec and HTTP. */
  look(state: NodeState, uid: string, container: string, which: "current" | "previous", world: NodeWorld): ContainerLook | undefined;
}

/** A copy that may be changed without touching the original. */
export const copyRecord = (record: PodRecord): PodRecord => ({
  ...record,
  conditions: { ...record.conditions },
  containers: Object.fromEntries(
    Object.entries(record.containers).map(([name, one]) => [
      name,
      one.probes ? { ...one, probes: Object.fromEntries(Object.entries(one.probes).map(([key, probe]) => [key, { ...probe }])) } : { ...one },
    ]),
  ),
});
