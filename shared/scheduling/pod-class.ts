// All pods that ask for the same, in the scheduler's memory: what each plugin prepared for them, and for each node the
// answers that hold until the node changes. This is what makes a thousand replicas cheap.
import type { AnyPlugin, Cluster, PodChange, Refusal, VolumeChoice } from "./framework.ts";
import type { Ledger } from "./ledger.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodShape } from "./views.ts";

interface Slot {
  readonly plugin: AnyPlugin;
  readonly state: unknown;
  readonly weight: number;
}
interface ScoreSlot extends Slot {
  /** Raw scores by node, when they hold until the node changes. */
  readonly raw: Float64Array | undefined;
}

export class PodClass {
  readonly shape: PodShape;
  readonly #plugins: readonly AnyPlugin[];
  #layout = -1;
  #cursor = 0;
  /** Refused before any node is looked at. */
  refused: Refusal | undefined;
  /** Only these nodes, and the plugins that say so. */
  nodeNames: ReadonlySet<string> | undefined;
  narrowedBy: readonly string[] = [];
  #nodeFilters: Slot[] = [];
  #clusterFilters: Slot[] = [];
  /** Scores that need no normalizing and hold until the node changes: kept as one sum. */
  #plainScores: Slot[] = [];
  #scores: ScoreSlot[] = [];
  #followers: Slot[] = [];
  #reservers: Slot[] = [];
  #seen = new Uint32Array(0);
  /** 0: fits; otherwise 1 + the place in #refusals. */
  #verdict = new Uint16Array(0);
  #plain = new Float64Array(0);
  #refusals: Refusal[] = [];
  readonly #refusalPlaces = new Map<string, number>();
  #buffer = new Float64Array(0);
  #spare: Float64Array[] = [];
  /** The ledger's version at which the whole class was found to fit nowhere, and the answer then. */
  memoVersion = -1;
  memo: unknown;

  /** `heirOf`: a class that is no longer needed, whose memory this one takes over. */
  constructor(shape: PodShape, plugins: readonly AnyPlugin[], heirOf?: PodClass) {
    this.shape = shape;
    this.#plugins = plugins;
    if (!heirOf) return;
    this.#seen = heirOf.#seen;
    this.#verdict = heirOf.#verdict;
    this.#plain = heirOf.#plain;
    this.#buffer = heirOf.#buffer;
    this.#spare = heirOf.#scores.flatMap(({ raw }) => (raw ? [raw] : []));
  }

  /** Catches up with the ledger. Call before anything else in a cycle. */
  sync(ledger: Ledger): void {
    if (this.#layout !== ledger.layout) this.#prepare(ledger);
    else if (this.#cursor !== ledger.logEnd) {
      if (this.#followers.length > 0 && !ledger.changesSince(this.#cursor, (change) => this.follow(change))) this.#prepare(ledger);
    }
    this.#cursor = ledger.logEnd;
  }

  follow(change: PodChange): void {
    for (const { plugin, state } of this.#followers) plugin.follow?.(state, this.shape, change);
  }

  #prepare(ledger: Ledger): void {
    this.#layout = ledger.layout;
    this.refused = undefined;
    this.nodeNames = undefined;
    this.narrowedBy = [];
    this.#nodeFilters = [];
    this.#clusterFilters = [];
    this.#plainScores = [];
    for (const { raw } of this.#scores) if (raw) this.#spare.push(raw);
    this.#scores = [];
    this.#followers = [];
    this.#reservers = [];
    const count = ledger.nodes.length;
    if (this.#seen.length === count) this.#seen.fill(0);
    else {
      this.#seen = new Uint32Array(count);
      this.#verdict = new Uint16Array(count);
      this.#plain = new Float64Array(count);
      this.#buffer = new Float64Array(count);
      this.#spare = [];
    }
    for (const plugin of this.#plugins) {
      this.#preparePlugin(plugin, ledger, count);
      if (this.refused) return;
    }
  }

  #preparePlugin(plugin: AnyPlugin, cluster: Cluster, count: number): void {
    const prepared = plugin.prepare?.(this.shape, cluster) ?? { is: "ready", state: undefined };
    if (prepared.is === "skip") return;
    if (prepared.is === "refused") {
      this.refused = prepared.refusal;
      return;
    }
    const slot: Slot = { plugin, state: prepared.state, weight: plugin.weight ?? 1 };
    if (prepared.nodeNames) this.#narrow(plugin.name, prepared.nodeNames);
    if (plugin.filter) (plugin.scope === "node" ? this.#nodeFilters : this.#clusterFilters).push(slot);
    if (plugin.follow) this.#followers.push(slot);
    if (plugin.reserve) this.#reservers.push(slot);
    if (!plugin.score) return;
    if (plugin.scope === "node" && !plugin.normalize && !plugin.preScore) this.#plainScores.push(slot);
    else this.#scores.push({ ...slot, raw: plugin.scope === "node" ? (this.#spare.pop() ?? new Float64Array(count)) : undefined });
  }

  #narrow(name: string, nodeNames: ReadonlySet<string>): void {
    const before = this.nodeNames;
    this.nodeNames = before ? new Set(Array.from(before).filter((one) => nodeNames.has(one))) : nodeNames;
    this.narrowedBy = [...this.narrowedBy, name];
    if (this.nodeNames.size > 0) return;
    const only = this.narrowedBy.length === 1;
    const reason = `node(s) didn't satisfy plugin${only ? ` ${name}` : `(s) [${this.narrowedBy.join(" ")}] simultaneously`}`;
    this.refused = { plugin: name, reasons: [reason], unresolvable: true };
  }

  /** Whether pods of this class fit a node as it is now. */
  check(node: NodeInfo): Refusal | undefined {
    const { index } = node;
    if (this.#seen[index] !== node.version) this.#look(node);
    const verdict = this.#verdict[index] ?? 0;
    if (verdict > 0) return this.#refusals[verdict - 1];
    return this.#clusterFilters.length > 0 ? this.#run(this.#clusterFilters, node) : undefined;
  }

  /** The same for a node that is not (quite) the ledger's; keeps nothing. */
  checkCopy(node: NodeInfo): Refusal | undefined {
    return this.#run(this.#nodeFilters, node) ?? this.#run(this.#clusterFilters, node);
  }

  #look(node: NodeInfo): void {
    const { index } = node;
    const refusal = this.#run(this.#nodeFilters, node);
    this.#seen[index] = node.version;
    this.#verdict[index] = refusal ? this.#placeOf(refusal) + 1 : 0;
    if (refusal) return;
    let plain = 0;
    for (const { plugin, state, weight } of this.#plainScores) plain += weight * (plugin.score?.(state, this.shape, node) ?? 0);
    this.#plain[index] = plain;
    for (const { plugin, state, raw } of this.#scores) if (raw) raw[index] = plugin.score?.(state, this.shape, node) ?? 0;
  }

  #run(slots: readonly Slot[], node: NodeInfo): Refusal | undefined {
    for (const { plugin, state } of slots) {
      if (plugin.filters && !plugin.filters(state)) continue;
      const refusal = plugin.filter?.(state, this.shape, node);
      if (refusal) return refusal;
    }
    return undefined;
  }

  /** Refusals repeat: each distinct one is kept once. */
  #placeOf(refusal: Refusal): number {
    const key = `${refusal.unresolvable ? "!" : "?"}${refusal.plugin}:${refusal.reasons.join("|")}`;
    let place = this.#refusalPlaces.get(key);
    if (place === undefined) {
      place = this.#refusals.length;
      this.#refusals.push(refusal);
      this.#refusalPlaces.set(key, place);
    }
    return place;
  }

  /** What comes with placing a pod of this class on the node. */
  reserve(node: NodeInfo): readonly VolumeChoice[] {
    return this.#reservers.flatMap(({ plugin, state }) => plugin.reserve?.(state, this.shape, node) ?? []);
  }

  /** Writes the total score of each feasible node (all just checked) to the front of `totals`. */
  score(nodes: readonly NodeInfo[], totals: Float64Array): void {
    const count = nodes.length;
    for (let at = 0; at < count; at++) totals[at] = this.#plain[nodes[at]?.index ?? 0] ?? 0;
    const buffer = this.#buffer;
    for (const { plugin, state, weight, raw } of this.#scores) {
      if (plugin.preScore && !plugin.preScore(state, this.shape, nodes)) continue;
      for (let at = 0; at < count; at++) {
        const node = nodes[at];
        if (node) buffer[at] = raw ? (raw[node.index] ?? 0) : (plugin.score?.(state, this.shape, node) ?? 0);
      }
      plugin.normalize?.(state, buffer, count, nodes);
      for (let at = 0; at < count; at++) totals[at] = (totals[at] ?? 0) + weight * (buffer[at] ?? 0);
    }
  }

  /** Checks a copy while some pods count as absent or present elsewhere in the class's states; puts them back. */
  checkWith(node: NodeInfo, changes: readonly PodChange[]): Refusal | undefined {
    for (const change of changes) this.follow(change);
    const refusal = this.checkCopy(node);
    for (const { pod, node: where, delta } of changes) this.follow({ pod, node: where, delta: delta === 1 ? -1 : 1 });
    return refusal;
  }
}

export const changesOf = (pods: readonly PodInfo[], node: NodeInfo, delta: 1 | -1): PodChange[] => pods.map((pod) => ({ pod, node, delta }));
