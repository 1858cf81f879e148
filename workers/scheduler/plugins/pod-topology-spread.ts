// PodTopologySpread: pods of a kind spread over zones and hosts, as constraints ask or by the system's defaults
// (upstream: plugins/podtopologyspread).
import { defineSchedulerPlugin, MAX_NODE_SCORE, type PodChange, refusal, unresolvable } from "../../../shared/scheduling/framework.ts";
import type { PodShape } from "../../../shared/scheduling/views.ts";
import { HardSpread, hasKeys, podMatcher, SoftSpread, softConstraints } from "../spread.ts";

const NAME = "PodTopologySpread";
const SKEWED = refusal(NAME, "node(s) didn't match pod topology spread constraints");
const NO_LABEL = unresolvable(NAME, "node(s) didn't match pod topology spread constraints (missing required label)");
/** A node without the labels; its score is no count. */
const IGNORED = -1;

interface State {
  readonly hard: readonly HardSpread[];
  readonly soft: readonly SoftSpread[];
  /** By node index: lacks a key of the pod's own soft constraints. Absent: none does. */
  readonly ignored: Uint8Array | undefined;
}

function follow(state: State, shape: PodShape, { pod, node, delta }: PodChange): void {
  if (pod.terminating || pod.namespace !== shape.namespace) return;
  for (const spread of state.hard) spread.count(pod.shape, node, delta);
  for (const spread of state.soft) spread.count(pod.shape, node, delta);
}

export const podTopologySpread = defineSchedulerPlugin<State>({
  name: NAME,
  weight: 2,
  scope: "cluster",
  prepare(shape, cluster) {
    const hardConstraints = (shape.spread ?? []).filter((one) => one.hard);
    const soft = softConstraints(shape, cluster);
    if (hardConstraints.length === 0 && soft.constraints.length === 0) return { is: "skip" };
    const keys = hardConstraints.map((one) => one.topologyKey);
    const hard = hardConstraints.map((one) => new HardSpread(one, shape, cluster, (node) => hasKeys(node, keys)));
    const softKeys = soft.own ? soft.constraints.map((one) => one.topologyKey) : [];
    const spreads = soft.constraints.map((one) => new SoftSpread(one, soft.matches ?? podMatcher(one), shape, cluster, softKeys));
    const ignored = softKeys.length > 0 ? Uint8Array.from(cluster.nodes, (node) => (hasKeys(node, softKeys) ? 0 : 1)) : undefined;
    const state: State = { hard, soft: spreads, ignored };
    for (const group of cluster.groups(shape.namespace)) {
      if (![...hard, ...spreads].some((spread) => spread.shapes.has(group.shape))) continue;
      for (const pod of group.pods) {
        const node = cluster.nodeOf(pod.uid);
        if (node) follow(state, shape, { pod, node, delta: 1 });
      }
    }
    return { is: "ready", state };
  },
  follow,
  filters: (state) => state.hard.length > 0,
  filter(state, _shape, node) {
    for (const spread of state.hard) {
      if (!spread.hasLabel(node)) return NO_LABEL;
      if (spread.skewWith(node) > spread.constraint.maxSkew) return SKEWED;
    }
    return undefined;
  },
  preScore(state, _shape, nodes) {
    if (state.soft.length === 0) return false;
    for (const spread of state.soft) spread.measure(nodes, state.ignored);
    return true;
  },
  score(state, _shape, node) {
    if (state.ignored?.[node.index]) return IGNORED;
    let sum = 0;
    for (const spread of state.soft) sum += spread.score(node);
    return Math.round(sum);
  },
  normalize(_state, scores, count) {
    let min = Infinity;
    let max = 0;
    for (let at = 0; at < count; at++) {
      const score = scores[at] ?? 0;
      if (score === IGNORED) continue;
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let at = 0; at < count; at++) {
      const score = scores[at] ?? 0;
      if (score === IGNORED) scores[at] = 0;
      else scores[at] = max === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (max + min - score)) / max);
    }
  },
  hint(event, pod) {
    if (event.on === "node") return event.change.added || event.change.labels || event.change.taints;
    if (event.on === "nodeRemoved") return true;
    if (event.on !== "podAdded" && event.on !== "podRemoved" && event.on !== "podUpdated") return false;
    if (event.pod.namespace !== pod.namespace) return false;
    return (pod.shape.spread ?? []).some((one) => one.hard && podMatcher(one)(event.pod.shape));
  },
});
