// The contract of a scheduler plugin: what it may ask about a pod's class and a node, and what it answers.
import type { Labels } from "../meta/labels.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Domains } from "./node-index.ts";
import type { PodGroup, PodInfo } from "./pod-info.ts";
import type { BudgetView, ClaimView, PodShape, PodView, ServiceView, StorageClassView, VolumeView } from "./views.ts";

export const MAX_NODE_SCORE = 100;

/** Why a pod does not go to a node. Texts are upstream's: users match on them. */
export interface Refusal {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** UnschedulableAndUnresolvable upstream: taking pods off the node would not help. */
  readonly unresolvable: boolean;
}
export const refusal = (plugin: string, reason: string): Refusal => ({ plugin, reasons: [reason], unresolvable: false });
export const unresolvable = (plugin: string, reason: string): Refusal => ({ plugin, reasons: [reason], unresolvable: true });

/** The cluster as plugins see it; read only. */
export interface Cluster {
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** The node that a pod is counted on. */
  nodeOf(uid: string): NodeInfo | undefined;
  /** Pods on nodes that carry any inter-pod term. */
  readonly podsWithTerms: ReadonlySet<PodInfo>;
  /** Pods on nodes by shape; without a namespace those of all. */
  groups(namespace?: string): Iterable<PodGroup>;
  /** The values of a label over all nodes. */
  domains(key: string): Domains;
  namespaceLabels(namespace: string): Labels;
  claim(namespace: string, name: string): ClaimView | undefined;
  volume(name: string): VolumeView | undefined;
  readonly volumes: readonly VolumeView[];
  storageClass(name: string): StorageClassView | undefined;
  servicesOf(namespace: string): readonly ServiceView[];
  /** Whether any pod on a node has less priority. */
  hasPodsBelow(priority: number): boolean;
  readonly budgets: readonly BudgetView[];
  /** On how many nodes an image lies. */
  imageNodes(image: string): number;
}

/** A pod joined (1) or left (-1) a node. */
export interface PodChange {
  readonly pod: PodInfo;
  readonly node: NodeInfo;
  readonly delta: 1 | -1;
}

export type Prepared<S> =
  /** Nothing to do for this class, as long as the cluster stays as it is. */
  | { readonly is: "skip" }
  /** No node at all. */
  | { readonly is: "refused"; readonly refusal: Refusal }
  | { readonly is: "ready"; readonly state: S; /** Only these nodes come into question. */ readonly nodeNames?: ReadonlySet<string> };

export interface NodeChange {
  readonly added: boolean;
  readonly labels: boolean;
  readonly taints: boolean;
  readonly allocatable: boolean;
  readonly unschedulable: boolean;
}
/** What happened in the cluster, as far as waiting pods may care (upstream: EventsToRegister). */
export type ClusterEvent =
  | { readonly on: "node"; readonly node: NodeInfo; readonly change: NodeChange }
  | { readonly on: "podAdded"; readonly pod: PodInfo; readonly node: NodeInfo | undefined }
  | { readonly on: "podRemoved"; readonly pod: PodInfo; readonly node: NodeInfo | undefined }
  /** Labels, or requests that shrank. */
  | { readonly on: "podUpdated"; readonly pod: PodInfo; readonly node: NodeInfo | undefined }
  | { readonly on: "nodeRemoved" }
  | { readonly on: "volumes" }
  | { readonly on: "namespace" };

export interface PostFilterContext {
  readonly pod: PodInfo;
  readonly cluster: Cluster;
  /** Absent: refused before any node was looked at. */
  readonly refusalOf: ((node: NodeInfo) => Refusal | undefined) | undefined;
  /** Whether the pod fits a node given as it is (a copy, perhaps with pods taken off). `removed` are no longer counted in the class. */
  tryNode(node: NodeInfo, removed: readonly PodInfo[]): Refusal | undefined;
  dice(below: number): number;
  now: number;
}
export interface PostFilterAnswer {
  /** Added to the message; empty when it helped. */
  readonly reasons: readonly string[];
  /** Stops the plugins after it, and its reasons alone are told. */
  readonly stop?: true;
  /** "" clears it, absent leaves it. */
  readonly nominatedNodeName?: string;
  readonly victims?: readonly PodInfo[];
}

/** A claim that waited for its pod: bound to a volume that is there, or (no volumeName) provisioned for a node. */
export interface VolumeChoice {
  readonly claim: ClaimView;
  readonly nodeName: string;
  readonly volumeName?: string;
}

export interface SchedulerPlugin<S = unknown> {
  readonly name: string;
  /** Weight of its score; as upstream: apis/config/v1/default_plugins.go. */
  readonly weight?: number;
  /**
   * "node": filter and score see the pod's shape and that node only, so an answer holds until the node changes.
   * "cluster": they depend on pods elsewhere; `follow` keeps the state current.
   */
  readonly scope: "node" | "cluster";
  /** May this event let in a pod that this plugin refused? Only asked about pods it refused. */
  hint?(event: ClusterEvent, pod: PodInfo): boolean;
  /** A text: the pod must not enter the queue yet. */
  preEnqueue?(pod: PodView): string | undefined;
  /** Order in the queue: negative when `a` goes first. */
  queueSort?(a: { readonly pod: PodInfo; readonly since: number }, b: { readonly pod: PodInfo; readonly since: number }): number;
  /** Once for a class and a state of the nodes. Without it the state is undefined. */
  prepare?(shape: PodShape, cluster: Cluster): Prepared<S>;
  follow?(state: S, shape: PodShape, change: PodChange): void;
  /** undefined: may go there. */
  filter?(state: S, shape: PodShape, node: NodeInfo): Refusal | undefined;
  /** Whether `filter` or `score` matter at present; absent: always. */
  filters?(state: S): boolean;
  /** Called with the feasible nodes before `score`; false: all score alike. */
  preScore?(state: S, shape: PodShape, nodes: readonly NodeInfo[]): boolean;
  score?(state: S, shape: PodShape, node: NodeInfo): number;
  /** Brings the first `count` scores into 0..100, in place. */
  normalize?(state: S, scores: Float64Array, count: number, nodes: readonly NodeInfo[]): void;
  /** What comes with placing a pod on a node that passed `filter`. */
  reserve?(state: S, shape: PodShape, node: NodeInfo): readonly VolumeChoice[];
  postFilter?(context: PostFilterContext): PostFilterAnswer;
}
/** A plugin among others; the engine does not care about S. */
export type AnyPlugin = SchedulerPlugin<unknown>;
export const defineSchedulerPlugin = <S>(plugin: SchedulerPlugin<S>): AnyPlugin => plugin as unknown as AnyPlugin;
