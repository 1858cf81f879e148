// Defaults of pod specs, alone in a template and in a Pod (upstream: pkg/apis/core/v1/defaults.go, conversion.go).
import type { Container, PodSpec } from "../_generated/types.ts";
import { defaultContainer } from "./container-defaults.ts";
import { dropGatedFields } from "./pod-gates.ts";
import { amountOf, canonical, type QuantityJson, type ResourceList, roundResourceList } from "./quantities.ts";
import { isPodLevelResource } from "./resource-names.ts";
import { aggregateResources } from "./resource-sums.ts";
import { defaultVolume } from "./volume-defaults.ts";

/** What a pod spec gets wherever it stands: in a Pod or in a template. */
export function defaultPodSpec(spec: PodSpec): void {
  dropGatedFields(spec);
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= "default-scheduler";
  // One is the old name of the other; the new one wins.
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) spec.serviceAccountName = spec.serviceAccount = account;
  if (spec.volumes) for (const volume of spec.volumes) defaultVolume(volume);
  if (spec.initContainers) for (const container of spec.initContainers) defaultContainer(container);
  if (spec.containers) for (const container of spec.containers) defaultContainer(container);
  if (spec.ephemeralContainers) for (const container of spec.ephemeralContainers) defaultContainer(container);
  roundResourceList(spec.overhead);
  roundResourceList(spec.resources?.limits);
  roundResourceList(spec.resources?.requests);
}

function addMissing(list: ResourceList, name: string, value: QuantityJson): void {
  if (amountOf(list, name) === undefined) list[name] = value;
}
function requestsFromLimits(containers: readonly Container[] | undefined): void {
  for (const { resources } of containers ?? []) {
    if (!resources?.limits) continue;
    const requests = (resources.requests ??= {});
    for (const [name, limit] of Object.entries(resources.limits)) addMissing(requests, name, limit);
  }
}
function hostPorts(containers: readonly Container[] | undefined): void {
  for (const { ports } of containers ?? []) {
    for (const port of ports ?? []) if (port.containerPort) port.hostPort ||= port.containerPort;
  }
}
/** Requests and huge page limits of the whole pod, when some of its resources are given for the whole pod. */
function podLevelResources(spec: PodSpec): void {
  const resources = spec.resources;
  if (!resources) return;
  const some = (list: ResourceList | undefined): boolean => list !== undefined && Object.keys(list).length > 0;
  if (some(resources.limits) || some(resources.requests)) {
    for (const [name, limit] of Object.entries(aggregateResources(spec, "limits"))) {
      if (!name.startsWith("hugepages-") || amountOf(resources.requests, name) !== undefined) continue;
      addMissing((resources.limits ??= {}), name, canonical(limit));
    }
  }
  if (!some(resources.limits)) return;
  const requests = resources.requests ?? {};
  for (const [name, request] of Object.entries(aggregateResources(spec, "requests"))) {
    if (isPodLevelResource(name) && !name.startsWith("hugepages-")) addMissing(requests, name, canonical(request));
  }
  for (const [name, limit] of Object.entries(resources.limits ?? {})) if (isPodLevelResource(name)) addMissing(requests, name, limit);
  if (some(requests)) resources.requests = requests;
}

/** What only a Pod gets, not a template, before `defaultPodSpec`. */
export function defaultPodOnly(spec: PodSpec): void {
  if (spec.terminationGracePeriodSeconds !== undefined && spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1;
  requestsFromLimits(spec.containers);
  requestsFromLimits(spec.initContainers);
  podLevelResources(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    hostPorts(spec.containers);
    hostPorts(spec.initContainers);
  }
}
