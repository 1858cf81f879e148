// Changing the sizes of a Deployment's ReplicaSets: rolling, recreating, and in proportion.
// As upstream: pkg/controller/deployment/rolling.go, recreate.go, sync.go scale.
import {
  activeSets,
  allSets,
  availableOf,
  byAge,
  DESIRED,
  historyLimit,
  isRolling,
  MAX,
  maxSurge,
  maxUnavailable,
  REPLICA_SETS,
  replicasOf,
  type Rollout,
  scalingEvent,
  type SetCopy,
  sum,
  wanted,
} from "./rollout.ts";
import { annotateReplicas, byRevision, newSetReplicas } from "./rollout-revision.ts";
import { isDeleting, nameOf, namespaceOf, parseInteger, uidOf } from "./world.ts";

/** Says whether the size changed. `force`: the notes about sizes are renewed even if it does not. */
function scaleTo(rollout: Rollout, set: SetCopy, replicas: number, force?: "force"): boolean {
  const from = set.replicas;
  if (from === replicas && force === undefined) return false;
  annotateReplicas(rollout.root, set);
  if (from === replicas) return false;
  set.replicas = replicas;
  scalingEvent(rollout, set, from, replicas);
  return true;
}

/** Lets the new set grow as far as it may, or shrinks it. */
export function reconcileNewSet(rollout: Rollout): boolean {
  const { root, newSet } = rollout;
  if (newSet === undefined || newSet.replicas === wanted(root)) return false;
  if (newSet.replicas > wanted(root)) return scaleTo(rollout, newSet, wanted(root));
  return scaleTo(rollout, newSet, newSetReplicas(root, allSets(rollout), newSet.replicas));
}

/** Pods of old sets that are not available go first: that takes nothing away. */
function cleanUnhealthy(rollout: Rollout, sets: readonly SetCopy[], max: number): number {
  let cleaned = 0;
  for (const set of sets) {
    if (cleaned >= max) break;
    if (set.replicas === 0 || set.replicas === availableOf(set)) continue;
    const count = Math.min(max - cleaned, set.replicas - availableOf(set));
    if (count < 0) break;
    scaleTo(rollout, set, set.replicas - count);
    cleaned += count;
  }
  return cleaned;
}

function shrinkOld(rollout: Rollout, sets: readonly SetCopy[], minAvailable: number): number {
  const spare = sum(allSets(rollout), availableOf) - minAvailable;
  let shrunk = 0;
  for (const set of sets) {
    if (shrunk >= spare) break;
    const count = Math.min(set.replicas, spare - shrunk);
    if (count > 0) scaleTo(rollout, set, set.replicas - count);
    shrunk += count;
  }
  return shrunk;
}

/** Shrinks old sets as far as enough pods stay available. */
export function reconcileOldSets(rollout: Rollout): boolean {
  const { root, newSet } = rollout;
  const old = activeSets(rollout.oldSets).sort(byAge);
  if (old.length === 0 || newSet === undefined) return false;
  const minAvailable = wanted(root) - maxUnavailable(root);
  const newUnavailable = newSet.replicas - availableOf(newSet);
  const max = sum(allSets(rollout), replicasOf) - minAvailable - newUnavailable;
  if (max <= 0) return false;
  const cleaned = cleanUnhealthy(rollout, old, max);
  return cleaned + shrinkOld(rollout, activeSets(old), minAvailable) > 0;
}

export function stopOldSets(rollout: Rollout): boolean {
  const active = activeSets(rollout.oldSets);
  for (const set of active) scaleTo(rollout, set, 0);
  return active.length > 0;
}
export const fillNewSet = (rollout: Rollout): boolean => rollout.newSet !== undefined && scaleTo(rollout, rollout.newSet, wanted(rollout.root));

/** The number of replicas changed since the sets were last sized. */
export const isScalingEvent = (rollout: Rollout): boolean =>
  activeSets(allSets(rollout)).some((set) => {
    const desired = parseInteger(set.annotations[DESIRED]);
    return desired !== undefined && desired >= 0 && desired !== wanted(rollout.root);
  });

/** As upstream: deployment_util.go getReplicaSetFraction, with Go's rounding away from zero. */
function fraction(rollout: Rollout, set: SetCopy): number {
  const d = rollout.root;
  if (wanted(d) === 0) return -set.replicas;
  const noted = parseInteger(set.annotations[MAX]) ?? 0;
  const before = noted > 0 ? noted : (d.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.floor((set.replicas * (wanted(d) + maxSurge(d))) / before + 0.5) - set.replicas;
}

function scaleInProportion(rollout: Rollout): void {
  const d = rollout.root;
  const sets = activeSets(allSets(rollout));
  const allowed = wanted(d) > 0 ? wanted(d) + maxSurge(d) : 0;
  const toAdd = allowed - sum(sets, replicasOf);
  // Larger sets first; among equals the newer grow first and the older shrink first.
  sets.sort((a, b) => b.replicas - a.replicas || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  const sizes = new Map(sets.map((set) => [set, set.replicas]));
  let added = 0;
  for (const set of sets) {
    if (toAdd === 0 || toAdd === added) break;
    const share = fraction(rollout, set);
    const step = toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
    sizes.set(set, set.replicas + step);
    added += step;
  }
  const [largest] = sets;
  if (largest && toAdd !== 0) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  for (const set of sets) scaleTo(rollout, set, sizes.get(set) ?? set.replicas, "force");
}

function isSaturated(rollout: Rollout): boolean {
  const { root, newSet } = rollout;
  return (
    newSet !== undefined &&
    newSet.replicas === wanted(root) &&
    parseInteger(newSet.annotations[DESIRED]) === wanted(root) &&
    availableOf(newSet) === wanted(root)
  );
}

/** Sizes the sets after the number of replicas changed, or while rolling is paused. */
export function scale(rollout: Rollout): void {
  const active = activeSets(allSets(rollout));
  if (active.length <= 1) {
    const [only] = active;
    const newest = only ?? rollout.newSet ?? [...rollout.oldSets].sort(byAge).at(-1);
    if (newest !== undefined) scaleTo(rollout, newest, wanted(rollout.root));
    return;
  }
  if (isSaturated(rollout)) stopOldSets(rollout);
  else if (isRolling(rollout.root)) scaleInProportion(rollout);
}

/** Deletes the oldest sets beyond revisionHistoryLimit; those with pods stay. */
export function cleanUp(rollout: Rollout): void {
  const limit = historyLimit(rollout.root);
  if (limit === undefined) return;
  const sets = rollout.oldSets.filter((set) => !isDeleting(set.object)).sort(byRevision);
  for (const { object, replicas } of sets.slice(0, Math.max(0, sets.length - limit))) {
    const observed = object.status?.observedGeneration ?? 0;
    if ((object.status?.replicas ?? 0) !== 0 || replicas !== 0 || (object.metadata?.generation ?? 0) > observed) continue;
    rollout.deletions.push({
      do: "delete",
      resource: REPLICA_SETS,
      namespace: namespaceOf(object),
      name: nameOf(object),
      uid: uidOf(object),
    });
  }
}
