// What a Deployment says of itself: counts, Available, Progressing, ReplicaFailure, and when to look again.
// As upstream: pkg/controller/deployment/progress.go, sync.go calculateStatus.
import type { DeploymentCondition, DeploymentStatus } from "../../../shared/kinds/_generated/types.ts";
import { parseTime } from "../../../shared/meta/time.ts";
import {
  allSets,
  availableOf,
  findProgressing,
  hasDeadline,
  maxUnavailable,
  newCondition,
  putCondition,
  replicasOf,
  type Rollout,
  type SetCopy,
  sum,
  wanted,
} from "./rollout.ts";
import { nameOf } from "./world.ts";

type Counts = Required<Pick<DeploymentStatus, "replicas" | "updatedReplicas" | "readyReplicas" | "availableReplicas">>;

function terminating(sets: readonly SetCopy[]): number | undefined {
  let total = 0;
  for (const { object } of sets) {
    const { terminatingReplicas, observedGeneration = 0 } = object.status ?? {};
    if (terminatingReplicas === undefined && observedGeneration !== 0) return undefined;
    total += terminatingReplicas ?? 0;
  }
  return total;
}

function countsOf(rollout: Rollout): Counts {
  const sets = allSets(rollout);
  return {
    replicas: sum(sets, (set) => set.object.status?.replicas ?? 0),
    updatedReplicas: rollout.newSet?.object.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.object.status?.readyReplicas ?? 0),
    availableReplicas: sum(sets, availableOf),
  };
}

function available(rollout: Rollout, count: number): DeploymentCondition {
  const enough = count >= wanted(rollout.root) - maxUnavailable(rollout.root);
  return newCondition(rollout, {
    type: "Available",
    status: enough ? "True" : "False",
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
  });
}

/** Zero counts are absent, as omitempty does. */
function statusOf(rollout: Rollout, counts: Counts, conditions: DeploymentCondition[]): DeploymentStatus {
  const sets = allSets(rollout);
  const unavailable = Math.max(0, sum(sets, replicasOf) - counts.availableReplicas);
  const status: DeploymentStatus = {};
  for (const [key, count] of Object.entries({ ...counts, unavailableReplicas: unavailable })) {
    if (count !== 0) status[key as keyof Counts] = count;
  }
  const going = terminating(sets);
  if (going !== undefined) status.terminatingReplicas = going;
  const generation = rollout.root.metadata?.generation ?? 0;
  if (generation !== 0) status.observedGeneration = generation;
  if (rollout.collisionCount !== undefined) status.collisionCount = rollout.collisionCount;
  if (conditions.length > 0) status.conditions = conditions;
  return status;
}

/** The status of a Deployment that is paused, being scaled or going away: no judgement of progress. */
export function plainStatus(rollout: Rollout): DeploymentStatus {
  const counts = countsOf(rollout);
  return statusOf(rollout, counts, putCondition(rollout.conditions, available(rollout, counts.availableReplicas)));
}

export const isComplete = (rollout: Rollout, counts: DeploymentStatus): boolean =>
  (counts.updatedReplicas ?? 0) === wanted(rollout.root) &&
  (counts.replicas ?? 0) === wanted(rollout.root) &&
  (counts.availableReplicas ?? 0) === wanted(rollout.root);
/** As told by the status that is stored. */
export const wasComplete = (rollout: Rollout): boolean =>
  isComplete(rollout, rollout.root.status ?? {}) && (rollout.root.status?.observedGeneration ?? 0) >= (rollout.root.metadata?.generation ?? 0);

function hasProgressed(rollout: Rollout, counts: Counts): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = rollout.root.status ?? {};
  return (
    counts.updatedReplicas > updatedReplicas ||
    counts.replicas - counts.updatedReplicas < replicas - updatedReplicas ||
    counts.readyReplicas > readyReplicas ||
    counts.availableReplicas > availableReplicas
  );
}

/** Milliseconds until the deadline for progress is over (negative: it is). */
function untilDeadline(rollout: Rollout, condition: DeploymentCondition): number {
  const from = parseTime(condition.lastUpdateTime ?? "") ?? rollout.now;
  return from + (rollout.root.spec?.progressDeadlineSeconds ?? 0) * 1000 - rollout.now;
}

function judge(rollout: Rollout, list: DeploymentCondition[], counts: Counts): DeploymentCondition[] {
  const what = rollout.newSet ? `ReplicaSet "${nameOf(rollout.newSet.object)}"` : `Deployment "${nameOf(rollout.root)}"`;
  const condition = (status: string, reason: string, text: string): DeploymentCondition =>
    newCondition(rollout, { type: "Progressing", status, reason, message: `${what} ${text}` });
  if (isComplete(rollout, counts)) {
    return putCondition(list, condition("True", "NewReplicaSetAvailable", "has successfully progressed."));
  }
  const current = list.find((other) => other.type === "Progressing");
  if (hasProgressed(rollout, counts)) {
    const next = condition("True", "ReplicaSetUpdated", "is progressing.");
    const kept = current?.status === "True" ? current.lastTransitionTime : undefined;
    // Replaced even when reason and status stay: the time of the last progress counts.
    return [...list.filter((other) => other.type !== "Progressing"), kept === undefined ? next : { ...next, lastTransitionTime: kept }];
  }
  if (current === undefined || current.reason === "NewReplicaSetAvailable") return list;
  const over = current.reason === "ProgressDeadlineExceeded" || untilDeadline(rollout, current) < 0;
  return over ? putCondition(list, condition("False", "ProgressDeadlineExceeded", "has timed out progressing.")) : list;
}

/** A ReplicaSet that cannot make pods says so through its Deployment; the new one's trouble comes first. */
function replicaFailure(rollout: Rollout): DeploymentCondition | undefined {
  for (const set of [rollout.newSet, ...rollout.oldSets]) {
    const failure = set?.object.status?.conditions?.find((condition) => condition.type === "ReplicaFailure");
    if (failure) return { ...failure, ...(failure.lastTransitionTime ? { lastUpdateTime: failure.lastTransitionTime } : {}) };
  }
  return undefined;
}

/** The status of a rollout, with its progress judged. */
export function rolloutStatus(rollout: Rollout): DeploymentStatus {
  const counts = countsOf(rollout);
  let list = putCondition(rollout.conditions, available(rollout, counts.availableReplicas));
  const current = findProgressing(rollout);
  if (!hasDeadline(rollout.root)) list = list.filter((condition) => condition.type !== "Progressing");
  const settled = counts.replicas === counts.updatedReplicas && current?.reason === "NewReplicaSetAvailable";
  if (hasDeadline(rollout.root) && !settled) list = judge(rollout, list, counts);
  const failure = replicaFailure(rollout);
  if (failure) list = putCondition(list, failure);
  else list = list.filter((condition) => condition.type !== "ReplicaFailure");
  return statusOf(rollout, counts, list);
}

/** When to see whether the deadline has passed, a second late so that it surely has. */
export function deadlineAfterMs(rollout: Rollout, status: DeploymentStatus): number | undefined {
  const current = status.conditions?.find((condition) => condition.type === "Progressing");
  if (!hasDeadline(rollout.root) || current === undefined || isComplete(rollout, status)) return undefined;
  if (current.reason === "ProgressDeadlineExceeded" || current.reason === "NewReplicaSetAvailable") return undefined;
  return Math.max(0, untilDeadline(rollout, current)) + 1000;
}
