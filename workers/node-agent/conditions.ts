// Phase and conditions of a pod. As upstream: kubelet_pods.go getPhase, pkg/kubelet/status/generate.go.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Container, Pod, PodCondition } from "../../shared/kinds/_generated/types.ts";
import { findCondition } from "../../shared/meta/conditions.ts";
import { isReady, shownState } from "./container-status.ts";
import type { PodContext } from "./context.ts";
import { isSidecar } from "./context.ts";
import type { PodRecord } from "../../shared/sim/node.ts";
import { shouldRestart } from "./restart.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";
interface Place {
  readonly pod: Pod;
  readonly record: PodRecord;
}
type Gist = Pick<PodCondition, "status" | "reason" | "message">;
const KUBELET_CONDITIONS = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"] as const;
export type KubeletCondition = (typeof KUBELET_CONDITIONS)[number];
export const isKubeletCondition = (type: string | undefined): boolean => (KUBELET_CONDITIONS as readonly string[]).includes(type ?? "");

function initTally({ pod, record }: Place): { readonly pending: number; readonly failed: number } {
  let pending = 0;
  let failed = 0;
  for (const container of pod.spec?.initContainers ?? []) {
    if (isSidecar(container)) continue;
    const one = record.containers[container.name ?? ""];
    const { state, last } = shownState(one);
    const ending = state === "terminated" ? one?.exit : state === "waiting" ? last : undefined;
    if (ending === undefined) pending++;
    else if (ending.code !== 0 && !shouldRestart(container, pod, ending.code)) failed++;
  }
  return { pending, failed };
}
export function podPhase(place: Place): Phase {
  const { pod, record } = place;
  if (record.failed) return "Failed";
  const known = pod.status?.phase;
  if (known === "Failed" || known === "Succeeded") return known;
  const init = initTally(place);
  const containers = pod.spec?.containers ?? [];
  const initialized = containers.some((one) => record.containers[one.name ?? ""]?.id !== undefined);
  let [running, waiting, stopped, final, succeeded, starting] = [0, 0, 0, 0, 0, 0];
  for (const container of pod.spec?.initContainers ?? []) {
    if (!isSidecar(container)) continue;
    const one = record.containers[container.name ?? ""];
    const { state, last } = shownState(one);
    if (state === "running") {
      running++;
      if (!one?.started) starting++;
    } else if (state === "waiting" && !last) {
      starting++;
      waiting++;
    }
  }
  for (const container of containers) {
    const one = record.containers[container.name ?? ""];
    const { state, last } = shownState(one);
    const ending = state === "terminated" ? one?.exit : state === "waiting" ? last : undefined;
    if (state === "running") running++;
    else if (ending === undefined) waiting++;
    else {
      stopped++;
      if (!shouldRestart(container, pod, ending.code)) final++;
      if (state === "terminated" && ending.code === 0) succeeded++;
    }
  }
  const over = record.done;
  if (init.failed > 0) return "Failed";
  if (init.pending > 0 || (starting > 0 && !initialized) || waiting > 0) return over ? "Failed" : "Pending";
  if (running > 0) return "Running";
  if (stopped === 0) return over ? "Failed" : "Pending";
  if (!over && stopped !== final) return "Running";
  return stopped === succeeded ? "Succeeded" : "Failed";
}

const names = (list: readonly string[]): string => `[${list.join(" ")}]`;
/** Containers whose readiness counts: sidecars and regular ones, in the order of the spec. */
const counted = ({ pod }: Place): readonly (readonly [Container, "init" | "main"])[] => [
  ...(pod.spec?.initContainers ?? []).filter(isSidecar).map((one) => [one, "init"] as const),
  ...(pod.spec?.containers ?? []).map((one) => [one, "main"] as const),
];
function containersReady(place: Place, phase: Phase): Gist {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const unready = counted(place).filter(([one, kind]) => !isReady(one, place.record.containers[one.name ?? ""], kind));
  if (unready.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotReady", message: `containers with unready status: ${names(unready.map(([one]) => one.name ?? ""))}` };
}
function ready(place: Place, containers: Gist): Gist {
  if (containers.status !== "True") return containers;
  const problems: string[] = [];
  for (const { conditionType = "" } of place.pod.spec?.readinessGates ?? []) {
    const condition = findCondition(place.pod.status?.conditions as readonly { type?: string; status?: string }[] | undefined, conditionType);
    if (!condition) problems.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== "True") problems.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
  }
  return problems.length === 0 ? { status: "True" } : { status: "False", reason: "ReadinessGatesNotReady", message: problems.join(", ") };
}
function initialized(place: Place, phase: Phase): Gist {
  const { pod, record } = place;
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  if ((pod.spec?.containers ?? []).some((one) => record.containers[one.name ?? ""]?.id !== undefined)) return { status: "True" };
  const open = (pod.spec?.initContainers ?? []).filter((container) => {
    const one = record.containers[container.name ?? ""];
    return isSidecar(container) ? !one?.started : !isReady(container, one, "init");
  });
  if (open.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotInitialized", message: `containers with incomplete status: ${names(open.map((one) => one.name ?? ""))}` };
}

function gists(place: Place, phase: Phase): Readonly<Record<KubeletCondition, Gist>> {
  const containers = containersReady(place, phase);
  return {
    PodReadyToStartContainers: { status: place.record.mounted && !place.record.done ? "True" : "False" },
    Initialized: initialized(place, phase),
    Ready: ready(place, containers),
    ContainersReady: containers,
    PodScheduled: { status: "True" },
  };
}

/** Remembers when conditions turned; called after every event, so that the times are exact. */
export function noteConditions({ pod, record }: Pick<PodContext, "pod" | "record">, at: EpochMs): void {
  const phase = podPhase({ pod, record });
  record.phase = phase;
  const now = gists({ pod, record }, phase);
  for (const type of KUBELET_CONDITIONS) {
    const status = now[type].status ?? "False";
    if (record.conditions[type]?.[0] === status) continue;
    const stored =
      type === "PodScheduled"
        ? findCondition(pod.status?.conditions as readonly { type?: string; lastTransitionTime?: string }[] | undefined, type)?.lastTransitionTime
        : undefined;
    record.conditions[type] = [status, stored === undefined ? at : Date.parse(stored)];
  }
}
/** The kubelet's conditions in its order, after those of others. */
export function podConditions(place: Place, time: (at: EpochMs) => string): PodCondition[] {
  const { pod, record } = place;
  const now = gists(place, podPhase(place));
  const generation = pod.metadata?.generation;
  const others = (pod.status?.conditions ?? []).filter((one) => !isKubeletCondition(one.type));
  const own = KUBELET_CONDITIONS.map((type): PodCondition => {
    const { status, reason, message } = now[type];
    return {
      lastTransitionTime: time(record.conditions[type]?.[1] ?? record.startTime),
      ...(message === undefined ? {} : { message }),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...(reason === undefined ? {} : { reason }),
      ...(status === undefined ? {} : { status }),
      type,
    };
  });
  return [...others, ...own];
}
