// InterPodAffinity: pods that want to be near or away from other pods (upstream: plugins/interpodaffinity). Counts matching pods
// for each topology pair once for a class, and follows every pod that joins or leaves a node.
import { matchesLabelSelector } from "../../../shared/meta/labels.ts";
import { type Cluster, defineSchedulerPlugin, MAX_NODE_SCORE, refusal, unresolvable } from "../../../shared/scheduling/framework.ts";
import type { NodeInfo } from "../../../shared/scheduling/node-info.ts";
import { hasTerms } from "../../../shared/scheduling/pod-info.ts";
import type { PodShape, PodTerm } from "../../../shared/scheduling/views.ts";

const NAME = "InterPodAffinity";
const AFFINITY = unresolvable(NAME, "node(s) didn't match pod affinity rules");
const ANTI_AFFINITY = refusal(NAME, "node(s) didn't match pod anti-affinity rules");
const EXISTING_ANTI_AFFINITY = refusal(NAME, "node(s) didn't satisfy existing pods anti-affinity rules");
/** What a required affinity of a pod that is there is worth to one that comes (upstream: HardPodAffinityWeight). */
const HARD_AFFINITY_WEIGHT = 1;

/** Numbers by topology key and value. */
class PairCounts {
  readonly byKey = new Map<string, Map<string, number>>();

  add(key: string, node: NodeInfo, amount: number): void {
    const value = node.labels[key];
    if (value === undefined) return;
    let values = this.byKey.get(key);
    if (!values) this.byKey.set(key, (values = new Map()));
    const sum = (values.get(value) ?? 0) + amount;
    if (sum !== 0) values.set(value, sum);
    else {
      values.delete(value);
      if (values.size === 0) this.byKey.delete(key);
    }
  }
  get(key: string, value: string): number {
    return this.byKey.get(key)?.get(value) ?? 0;
  }
  get empty(): boolean {
    return this.byKey.size === 0;
  }
}

/** What one pod of some shape on a node changes for this class. */
interface Effects {
  readonly affinity: readonly string[];
  readonly antiAffinity: readonly string[];
  readonly existingAntiAffinity: readonly string[];
  readonly scores: readonly (readonly [key: string, weight: number])[];
}
const NO_EFFECTS: Effects = { affinity: [], antiAffinity: [], existingAntiAffinity: [], scores: [] };

interface State {
  readonly cluster: Cluster;
  readonly hasTerms: boolean;
  readonly matchesItself: boolean;
  readonly effects: WeakMap<PodShape, Effects>;
  readonly affinity: PairCounts;
  readonly antiAffinity: PairCounts;
  readonly existingAntiAffinity: PairCounts;
  readonly scores: PairCounts;
}

/** Does a term of a pod in namespace `home` mean this target? */
function means(term: PodTerm, home: string, target: PodShape, cluster: Cluster): boolean {
  const { namespaces, namespaceSelector } = term;
  const there =
    namespaces.length === 0 && !namespaceSelector
      ? target.namespace === home
      : namespaces.includes(target.namespace) ||
        (namespaceSelector !== undefined && matchesLabelSelector(namespaceSelector, cluster.namespaceLabels(target.namespace)));
  return there && matchesLabelSelector(term.selector, target.labels ?? {});
}

function effectsOf(own: PodShape, other: PodShape, cluster: Cluster): Effects {
  const fromOwn = (term: PodTerm): boolean => means(term, own.namespace, other, cluster);
  const fromOther = (term: PodTerm): boolean => means(term, other.namespace, own, cluster);
  const keys = (terms: readonly PodTerm[]): string[] => terms.map((term) => term.topologyKey);
  const weighed = (terms: readonly PodTerm[] | undefined, test: (term: PodTerm) => boolean, sign: number): [string, number][] =>
    (terms ?? []).filter(test).map((term) => [term.topologyKey, sign * (term.weight || HARD_AFFINITY_WEIGHT)]);
  const affinity = own.affinity?.every(fromOwn) ? keys(own.affinity) : [];
  const antiAffinity = keys((own.antiAffinity ?? []).filter(fromOwn));
  const existingAntiAffinity = keys((other.antiAffinity ?? []).filter(fromOther));
  const scores = [
    ...weighed(own.preferredAffinity, fromOwn, 1),
    ...weighed(own.preferredAntiAffinity, fromOwn, -1),
    ...weighed(other.affinity, fromOther, 1),
    ...weighed(other.preferredAffinity, fromOther, 1),
    ...weighed(other.preferredAntiAffinity, fromOther, -1),
  ];
  return { affinity, antiAffinity, existingAntiAffinity, scores };
}

function effectsFor(state: State, own: PodShape, other: PodShape): Effects {
  const known = state.effects.get(other);
  if (known) return known;
  const effects = effectsOf(own, other, state.cluster);
  const { affinity, antiAffinity, existingAntiAffinity, scores } = effects;
  const none = !affinity.length && !antiAffinity.length && !existingAntiAffinity.length && !scores.length;
  state.effects.set(other, none ? NO_EFFECTS : effects);
  return none ? NO_EFFECTS : effects;
}

function count(state: State, own: PodShape, other: PodShape, node: NodeInfo, delta: number): void {
  if (!state.hasTerms && !hasTerms(other)) return;
  const effects = effectsFor(state, own, other);
  if (effects === NO_EFFECTS) return;
  for (const key of effects.affinity) state.affinity.add(key, node, delta);
  for (const key of effects.antiAffinity) state.antiAffinity.add(key, node, delta);
  for (const key of effects.existingAntiAffinity) state.existingAntiAffinity.add(key, node, delta);
  for (const [key, weight] of effects.scores) state.scores.add(key, node, weight * delta);
}

function affinityHolds(state: State, terms: readonly PodTerm[], node: NodeInfo): boolean {
  let all = true;
  for (const { topologyKey } of terms) {
    const value = node.labels[topologyKey];
    if (value === undefined) return false;
    if (state.affinity.get(topologyKey, value) <= 0) all = false;
  }
  // The first of pods that want each other's company may start anywhere.
  return all || (state.affinity.empty && state.matchesItself);
}

function crowded(counts: PairCounts, node: NodeInfo): boolean {
  for (const [key, values] of counts.byKey) {
    const value = node.labels[key];
    if (value !== undefined && (values.get(value) ?? 0) > 0) return true;
  }
  return false;
}

export const interPodAffinity = defineSchedulerPlugin<State>({
  name: NAME,
  weight: 2,
  scope: "cluster",
  prepare(shape, cluster) {
    const state: State = {
      cluster,
      hasTerms: hasTerms(shape),
      matchesItself: (shape.affinity ?? []).every((term) => means(term, shape.namespace, shape, cluster)),
      effects: new WeakMap(),
      affinity: new PairCounts(),
      antiAffinity: new PairCounts(),
      existingAntiAffinity: new PairCounts(),
      scores: new PairCounts(),
    };
    if (state.hasTerms) {
      for (const group of cluster.groups()) {
        if (effectsFor(state, shape, group.shape) === NO_EFFECTS) continue;
        for (const pod of group.pods) {
          const node = cluster.nodeOf(pod.uid);
          if (node) count(state, shape, pod.shape, node, 1);
        }
      }
    } else {
      for (const pod of cluster.podsWithTerms) {
        const node = cluster.nodeOf(pod.uid);
        if (node) count(state, shape, pod.shape, node, 1);
      }
    }
    return { is: "ready", state };
  },
  follow: (state, shape, { pod, node, delta }) => count(state, shape, pod.shape, node, delta),
  filters: (state) => state.hasTerms || !state.existingAntiAffinity.empty,
  filter(state, shape, node) {
    if (shape.affinity && !affinityHolds(state, shape.affinity, node)) return AFFINITY;
    if (shape.antiAffinity && crowded(state.antiAffinity, node)) return ANTI_AFFINITY;
    return crowded(state.existingAntiAffinity, node) ? EXISTING_ANTI_AFFINITY : undefined;
  },
  preScore: (state) => !state.scores.empty,
  score(state, _shape, node) {
    let sum = 0;
    for (const [key, values] of state.scores.byKey) {
      const value = node.labels[key];
      if (value !== undefined) sum += values.get(value) ?? 0;
    }
    return sum;
  },
  normalize(_state, scores, length) {
    let min = Infinity;
    let max = -Infinity;
    for (let at = 0; at < length; at++) {
      const score = scores[at] ?? 0;
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let at = 0; at < length; at++) {
      scores[at] = max > min ? Math.trunc(MAX_NODE_SCORE * (((scores[at] ?? 0) - min) / (max - min))) : 0;
    }
  },
  hint(event, { shape }) {
    if (event.on === "namespace") return true;
    if (event.on === "node") return event.change.added || event.change.labels;
    if (event.on === "podAdded") return matchesAny(shape.affinity, shape, event.pod.shape);
    if (event.on === "podUpdated") return true;
    if (event.on !== "podRemoved") return false;
    return matchesAny(shape.antiAffinity, shape, event.pod.shape) || event.pod.shape.antiAffinity !== undefined;
  },
});

/** Generous: does not look at namespace selectors. */
const matchesAny = (terms: readonly PodTerm[] | undefined, own: PodShape, other: PodShape): boolean =>
  (terms ?? []).some(
    (term) =>
      (term.namespaceSelector !== undefined || (term.namespaces.length === 0 ? [own.namespace] : term.namespaces).includes(other.namespace)) &&
      matchesLabelSelector(term.selector, other.labels ?? {}),
  );
