// The scheduling cycle: for each pod of a batch find the nodes it fits, rate them, pick one, or tell why there is none.
// As upstream: pkg/scheduler/schedule_one.go, but pods of one class share their work.
import type { AnyPlugin, PostFilterAnswer, Refusal, VolumeChoice } from "./framework.ts";
import type { Ledger } from "./ledger.ts";
import { fitMessage, NO_NODES, refusedMessage } from "./messages.ts";
import type { NodeInfo } from "./node-info.ts";
import { changesOf, PodClass } from "./pod-class.ts";
import type { PodInfo } from "./pod-info.ts";

export interface Bind {
  readonly do: "bind";
  readonly pod: PodInfo;
  readonly nodeName: string;
  /** To be told before the binding. */
  readonly volumes: readonly VolumeChoice[];
}
export interface Unschedulable {
  readonly do: "unschedulable";
  readonly pod: PodInfo;
  readonly message: string;
  /** The plugins that refused it; only events that they care about make another attempt worthwhile. */
  readonly plugins: readonly string[];
  /** A name: keep that node for the pod; "": it has none any more; absent: as it was. */
  readonly nominatedNodeName?: string;
  /** To be deleted so that the pod fits. */
  readonly victims: readonly PodInfo[];
  /** Pods of lower priority that the node is no longer kept for. */
  readonly displaced: readonly PodInfo[];
}
export type Decision = Bind | Unschedulable;

/** Fewer nodes are all looked at (upstream: minFeasibleNodesToFind). */
const FEASIBLE_MIN = 100;
const FEASIBLE_PERCENT_MIN = 5;
/** Classes kept: each costs about 40 bytes for each node, so 16 MB in all, between 64 and 1,024 of them. */
const classesMax = (nodes: number): number => Math.min(Math.max(Math.trunc(400_000 / nodes), 64), 1024);

/** How many feasible nodes are enough (upstream: numFeasibleNodesToFind). */
export function feasibleNodesWanted(nodes: number): number {
  if (nodes < FEASIBLE_MIN) return nodes;
  const percent = Math.max(50 - Math.trunc(nodes / 125), FEASIBLE_PERCENT_MIN);
  return Math.max(Math.trunc((nodes * percent) / 100), FEASIBLE_MIN);
}

export interface CycleOptions {
  readonly plugins: readonly AnyPlugin[];
  /** A random integer in [0, below). */
  readonly dice: (below: number) => number;
}

export class SchedulingCycle {
  readonly #plugins: readonly AnyPlugin[];
  readonly #dice: (below: number) => number;
  readonly #classes = new Map<string, PodClass>();
  #nextStart = 0;
  #totals = new Float64Array(0);
  #now = 0;

  constructor(options: CycleOptions) {
    this.#plugins = options.plugins;
    this.#dice = options.dice;
  }

  /** Decides for each pod in turn; those that find a node are assumed in the ledger at once. */
  schedule(pods: readonly PodInfo[], ledger: Ledger, now: number): Decision[] {
    this.#now = now;
    return pods.map((pod) => this.#decide(pod, ledger));
  }

  #decide(pod: PodInfo, ledger: Ledger): Decision {
    const count = ledger.nodes.length;
    if (count === 0) return { do: "unschedulable", pod, message: NO_NODES, plugins: [], victims: [], displaced: [] };
    const podClass = this.#classOf(pod, classesMax(count));
    podClass.sync(ledger);
    if (podClass.refused) return this.#refuse(pod, podClass, podClass.refused, ledger);
    const shared = !pod.pinned && !pod.nominatedNodeName && ledger.nominationOf(pod.uid) === undefined;
    if (shared && podClass.memoVersion === ledger.version) return { ...(podClass.memo as Unschedulable), pod };
    const feasible = this.#feasible(pod, podClass, ledger);
    const node = feasible.length > 1 ? this.#best(podClass, feasible) : feasible[0];
    if (node) {
      const volumes = podClass.reserve(node);
      ledger.placePod(pod, node.name, { assumed: true });
      for (const choice of volumes) ledger.assumeVolume(choice);
      return { do: "bind", pod, nodeName: node.name, volumes };
    }
    const answer = this.#explain(pod, podClass, ledger);
    if (shared && !answer.nominatedNodeName) {
      podClass.memoVersion = ledger.version;
      podClass.memo = answer;
    }
    return answer;
  }

  #classOf(pod: PodInfo, max: number): PodClass {
    let found = this.#classes.get(pod.shapeText);
    if (found) this.#classes.delete(pod.shapeText);
    else {
      const [oldest] = this.#classes.size < max ? [] : this.#classes;
      if (oldest) this.#classes.delete(oldest[0]);
      found = new PodClass(pod.shape, this.#plugins, oldest?.[1]);
    }
    // Last used last, so that the first key is the one to drop.
    this.#classes.set(pod.shapeText, found);
    return found;
  }

  #feasible(pod: PodInfo, podClass: PodClass, ledger: Ledger): NodeInfo[] {
    const nominated = pod.nominatedNodeName ?? ledger.nominationOf(pod.uid);
    const first = nominated === undefined ? undefined : ledger.node(nominated);
    if (first && eligible(pod, podClass, first.name) && !this.#check(pod, podClass, first, ledger)) return [first];
    const only = namesFor(pod, podClass);
    if (only) {
      const named = Array.from(only, (name) => ledger.node(name)).filter((node) => node !== undefined);
      return named.filter((node) => eligible(pod, podClass, node.name) && !this.#check(pod, podClass, node, ledger));
    }
    const { nodes } = ledger;
    const wanted = feasibleNodesWanted(nodes.length);
    const found: NodeInfo[] = [];
    let at = this.#nextStart % nodes.length;
    let looked = 0;
    for (; looked < nodes.length && found.length < wanted; looked++) {
      const node = nodes[at];
      if (node && !this.#check(pod, podClass, node, ledger)) found.push(node);
      at = at + 1 === nodes.length ? 0 : at + 1;
    }
    this.#nextStart = (this.#nextStart + looked) % nodes.length;
    return found;
  }

  /** With pods that are nominated to the node and go first, and without them (upstream: RunFilterPluginsWithNominatedPods). */
  #check(pod: PodInfo, podClass: PodClass, node: NodeInfo, ledger: Ledger): Refusal | undefined {
    if (ledger.hasNominations) {
      const ahead = aheadOf(pod, ledger, node.name);
      if (ahead.length > 0) {
        const copy = node.copy();
        for (const one of ahead) copy.add(one);
        const refusal = podClass.checkWith(copy, changesOf(ahead, node, 1));
        if (refusal) return refusal;
      }
    }
    return podClass.check(node);
  }

  #best(podClass: PodClass, nodes: readonly NodeInfo[]): NodeInfo | undefined {
    if (this.#totals.length < nodes.length) this.#totals = new Float64Array(Math.max(nodes.length, 256));
    const totals = this.#totals;
    podClass.score(nodes, totals);
    let best = 0;
    let ties = 1;
    for (let at = 1; at < nodes.length; at++) {
      const total = totals[at] ?? 0;
      const top = totals[best] ?? 0;
      if (total > top) {
        best = at;
        ties = 1;
      } else if (total === top) ties++;
    }
    if (ties === 1) return nodes[best];
    const top = totals[best];
    let lot = this.#dice(ties);
    for (let at = best; at < nodes.length; at++) if (totals[at] === top && lot-- === 0) return nodes[at];
    return nodes[best];
  }

  #refuse(pod: PodInfo, podClass: PodClass, refused: Refusal, ledger: Ledger): Unschedulable {
    const after = this.#postFilter(pod, podClass, ledger, undefined);
    const reason = refused.reasons.join(", ");
    return {
      do: "unschedulable",
      pod,
      message: refusedMessage(ledger.nodes.length, reason, after.reasons.join(", ")),
      plugins: [refused.plugin],
      ...(after.nominatedNodeName !== undefined && { nominatedNodeName: after.nominatedNodeName }),
      victims: after.victims ?? [],
      displaced: after.displaced,
    };
  }

  #explain(pod: PodInfo, podClass: PodClass, ledger: Ledger): Unschedulable {
    const elsewhere = notNamed(pod, podClass);
    const refusalOf = (node: NodeInfo): Refusal | undefined => (eligible(pod, podClass, node.name) ? this.#check(pod, podClass, node, ledger) : elsewhere);
    const { counts, plugins } = histogram(ledger.nodes, refusalOf);
    const after = this.#postFilter(pod, podClass, ledger, refusalOf);
    return {
      do: "unschedulable",
      pod,
      message: fitMessage(ledger.nodes.length, counts, after.reasons.join(", ")),
      plugins: Array.from(plugins),
      ...(after.nominatedNodeName !== undefined && { nominatedNodeName: after.nominatedNodeName }),
      victims: after.victims ?? [],
      displaced: after.displaced,
    };
  }

  #postFilter(
    pod: PodInfo,
    podClass: PodClass,
    ledger: Ledger,
    refusalOf: ((node: NodeInfo) => Refusal | undefined) | undefined,
  ): PostFilterAnswer & { readonly displaced: readonly PodInfo[] } {
    const reasons: string[] = [];
    let cleared: string | undefined;
    const context = {
      pod,
      cluster: ledger,
      refusalOf,
      tryNode: (node: NodeInfo, removed: readonly PodInfo[]): Refusal | undefined => {
        const ahead = aheadOf(pod, ledger, node.name);
        const gone = changesOf(removed, node, -1);
        if (ahead.length === 0) return podClass.checkWith(node, gone);
        const full = node.copy();
        for (const one of ahead) full.add(one);
        return podClass.checkWith(full, [...gone, ...changesOf(ahead, node, 1)]) ?? podClass.checkWith(node, gone);
      },
      dice: this.#dice,
      now: this.#now,
    };
    for (const plugin of this.#plugins) {
      const answer = plugin.postFilter?.(context);
      if (!answer) continue;
      if (answer.stop) return { ...answer, displaced: [] };
      reasons.push(...answer.reasons);
      cleared = answer.nominatedNodeName ?? cleared;
      if (answer.nominatedNodeName) {
        const displaced = Array.from(ledger.nominatedTo(answer.nominatedNodeName)).filter((one) => one.priority < pod.priority);
        for (const one of displaced) ledger.denominate(one.uid);
        ledger.nominate(pod, answer.nominatedNodeName);
        return { ...answer, reasons: [], displaced };
      }
    }
    if (cleared === "") ledger.denominate(pod.uid);
    return { reasons, displaced: [], ...(cleared !== undefined && { nominatedNodeName: cleared }) };
  }
}

/** Convenience for a single batch; keep a SchedulingCycle to keep what it learnt. */
export const schedule = (pods: readonly PodInfo[], ledger: Ledger, options: CycleOptions, now: number): Decision[] =>
  new SchedulingCycle(options).schedule(pods, ledger, now);

/** How many nodes gave each reason. Neighbours mostly give the same one, so runs are counted first. */
function histogram(
  nodes: readonly NodeInfo[],
  refusalOf: (node: NodeInfo) => Refusal | undefined,
): { readonly counts: Map<string, number>; readonly plugins: Set<string> } {
  const counts = new Map<string, number>();
  const plugins = new Set<string>();
  let run = 0;
  let last: Refusal | undefined;
  const flush = (): void => {
    if (!last) return;
    plugins.add(last.plugin);
    for (const reason of last.reasons) counts.set(reason, (counts.get(reason) ?? 0) + run);
  };
  for (const node of nodes) {
    const refusal = refusalOf(node);
    if (refusal !== last) {
      flush();
      last = refusal;
      run = 0;
    }
    run++;
  }
  flush();
  return { counts, plugins };
}

const eligible = (pod: PodInfo, podClass: PodClass, name: string): boolean =>
  (!pod.pinned || pod.pinned.includes(name)) && (!podClass.nodeNames || podClass.nodeNames.has(name));
const namesFor = (pod: PodInfo, podClass: PodClass): Iterable<string> | undefined => pod.pinned ?? podClass.nodeNames;
function notNamed(pod: PodInfo, podClass: PodClass): Refusal {
  const names = new Set(podClass.narrowedBy);
  if (pod.pinned) names.add("NodeAffinity");
  const list = Array.from(names).sort();
  return { plugin: list[0] ?? "NodeAffinity", reasons: [`node(s) didn't satisfy plugin(s) [${list.join(" ")}]`], unresolvable: true };
}
const aheadOf = (pod: PodInfo, ledger: Ledger, nodeName: string): PodInfo[] =>
  Array.from(ledger.nominatedTo(nodeName)).filter((one) => one.uid !== pod.uid && one.priority >= pod.priority);
