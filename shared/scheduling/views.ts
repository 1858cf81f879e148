// The small forms of objects that scheduling needs: what notifications carry and what the ledger keeps.
import type { LabelSelector, NodeSelectorRequirement, Toleration, Taint } from "../kinds/_generated/types.ts";

/** A term of required or preferred (anti-)affinity, with matchLabelKeys already merged into the selector. */
export interface PodTerm {
  readonly topologyKey: string;
  readonly selector?: LabelSelector;
  /** Explicit namespaces; the pod's own when neither these nor a namespaceSelector are given. */
  readonly namespaces: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  /** 0 for required terms. */
  readonly weight: number;
}
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly hard: boolean;
  readonly selector?: LabelSelector;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}
export interface NodeTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
}
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** What a pod asks of the scheduler. Pods with equal shapes are one class; every member absent when empty. */
export interface PodShape {
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** uid of the ReplicaSet, StatefulSet or ReplicationController that controls it. */
  readonly owner?: string;
  readonly priority?: number;
  readonly cpuMilli?: number;
  readonly memory?: number;
  readonly ephemeralStorage?: number;
  readonly scalars?: readonly (readonly [name: string, value: number])[];
  /** Requests as scoring sees them: containers that say nothing count 100m and 200Mi (upstream pkg/scheduler/util/pod_resources.go). */
  readonly scoreCpuMilli?: number;
  readonly scoreMemory?: number;
  readonly hostPorts?: readonly HostPort[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly requiredNodes?: readonly NodeTerm[];
  readonly preferredNodes?: readonly { readonly weight: number; readonly term: NodeTerm }[];
  readonly affinity?: readonly PodTerm[];
  readonly antiAffinity?: readonly PodTerm[];
  readonly preferredAffinity?: readonly PodTerm[];
  readonly preferredAntiAffinity?: readonly PodTerm[];
  readonly tolerations?: readonly Toleration[];
  readonly spread?: readonly SpreadConstraint[];
  /** One for each container, init container and image volume; repeated ones stay. */
  readonly images?: readonly string[];
  readonly containers: number;
  readonly claims?: readonly ClaimUse[];
}
export interface ClaimUse {
  readonly name: string;
  /** Made by the ephemeral volume controller. */
  readonly ephemeral?: true;
}

export interface PodView {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly schedulerName: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly started?: number;
  readonly generation?: number;
  readonly nodeName?: string;
  readonly nominatedNodeName?: string;
  readonly terminating?: true;
  /** Terminating because the scheduler preempted it. */
  readonly preempted?: true;
  /** Succeeded or Failed: holds nothing any more. */
  readonly finished?: true;
  readonly gates?: readonly string[];
  readonly neverPreempts?: true;
  /** Nodes named by the only term of its node affinity (as DaemonSet pods have), so that they do not split the class. */
  readonly pinned?: readonly string[];
  /** Message of a PodScheduled condition that is False; saves writing the same again. */
  readonly refusal?: string;
  /** JSON text of a PodShape: both the key of its class and its content. */
  readonly shape: string;
}

export interface NodeView {
  readonly name: string;
  readonly uid?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unschedulable?: true;
  readonly taints?: readonly Taint[];
  readonly allocatable: Readonly<Record<string, number>>;
  /** Image name to size in bytes. */
  readonly images?: Readonly<Record<string, number>>;
}
export interface ClaimView {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly volumeName?: string;
  readonly bound: boolean;
  readonly lost?: true;
  readonly terminating?: true;
  readonly storageClassName: string;
  readonly selectedNode?: string;
  /** Bytes asked for. */
  readonly request?: number;
  readonly accessModes?: readonly string[];
  readonly block?: true;
  readonly selector?: LabelSelector;
}
export interface VolumeView {
  readonly name: string;
  readonly requiredNodes?: readonly NodeTerm[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly storageClassName: string;
  readonly capacity: number;
  readonly accessModes: readonly string[];
  readonly block?: true;
  /** `namespace/name` of the claim that it is kept for or bound to. */
  readonly claimedBy?: string;
}
export interface StorageClassView {
  readonly name: string;
  readonly waitForFirstConsumer: boolean;
  readonly provisioner: string;
}
export interface ServiceView {
  readonly namespace: string;
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
}
export interface BudgetView {
  readonly namespace: string;
  readonly name: string;
  readonly selector?: LabelSelector;
  readonly disruptionsAllowed: number;
  /** Pods whose disruption was already granted. */
  readonly disruptedPods: readonly string[];
}
