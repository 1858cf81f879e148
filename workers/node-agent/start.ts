// Starting a container: image, configuration, creation, start. As upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go
// startContainer and pkg/kubelet/images/image_manager.go EnsureImageExists.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Container } from "../../shared/kinds/_generated/types.ts";
import { isMissing } from "../../shared/sim/start.ts";
import { CRASH_INITIAL_MS, CRASH_MAX_MS, goDuration, nextDelay, PULL_ERROR_SHOWN_MS, PULL_INITIAL_MS, PULL_MAX_MS, RETRY_MS } from "./backoff.ts";
import type { PodContext } from "./context.ts";
import { argvOf, environmentOf, programOf, tell } from "./context.ts";
import { readsObjects } from "./environment.ts";
import { beginProbes } from "./probes.ts";
import type { ContainerRecord } from "../../shared/sim/node.ts";
import type { Resolved } from "./registry.ts";
import { hexDigest } from "./registry.ts";
import { stopContainer } from "./stop.ts";

type Found = Resolved & { readonly kind: "found" };
const RECHECK_FIRST_MS = 2_000;
const PULL_BYTES_PER_MS = 40_000;
const START_ERROR_CODE = 128;

function refuse(context: PodContext, container: Container, one: ContainerRecord, reason: string, message: string, at: EpochMs): void {
  one.phase = "waiting";
  one.reason = reason;
  one.message = message;
  tell(context, at, {
    container: container.name,
    type: "Warning",
    reason: "Failed",
    message: `Error: ${reason === "CreateContainerConfigError" ? message : reason}`,
  });
}

function pullFails(context: PodContext, container: Container, one: ContainerRecord, found: Resolved & { kind: "refused" }, at: EpochMs): void {
  tell(context, at, { container: container.name, reason: "Pulling", message: `Pulling image "${found.tagged}"` });
  tell(context, at, { container: container.name, type: "Warning", reason: "Failed", message: `Failed to pull image "${found.tagged}": ${found.error}` });
  refuse(context, container, one, "ErrImagePull", found.error, at);
  one.pull = { ...nextDelay(one.pull, at, at, PULL_INITIAL_MS, PULL_MAX_MS), error: found.error };
  one.due = at + PULL_ERROR_SHOWN_MS;
}
/** While a failed pull waits for its next attempt; true: it does. */
function pullWaits(context: PodContext, container: Container, one: ContainerRecord, found: Resolved & { kind: "refused" }, at: EpochMs): boolean {
  if (!one.pull || at >= one.pull.at + one.pull.ms) return false;
  const message = `Back-off pulling image "${found.tagged}"`;
  tell(context, at, { container: container.name, reason: "BackOff", message });
  refuse(context, container, one, "ImagePullBackOff", `${message}: ErrImagePull: ${one.pull.error}`, at);
  one.due = one.pull.at + one.pull.ms;
  return true;
}

/** Sees that the image is there. True: it is, go on. */
function ensureImage(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): Found | undefined {
  const text = container.image ?? "";
  const found = context.resolve(text);
  if (found.kind === "invalid") {
    tell(context, at, { container: container.name, type: "Warning", reason: "InspectFailed", message: found.message });
    refuse(context, container, one, "InvalidImageName", found.message, at);
    delete one.due;
    return undefined;
  }
  const present = found.kind === "found" && context.images.has(found.canonical);
  if (container.imagePullPolicy === "Never" && !present) {
    const message = `Container image "${text}" is not present with pull policy of Never`;
    tell(context, at, { container: container.name, type: "Warning", reason: "ErrImageNeverPull", message });
    refuse(context, container, one, "ErrImageNeverPull", message, at);
    delete one.due;
    return undefined;
  }
  if (found.kind === "refused") {
    if (!pullWaits(context, container, one, found, at)) pullFails(context, container, one, found, at);
    return undefined;
  }
  if (one.phase === "pulling") return pulled(context, container, one, found, at);
  if (present && container.imagePullPolicy !== "Always") {
    tell(context, at, {
      container: container.name,
      reason: "Pulled",
      message: `Container image "${text}" already present on machine and can be accessed by the pod`,
    });
    return found;
  }
  tell(context, at, { container: container.name, reason: "Pulling", message: `Pulling image "${found.tagged}"` });
  one.pullStart = at;
  const ms = pullMs(context, found, present);
  if (ms === 0) return pulled(context, container, one, found, at);
  one.phase = "pulling";
  one.due = at + ms;
  delete one.reason;
  delete one.message;
  return undefined;
}
function pullMs({ config, ports }: PodContext, found: Found, present: boolean): number {
  if (config.profile === "instant") return 0;
  return present ? 200 + ports.dice(600) : 500 + Math.round(found.sizeBytes / PULL_BYTES_PER_MS) + ports.dice(1500);
}
function pulled(context: PodContext, container: Container, one: ContainerRecord, found: Found, at: EpochMs): Found {
  const took = goDuration(at - (one.pullStart ?? at));
  tell(context, at, {
    container: container.name,
    reason: "Pulled",
    message: `Successfully pulled image "${found.tagged}" in ${took} (${took} including waiting). Image size: ${found.sizeBytes} bytes.`,
  });
  context.images.add(found.canonical);
  delete one.pullStart;
  delete one.pull;
  one.phase = "waiting";
  return found;
}

/** Tries to bring a container up at `at`; what it finds is in the record. */
export function startContainer(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  if (one.reason === "CrashLoopBackOff") {
    one.crash = nextDelay(one.crash, one.exit?.finishedAt ?? at, at, CRASH_INITIAL_MS, CRASH_MAX_MS);
    delete one.reason;
    delete one.message;
  }
  const found = ensureImage(context, container, one, at);
  if (!found) return;
  const reads = readsObjects(container);
  const made =
    reads || (container.env?.length ?? 0) > 0
      ? environmentOf(context, container, { ...one, env: undefined } as unknown as ContainerRecord, found.image)
      : undefined;
  if (made && !made.ok) {
    refuse(context, container, one, "CreateContainerConfigError", made.error, at);
    one.due = at + RETRY_MS;
    return;
  }
  const user = container.securityContext?.runAsUser ?? context.pod.spec?.securityContext?.runAsUser ?? found.image.user;
  const nonRoot = container.securityContext?.runAsNonRoot ?? context.pod.spec?.securityContext?.runAsNonRoot;
  if (nonRoot && user === 0) {
    const message = `container has runAsNonRoot and image will run as root (pod: "${context.record.name}_${context.record.namespace}(${context.record.uid})", container: ${container.name})`;
    refuse(context, container, one, "CreateContainerConfigError", message, at);
    one.due = at + RETRY_MS;
    return;
  }
  create(context, container, one, at);
  if (reads && made) one.env = made.value;
  const argv = argvOf(container, found.image, () => (made?.ok ? made.value : {}));
  if (isMissing(found.image, argv)) return startFails(context, container, one, argv[0] ?? "", at);
  tell(context, at, { container: container.name, reason: "Started", message: "Container started" });
  begin(context, container, one, at);
}
/** Of one life of a container: the same again whoever works it out. */
export const containerId = (uid: string, name: string, attempt: number): string => hexDigest(`${uid}/${name}/${attempt}`);

function create(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  if (one.id !== undefined) one.attempt++;
  if (one.exit) one.last = one.exit;
  for (const key of ["exit", "reason", "message", "due", "end", "stopping", "replace", "probes", "recheck", "env", "overlay"] as const) delete one[key];
  one.image = container.image ?? "";
  one.id = containerId(context.record.uid, container.name ?? "", one.attempt);
  one.startedAt = at;
  one.phase = "running";
  one.started = false;
  tell(context, at, { container: container.name, reason: "Created", message: "Container created" });
}
function startFails(context: PodContext, container: Container, one: ContainerRecord, command: string, at: EpochMs): void {
  const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${command}": ${command.includes("/") ? `stat ${command}: no such file or directory` : "executable file not found in $PATH"}`;
  tell(context, at, { container: container.name, type: "Warning", reason: "Failed", message: `Error: ${message}` });
  one.end = { at, code: START_ERROR_CODE, reason: "StartError", message };
  one.startedAt = 0;
}
/** Plans how a fresh container goes on: its end, its probes, its hook. */
function begin(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  const program = programOf(context, container, one);
  if (!program) return;
  planEnd(context, container, one, at);
  const hook = container.lifecycle?.postStart?.exec?.command;
  if (hook) {
    const result = program.exec(hook, at);
    if (result.code !== 0) {
      tell(context, at, { container: container.name, type: "Warning", reason: "FailedPostStartHook", message: "PostStartHook failed" });
      stopContainer(context, container, one, at, { grace: 2, message: "FailedPostStartHook" });
      return;
    }
  }
  beginProbes(context, container, one, at);
}
/** Works out how the program ends by itself; asks again later where that depends on what may come. */
export function planEnd(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  const program = programOf(context, container, one);
  if (!program || one.stopping) return;
  delete one.recheck;
  if (program.exit) {
    const message = program.exit.terminationMessage;
    one.end = { at: Math.max(at, program.exit.at), code: program.exit.code, ...(message === "" ? {} : { message }) };
  } else if (program.asksWorld) {
    one.recheck = { at: at + RECHECK_FIRST_MS, ms: RECHECK_FIRST_MS * 2 };
  }
}
