// Which pods go first when there are too many. As upstream: pkg/controller/controller_utils.go ActivePodsWithRanks.
import type { EpochMs } from "../../../shared/base/ports.ts";
import { parseTime } from "../../../shared/meta/time.ts";
import { isActive, type PodView } from "./pod-view.ts";

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const NANOSECONDS = 1_000_000;

/** Ages are compared by their order of magnitude, so that the youngest are not always the ones to go. */
function magnitude(since: number, now: EpochMs): number {
  const age = (now - since) * NANOSECONDS;
  return age > 0 ? Math.round(Math.log2(age)) : -1;
}
function byAge(a: PodView, b: PodView, times: readonly [string | undefined, string | undefined], now: EpochMs): number {
  const [first, second] = times.map((time) => (time === undefined ? undefined : parseTime(time)));
  if (first === second) return 0;
  if (first === undefined || second === undefined) return first === undefined ? -1 : 1;
  const difference = magnitude(first, now) - magnitude(second, now);
  return difference !== 0 ? difference : a.uid < b.uid ? -1 : 1;
}

const differ = (...values: number[]): number => values.find((value) => value !== 0 && !Number.isNaN(value)) ?? 0;

function compare(a: PodView, b: PodView, rank: (pod: PodView) => number, now: EpochMs): number {
  const unassigned = Number(a.nodeName !== "") - Number(b.nodeName !== "");
  const phase = (PHASE_ORDER[a.phase] ?? 0) - (PHASE_ORDER[b.phase] ?? 0);
  const ready = Number(a.ready) - Number(b.ready);
  const early = differ(unassigned, phase, ready, a.deletionCost - b.deletionCost, rank(b) - rank(a));
  if (early !== 0) return early;
  const readyFor = a.ready && b.ready ? byAge(a, b, [a.readySince, b.readySince], now) : 0;
  const restarts = differ(b.restarts[0] - a.restarts[0], b.restarts[1] - a.restarts[1]);
  return differ(readyFor, restarts, byAge(a, b, [a.creationTimestamp, b.creationTimestamp], now));
}

/**
 * The `count` pods to delete. `related` are pods of the same set and of its siblings: where many of them share a node,
 * one more is missed least.
 */
export function podsToDelete(pods: readonly PodView[], related: readonly PodView[], count: number, now: EpochMs): PodView[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related) if (isActive(pod)) onNode.set(pod.nodeName, (onNode.get(pod.nodeName) ?? 0) + 1);
  const rank = (pod: PodView): number => onNode.get(pod.nodeName) ?? 0;
  return [...pods].sort((a, b) => compare(a, b, rank, now)).slice(0, count);
}
