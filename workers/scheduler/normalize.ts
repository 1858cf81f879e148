// Bringing raw scores into 0..100, as upstream: framework/plugins/helper/normalize_score.go.
import { MAX_NODE_SCORE } from "../../shared/scheduling/framework.ts";

const highest = (scores: Float64Array, count: number): number => {
  let max = 0;
  for (let at = 0; at < count; at++) max = Math.max(max, scores[at] ?? 0);
  return max;
};

/** The highest becomes 100. */
export function normalizeScores(scores: Float64Array, count: number): void {
  const max = highest(scores, count);
  if (max === 0) return;
  for (let at = 0; at < count; at++) scores[at] = Math.trunc((MAX_NODE_SCORE * (scores[at] ?? 0)) / max);
}

/** The highest becomes 0; all zero becomes 100. */
export function normalizeReversed(scores: Float64Array, count: number): void {
  const max = highest(scores, count);
  for (let at = 0; at < count; at++) {
    scores[at] = max === 0 ? MAX_NODE_SCORE : MAX_NODE_SCORE - Math.trunc((MAX_NODE_SCORE * (scores[at] ?? 0)) / max);
  }
}
