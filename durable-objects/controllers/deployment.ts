// deployment-controller: rolls ReplicaSets so that the pods become what a Deployment says. As upstream: pkg/controller/deployment.
import type { JsonObject } from "../../shared/base/json.ts";
import type { EpochMs } from "../../shared/base/ports.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Deployment, LabelSelector, ReplicaSet } from "../../shared/kinds/_generated/types.ts";
import { matchesLabelSelector } from "../../shared/meta/labels.ts";
import { controllerOf } from "../../shared/meta/owner-refs.ts";
import { type Action, defineController, NOTHING, type Plan, type Query, type World } from "../../shared/reconcile/controller.ts";
import { claim, type Claimable, union } from "./_parts/claim.ts";
import { hintOf, readHint } from "./_parts/hints.ts";
import { sameMap } from "./_parts/pod-view.ts";
import { rootTrigger } from "./_parts/replica-triggers.ts";
import {
  about,
  DEPLOYMENT,
  findProgressing,
  hasDeadline,
  newCondition,
  putCondition,
  REPLICA_SETS,
  REVISION,
  type Rollout,
  setWrites,
} from "./_parts/rollout.ts";
import { divide, newSetName, syncNewSet, templateText } from "./_parts/rollout-revision.ts";
import { cleanUp, fillNewSet, isScalingEvent, reconcileNewSet, reconcileOldSets, scale, stopOldSets } from "./_parts/rollout-scale.ts";
import { deadlineAfterMs, plainStatus, rolloutStatus, wasComplete } from "./_parts/rollout-status.ts";
import { statusPatch } from "./_parts/status-patch.ts";
import {
  failureOf,
  hasGroup,
  isDeleting,
  isTerminatingNamespace,
  labelsOf,
  metaOf,
  nameOf,
  namespaceOf,
  plan,
  safeMap,
  seen,
  uidOf,
  wholeObject,
} from "./_parts/world.ts";

interface SetView extends Claimable {
  readonly set: ReplicaSet;
}
interface SelectorView {
  readonly name: string;
  readonly selector: LabelSelector | undefined;
}
interface RunningPod {
  readonly controller: string;
  readonly phase: string;
}

const viewSet = (object: KubeObject): SetView => ({
  namespace: namespaceOf(object),
  name: nameOf(object),
  uid: uidOf(object),
  labels: labelsOf(object),
  owners: metaOf(object).ownerReferences ?? [],
  ...(metaOf(object).deletionTimestamp === undefined ? {} : { deletionTimestamp: metaOf(object).deletionTimestamp ?? "" }),
  set: wholeObject(object),
});

const selectsNothing = (d: Deployment): boolean => {
  const { matchLabels = {}, matchExpressions = [] } = d.spec?.selector ?? {};
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
};

function setHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  const hints = new Set<string>();
  for (const set of [next, old]) {
    const controller = set === undefined ? undefined : controllerOf(set);
    if (set !== undefined && controller?.kind === DEPLOYMENT.kind && hasGroup(controller, "apps")) {
      hints.add(`${namespaceOf(set)}/${controller.name}`);
    }
  }
  const orphan = next !== undefined && controllerOf(next) === undefined && !isDeleting(next);
  if (orphan && (old === undefined || controllerOf(old) !== undefined || !sameMap(labelsOf(next), labelsOf(old)))) {
    hints.add(hintOf({ kind: "set", namespace: namespaceOf(next), labels: labelsOf(next) }));
  }
  return [...hints];
}

/** Recreate waits until the last old pod is gone. As upstream: deployment_controller.go deletePod. */
function podHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  if (next !== undefined || old === undefined) return [];
  const controller = controllerOf(old);
  if (controller?.kind !== "ReplicaSet" || !hasGroup(controller, "apps")) return [];
  return [hintOf({ kind: "pod", namespace: namespaceOf(old), name: controller.name ?? "" })];
}

function oldPodsRunning(rollout: Rollout, sets: readonly SetView[], world: World): boolean {
  if (rollout.oldSets.some((set) => (set.object.status?.replicas ?? 0) > 0)) return true;
  const newUid = rollout.newSet === undefined ? "" : uidOf(rollout.newSet.object);
  const old = new Set(sets.map((set) => set.uid).filter((uid) => uid !== newUid));
  return seen<RunningPod>(world, "pods").some((pod) => old.has(pod.controller) && pod.phase !== "Succeeded" && pod.phase !== "Failed");
}

/** Remembers when a rollout was paused and resumed, so that the time between does not count against its deadline. */
function checkPaused(rollout: Rollout): void {
  const { root } = rollout;
  const current = findProgressing(rollout);
  if (!hasDeadline(root) || current?.reason === "ProgressDeadlineExceeded") return;
  const noted = current?.reason === "DeploymentPaused";
  const paused = root.spec?.paused === true;
  if (paused === noted) return;
  const condition = paused
    ? { type: "Progressing", status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" }
    : { type: "Progressing", status: "Unknown", reason: "DeploymentResumed", message: "Deployment is resumed" };
  rollout.conditions = putCondition(rollout.conditions, newCondition(rollout, condition));
}

function finish(rollout: Rollout, status: object, requeueAfterMs?: number): Plan {
  const annotations: JsonObject = {};
  const revision = rollout.annotations[REVISION];
  if (revision !== undefined && revision !== metaOf(rollout.root).annotations?.[REVISION]) annotations[REVISION] = revision;
  return plan([...setWrites(rollout), ...statusPatch(DEPLOYMENT.resource, rollout.root, status, annotations)], requeueAfterMs);
}
function finishRollout(rollout: Rollout): Plan {
  const status = rolloutStatus(rollout);
  return finish(rollout, status, deadlineAfterMs(rollout, status));
}

function rolling(rollout: Rollout): Plan {
  syncNewSet(rollout, { create: true });
  if (!reconcileNewSet(rollout) && !reconcileOldSets(rollout) && wasComplete(rollout)) cleanUp(rollout);
  return finishRollout(rollout);
}

function recreate(rollout: Rollout, sets: readonly SetView[], world: World): Plan {
  if (stopOldSets(rollout) || oldPodsRunning(rollout, sets, world)) return finishRollout(rollout);
  syncNewSet(rollout, { create: true });
  fillNewSet(rollout);
  if (wasComplete(rollout)) cleanUp(rollout);
  return finishRollout(rollout);
}

/** A name that another set holds, with another template or another owner. As upstream: sync.go getNewReplicaSet. */
function collides(d: Deployment, sets: readonly SetView[], world: World): boolean {
  const holder = seen<SetView>(world, "named")[0];
  if (holder === undefined || sets.some((set) => set.uid === holder.uid && sameTemplate(d, set))) return false;
  return !sets.some((set) => sameTemplate(d, set));
}
const sameTemplate = (d: Deployment, view: SetView): boolean => templateText(view.set.spec?.template) === templateText(d.spec?.template);

/** The new set was refused: says why. */
function refused(rollout: Rollout, world: World): Plan | undefined {
  const failure = failureOf(world);
  if (failure === undefined || failure.action.do !== "create" || failure.action.resource !== REPLICA_SETS) return undefined;
  if (isTerminatingNamespace(failure)) return NOTHING;
  const message = `Failed to create new replica set "${newSetName(rollout.root)}": ${failure.status.message ?? ""}`;
  const reason = "ReplicaSetCreateError";
  const event: Action = { do: "event", about: about(rollout), type: "Warning", reason, message };
  if (!hasDeadline(rollout.root)) return plan([event]);
  const condition = newCondition(rollout, { type: "Progressing", status: "False", reason, message });
  const conditions = putCondition(rollout.conditions, condition);
  return plan([...statusPatch(DEPLOYMENT.resource, rollout.root, { ...rollout.root.status, conditions }), event]);
}

function selectingAll(d: Deployment): Plan {
  const message = "This deployment is selecting all pods. A non-empty selector is required.";
  const event: Action = {
    do: "event",
    about: { apiVersion: DEPLOYMENT.apiVersion, kind: DEPLOYMENT.kind, metadata: metaOf(d) },
    type: "Warning",
    reason: "SelectingAll",
    message,
  };
  const observedGeneration = d.metadata?.generation ?? 0;
  if ((d.status?.observedGeneration ?? 0) >= observedGeneration) return NOTHING;
  return plan([event, ...statusPatch(DEPLOYMENT.resource, d, { ...d.status, observedGeneration })]);
}

function reconcile(d: Deployment, world: World, now: EpochMs): Plan {
  if (selectsNothing(d)) return selectingAll(d);
  const candidates = union(seen<SetView>(world, "sets"), seen<SetView>(world, "owned"));
  const selects = (labels: Readonly<Record<string, string>>): boolean => matchesLabelSelector(d.spec?.selector, labels);
  const { mine, actions } = claim({ root: d, ...DEPLOYMENT, resource: REPLICA_SETS, selects }, candidates);
  if (actions.length > 0) return plan(actions);
  const rollout: Rollout = {
    root: d,
    now,
    annotations: safeMap(metaOf(d).annotations),
    conditions: [...(d.status?.conditions ?? [])],
    collisionCount: d.status?.collisionCount,
    ...divide(
      d,
      mine.map((view) => view.set),
    ),
    events: new Map(),
    deletions: [],
  };
  syncNewSet(rollout, { create: false });
  if (isDeleting(d)) return finish(rollout, plainStatus(rollout));
  checkPaused(rollout);
  const paused = d.spec?.paused === true;
  if (paused || isScalingEvent(rollout)) {
    scale(rollout);
    if (paused) cleanUp(rollout);
    return finish(rollout, plainStatus(rollout));
  }
  const stuck = rollout.newSet === undefined ? refused(rollout, world) : undefined;
  if (stuck) return stuck;
  if (collides(d, mine, world)) {
    const collisionCount = (d.status?.collisionCount ?? 0) + 1;
    return plan(statusPatch(DEPLOYMENT.resource, d, { ...d.status, collisionCount }));
  }
  return d.spec?.strategy?.type === "Recreate" ? recreate(rollout, mine, world) : rolling(rollout);
}

export const deploymentController = defineController<Deployment>({
  name: "deployment-controller",
  root: DEPLOYMENT.resource,
  triggers: [rootTrigger(DEPLOYMENT.resource), { resource: REPLICA_SETS, hints: setHints }, { resource: "/pods", hints: podHints }],
  views: {
    sets: { resource: REPLICA_SETS, project: viewSet },
    pods: {
      resource: "/pods",
      project: (object): RunningPod => ({
        controller: controllerOf(object)?.uid ?? "",
        phase: (object as { status?: { phase?: string } }).status?.phase ?? "",
      }),
    },
    deployments: {
      resource: DEPLOYMENT.resource,
      project: (object): SelectorView => ({ name: nameOf(object), selector: (object as Deployment).spec?.selector }),
    },
  },
  expand: {
    needs(text): Readonly<Record<string, Query>> | undefined {
      const hint = readHint(text);
      if (hint === undefined) return undefined;
      const namespace = hint.namespace;
      if (hint.name === undefined) return { deployments: { view: "deployments", namespace } };
      return { sets: { view: "sets", namespace, name: hint.name } };
    },
    keys(text, world) {
      const hint = readHint(text);
      const ofPod = seen<SetView>(world, "sets").flatMap((view) => setHints(view.set, undefined));
      const ofSet = seen<SelectorView>(world, "deployments")
        .filter((d) => matchesLabelSelector(d.selector, hint?.labels ?? {}))
        .map((d) => `${hint?.namespace}/${d.name}`);
      return [...ofPod.filter((key) => readHint(key) === undefined), ...ofSet];
    },
  },
  needs(_key, d) {
    if (d === undefined) return {};
    const namespace = namespaceOf(d);
    const labels = d.spec?.selector?.matchLabels ?? {};
    return {
      sets: { view: "sets", namespace, labels },
      owned: { view: "sets", namespace, ownerUids: [uidOf(d)] },
      named: { view: "sets", namespace, name: newSetName(d) },
      ...(d.spec?.strategy?.type === "Recreate" ? { pods: { view: "pods", namespace, labels } } : {}),
    };
  },
  reconcile: (_key, d, world, now) => (d === undefined ? NOTHING : reconcile(d, world, now)),
});
