// One pod's life, event by event: everything that is due happens at its own time, however late it is looked at.
// Order as upstream: pkg/kubelet/kubelet.go SyncPod, kuberuntime_manager.go computePodActions.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Container } from "../../shared/kinds/_generated/types.ts";
import { MOUNT_INITIAL_MS, MOUNT_MAX_MS } from "./backoff.ts";
import type { PodContext } from "./context.ts";
import { allContainers, isSidecar, podIPOf, recordOf, tell } from "./context.ts";
import { settleProbe } from "./probes.ts";
import type { ContainerRecord, ProbeName } from "../../shared/sim/node.ts";
import { noteConditions } from "./conditions.ts";
import { planRestart, shouldRestart } from "./restart.ts";
import { planEnd, startContainer } from "./start.ts";
import { PROCESS_END_MS, stopContainer } from "./stop.ts";
import { mountProblems } from "./volumes.ts";

const PROBES: readonly ProbeName[] = ["startupProbe", "livenessProbe", "readinessProbe"];
/** Events of one pod in one step; the rest comes with the next alarm. */
const EVENTS_MAX = 5_000;
const RECHECK_MAX_MS = 60_000;

/** When the next own event of a container is due. */
function containerNext(one: ContainerRecord): EpochMs {
  if (one.phase !== "running") return one.due ?? Infinity;
  let next = Math.min(one.end?.at ?? Infinity, one.recheck?.at ?? Infinity);
  if (!one.stopping) for (const name of PROBES) next = Math.min(next, one.probes?.[name]?.next ?? Infinity);
  return next;
}
export function podNext({ record, pod }: PodContext): EpochMs {
  if (record.done) return Infinity;
  let next = record.mounted ? Infinity : (record.mount?.due ?? Infinity);
  for (const name in record.containers) {
    const one = record.containers[name];
    if (one) next = Math.min(next, containerNext(one));
  }
  const deadline = pod.spec?.activeDeadlineSeconds;
  if (deadline !== undefined && !record.failed && !record.stopping) next = Math.min(next, record.startTime + deadline * 1000);
  return next;
}

/** The main process is gone. */
function ended(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  const { end } = one;
  if (!end) return;
  one.phase = "exited";
  one.started = false;
  one.exit = {
    code: end.code,
    reason: end.reason ?? (end.code === 0 ? "Completed" : "Error"),
    ...(end.message === undefined ? {} : { message: end.message }),
    startedAt: one.startedAt ?? at,
    finishedAt: at,
    id: one.id ?? "",
  };
  const replace = one.replace === true;
  if (one.id !== undefined) context.programs.delete(one.id);
  for (const key of ["end", "stopping", "probes", "recheck", "overlay", "due"] as const) delete one[key];
  if (context.record.stopping) return;
  if (replace) one.due = at;
  else if (shouldRestart(container, context.pod, end.code)) planRestart(context, container, one, at);
}

/** Handles what is due of one container at `at`. */
function containerEvent(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  if (one.phase !== "running") return;
  if (one.end && one.end.at <= at) return ended(context, container, one, one.end.at);
  if (one.recheck && one.recheck.at <= at) {
    const { ms } = one.recheck;
    if (one.id !== undefined) context.programs.delete(one.id);
    planEnd(context, container, one, at);
    if (one.recheck) one.recheck = { at: at + ms, ms: Math.min(ms * 2, RECHECK_MAX_MS) };
  }
  for (const name of PROBES) settleProbe(context, container, one, name, at);
}

function mount(context: PodContext, at: EpochMs): boolean {
  const { record } = context;
  if (record.mounted) return true;
  if (record.mount && record.mount.due > at) return false;
  const problems = mountProblems({ ...context, podIP: podIPOf(context) });
  if (problems.length === 0) {
    record.mounted = true;
    delete record.mount;
    return true;
  }
  for (const message of problems) tell(context, at, { type: "Warning", reason: "FailedMount", message });
  const ms = record.mount?.ms ?? MOUNT_INITIAL_MS;
  record.mount = { due: at + ms, ms: Math.min(ms * 2, MOUNT_MAX_MS) };
  return false;
}
const mayStart = (one: ContainerRecord, at: EpochMs): boolean =>
  one.phase === "waiting"
    ? (one.reason === undefined || one.due !== undefined) && (one.due ?? at) <= at
    : one.phase !== "running" && one.due !== undefined && one.due <= at;

/** Brings init containers up in order. True: the pod is initialized. */
function initialize(context: PodContext, at: EpochMs): boolean {
  for (const container of context.pod.spec?.initContainers ?? []) {
    const one = recordOf(context.record, container.name);
    if (mayStart(one, at) && !(one.exit?.code === 0 && !isSidecar(container))) startContainer(context, container, one, at);
    if (isSidecar(container) ? !one.started : one.exit?.code !== 0 || one.phase !== "exited") return false;
  }
  return true;
}
/** Sidecars that end while the pod runs come back. */
function keepSidecars(context: PodContext, at: EpochMs): void {
  for (const container of context.pod.spec?.initContainers ?? []) {
    const one = recordOf(context.record, container.name);
    if (isSidecar(container) && mayStart(one, at)) startContainer(context, container, one, at);
  }
}
function startAll(context: PodContext, at: EpochMs): void {
  const { pod, record } = context;
  if (!mount(context, at)) return;
  for (const container of pod.spec?.ephemeralContainers ?? []) {
    const one = recordOf(record, container.name);
    if (mayStart(one, at)) startContainer(context, container, one, at);
  }
  const begun = (pod.spec?.containers ?? []).some((one) => record.containers[one.name ?? ""]?.id !== undefined);
  if (begun) keepSidecars(context, at);
  else if (!initialize(context, at)) return;
  for (const container of pod.spec?.containers ?? []) {
    const one = recordOf(record, container.name);
    if (one.phase === "running" && one.image !== container.image && !one.stopping) {
      stopContainer(context, container, one, at, {
        grace: pod.spec?.terminationGracePeriodSeconds ?? 30,
        message: `Container ${container.name} definition changed, will be restarted`,
        replace: true,
      });
    } else if (mayStart(one, at)) startContainer(context, container, one, at);
  }
}

const isOver = (one: ContainerRecord | undefined): boolean => one?.phase === "exited" && one.due === undefined && one.end === undefined;
/** The pod has nothing more to do: all regular containers have ended for good, or an init container has failed for good. */
function isFinished({ pod, record }: PodContext): boolean {
  const initFailed = (pod.spec?.initContainers ?? []).some((container) => {
    const one = record.containers[container.name ?? ""];
    return !isSidecar(container) && isOver(one) && one?.exit?.code !== 0;
  });
  return initFailed || (pod.spec?.containers ?? []).every((container) => isOver(record.containers[container.name ?? ""]));
}

/** Stops what still runs: regular containers first, then sidecars from the last to the first. True: nothing runs. */
function stopAll(context: PodContext, at: EpochMs): boolean {
  const { pod, record } = context;
  const { since, grace } = record.stopping ?? { since: at, grace: 30 };
  const left = Math.max(0, since + grace * 1000 - at) / 1000;
  const running = allContainers(pod).filter((container) => record.containers[container.name ?? ""]?.phase === "running");
  const sidecars = running.filter((container) => isSidecar(container) && pod.spec?.initContainers?.includes(container));
  const first = running.filter((container) => !sidecars.includes(container));
  const turn = first.length > 0 ? first : sidecars.slice(-1);
  for (const container of turn)
    stopContainer(context, container, recordOf(record, container.name), at, {
      grace: left,
      lasts: pod.metadata?.deletionTimestamp === undefined ? 0 : PROCESS_END_MS,
    });
  for (const name in record.containers) {
    const one = record.containers[name];
    if (!one || one.phase === "running") continue;
    delete one.due;
    if (one.exit) {
      delete one.reason;
      delete one.message;
    }
    if (one.phase === "pulling") one.phase = "waiting";
  }
  return running.length === 0;
}

function checkDeadline(context: PodContext, at: EpochMs): void {
  const { pod, record } = context;
  const seconds = pod.spec?.activeDeadlineSeconds;
  if (seconds === undefined || record.failed || record.stopping || at < record.startTime + seconds * 1000) return;
  const message = "Pod was active on the node longer than the specified deadline";
  record.failed = { reason: "DeadlineExceeded", message };
  record.stopping = { since: at, grace: pod.spec?.terminationGracePeriodSeconds ?? 30 };
  tell(context, at, { reason: "DeadlineExceeded", message });
}

/** Does all that can be done at one moment. */
function settle(context: PodContext, at: EpochMs): void {
  const { pod, record } = context;
  checkDeadline(context, at);
  if (!record.stopping) {
    startAll(context, at);
    if (isFinished(context)) record.stopping = { since: at, grace: pod.spec?.terminationGracePeriodSeconds ?? 30 };
  }
  if (record.stopping && stopAll(context, at)) record.done = true;
  noteConditions(context, at);
}

/** Lives through everything that is due up to `now`, each event at its own time. */
function catchUp(context: PodContext, now: EpochMs): void {
  for (let count = 0; count < EVENTS_MAX && !context.record.done; count++) {
    const next = podNext(context);
    if (next > now) return;
    for (const container of allContainers(context.pod)) {
      const one = context.record.containers[container.name ?? ""];
      if (one && containerNext(one) <= next) containerEvent(context, container, one, next);
    }
    settle(context, next);
  }
}
/** Lets the pod live up to `now`, then takes in what is new about it. */
export function advancePod(context: PodContext, now: EpochMs, news?: () => void): void {
  const { record } = context;
  catchUp(context, now);
  if (news && !record.done) {
    news();
    settle(context, now);
    catchUp(context, now);
  } else news?.();
  const next = podNext(context);
  if (next === Infinity) delete record.next;
  else record.next = next;
}
