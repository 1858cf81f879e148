// Validation of probes and lifecycle handlers (upstream: validation.go, validateProbe and validateHandler).
import type { FieldError } from "../../errors/field-error.ts";
import { forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isHTTPHeaderName, isValidPortName, isValidPortNum } from "../../meta/names.ts";
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from "../_generated/types.ts";
import type { AnyContainer } from "./containers.ts";
import { checkNonNegative, type Errors, invalidEach } from "./check.ts";

const SCHEMES = ["HTTP", "HTTPS"];

export function checkPort(errors: Errors, field: string, port: number | string | undefined): void {
  const value = port ?? 0;
  invalidEach(errors, field, value, typeof value === "number" ? isValidPortNum(value) : isValidPortName(value));
}
function checkHTTPGet(errors: Errors, field: string, action: HTTPGetAction): void {
  if (!action.path) errors.push(required(`${field}.path`));
  checkPort(errors, `${field}.port`, action.port);
  const scheme = action.scheme ?? "";
  if (!SCHEMES.includes(scheme)) errors.push(notSupported(`${field}.scheme`, scheme, SCHEMES));
  for (const { name = "" } of action.httpHeaders ?? []) invalidEach(errors, `${field}.httpHeaders`, name, isHTTPHeaderName(name));
}
function checkSleep(seconds: number, field: string, grace: number | undefined): FieldError[] {
  if (grace === undefined || (seconds >= 0 && seconds <= grace)) return [];
  return [invalid(field, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)];
}
type Handler = LifecycleHandler & Pick<Probe, "grpc">;
function checkHandler(errors: Errors, field: string, handler: Handler, grace: number | undefined): void {
  let count = 0;
  const one = (name: string, check: () => void): void => {
    if (count++ === 0) check();
    else errors.push(forbidden(`${field}.${name}`, "may not specify more than 1 handler type"));
  };
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (exec) one("exec", () => void (exec.command?.length ? 0 : errors.push(required(`${field}.exec.command`))));
  if (httpGet) one("httpGet", () => checkHTTPGet(errors, `${field}.httpGet`, httpGet));
  if (tcpSocket) one("tcpSocket", () => checkPort(errors, `${field}.tcpSocket.port`, tcpSocket.port));
  if (grpc) one("grpc", () => checkPort(errors, `${field}.grpc.port`, grpc.port));
  if (sleep) one("sleep", () => void errors.push(...checkSleep(sleep.seconds ?? 0, `${field}.sleep`, grace)));
  if (count === 0) errors.push(required(field, "must specify a handler type"));
}

function checkProbe(errors: Errors, field: string, probe: Probe, grace: number | undefined): void {
  checkHandler(errors, field, probe, grace);
  checkNonNegative(errors, `${field}.initialDelaySeconds`, probe.initialDelaySeconds);
  checkNonNegative(errors, `${field}.timeoutSeconds`, probe.timeoutSeconds);
  checkNonNegative(errors, `${field}.periodSeconds`, probe.periodSeconds);
  checkNonNegative(errors, `${field}.successThreshold`, probe.successThreshold);
  checkNonNegative(errors, `${field}.failureThreshold`, probe.failureThreshold);
  const own = probe.terminationGracePeriodSeconds;
  if (own !== undefined && own <= 0) errors.push(invalid(`${field}.terminationGracePeriodSeconds`, own, "must be greater than 0"));
}
function checkSucceedsOnce(errors: Errors, field: string, probe: Probe): void {
  if (probe.successThreshold !== 1) errors.push(invalid(`${field}.successThreshold`, probe.successThreshold ?? 0, "must be 1"));
}
export function checkProbes(errors: Errors, field: string, container: AnyContainer, grace: number | undefined): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe) {
    checkProbe(errors, `${field}.livenessProbe`, livenessProbe, grace);
    checkSucceedsOnce(errors, `${field}.livenessProbe`, livenessProbe);
  }
  if (readinessProbe) {
    checkProbe(errors, `${field}.readinessProbe`, readinessProbe, grace);
    const own = readinessProbe.terminationGracePeriodSeconds;
    const path = `${field}.readinessProbe.terminationGracePeriodSeconds`;
    if (own !== undefined) errors.push(invalid(path, own, "must not be set for readinessProbes"));
  }
  if (startupProbe) {
    checkProbe(errors, `${field}.startupProbe`, startupProbe, grace);
    checkSucceedsOnce(errors, `${field}.startupProbe`, startupProbe);
  }
}

/** `stopSignal` is not among them: its feature gate is off, so it is dropped before validation. */
export function checkLifecycle(errors: Errors, field: string, lifecycle: Lifecycle, grace: number | undefined): void {
  if (lifecycle.postStart) checkHandler(errors, `${field}.postStart`, lifecycle.postStart, grace);
  if (lifecycle.preStop) checkHandler(errors, `${field}.preStop`, lifecycle.preStop, grace);
}
