// Keeps the number of pods that a ReplicaSet or a ReplicationController wants. As upstream: pkg/controller/replicaset/replica_set.go.
import { PLAN_ACTIONS_MAX } from "../../../shared/base/limits.ts";
import type { EpochMs } from "../../../shared/base/ports.ts";
import type { Action, Plan } from "../../../shared/reconcile/controller.ts";
import { claim, union } from "./claim.ts";
import { podEvents } from "./pod-events.ts";
import { podFromTemplate, podPrefix } from "./pod-from-template.ts";
import { generatedNames } from "./pod-names.ts";
import { podsToDelete } from "./pod-ranking.ts";
import { isActive, isTerminating, type PodView, untilAvailable } from "./pod-view.ts";
import type { ReplicaRound, ReplicaStatus } from "./replica-kind.ts";
import { replicaStatus, withFailure } from "./replica-status.ts";
import { statusPatch } from "./status-patch.ts";
import { failureOf, isDeleting, isTerminatingNamespace, metaOf, nameOf, plan, seen, sooner, typed, uidOf } from "./world.ts";

/** Room for Events and the status beside creations and deletions. */
const WRITES_MAX = PLAN_ACTIONS_MAX - 16;

function creations(round: ReplicaRound, active: readonly PodView[], count: number, taken: ReadonlySet<string>): Action[] {
  const { root, kind } = round;
  const seed = `${uidOf(root)}/${metaOf(root).resourceVersion}/${active.length}/${round.now}`;
  const names = generatedNames(podPrefix(nameOf(root)), count, seed, taken);
  const owner = { root, apiVersion: kind.apiVersion, kind: kind.kind };
  return [
    ...names.map((name): Action => ({ do: "create", resource: "/pods", object: podFromTemplate(root.spec?.template, owner, name) })),
    ...podEvents(
      typed(root, kind.apiVersion, kind.kind),
      "SuccessfulCreate",
      names.map((name) => `Created pod: ${name}`),
      active.length,
    ),
  ];
}

function deletions(round: ReplicaRound, pods: readonly PodView[]): Action[] {
  const { root, kind } = round;
  return [
    ...pods.map((pod): Action => ({ do: "delete", resource: "/pods", namespace: pod.namespace, name: pod.name, uid: pod.uid })),
    ...podEvents(
      typed(root, kind.apiVersion, kind.kind),
      "SuccessfulDelete",
      pods.map((pod) => `Deleted pod: ${pod.name}`),
    ),
  ];
}

/** After a write that was refused: says why, and tries again only when the runner's back-off is over. */
function failed(round: ReplicaRound, status: ReplicaStatus, missing: number): Plan | undefined {
  const failure = failureOf(round.world);
  if (failure === undefined || (failure.action.do !== "create" && failure.action.do !== "delete")) return undefined;
  if (isTerminatingNamespace(failure)) return plan(statusPatch(round.kind.resource, round.root, status));
  const creating = failure.action.do === "create";
  const message = failure.status.message ?? "";
  const { root, kind } = round;
  const reason = creating ? "FailedCreate" : "FailedDelete";
  const next = withFailure(root, status, { reason: missing > 0 ? "FailedCreate" : "FailedDelete", message }, round.now);
  return plan([
    {
      do: "event",
      about: typed(root, kind.apiVersion, kind.kind),
      type: "Warning",
      reason,
      message: `Error ${creating ? "creating" : "deleting"}: ${message}`,
    },
    ...statusPatch(kind.resource, root, next),
  ]);
}

/** Milliseconds until the next ready pod counts as available. */
function nextAvailable(pods: readonly PodView[], minReadySeconds: number, now: EpochMs): number | undefined {
  let next: number | undefined;
  for (const pod of pods) {
    const wait = untilAvailable(pod, minReadySeconds, now);
    if (wait !== undefined && wait > 0) next = sooner(next, wait);
  }
  return next;
}

export function reconcileReplicas(round: ReplicaRound): Plan {
  const { root, kind, world, now } = round;
  const claimer = { root, ...kind, resource: "/pods", selects: round.selects };
  const candidates = union(seen<PodView>(world, "pods"), seen<PodView>(world, "owned"));
  const active = claim(claimer, candidates.filter(isActive));
  // Ownership first; the numbers follow when the pods say whose they are.
  if (active.actions.length > 0) return plan(active.actions);
  const terminating = claim(claimer, candidates.filter(isTerminating)).mine;
  const wanted = root.spec?.replicas ?? 1;
  const missing = wanted - active.mine.length;
  const going = isDeleting(root);
  const before = replicaStatus(round, active.mine, terminating.length);
  if (!going && missing !== 0) {
    const refused = failed(round, before, missing);
    if (refused) return refused;
  }
  const wait = nextAvailable(active.mine, root.spec?.minReadySeconds ?? 0, now);
  if (going || missing === 0) return plan(statusPatch(kind.resource, root, before), wait);
  if (missing > 0) {
    const count = Math.min(missing, WRITES_MAX);
    const made = creations(round, active.mine, count, new Set(candidates.map((pod) => pod.name)));
    // The plan gets this far only when all were made, and they carry the template's labels.
    const labeled = (before.fullyLabeledReplicas ?? 0) + count;
    const after = { ...before, replicas: active.mine.length + count, fullyLabeledReplicas: labeled };
    return plan([...made, ...statusPatch(kind.resource, root, after)], count < missing ? 0 : wait);
  }
  const count = Math.min(-missing, WRITES_MAX);
  const related = union(active.mine, seen<PodView>(world, "related"));
  const gone = podsToDelete(active.mine, related, count, now);
  return plan(deletions(round, gone), count < -missing ? 0 : wait);
}
