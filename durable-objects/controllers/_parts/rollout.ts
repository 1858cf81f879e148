// A Deployment at work: its ReplicaSets as copies that one round changes, and what becomes of the changes.
import type { JsonObject } from "../../../shared/base/json.ts";
import type { EpochMs } from "../../../shared/base/ports.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Deployment, DeploymentCondition, ReplicaSet } from "../../../shared/kinds/_generated/types.ts";
import { scaledValue } from "../../../shared/meta/intstr.ts";
import { compareText } from "../../../shared/meta/text.ts";
import { rfc3339 } from "../../../shared/meta/time.ts";
import type { Action } from "../../../shared/reconcile/controller.ts";
import { mergeDiff } from "./status-patch.ts";
import { nameOf, namespaceOf, safeMap, typed, uidOf } from "./world.ts";

export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment", resource: "apps/deployments" } as const;
export const REPLICA_SETS = "apps/replicasets";
export const REVISION = "deployment.kubernetes.io/revision";
export const DESIRED = "deployment.kubernetes.io/desired-replicas";
export const MAX = "deployment.kubernetes.io/max-replicas";
const NO_LIMIT = 2_147_483_647;

/** A ReplicaSet of this round. `stored` is undefined for one that is about to be made. */
export interface SetCopy {
  readonly stored: ReplicaSet | undefined;
  readonly object: ReplicaSet;
  annotations: Record<string, string>;
  replicas: number;
  minReadySeconds: number;
}
export interface Rollout {
  readonly root: Deployment;
  readonly now: EpochMs;
  /** Annotations of the Deployment. */
  annotations: Record<string, string>;
  conditions: DeploymentCondition[];
  collisionCount: number | undefined;
  newSet: SetCopy | undefined;
  oldSets: SetCopy[];
  /** Events of scaling, by the set they are about, so that each follows its write. */
  readonly events: Map<SetCopy, Action[]>;
  readonly deletions: Action[];
}

export const copyOfSet = (set: ReplicaSet): SetCopy => ({
  stored: set,
  object: set,
  annotations: safeMap(set.metadata?.annotations),
  replicas: set.spec?.replicas ?? 1,
  minReadySeconds: set.spec?.minReadySeconds ?? 0,
});
/** All sets, the old ones first. */
export const allSets = (rollout: Rollout): SetCopy[] => (rollout.newSet ? [...rollout.oldSets, rollout.newSet] : [...rollout.oldSets]);
export const activeSets = (sets: readonly SetCopy[]): SetCopy[] => sets.filter((set) => set.replicas > 0);
export const sum = (sets: readonly SetCopy[], count: (set: SetCopy) => number): number => sets.reduce((total, set) => total + count(set), 0);
export const replicasOf = (set: SetCopy): number => set.replicas;
export const availableOf = (set: SetCopy): number => set.object.status?.availableReplicas ?? 0;

/** Older first; equal ages by name. As upstream: controller_utils.go ReplicaSetsByCreationTimestamp. */
export const byAge = (a: SetCopy, b: SetCopy): number =>
  compareText(a.object.metadata?.creationTimestamp ?? "", b.object.metadata?.creationTimestamp ?? "") || compareText(nameOf(a.object), nameOf(b.object));

export const wanted = (d: Deployment): number => d.spec?.replicas ?? 1;
export const isRolling = (d: Deployment): boolean => (d.spec?.strategy?.type ?? "RollingUpdate") === "RollingUpdate";
export const hasDeadline = (d: Deployment): boolean => d.spec?.progressDeadlineSeconds !== undefined && d.spec.progressDeadlineSeconds !== NO_LIMIT;
export const historyLimit = (d: Deployment): number | undefined => (d.spec?.revisionHistoryLimit === NO_LIMIT ? undefined : d.spec?.revisionHistoryLimit);

/** How many pods may be too many, and how many may be missing. As upstream: deployment_util.go ResolveFenceposts. */
function fenceposts(d: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 0 } = d.spec?.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, wanted(d), { roundUp: true });
  const unavailable = scaledValue(maxUnavailable, wanted(d), { roundUp: false });
  // Rounding may leave no room at all; then one pod may be missing.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}
export const maxSurge = (d: Deployment): number => (isRolling(d) ? fenceposts(d).surge : 0);
export const maxUnavailable = (d: Deployment): number => (!isRolling(d) || wanted(d) === 0 ? 0 : Math.min(fenceposts(d).unavailable, wanted(d)));

export const findProgressing = (rollout: Rollout): DeploymentCondition | undefined => rollout.conditions.find((condition) => condition.type === "Progressing");
export const newCondition = (
  rollout: Pick<Rollout, "now">,
  condition: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
): DeploymentCondition => {
  const time = rfc3339(rollout.now);
  return { ...condition, lastUpdateTime: time, lastTransitionTime: time };
};
/** One of equal status and reason is left alone. As upstream: deployment_util.go SetDeploymentCondition. */
export function putCondition(list: readonly DeploymentCondition[], condition: DeploymentCondition): DeploymentCondition[] {
  const known = list.find((other) => other.type === condition.type);
  if (known !== undefined && known.status === condition.status && known.reason === condition.reason) return [...list];
  const kept = known !== undefined && known.status === condition.status ? known.lastTransitionTime : undefined;
  return [...list.filter((other) => other.type !== condition.type), kept === undefined ? condition : { ...condition, lastTransitionTime: kept }];
}

export const about = (rollout: Rollout): KubeObject => typed(rollout.root, DEPLOYMENT.apiVersion, DEPLOYMENT.kind);
export function scalingEvent(rollout: Rollout, set: SetCopy, from: number, to: number): void {
  const message = `Scaled ${from < to ? "up" : "down"} replica set ${nameOf(set.object)} from ${from} to ${to}`;
  const events = rollout.events.get(set) ?? [];
  events.push({ do: "event", about: about(rollout), type: "Normal", reason: "ScalingReplicaSet", message });
  rollout.events.set(set, events);
}

function setWrite(set: SetCopy): Action[] {
  const { stored, object } = set;
  if (stored === undefined) return [{ do: "create", resource: REPLICA_SETS, object: createdSet(set) }];
  const annotations = mergeDiff(safeMap(stored.metadata?.annotations), set.annotations);
  const spec: JsonObject = {};
  if (set.replicas !== (stored.spec?.replicas ?? 1)) spec["replicas"] = set.replicas;
  if (set.minReadySeconds !== (stored.spec?.minReadySeconds ?? 0)) spec["minReadySeconds"] = set.minReadySeconds;
  const noted = Object.keys(annotations).length > 0;
  const changed = Object.keys(spec).length > 0;
  if (!noted && !changed) return [];
  return [
    {
      do: "patch",
      resource: REPLICA_SETS,
      namespace: namespaceOf(object),
      name: nameOf(object),
      type: "merge",
      patch: {
        metadata: { uid: uidOf(object), ...(noted ? { annotations } : {}) },
        ...(changed ? { spec } : {}),
      },
    },
  ];
}
const createdSet = (set: SetCopy): ReplicaSet => ({
  ...set.object,
  metadata: { ...set.object.metadata, annotations: set.annotations },
  spec: {
    ...set.object.spec,
    replicas: set.replicas,
    ...(set.minReadySeconds === 0 ? {} : { minReadySeconds: set.minReadySeconds }),
  },
});

/** All writes about ReplicaSets: one for each changed set, followed by what is said about it. */
export function setWrites(rollout: Rollout): Action[] {
  const writes = allSets(rollout).flatMap((set) => [...setWrite(set), ...(rollout.events.get(set) ?? [])]);
  return [...writes, ...rollout.deletions];
}
