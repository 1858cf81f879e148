// Who must go so that a pod of higher priority fits: the fewest and least important pods of one node.
// As upstream: framework/preemption/preemption.go and plugins/defaultpreemption.
import { matchesLabelSelector } from "../../shared/meta/labels.ts";
import type { PostFilterAnswer, PostFilterContext } from "../../shared/scheduling/framework.ts";
import { fitMessage } from "../../shared/scheduling/messages.ts";
import type { NodeInfo } from "../../shared/scheduling/node-info.ts";
import type { PodInfo } from "../../shared/scheduling/pod-info.ts";
import type { BudgetView } from "../../shared/scheduling/views.ts";

const NOT_HELPFUL = "Preemption is not helpful for scheduling";
const NO_VICTIMS = "No preemption victims found for incoming pod";
const NEVER = "not eligible due to preemptionPolicy=Never.";
const LEAVING = "not eligible due to a terminating pod on the nominated node.";
/** Candidates looked for: a tenth of the nodes, at least 100 (upstream: DefaultPreemptionArgs). */
const CANDIDATES_MIN = 100;
const CANDIDATES_SHARE = 0.1;

interface Candidate {
  readonly node: NodeInfo;
  readonly victims: readonly PodInfo[];
  readonly violations: number;
}

export function preempt(context: PostFilterContext): PostFilterAnswer {
  const { pod, cluster } = context;
  if (pod.neverPreempts) return { reasons: [NEVER] };
  if (waitsForVictims(context)) return { reasons: [LEAVING] };
  const { nodes } = cluster;
  const { refusalOf } = context;
  const potential = refusalOf ? nodes.filter((node) => refusalOf(node)?.unresolvable === false) : [];
  const counts = new Map<string, number>();
  const blame = (reason: string, count = 1): void => void counts.set(reason, (counts.get(reason) ?? 0) + count);
  if (potential.length < nodes.length) blame(NOT_HELPFUL, nodes.length - potential.length);
  const candidates = cluster.hasPodsBelow(pod.priority) ? dryRun(context, potential, blame) : [];
  if (!cluster.hasPodsBelow(pod.priority) && potential.length > 0) blame(NO_VICTIMS, potential.length);
  const best = pick(candidates, context.now);
  if (!best) return { reasons: [fitMessage(nodes.length, counts)], nominatedNodeName: "" };
  return { reasons: [], nominatedNodeName: best.node.name, victims: best.victims };
}

/** It preempted already, and its victims are still leaving. */
function waitsForVictims({ pod, cluster, refusalOf }: PostFilterContext): boolean {
  const node = pod.nominatedNodeName === undefined ? undefined : cluster.node(pod.nominatedNodeName);
  if (!node || refusalOf?.(node)?.unresolvable) return false;
  for (const other of node.pods.values()) if (other.priority < pod.priority && other.terminating && other.preempted) return true;
  return false;
}

function dryRun(context: PostFilterContext, nodes: readonly NodeInfo[], blame: (reason: string) => void): Candidate[] {
  const wanted = Math.min(Math.max(Math.trunc(nodes.length * CANDIDATES_SHARE), CANDIDATES_MIN), nodes.length);
  const offset = nodes.length > 0 ? context.dice(nodes.length) : 0;
  const clean: Candidate[] = [];
  const violating: Candidate[] = [];
  for (let step = 0; step < nodes.length; step++) {
    const node = nodes[(offset + step) % nodes.length];
    if (!node) continue;
    const found = victimsOn(context, node);
    if (typeof found === "string") blame(found);
    else (found.violations === 0 ? clean : violating).push(found);
    if (clean.length > 0 && clean.length + violating.length >= wanted) break;
  }
  return [...clean, ...violating];
}

/** The pods of one node that must go, most important first; or why it is no use. */
function victimsOn(context: PostFilterContext, node: NodeInfo): Candidate | string {
  const { pod, cluster, now } = context;
  const lower = Array.from(node.pods.values()).filter((one) => one.priority < pod.priority);
  if (lower.length === 0) return NO_VICTIMS;
  const copy = node.copy();
  for (const one of lower) copy.remove(one);
  const gone = new Set(lower);
  const refusal = context.tryNode(copy, lower);
  if (refusal) return refusal.reasons.join(", ");
  lower.sort((a, b) => moreImportant(a, b, now));
  const { violating, others } = byBudget(lower, cluster.budgets);
  let violations = 0;
  const reprieve = (one: PodInfo): boolean => {
    copy.add(one);
    gone.delete(one);
    if (!context.tryNode(copy, Array.from(gone))) return true;
    copy.remove(one);
    gone.add(one);
    return false;
  };
  for (const one of violating) if (!reprieve(one)) violations++;
  for (const one of others) reprieve(one);
  const victims = lower.filter((one) => gone.has(one));
  return victims.length === 0 ? NO_VICTIMS : { node, victims, violations };
}

const startOf = (pod: PodInfo, now: number): number => pod.started ?? now;
/** Sorts higher priority first, then who runs longer. */
const moreImportant = (a: PodInfo, b: PodInfo, now: number): number => b.priority - a.priority || startOf(a, now) - startOf(b, now);

/** Pods whose eviction a disruption budget does not allow, counting those before them as evicted. */
function byBudget(pods: readonly PodInfo[], budgets: readonly BudgetView[]): { violating: PodInfo[]; others: PodInfo[] } {
  const allowed = budgets.map((budget) => budget.disruptionsAllowed);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const [at, budget] of budgets.entries()) {
      if (!pod.shape.labels || budget.namespace !== pod.namespace || budget.disruptedPods.includes(pod.name)) continue;
      const { selector } = budget;
      const empty = !selector || (!Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length);
      if (empty || !matchesLabelSelector(selector, pod.shape.labels)) continue;
      const left = (allowed[at] ?? 0) - 1;
      allowed[at] = left;
      if (left < 0) violates = true;
    }
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}

/** The criteria in turn; each keeps the candidates that do best (upstream: pickOneNodeForPreemption). */
function pick(candidates: readonly Candidate[], now: number): Candidate | undefined {
  const first = (candidate: Candidate): number => candidate.victims[0]?.priority ?? 0;
  const criteria: readonly ((candidate: Candidate) => number)[] = [
    (one) => -one.violations,
    (one) => -first(one),
    (one) => -one.victims.reduce((sum, victim) => sum + victim.priority + 2_147_483_648, 0),
    (one) => -one.victims.length,
    (one) => Math.min(...one.victims.filter((victim) => victim.priority === first(one)).map((victim) => startOf(victim, now))),
  ];
  let best = candidates;
  for (const criterion of criteria) {
    if (best.length <= 1) break;
    const top = best.reduce((max, one) => Math.max(max, criterion(one)), -Infinity);
    best = best.filter((one) => criterion(one) === top);
  }
  return best[0];
}
