// Stopping containers: hook, SIGTERM, grace, SIGKILL. As upstream: kuberuntime_container.go killContainer.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Container, LifecycleHandler } from "../../shared/kinds/_generated/types.ts";
import type { Program } from "../../shared/sim/image.ts";
import type { PodContext } from "./context.ts";
import { appendLog, programOf, tell } from "./context.ts";
import type { ContainerRecord } from "../../shared/sim/node.ts";

const SIGKILL_CODE = 137;
const GRACE_MIN_SECONDS = 2;
/** No process ends in no time: whoever looks right after the DELETE of a pod still finds it, on its way out. */
export const PROCESS_END_MS = 100;

/** How long a hook takes; Infinity: longer than anybody waits. */
function hookMs(handler: LifecycleHandler | undefined, program: Program | undefined, at: EpochMs): number {
  if (handler?.sleep) return (handler.sleep.seconds ?? 0) * 1000;
  if (handler?.exec?.command && program) return program.exec(handler.exec.command, at).endsAt - at;
  return 0;
}

/** Begins to stop a running container; its end is then planned. Called again, a shorter grace counts. */
export function stopContainer(
  context: PodContext,
  container: Container,
  one: ContainerRecord,
  at: EpochMs,
  how: { readonly grace: number; readonly message?: string; readonly replace?: boolean; readonly lasts?: number },
): void {
  if (one.phase !== "running") return;
  const deadline = at + Math.max(how.grace, one.stopping ? 0 : GRACE_MIN_SECONDS) * 1000;
  if (one.stopping) {
    if (one.end && one.end.at > deadline) one.end = { at: deadline, code: SIGKILL_CODE };
    return;
  }
  tell(context, at, { container: container.name, reason: "Killing", message: how.message ?? `Stopping container ${container.name}` });
  one.stopping = true;
  if (how.replace) one.replace = true;
  delete one.recheck;
  const program = programOf(context, container, one);
  const own = one.end;
  const signalled = at + hookMs(container.lifecycle?.preStop, program, at);
  const said = signalled < deadline ? program?.term(signalled) : undefined;
  const answer = said && { ...said, at: Math.min(deadline, Math.max(said.at, signalled + (how.lasts ?? 0))) };
  one.end = answer && answer.at <= deadline ? { at: answer.at, code: answer.code } : { at: deadline, code: SIGKILL_CODE };
  if (own && own.at <= one.end.at) one.end = own;
  else if (answer && answer.at <= deadline) appendLog(context, container.name ?? "", answer.lines);
}
