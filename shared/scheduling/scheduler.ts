// A scheduler of one profile without its clock and its stores: told of objects by key, it says which pods go where.
import type { LedgerObject } from "./cluster-objects.ts";
import type { AnyPlugin, ClusterEvent } from "./framework.ts";
import { Ledger } from "./ledger.ts";
import type { PodInfo } from "./pod-info.ts";
import { SchedulingQueue } from "./queue.ts";
import { type Decision, SchedulingCycle } from "./schedule.ts";
import type { NodeView, PodView } from "./views.ts";
import type { Labels } from "../meta/labels.ts";

export interface NamespaceView {
  readonly name: string;
  readonly labels: Labels;
}
/** An object that the scheduler watches, by sort. */
export type Watched =
  | { readonly sort: "pod"; readonly view: PodView }
  | { readonly sort: "node"; readonly view: NodeView }
  | { readonly sort: "namespace"; readonly view: NamespaceView }
  | LedgerObject;
export type WatchedSort = Watched["sort"];

export interface SchedulerOptions {
  /** Only pods whose spec.schedulerName is this. */
  readonly profile: string;
  readonly plugins: readonly AnyPlugin[];
  readonly dice: (below: number) => number;
}

export class Scheduler {
  readonly ledger = new Ledger();
  readonly queue: SchedulingQueue;
  readonly #profile: string;
  readonly #plugins: readonly AnyPlugin[];
  readonly #cycle: SchedulingCycle;
  /** uid of each pod by `namespace/name`. */
  readonly #uids = new Map<string, string>();
  /** What was last heard of each other object, by sort and `namespace/name`. */
  readonly #known = new Map<WatchedSort, Map<string, Exclude<Watched, { readonly sort: "pod" }>>>();
  #events: ClusterEvent[] = [];

  constructor(options: SchedulerOptions) {
    this.#profile = options.profile;
    this.#plugins = options.plugins;
    this.queue = new SchedulingQueue(options.plugins);
    this.#cycle = new SchedulingCycle(options);
  }

  /** The object as it is now. Hearing the same again does nothing. */
  put(object: Watched, now: number): void {
    const key = keyOf(object);
    if (object.sort === "pod") return this.#hearPod(key, object.view, now);
    let ofSort = this.#known.get(object.sort);
    if (!ofSort) this.#known.set(object.sort, (ofSort = new Map()));
    ofSort.set(key, object);
    switch (object.sort) {
      case "node":
        return this.#heard(this.ledger.putNode(object.view));
      case "namespace":
        return this.#heard(this.ledger.putNamespace(object.view.name, object.view.labels));
      default:
        return this.#heard(this.ledger.put(object));
    }
  }

  /** This pod is gone, if it is what was last heard of under its name. `key`: `namespace/name`. */
  dropPod(key: string, uid: string): void {
    if (this.#uids.get(key) === uid) this.drop("pod", key);
  }
  /** The object is gone. `key`: `namespace/name`. */
  drop(sort: WatchedSort, key: string): void {
    if (sort === "pod") {
      this.#dropPod(this.#uids.get(key));
      this.#uids.delete(key);
      return;
    }
    const known = this.#known.get(sort)?.get(key);
    if (!known) return;
    this.#known.get(sort)?.delete(key);
    switch (known.sort) {
      case "node":
        return this.#heard(this.ledger.removeNode(known.view.name));
      case "namespace":
        return this.#heard(this.ledger.putNamespace(known.view.name, undefined));
      default:
        return this.#heard(this.ledger.remove(known));
    }
  }

  /** Whether anything was heard of a pod of this name since the last one of that name went. `key`: `namespace/name`. */
  knowsPod(key: string): boolean {
    return this.#uids.has(key);
  }
  /** A binding was seen in the store; true when nothing more needs to be known of the pod. */
  confirm(uid: string, nodeName: string): boolean {
    const pod = this.queue.pod(uid);
    if (!this.ledger.isPlaced(uid) || this.ledger.nodeOf(uid)?.name !== nodeName) return false;
    if (pod) {
      this.#heard(this.ledger.placePod(pod, nodeName, { assumed: false }));
      this.queue.remove(uid);
    }
    return true;
  }

  /** Decides for up to `max` pods. Pods with a node are assumed there until `bound` or `bindFailed` follows. */
  decide(max: number, now: number): Decision[] {
    this.queue.move(this.#events, now);
    this.#events = [];
    const decisions = this.#cycle.schedule(this.queue.take(max, now), this.ledger, now);
    for (const decision of decisions) {
      if (decision.do !== "unschedulable") continue;
      const { pod: refused, message, nominatedNodeName } = decision;
      this.queue.refused(refused.uid, decision.plugins, now);
      this.queue.told(refused.uid, { refusal: message, ...(nominatedNodeName !== undefined && { nominatedNodeName }) });
      for (const pod of decision.displaced) this.queue.activate(pod.uid, now);
    }
    return decisions;
  }
  bound(pod: PodInfo, nodeName: string): void {
    this.queue.remove(pod.uid);
    this.#heard(this.ledger.placePod(pod, nodeName, { assumed: false }));
  }
  /** `gone`: the pod is bound elsewhere or no longer there, so it is not tried again. */
  bindFailed(pod: PodInfo, options: { readonly gone: boolean }, now: number): void {
    this.#heard(this.ledger.forget(pod.uid));
    if (options.gone) this.queue.remove(pod.uid);
    else this.queue.failed(pod.uid, now);
  }

  /** When `decide` is next worth calling; undefined: not before something is heard. */
  nextAt(now: number): number | undefined {
    if (this.queue.count("active") > 0 || (this.#events.length > 0 && this.queue.count("unschedulable") > 0)) return now;
    return this.queue.nextBackoffAt();
  }
  /** Some pods wait for room: then every change may matter. */
  get isWaiting(): boolean {
    return this.queue.size > this.queue.count("gated");
  }

  #hearPod(key: string, view: PodView, now: number): void {
    const known = this.#uids.get(key);
    if (known !== view.uid) this.#dropPod(known);
    this.#uids.set(key, view.uid);
    this.#putPod(view, now);
  }
  #putPod(view: PodView, now: number): void {
    const { uid } = view;
    if (view.finished) return this.#dropPod(uid);
    if (view.nodeName) {
      this.queue.remove(uid);
      return this.#heard(this.ledger.putPod(view));
    }
    if (view.schedulerName !== this.#profile || view.terminating) return this.#dropPod(uid);
    // Its binding is on its way and this was seen before it arrived.
    if (this.ledger.isPlaced(uid)) return;
    const pod = this.ledger.shapes.podInfo(view);
    const gated = this.#plugins.some((plugin) => plugin.preEnqueue?.(view) !== undefined);
    if (!gated && pod.nominatedNodeName !== undefined && this.ledger.nominationOf(uid) === undefined) {
      this.ledger.nominate(pod, pod.nominatedNodeName);
    }
    this.queue.put(pod, { gated }, now);
  }
  #dropPod(uid: string | undefined): void {
    if (uid === undefined) return;
    this.queue.remove(uid);
    this.#heard(this.ledger.removePod(uid));
  }
  #heard(event: ClusterEvent | undefined): void {
    if (event) this.#events.push(event);
  }
}

const keyOf = ({ view }: Watched): string => `${"namespace" in view ? view.namespace : ""}/${view.name}`;
