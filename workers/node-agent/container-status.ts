// Status of one container as the API shows it. As upstream: kubelet_pods.go convertToAPIContainerStatuses,
// prober_manager.go UpdatePodStatus.
import type { Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod, VolumeMountStatus } from "../../shared/kinds/_generated/types.ts";
import { rfc3339 } from "../../shared/meta/time.ts";
import { isSidecar } from "./context.ts";
import type { ContainerRecord, Ending, PodRecord } from "../../shared/sim/node.ts";
import type { Resolved } from "./registry.ts";

const LOST = { exitCode: 137, reason: "ContainerStatusUnknown", message: "The container could not be located when the pod was terminated" };
export const RUNTIME = "containerd://";

const terminated = (ending: Ending): ContainerStateTerminated => ({
  containerID: `${RUNTIME}${ending.id}`,
  exitCode: ending.code,
  finishedAt: rfc3339(ending.finishedAt),
  ...(ending.message === undefined ? {} : { message: ending.message }),
  reason: ending.reason,
  startedAt: rfc3339(ending.startedAt),
});

/** What the API would show: the state in a word, and the ending that `lastState` holds. */
export function shownState(one: ContainerRecord | undefined): { readonly state: "running" | "waiting" | "terminated"; readonly last: Ending | undefined } {
  if (one?.phase === "running") return { state: "running", last: one.last };
  if (one?.reason !== undefined) return { state: "waiting", last: one.exit ?? one.last };
  if (one?.exit) return { state: "terminated", last: one.last };
  return { state: "waiting", last: one?.last };
}

/** Ready: init containers when they have succeeded, the others while they run and their readiness probe says so. */
export function isReady(container: Container, one: ContainerRecord | undefined, kind: "init" | "main"): boolean {
  if (kind === "init" && !isSidecar(container)) return one?.exit?.code === 0 && one.phase === "exited";
  if (one?.phase !== "running" || !one.started) return false;
  return container.readinessProbe === undefined || one.probes?.readinessProbe?.ok === true;
}

function stateOf(one: ContainerRecord | undefined, waiting: string): ContainerState {
  const { state } = shownState(one);
  if (state === "running") return { running: { startedAt: rfc3339(one?.startedAt ?? 0) } };
  if (state === "terminated" && one?.exit) return { terminated: terminated(one.exit) };
  if (one?.reason !== undefined) return { waiting: { ...(one.message ? { message: one.message } : {}), reason: one.reason } };
  return { waiting: { reason: waiting } };
}
const mounts = (container: Container): VolumeMountStatus[] =>
  (container.volumeMounts ?? []).map(({ name = "", mountPath = "", readOnly, recursiveReadOnly }) => ({
    mountPath,
    name,
    ...(readOnly ? { readOnly, recursiveReadOnly: recursiveReadOnly === "Enabled" || recursiveReadOnly === "IfPossible" ? "Enabled" : "Disabled" } : {}),
  }));

function userOf(container: Container, pod: Pod, imageUser: number): NonNullable<ContainerStatus["user"]> {
  const shared = pod.spec?.securityContext;
  const uid = container.securityContext?.runAsUser ?? shared?.runAsUser ?? imageUser;
  const gid =
    container.securityContext?.runAsGroup ??
    shared?.runAsGroup ??
    (container.securityContext?.runAsUser === undefined && shared?.runAsUser === undefined ? imageUser : 0);
  const more = [gid, ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup]), ...(shared?.supplementalGroups ?? [])];
  return { linux: { gid, supplementalGroups: [...new Set(more)], uid } };
}

export interface StatusPlace {
  readonly pod: Pod;
  readonly record: PodRecord;
  readonly resolve: (image: string) => Resolved;
}
/** `lost`: the pod is over, a container that never ran counts as lost. */
export function containerStatus(container: Container, kind: "init" | "main", place: StatusPlace, lost: boolean): ContainerStatus {
  const { pod, record } = place;
  const one = record.containers[container.name ?? ""];
  const waiting = (pod.spec?.initContainers?.length ?? 0) > 0 ? "PodInitializing" : "ContainerCreating";
  const shown = shownState(one);
  const found = one?.id === undefined ? undefined : place.resolve(one.image ?? "");
  const volumeMounts = mounts(container);
  return {
    ...(one?.id === undefined || !container.resources?.requests ? {} : { allocatedResources: container.resources.requests }),
    ...(one?.id === undefined ? {} : { containerID: `${RUNTIME}${one.id}` }),
    image: found?.kind === "found" ? found.canonical : (container.image ?? ""),
    imageID: found?.kind === "found" ? found.imageID : "",
    lastState: shown.last ? { terminated: terminated(shown.last) } : {},
    name: container.name ?? "",
    ready: isReady(container, one, kind),
    ...(one?.id === undefined ? {} : { resources: container.resources ?? {} }),
    restartCount: one?.attempt ?? 0,
    started: one?.phase === "running" && one.started === true,
    state: lost && shown.state !== "terminated" ? { terminated: LOST } : stateOf(one, waiting),
    ...(found?.kind === "found" ? { user: userOf(container, pod, found.image.user) } : {}),
    ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
  };
}
