// disruption-controller: says how many pods of a PodDisruptionBudget may be evicted now. As upstream: pkg/controller/disruption/disruption.go.
import type { EpochMs } from "../../shared/base/ports.ts";
import { err, ok, type Result } from "../../shared/base/result.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { LabelSelector, PodDisruptionBudget, PodDisruptionBudgetStatus } from "../../shared/kinds/_generated/types.ts";
import { setCondition } from "../../shared/meta/conditions.ts";
import { scaledValue } from "../../shared/meta/intstr.ts";
import { matchesLabelSelector } from "../../shared/meta/labels.ts";
import { controllerOf } from "../../shared/meta/owner-refs.ts";
import { parseTime } from "../../shared/meta/time.ts";
import { type Action, defineController, NOTHING, type Plan, type View, type World } from "../../shared/reconcile/controller.ts";
import { podHintOf, readHint } from "./_parts/hints.ts";
import { podChanged, podController, type PodView, podView, sameMap } from "./_parts/pod-view.ts";
import { rootTrigger } from "./_parts/replica-triggers.ts";
import { mergeDiff } from "./_parts/status-patch.ts";
import { labelsOf, metaOf, nameOf, namespaceOf, plan, type Queries, seen, sooner, typed, uidOf } from "./_parts/world.ts";

const BUDGETS = "policy/poddisruptionbudgets";
/** An eviction that was granted but not carried out is forgotten after this time. */
const DELETION_TIMEOUT_MS = 120_000;
/** The kinds whose size tells how many pods there should be. */
const SCALES = {
  replicaSets: "apps/replicasets",
  replicationControllers: "/replicationcontrollers",
  statefulSets: "apps/statefulsets",
  deployments: "apps/deployments",
};

interface ScaleView {
  readonly uid: string;
  readonly replicas: number;
  readonly controller: string | undefined;
}
const scaleView = (resource: string): View => ({
  resource,
  project: (object: KubeObject): ScaleView => ({
    uid: uidOf(object),
    replicas: (object as { spec?: { replicas?: number } }).spec?.replicas ?? 1,
    controller: controllerOf(object)?.uid,
  }),
});
interface SelectorView {
  readonly name: string;
  readonly selector: LabelSelector | undefined;
}
interface Expected {
  readonly expected: number;
  readonly desired: number;
  readonly unmanaged: boolean;
}

/** How many pods the controllers of these pods want. */
function expectedScale(pods: readonly PodView[], world: World): Result<{ count: number; unmanaged: boolean }, string> {
  const scales = new Map(Object.keys(SCALES).flatMap((name) => seen<ScaleView>(world, name).map((view) => [view.uid, view] as const)));
  const counted = new Map<string, number>();
  let unmanaged = false;
  for (const pod of pods) {
    const owner = podController(pod);
    if (owner === undefined) {
      unmanaged = true;
      continue;
    }
    const own = scales.get(owner.uid ?? "");
    // A ReplicaSet of a Deployment counts as the Deployment.
    const scale = scales.get(own?.controller ?? "") ?? own;
    if (scale === undefined) return err(`found no controllers for pod "${pod.name}"`);
    counted.set(scale.uid, scale.replicas);
  }
  return ok({ count: [...counted.values()].reduce((total, count) => total + count, 0), unmanaged });
}

function expectation(pdb: PodDisruptionBudget, pods: readonly PodView[], world: World): Result<Expected, string> {
  const { minAvailable, maxUnavailable } = pdb.spec ?? {};
  if (maxUnavailable === undefined && minAvailable === undefined) return ok({ expected: 0, desired: 0, unmanaged: false });
  if (maxUnavailable === undefined && typeof minAvailable === "number") {
    return ok({ expected: pods.length, desired: minAvailable, unmanaged: false });
  }
  const scale = expectedScale(pods, world);
  if (!scale.ok) return scale;
  const { count, unmanaged } = scale.value;
  const share = scaledValue(maxUnavailable ?? minAvailable ?? 0, count, { roundUp: true });
  const desired = maxUnavailable === undefined ? share : Math.max(0, count - share);
  return ok({ expected: count, desired, unmanaged });
}

/** Evictions granted to pods that are still there, and when the first of them is forgotten. */
function disrupted(pdb: PodDisruptionBudget, pods: readonly PodView[], now: EpochMs): { readonly pods: Record<string, string>; readonly next?: number } {
  const known: Record<string, string> = {};
  let next: number | undefined;
  for (const pod of pods) {
    const time = pdb.status?.disruptedPods?.[pod.name];
    if (time === undefined || pod.deletionTimestamp !== undefined) continue;
    const left = (parseTime(time) ?? 0) + DELETION_TIMEOUT_MS - now;
    if (left < 0) continue;
    known[pod.name] = time;
    next = sooner(next, left + 1000);
  }
  return next === undefined ? { pods: known } : { pods: known, next };
}

/** As Go prints a *LabelSelector. */
function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const map = labels.map(([key, value]) => `${key}: ${value},`).join("");
  const list = (selector.matchExpressions ?? []).map(
    (item) => `LabelSelectorRequirement{Key:${item.key},Operator:${item.operator},Values:[${(item.values ?? []).join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${list.join("")}},}`;
}

function event(pdb: PodDisruptionBudget, type: "Normal" | "Warning", reason: string, message: string): Action {
  return { do: "event", about: typed(pdb, "policy/v1", "PodDisruptionBudget"), type, reason, message };
}

/** Evictions write the same status, so the version that was seen must still be there. */
function write(pdb: PodDisruptionBudget, status: PodDisruptionBudgetStatus, events: readonly Action[], next?: number): Plan {
  const diff = mergeDiff(pdb.status, status);
  if (Object.keys(diff).length === 0) return plan([], next);
  const metadata = { uid: uidOf(pdb), resourceVersion: metaOf(pdb).resourceVersion ?? "" };
  const target = { resource: BUDGETS, namespace: namespaceOf(pdb), name: nameOf(pdb), subresource: "status" };
  return plan([{ do: "patch", ...target, type: "merge", patch: { metadata, status: diff } }, ...events], next);
}

const NO_COUNTS = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
function failSafe(pdb: PodDisruptionBudget, message: string, now: EpochMs): Plan {
  const observedGeneration = pdb.status?.observedGeneration;
  const generation = observedGeneration === undefined ? {} : { observedGeneration };
  const condition = { type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message, ...generation };
  const conditions = setCondition(pdb.status?.conditions, condition, now);
  const text = `Failed to calculate the number of expected pods: ${message}`;
  const events = [event(pdb, "Warning", "CalculateExpectedPodCountFailed", text)];
  return write(pdb, { ...NO_COUNTS, ...pdb.status, disruptionsAllowed: 0, conditions }, events);
}

function reconcile(pdb: PodDisruptionBudget, world: World, now: EpochMs): Plan {
  const pods = seen<PodView>(world, "pods").filter((pod) => matchesLabelSelector(pdb.spec?.selector, pod.labels));
  const expectations = expectation(pdb, pods, world);
  if (!expectations.ok) return failSafe(pdb, expectations.error, now);
  const { expected, desired, unmanaged } = expectations.value;
  const pending = disrupted(pdb, pods, now);
  const healthy = pods.filter((pod) => pod.deletionTimestamp === undefined && pod.ready && pending.pods[pod.name] === undefined).length;
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  const observedGeneration = pdb.metadata?.generation ?? 0;
  const condition = {
    type: "DisruptionAllowed",
    status: allowed > 0 ? "True" : "False",
    reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
    message: "",
    observedGeneration,
  };
  const status: PodDisruptionBudgetStatus = {
    conditions: setCondition(pdb.status?.conditions, condition, now),
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration,
    ...(Object.keys(pending.pods).length > 0 ? { disruptedPods: pending.pods } : {}),
  };
  const events: Action[] = [];
  if (pods.length === 0) events.push(event(pdb, "Normal", "NoPods", "No matching pods found"));
  if (unmanaged) {
    const text =
      `Pods selected by this PodDisruptionBudget (selector: ${selectorText(pdb.spec?.selector)}) were found to be unmanaged. ` +
      "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. " +
      'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    events.push(event(pdb, "Warning", "UnmanagedPods", text));
  }
  return write(pdb, status, events, pending.next);
}

function podHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  if (next !== undefined && old !== undefined && !podChanged(next, old)) return [];
  const pods = [next, old].filter((pod) => pod !== undefined) as KubeObject[];
  const [first, second] = pods;
  const both = first !== undefined && second !== undefined && !sameMap(labelsOf(first), labelsOf(second));
  return (both ? pods : pods.slice(0, 1)).map(podHintOf);
}

export const disruptionController = defineController<PodDisruptionBudget>({
  name: "disruption-controller",
  component: "controllermanager",
  root: BUDGETS,
  triggers: [rootTrigger(BUDGETS), { resource: "/pods", patient: true, dormantWithout: BUDGETS, hints: podHints }],
  views: {
    pods: podView,
    budgets: {
      resource: BUDGETS,
      project: (object): SelectorView => ({ name: nameOf(object), selector: (object as PodDisruptionBudget).spec?.selector }),
    },
    ...Object.fromEntries(Object.entries(SCALES).map(([name, resource]) => [name, scaleView(resource)])),
  },
  expand: {
    needs(text): Queries | undefined {
      const hint = readHint(text);
      return hint && { budgets: { view: "budgets", namespace: hint.namespace } };
    },
    keys(text, world) {
      const hint = readHint(text);
      return seen<SelectorView>(world, "budgets")
        .filter((pdb) => matchesLabelSelector(pdb.selector, hint?.labels ?? {}))
        .map((pdb) => `${hint?.namespace}/${pdb.name}`);
    },
  },
  needs(_key, pdb): Queries {
    if (pdb === undefined) return {};
    const namespace = namespaceOf(pdb);
    const pods = { view: "pods", namespace, labels: pdb.spec?.selector?.matchLabels ?? {} };
    if (pdb.spec?.maxUnavailable === undefined && typeof pdb.spec?.minAvailable === "number") return { pods };
    return { pods, ...Object.fromEntries(Object.keys(SCALES).map((view) => [view, { view, namespace }])) };
  },
  reconcile: (_key, pdb, world, now) => (pdb === undefined ? NOTHING : reconcile(pdb, world, now)),
});
