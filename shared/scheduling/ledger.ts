// Who holds what: nodes with the pods on them (bound or assumed) and nominated pods. Kept current by single changes;
// readers follow through versions and a log.
import { equalJson } from "../base/json.ts";
import type { Labels } from "../meta/labels.ts";
import { ClusterObjects, type LedgerObject } from "./cluster-objects.ts";
import type { Cluster, ClusterEvent, NodeChange, PodChange, VolumeChoice } from "./framework.ts";
import { type Domains, NodeIndex } from "./node-index.ts";
import { NodeInfo } from "./node-info.ts";
import { hasTerms, type PodGroup, type PodInfo, Shapes } from "./pod-info.ts";
import type { BudgetView, ClaimView, NodeView, PodView, ServiceView, StorageClassView, VolumeView } from "./views.ts";

/** Changes kept for classes to catch up; one that is further behind starts anew. */
const LOG_MAX = 16_384;

interface Placed {
  readonly pod: PodInfo;
  readonly nodeName: string;
  assumed: boolean;
}

export class Ledger implements Cluster {
  readonly shapes = new Shapes();
  readonly podsWithTerms = new Set<PodInfo>();
  /** Grows when nodes come, go or change other than by their pods, and with namespaces, services and volumes. */
  layout = 1;
  /** Grows with every change at all. */
  version = 1;
  #nodes: NodeInfo[] = [];
  #index = new NodeIndex([]);
  #log: PodChange[] = [];
  #logStart = 0;
  readonly #objects = new ClusterObjects();
  readonly #byName = new Map<string, NodeInfo>();
  readonly #placed = new Map<string, Placed>();
  /** uids of pods of nodes that are unknown (yet, or no longer). */
  readonly #stray = new Map<string, Set<string>>();
  readonly #nominated = new Map<string, Map<string, PodInfo>>();
  readonly #nominations = new Map<string, string>();
  readonly #priorities = new Map<number, number>();
  /** Pods on nodes by namespace and shape. */
  readonly #groups = new Map<string, Map<string, PodGroup>>();

  get nodes(): readonly NodeInfo[] {
    return this.#nodes;
  }
  node(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }
  nodeOf(uid: string): NodeInfo | undefined {
    const placed = this.#placed.get(uid);
    return placed && this.#byName.get(placed.nodeName);
  }
  get podCount(): number {
    return this.#placed.size;
  }
  *pods(): Generator<PodInfo> {
    for (const { pod } of this.#placed.values()) yield pod;
  }
  *groups(namespace?: string): Generator<PodGroup> {
    if (namespace !== undefined) yield* this.#groups.get(namespace)?.values() ?? [];
    else for (const groups of this.#groups.values()) yield* groups.values();
  }
  domains(key: string): Domains {
    return this.#index.domains(key);
  }
  imageNodes(image: string): number {
    return this.#index.imageNodes(image);
  }

  putNode(view: NodeView): ClusterEvent | undefined {
    const known = this.#byName.get(view.name);
    if (known) return this.#changeNode(known, view);
    const node = new NodeInfo(view);
    node.index = this.#nodes.length;
    this.#nodes.push(node);
    this.#byName.set(view.name, node);
    this.#relayout();
    for (const uid of this.#stray.get(view.name) ?? []) {
      const placed = this.#placed.get(uid);
      if (placed) this.#settle(placed.pod, node, 1);
    }
    this.#stray.delete(view.name);
    const change: NodeChange = { added: true, labels: true, taints: true, allocatable: true, unschedulable: true };
    return { on: "node", node, change };
  }

  #changeNode(node: NodeInfo, view: NodeView): ClusterEvent | undefined {
    const old = node.view;
    const change: NodeChange = {
      added: false,
      labels: !equalJson(old.labels, view.labels),
      taints: !equalJson(old.taints, view.taints),
      allocatable: !equalJson(old.allocatable, view.allocatable),
      unschedulable: old.unschedulable !== view.unschedulable,
    };
    const images = !equalJson(old.images, view.images);
    if (!change.labels && !change.taints && !change.allocatable && !change.unschedulable && !images) return undefined;
    node.setView(view);
    if (change.labels || change.taints || images) this.#relayout();
    this.version++;
    return { on: "node", node, change };
  }

  removeNode(name: string): ClusterEvent | undefined {
    const node = this.#byName.get(name);
    if (!node) return undefined;
    this.#byName.delete(name);
    this.#nodes = this.#nodes.filter((one) => one !== node);
    if (node.pods.size > 0) this.#stray.set(name, new Set(node.pods.keys()));
    for (const pod of Array.from(node.pods.values())) this.#settle(pod, node, -1);
    for (const [index, one] of this.#nodes.entries()) one.index = index;
    this.#relayout();
    return { on: "nodeRemoved" };
  }

  /** A pod that is bound to a node. Returns what this means for waiting pods. */
  putPod(view: PodView): ClusterEvent | undefined {
    return this.placePod(this.shapes.podInfo(view), view.nodeName ?? "", { assumed: false });
  }
  /** Counts a pod on a node before (`assumed`) or after its binding is written. */
  placePod(pod: PodInfo, nodeName: string, options: { readonly assumed: boolean }): ClusterEvent | undefined {
    const known = this.#placed.get(pod.uid);
    if (known && known.nodeName === nodeName && known.pod.shapeText === pod.shapeText && known.pod.terminating === pod.terminating) {
      const confirmed = known.assumed && !options.assumed;
      known.assumed &&= options.assumed;
      return confirmed ? { on: "podAdded", pod: known.pod, node: this.#byName.get(nodeName) } : undefined;
    }
    if (known) this.#unplace(known);
    this.denominate(pod.uid);
    this.#placed.set(pod.uid, { pod, nodeName, assumed: options.assumed });
    const node = this.#byName.get(nodeName);
    if (node) this.#settle(pod, node, 1);
    else this.#strayOn(nodeName).add(pod.uid);
    return { on: known ? "podUpdated" : "podAdded", pod, node };
  }

  removePod(uid: string): ClusterEvent | undefined {
    this.denominate(uid);
    const known = this.#placed.get(uid);
    if (!known) return undefined;
    this.#unplace(known);
    this.#placed.delete(uid);
    this.shapes.sweep(this.pods());
    return { on: "podRemoved", pod: known.pod, node: this.#byName.get(known.nodeName) };
  }
  /** Takes back an assumed pod whose binding failed; a bound one stays. */
  forget(uid: string): ClusterEvent | undefined {
    return this.#placed.get(uid)?.assumed ? this.removePod(uid) : undefined;
  }
  isPlaced(uid: string): boolean {
    return this.#placed.has(uid);
  }
  hasPodsBelow(priority: number): boolean {
    for (const known of this.#priorities.keys()) if (known < priority) return true;
    return false;
  }

  /** The node is kept for this pod against pods of no higher priority, while its victims leave. */
  nominate(pod: PodInfo, nodeName: string): void {
    this.denominate(pod.uid);
    const pods = this.#nominated.get(nodeName);
    if (pods) pods.set(pod.uid, pod);
    else this.#nominated.set(nodeName, new Map([[pod.uid, pod]]));
    this.#nominations.set(pod.uid, nodeName);
    this.version++;
  }
  denominate(uid: string): void {
    const nodeName = this.#nominations.get(uid);
    if (nodeName === undefined) return;
    this.#nominations.delete(uid);
    const pods = this.#nominated.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.#nominated.delete(nodeName);
    this.version++;
  }
  get hasNominations(): boolean {
    return this.#nominations.size > 0;
  }
  nominatedTo(nodeName: string): Iterable<PodInfo> {
    return this.#nominated.get(nodeName)?.values() ?? [];
  }
  nominationOf(uid: string): string | undefined {
    return this.#nominations.get(uid);
  }

  /** Labels of a namespace; undefined removes it. */
  putNamespace(name: string, labels: Labels | undefined): ClusterEvent | undefined {
    if (!this.#objects.setNamespace(name, labels)) return undefined;
    this.layout++;
    this.version++;
    return labels ? { on: "namespace" } : undefined;
  }
  put(object: LedgerObject): ClusterEvent | undefined {
    this.#objects.change(object, { removed: false });
    return this.#changed(object);
  }
  remove(object: LedgerObject): ClusterEvent | undefined {
    this.#objects.change(object, { removed: true });
    return this.#changed(object);
  }
  #changed({ sort }: LedgerObject): ClusterEvent | undefined {
    this.version++;
    if (sort === "budget") return undefined;
    this.layout++;
    return sort === "service" ? undefined : { on: "volumes" };
  }
  /** Nobody else gets the volume, and the claim has its node, until the stores say so themselves. */
  assumeVolume({ claim, nodeName, volumeName }: VolumeChoice): void {
    const volume = volumeName === undefined ? undefined : this.volume(volumeName);
    if (volume) this.put({ sort: "volume", view: { ...volume, claimedBy: `${claim.namespace}/${claim.name}` } });
    else this.put({ sort: "claim", view: { ...claim, selectedNode: nodeName } });
  }
  namespaceLabels(namespace: string): Labels {
    return this.#objects.namespaceLabels(namespace);
  }
  claim(namespace: string, name: string): ClaimView | undefined {
    return this.#objects.claim(namespace, name);
  }
  volume(name: string): VolumeView | undefined {
    return this.#objects.volume(name);
  }
  get volumes(): readonly VolumeView[] {
    return this.#objects.volumes;
  }
  storageClass(name: string): StorageClassView | undefined {
    return this.#objects.storageClass(name);
  }
  servicesOf(namespace: string): readonly ServiceView[] {
    return this.#objects.servicesOf(namespace);
  }
  get budgets(): readonly BudgetView[] {
    return this.#objects.budgets;
  }

  /** Where the log ends: a cursor for `changesSince`. */
  get logEnd(): number {
    return this.#logStart + this.#log.length;
  }
  /** Calls `each` for the changes after a cursor; false when they are no longer known. */
  changesSince(cursor: number, each: (change: PodChange) => void): boolean {
    if (cursor < this.#logStart) return false;
    for (let at = cursor - this.#logStart; at < this.#log.length; at++) {
      const change = this.#log[at];
      if (change) each(change);
    }
    return true;
  }

  #settle(pod: PodInfo, node: NodeInfo, delta: 1 | -1): void {
    if (delta > 0) node.add(pod);
    else node.remove(pod);
    const equals = (this.#priorities.get(pod.priority) ?? 0) + delta;
    if (equals > 0) this.#priorities.set(pod.priority, equals);
    else this.#priorities.delete(pod.priority);
    if (hasTerms(pod.shape)) {
      if (delta > 0) this.podsWithTerms.add(pod);
      else this.podsWithTerms.delete(pod);
    }
    this.#group(pod, delta);
    if (this.#log.length >= LOG_MAX) {
      this.#log = this.#log.slice(LOG_MAX / 2);
      this.#logStart += LOG_MAX / 2;
    }
    this.#log.push({ pod, node, delta });
    this.version++;
  }
  #group(pod: PodInfo, delta: 1 | -1): void {
    let groups = this.#groups.get(pod.namespace);
    if (!groups) this.#groups.set(pod.namespace, (groups = new Map()));
    let group = groups.get(pod.shapeText);
    if (!group) groups.set(pod.shapeText, (group = { shape: pod.shape, pods: new Set() }));
    if (delta > 0) group.pods.add(pod);
    else group.pods.delete(pod);
    if (group.pods.size === 0) groups.delete(pod.shapeText);
    if (groups.size === 0) this.#groups.delete(pod.namespace);
  }
  #unplace(placed: Placed): void {
    const node = this.#byName.get(placed.nodeName);
    if (node) this.#settle(placed.pod, node, -1);
    else this.#stray.get(placed.nodeName)?.delete(placed.pod.uid);
  }
  #strayOn(nodeName: string): Set<string> {
    const uids = this.#stray.get(nodeName) ?? new Set<string>();
    this.#stray.set(nodeName, uids);
    return uids;
  }
  #relayout(): void {
    this.layout++;
    this.version++;
    this.#index = new NodeIndex(this.#nodes);
  }
}
