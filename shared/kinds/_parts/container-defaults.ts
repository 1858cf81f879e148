// Defaults of containers: probes, ports, environment, resources (upstream: pkg/apis/core/v1/defaults.go).
import type { EnvVar, HTTPGetAction, Probe, ResourceFieldSelector } from "../_generated/types.ts";
import type { AnyContainer } from "./containers.ts";
import { defaultPullPolicy } from "./image-reference.ts";
import { canonical, roundResourceList } from "./quantities.ts";

function defaultHTTPGet(action: HTTPGetAction | undefined): void {
  if (!action) return;
  action.path ||= "/";
  action.scheme ||= "HTTP";
}
function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHTTPGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= "";
}
/** A quantity that is no pointer is always written. */
export function defaultDivisor(ref: ResourceFieldSelector): void {
  ref.divisor = canonical(ref.divisor ?? "0");
}
function defaultEnv(env: readonly EnvVar[] | undefined): void {
  if (!env) return;
  for (const { valueFrom } of env) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= "v1";
    if (valueFrom?.resourceFieldRef) defaultDivisor(valueFrom.resourceFieldRef);
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
}
export function defaultContainer(container: AnyContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  // The struct is not a pointer upstream: it is written even when it is empty.
  container.resources ??= {};
  if (container.ports) for (const port of container.ports) port.protocol ||= "TCP";
  defaultEnv(container.env);
  roundResourceList(container.resources.limits);
  roundResourceList(container.resources.requests);
  defaultProbe(container.livenessProbe);
  defaultProbe(container.readinessProbe);
  defaultProbe(container.startupProbe);
  defaultHTTPGet(container.lifecycle?.postStart?.httpGet);
  defaultHTTPGet(container.lifecycle?.preStop?.httpGet);
}
