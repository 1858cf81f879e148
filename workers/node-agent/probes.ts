// Probes as functions of the simulated container: when a result flips is worked out ahead, nothing is polled.
// Rules: pkg/kubelet/prober/worker.go; texts: prober.go, pkg/probe/{http,tcp,exec,grpc}.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Container, Probe } from "../../shared/kinds/_generated/types.ts";
import type { Program } from "../../shared/sim/image.ts";
import type { PodContext } from "./context.ts";
import { podIPOf, programOf, tell } from "./context.ts";
import type { ContainerRecord, ProbeName, ProbeRecord } from "../../shared/sim/node.ts";
import { stopContainer } from "./stop.ts";

/** Attempts that are worked out at a time; past them it is looked at again. */
const LOOKAHEAD = 240;
/** Steps of simulated commands that one look ahead may take. */
const EFFORT_MAX = 60_000;
const MESSAGE_MAX = 1024;
const TITLES: Readonly<Record<ProbeName, string>> = { startupProbe: "Startup", livenessProbe: "Liveness", readinessProbe: "Readiness" };

function portOf(container: Container, port: number | string | undefined): number {
  if (typeof port === "number") return port;
  return container.ports?.find((one) => one.name === port)?.containerPort ?? (Number(port) || 0);
}
interface Outcome {
  /** Undefined: it succeeded. */
  readonly failure: string | undefined;
  readonly effort: number;
}
const outcome = (failure: string | undefined): Outcome => ({ failure, effort: 1 });

function runCommand(program: Program, probe: Probe, at: EpochMs): Outcome {
  const command = probe.exec?.command ?? [];
  const result = program.exec(command, at);
  const timeout = probe.timeoutSeconds ?? 1;
  const late = result.endsAt - at > timeout * 1000 ? `command timed out: ${JSON.stringify(command.join(" "))} timed out after ${timeout}s` : undefined;
  return { failure: late ?? (result.code === 0 ? undefined : (result.stdout + result.stderr).slice(0, MESSAGE_MAX)), effort: result.effort + 1 };
}
/** One attempt. */
function attempt(context: PodContext, container: Container, program: Program, probe: Probe, at: EpochMs): Outcome {
  const ip = podIPOf(context);
  if (probe.exec) return runCommand(program, probe, at);
  if (probe.httpGet) {
    const port = portOf(container, probe.httpGet.port);
    const path = probe.httpGet.path || "/";
    const headers = Object.fromEntries((probe.httpGet.httpHeaders ?? []).map(({ name = "", value = "" }) => [name.toLowerCase(), value]));
    const reply = program.http({ method: "GET", path, headers: { "user-agent": "kube-probe/1.36", ...headers }, body: "", port, from: context.config.ip }, at);
    if (!reply) {
      const host = probe.httpGet.host || ip;
      const get = `Get "${(probe.httpGet.scheme ?? "HTTP").toLowerCase()}://${host}:${port}${path}"`;
      return outcome(program.ports.includes(port) ? `${get}: EOF` : `${get}: dial tcp ${host}:${port}: connect: connection refused`);
    }
    const { status } = reply.response;
    return outcome(status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`);
  }
  if (probe.tcpSocket) {
    const port = portOf(container, probe.tcpSocket.port);
    return outcome(program.ports.includes(port) ? undefined : `dial tcp ${probe.tcpSocket.host || ip}:${port}: connect: connection refused`);
  }
  const port = probe.grpc?.port ?? 0;
  return outcome(
    program.ports.includes(port)
      ? undefined
      : `timeout: failed to connect service "${ip}:${port}" within ${probe.timeoutSeconds ?? 1}s: context deadline exceeded`,
  );
}

/** Looks ahead from an attempt at `first`: sets what comes of the probe next. */
function plan(context: PodContext, container: Container, one: ContainerRecord, name: ProbeName, first: EpochMs): void {
  const program = programOf(context, container, one);
  const probe = container[name];
  const state = one.probes?.[name];
  if (!program || !probe || !state) return;
  const begun = firstAt(one, probe, one.startedAt ?? first);
  const period = (probe.periodSeconds ?? 10) * 1000;
  const thresholds = { pass: probe.successThreshold ?? 1, fail: probe.failureThreshold ?? 3 };
  delete state.next;
  delete state.to;
  let run = 0;
  let last: boolean | undefined;
  let effort = 0;
  let k = 0;
  for (; k < LOOKAHEAD && (effort < EFFORT_MAX || k <= Math.max(thresholds.pass, thresholds.fail)); k++) {
    const at = first + k * period;
    const { failure, effort: took } = attempt(context, container, program, probe, at);
    effort += took;
    const passed = failure === undefined;
    run = passed === last ? run + 1 : 1;
    last = passed;
    if (!passed) state.message = failure;
    const flips = passed !== state.ok && run >= (passed ? thresholds.pass : thresholds.fail);
    const tells = !passed && !state.ok && state.told !== true;
    const kills = name === "startupProbe" && !passed && (at - begun) / period + 1 >= thresholds.fail;
    if (flips || tells || kills) {
      Object.assign(state, { next: at, ...(flips ? { to: passed } : {}), ...(passed ? {} : { fails: run }) });
      return;
    }
    const steady = passed === state.ok || state.told === true;
    if (at > program.quietAfter && steady && (name !== "startupProbe" || passed) && run >= Math.max(thresholds.pass, thresholds.fail)) return;
  }
  // A run that is not over is counted again from its beginning.
  const open = last !== undefined && last !== state.ok ? run : 0;
  state.next = first + (open < k ? k - open : k) * period;
}
const firstAt = (one: ContainerRecord, probe: Probe, from: EpochMs): EpochMs =>
  Math.max((one.startedAt ?? from) + (probe.initialDelaySeconds ?? 0) * 1000, from);

function begin(context: PodContext, container: Container, one: ContainerRecord, name: ProbeName, at: EpochMs): void {
  const probe = container[name];
  const program = programOf(context, container, one);
  if (!probe || !program) return;
  const state: ProbeRecord = { ok: name === "livenessProbe" };
  (one.probes ??= {})[name] = state;
  plan(context, container, one, name, firstAt(one, probe, at));
  settleProbe(context, container, one, name, at);
}
/** A container has started: its probes begin, the startup probe before the others. */
export function beginProbes(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  if (container.startupProbe) begin(context, container, one, "startupProbe", at);
  else started(context, container, one, at);
}
function started(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  one.started = true;
  begin(context, container, one, "livenessProbe", at);
  begin(context, container, one, "readinessProbe", at);
}

/** Applies what is due of a probe at `at`. */
export function settleProbe(context: PodContext, container: Container, one: ContainerRecord, name: ProbeName, at: EpochMs): void {
  const state = one.probes?.[name];
  const probe = container[name];
  if (!state || !probe || one.stopping || state.next === undefined || state.next > at) return;
  const due = state.next;
  const { to } = state;
  if (to !== undefined) state.ok = to;
  const kills = name === "startupProbe" ? failsStartup(state, probe, due, one) : name === "livenessProbe" && to === false;
  if (kills || to === false || (to === undefined && state.fails !== undefined && !state.told)) {
    const count = state.fails ?? 1;
    const since = due - (count - 1) * (probe.periodSeconds ?? 10) * 1000;
    tell(context, due, {
      container: container.name,
      type: "Warning",
      reason: "Unhealthy",
      message: `${TITLES[name]} probe failed: ${state.message ?? ""}`,
      count,
      since,
    });
    state.told = true;
  }
  if (to === true) delete state.told;
  const looked = to !== undefined || state.fails !== undefined;
  delete state.fails;
  if (kills) {
    const grace = probe.terminationGracePeriodSeconds ?? context.pod.spec?.terminationGracePeriodSeconds ?? 30;
    const what = name === "startupProbe" ? "startup" : "liveness";
    const restart = (container.restartPolicy ?? context.pod.spec?.restartPolicy) !== "Never";
    delete state.next;
    delete state.fails;
    return stopContainer(context, container, one, due, {
      grace,
      message: `Container ${container.name} failed ${what} probe${restart ? ", will be restarted" : ""}`,
    });
  }
  if (name === "startupProbe" && to === true) {
    delete state.next;
    return started(context, container, one, due);
  }
  plan(context, container, one, name, looked ? due + (probe.periodSeconds ?? 10) * 1000 : due);
  if (state.next !== undefined && state.next <= at) settleProbe(context, container, one, name, at);
}
/** A startup probe begins as failed: it kills once its threshold of attempts is used up. */
function failsStartup(state: ProbeRecord, probe: Probe, at: EpochMs, one: ContainerRecord): boolean {
  if (state.ok) return false;
  const attempts = Math.floor((at - firstAt(one, probe, one.startedAt ?? at)) / ((probe.periodSeconds ?? 10) * 1000)) + 1;
  return attempts >= (probe.failureThreshold ?? 3);
}
/** The container's files have changed from outside: what was worked out no longer holds. */
export function replanProbes(context: PodContext, container: Container, one: ContainerRecord, at: EpochMs): void {
  if (one.stopping) return;
  for (const name of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
    const state = one.probes?.[name];
    const probe = container[name];
    if (!state || !probe || (name === "startupProbe" && one.started)) continue;
    const period = (probe.periodSeconds ?? 10) * 1000;
    const first = firstAt(one, probe, one.startedAt ?? at);
    plan(context, container, one, name, first + Math.max(0, Math.ceil((at - first) / period)) * period);
  }
}
