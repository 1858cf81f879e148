// What becomes of a container that has ended. As upstream: pkg/api/v1/pod/util.go ContainerShouldRestart,
// kuberuntime_manager.go doBackOff.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Container, Pod } from "../../shared/kinds/_generated/types.ts";
import { CRASH_INITIAL_MS, CRASH_MAX_MS, goDuration, nextDelay, waitsUntil } from "./backoff.ts";
import type { PodContext } from "./context.ts";
import { isSidecar, tell } from "./context.ts";
import type { ContainerRecord } from "../../shared/sim/node.ts";

function ruleFor(container: Container, code: number): boolean {
  return (container.restartPolicyRules ?? []).some(({ action, exitCodes }) => {
    if (action !== "Restart" || !exitCodes) return false;
    const listed = exitCodes.values?.includes(code) ?? false;
    return exitCodes.operator === "In" ? listed : !listed;
  });
}
/** Is a container that ended with this code started again? */
export function shouldRestart(container: Container, pod: Pod, code: number): boolean {
  if (pod.spec?.ephemeralContainers?.some((one) => one.name === container.name)) return false;
  if (ruleFor(container, code)) return true;
  const init = pod.spec?.initContainers?.some((one) => one.name === container.name) && !isSidecar(container);
  const policy = container.restartPolicy ?? (init && pod.spec?.restartPolicy === "Always" ? "OnFailure" : (pod.spec?.restartPolicy ?? "Always"));
  return policy === "Always" || (policy === "OnFailure" && code !== 0);
}

const podText = ({ record }: PodContext): string => `${record.name}_${record.namespace}(${record.uid})`;

/** A container that is to run again: at once the first time, then after ever longer delays. */
export function planRestart(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  const ended = one.exit?.finishedAt ?? at;
  const due = waitsUntil(one.crash, ended, CRASH_MAX_MS);
  if (due === undefined || due <= at) {
    one.crash = nextDelay(one.crash, ended, at, CRASH_INITIAL_MS, CRASH_MAX_MS);
    one.due = at;
    return;
  }
  one.due = due;
  one.reason = "CrashLoopBackOff";
  one.message = `back-off ${goDuration(one.crash?.ms ?? 0)} restarting failed container=${container.name} pod=${podText(context)}`;
  tell(context, at, {
    container: container.name,
    type: "Warning",
    reason: "BackOff",
    message: `Back-off restarting failed container ${container.name} in pod ${podText(context)}`,
  });
}
