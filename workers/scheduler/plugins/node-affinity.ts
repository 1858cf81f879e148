// NodeAffinity: nodeSelector, required and preferred node affinity (upstream: plugins/nodeaffinity).
import { defineSchedulerPlugin, type Prepared, unresolvable } from "../../../shared/scheduling/framework.ts";
import { matchesNodeAffinity, matchesNodeTerm } from "../../../shared/scheduling/node-terms.ts";
import type { NodeTerm } from "../../../shared/scheduling/views.ts";
import { normalizeScores } from "../normalize.ts";

const NAME = "NodeAffinity";
const REFUSAL = unresolvable(NAME, "node(s) didn't match Pod's node affinity/selector");
const CONFLICT = unresolvable(NAME, "pod affinity terms conflict");

/** The nodes that the terms name; undefined when a term names none, for then all are possible. */
function namedNodes(terms: readonly NodeTerm[]): Set<string> | undefined {
  const all = new Set<string>();
  for (const term of terms) {
    let names: string[] | undefined;
    for (const { key, operator, values = [] } of term.matchFields ?? []) {
      if (key !== "metadata.name" || operator !== "In") continue;
      names = names ? names.filter((name) => values.includes(name)) : values;
    }
    if (!names) return undefined;
    for (const name of names) all.add(name);
  }
  return all;
}

export const nodeAffinity = defineSchedulerPlugin<undefined>({
  name: NAME,
  weight: 2,
  scope: "node",
  prepare(shape): Prepared<undefined> {
    const { requiredNodes = [] } = shape;
    if (!shape.nodeSelector && !shape.requiredNodes && !shape.preferredNodes) return { is: "skip" };
    const nodeNames = requiredNodes.length > 0 ? namedNodes(requiredNodes) : undefined;
    if (!nodeNames) return { is: "ready", state: undefined };
    return nodeNames.size === 0 ? { is: "refused", refusal: CONFLICT } : { is: "ready", state: undefined, nodeNames };
  },
  filter: (_state, shape, node) => (matchesNodeAffinity(shape, node) ? undefined : REFUSAL),
  score(_state, shape, node) {
    let sum = 0;
    for (const { weight, term } of shape.preferredNodes ?? []) if (weight !== 0 && matchesNodeTerm(term, node)) sum += weight;
    return sum;
  },
  preScore: (_state, shape) => shape.preferredNodes !== undefined,
  normalize: (_state, scores, count) => normalizeScores(scores, count),
  hint: (event, pod) =>
    event.on === "node" &&
    (event.change.added || event.change.labels) &&
    (!pod.pinned || pod.pinned.includes(event.node.name)) &&
    matchesNodeAffinity(pod.shape, event.node),
});
