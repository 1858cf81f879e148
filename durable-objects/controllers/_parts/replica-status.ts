// The status of a ReplicaSet or ReplicationController. As upstream: pkg/controller/replicaset/replica_set_utils.go calculateStatus.
import type { EpochMs } from "../../../shared/base/ports.ts";
import { findCondition } from "../../../shared/meta/conditions.ts";
import { rfc3339 } from "../../../shared/meta/time.ts";
import { type PodView, untilAvailable } from "./pod-view.ts";
import type { ReplicaOwner, ReplicaRound, ReplicaStatus } from "./replica-kind.ts";

const FAILURE = "ReplicaFailure";
/** Zero counts but `replicas` are left out, as omitempty does. */
const orAbsent = (count: number): number | undefined => (count === 0 ? undefined : count);

/** The status that the pods show; nothing has failed. */
export function replicaStatus(round: ReplicaRound, active: readonly PodView[], terminating: number): ReplicaStatus {
  const { root, now } = round;
  const template = Object.entries(root.spec?.template?.metadata?.labels ?? {});
  const minReadySeconds = root.spec?.minReadySeconds ?? 0;
  let labeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (template.every(([key, value]) => pod.labels[key] === value)) labeled++;
    if (pod.ready) ready++;
    if (untilAvailable(pod, minReadySeconds, now) === 0) available++;
  }
  const conditions = (root.status?.conditions ?? []).filter((condition) => condition.type !== FAILURE);
  const status: ReplicaStatus = { replicas: active.length };
  const put = (key: keyof Omit<ReplicaStatus, "conditions">, count: number | undefined): void => {
    if (count !== undefined) status[key] = count;
  };
  put("fullyLabeledReplicas", orAbsent(labeled));
  put("readyReplicas", orAbsent(ready));
  put("availableReplicas", orAbsent(available));
  if (round.kind.countsTerminating) put("terminatingReplicas", terminating);
  put("observedGeneration", orAbsent(root.metadata?.generation ?? 0));
  if (conditions.length > 0) status.conditions = conditions;
  return status;
}

/** The same with the condition that pods cannot be made or removed; one that is there already stays as it is. */
export function withFailure(
  root: ReplicaOwner,
  status: ReplicaStatus,
  cause: { readonly reason: string; readonly message: string },
  now: EpochMs,
): ReplicaStatus {
  const known = findCondition(root.status?.conditions, FAILURE);
  const failure = known ?? { type: FAILURE, status: "True", lastTransitionTime: rfc3339(now), ...cause };
  return { ...status, conditions: [...(status.conditions ?? []), failure] };
}
