// The table row of a pod (upstream: pkg/printers/internalversion/printers.go, printPod).
import { parseTime, age } from "../../meta/time.ts";
import type { EpochMs } from "../../base/ports.ts";
import type { ContainerStateTerminated, ContainerStatus, Pod } from "../_generated/types.ts";
import type { ColumnDefinition, TablePrinter } from "../define-kind.ts";
import { isRestartableInit } from "./containers.ts";

const text = (name: string, priority = 0): ColumnDefinition => ({ name, type: "string", priority });
const COLUMNS: readonly ColumnDefinition[] = [
  { name: "Name", type: "string", format: "name", priority: 0 },
  text("Ready"),
  text("Status"),
  text("Restarts"),
  text("Age"),
  text("IP", 1),
  text("Node", 1),
  text("Nominated Node", 1),
  text("Readiness Gates", 1),
];

/** Restarts and when the last of them was; 0 for never. */
class Restarts {
  count = 0;
  last: EpochMs = 0;
  see(status: ContainerStatus): void {
    this.count += status.restartCount ?? 0;
    const finished = parseTime(status.lastState?.terminated?.finishedAt ?? "");
    if (finished !== undefined) this.last = Math.max(this.last, finished);
  }
  print(now: EpochMs): string {
    if (this.count === 0 || this.last === 0) return `${this.count}`;
    return `${this.count} (${age(new Date(this.last).toISOString(), now)} ago)`;
  }
}
function terminatedReason({ reason, signal, exitCode = 0 }: ContainerStateTerminated): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}
interface Progress {
  reason: string;
  ready: number;
  restarts: Restarts;
}

/** Goes through the init containers; answers the reason to show while they are not through. */
function initProgress(pod: Pod, progress: Progress, sidecars: Restarts): string | undefined {
  const specs = pod.spec?.initContainers ?? [];
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = isRestartableInit(specs.findLast((container) => container.name === status.name));
    progress.restarts.see(status);
    if (sidecar) sidecars.see(status);
    const { terminated, waiting } = status.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) progress.ready++;
      continue;
    }
    if (terminated) return `Init:${terminatedReason(terminated)}`;
    if (waiting?.reason && waiting.reason !== "PodInitializing") return `Init:${waiting.reason}`;
    return `Init:${i}/${specs.length}`;
  }
  return undefined;
}
function mainProgress(pod: Pod, progress: Progress): void {
  let running = false;
  let failure = "";
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    progress.restarts.see(status);
    const { waiting, terminated, running: runs } = status.state ?? {};
    if (waiting?.reason) progress.reason = waiting.reason;
    else if (terminated) {
      progress.reason = terminatedReason(terminated);
      if (terminated.exitCode) failure = progress.reason;
    } else if (status.ready && runs) {
      running = true;
      progress.ready++;
    }
  }
  if (progress.reason !== "Completed") return;
  const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  if (running && ready) progress.reason = "Running";
  else if (failure !== "") progress.reason = failure;
  else if (running) progress.reason = "NotReady";
}

function progressOf(pod: Pod): Progress {
  const { status = {}, metadata } = pod;
  const progress: Progress = { reason: status.reason || status.phase || "", ready: 0, restarts: new Restarts() };
  if (status.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated")) {
    progress.reason = "SchedulingGated";
  }
  const sidecars = new Restarts();
  const initializing = initProgress(pod, progress, sidecars);
  progress.reason = initializing ?? progress.reason;
  const initialized = status.conditions?.find(({ type }) => type === "Initialized")?.status === "True";
  if (initializing === undefined || initialized) {
    progress.restarts = sidecars;
    mainProgress(pod, progress);
  }
  if (metadata?.deletionTimestamp) {
    if (status.reason === "NodeLost") progress.reason = "Unknown";
    else if (status.phase !== "Succeeded" && status.phase !== "Failed") progress.reason = "Terminating";
  }
  return progress;
}
function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const open = gates.filter(({ conditionType }) => pod.status?.conditions?.find(({ type }) => type === conditionType)?.status === "True");
  return `${open.length}/${gates.length}`;
}

export const podTable: TablePrinter<Pod> = {
  columns: COLUMNS,
  row(pod, now) {
    const { reason, ready, restarts } = progressOf(pod);
    const total = (pod.spec?.containers?.length ?? 0) + (pod.spec?.initContainers?.filter(isRestartableInit).length ?? 0);
    return [
      pod.metadata?.name ?? "",
      `${ready}/${total}`,
      reason,
      restarts.print(now),
      age(pod.metadata?.creationTimestamp, now),
      pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || "<none>",
      pod.spec?.nodeName || "<none>",
      pod.status?.nominatedNodeName || "<none>",
      readinessGates(pod),
    ];
  },
};
