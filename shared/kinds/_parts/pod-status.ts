// Writes of a Pod's status (upstream: pkg/registry/core/pod/strategy.go podStatusStrategy, validation.go ValidatePodStatusUpdate).
import { duplicate, forbidden, invalid } from "../../errors/field-error.ts";
import { ipFamily, validateIP } from "../../meta/ip.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from "../_generated/types.ts";
import type { UpdateStrategy } from "../define-kind.ts";
import { checkDNSSubdomain, checkQualifiedName, type Errors, invalidEach } from "./check.ts";
import { internalJson } from "./internal-json.ts";
import { checkPodAnnotations } from "./pod-annotations.ts";
import { checkAnnotationUpdates } from "./pod-update.ts";
import { podRulesBeside } from "./pod-validate.ts";
import { roundResourceList } from "./quantities.ts";
import { allMayRestart, shouldRestart } from "./restarts.ts";

const SYSTEM_CONDITIONS = new Set(["PodScheduled", "Ready", "Initialized"]);
const NOT_NEGATIVE = "must be a non-negative integer";

/** podIP and podIPs say the same; podIP wins, for the sake of old kubelets (upstream: pkg/apis/core/v1/conversion.go). */
export function defaultPodStatus(status: PodStatus): void {
  const { podIP, podIPs } = status;
  if (podIP && podIP !== podIPs?.[0]?.ip) status.podIPs = [{ ip: podIP }];
  else if (!podIP && podIPs?.[0]?.ip) status.podIP = podIPs[0].ip;
  for (const list of [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses]) {
    for (const { allocatedResources, resources } of list ?? []) {
      roundResourceList(allocatedResources);
      roundResourceList(resources?.limits);
      roundResourceList(resources?.requests);
    }
  }
}

function keepObservedGenerations(next: PodStatus, stored: PodStatus): void {
  if (!next.observedGeneration && stored.observedGeneration) next.observedGeneration = stored.observedGeneration;
  const left = [...(stored.conditions ?? [])];
  for (const condition of next.conditions ?? []) {
    const at = left.findIndex(({ type }) => type === condition.type);
    const old = at < 0 ? undefined : left.splice(at, 1)[0];
    if (!condition.observedGeneration && old?.observedGeneration) condition.observedGeneration = old.observedGeneration;
  }
}
function prepareStatus(next: Pod, stored: Pod): void {
  if (stored.spec === undefined) delete next.spec;
  else next.spec = stored.spec;
  const metadata = (next.metadata ??= {});
  const before = stored.metadata ?? {};
  for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds", "generation", "ownerReferences"] as const) {
    if (before[key] === undefined) delete metadata[key];
    else Object.assign(metadata, { [key]: before[key] });
  }
  const status = (next.status ??= {});
  const old = stored.status ?? {};
  if (!status.qosClass && old.qosClass) status.qosClass = old.qosClass;
  keepObservedGenerations(status, old);
  delete status.nodeAllocatableResourceClaimStatuses;
}

function checkConditions(errors: Errors, { conditions }: PodStatus): void {
  conditions?.forEach(({ type = "", observedGeneration = 0 }, i) => {
    const field = `status.conditions[${i}]`;
    if (observedGeneration < 0) errors.push(invalid(`${field}.observedGeneration`, observedGeneration, NOT_NEGATIVE));
    if (!SYSTEM_CONDITIONS.has(type)) checkQualifiedName(errors, `${field}.Type`, type);
  });
}
function checkTransitions(
  errors: Errors,
  field: string,
  next: readonly ContainerStatus[] | undefined,
  stored: readonly ContainerStatus[] | undefined,
  mayRestart: (name: string, exitCode: number) => boolean,
): void {
  stored?.forEach(({ name = "", state }, i) => {
    if (!state?.terminated) return;
    const now = next?.find((status) => status.name === name);
    if (!now || now.state?.terminated || mayRestart(name, state.terminated.exitCode ?? 0)) return;
    errors.push(forbidden(`${field}[${i}].state`, "may not be transitioned to non-terminated state"));
  });
}
function checkAllTransitions(errors: Errors, next: PodStatus, stored: PodStatus, spec: PodSpec): void {
  const among = (containers: readonly Container[] | undefined) => (name: string, exitCode: number) => {
    const container = containers?.find((candidate) => candidate.name === name);
    return container !== undefined && shouldRestart(container, spec, exitCode);
  };
  if (!allMayRestart(spec)) {
    checkTransitions(errors, "status.containerStatuses", next.containerStatuses, stored.containerStatuses, among(spec.containers));
    const init = among(spec.initContainers);
    checkTransitions(errors, "status.initContainerStatuses", next.initContainerStatuses, stored.initContainerStatuses, init);
  }
  const field = "status.ephemeralContainerStatuses";
  checkTransitions(errors, field, next.ephemeralContainerStatuses, stored.ephemeralContainerStatuses, () => false);
}
function checkClaims(errors: Errors, status: PodStatus, spec: PodSpec): void {
  const seen = new Set<string>();
  status.resourceClaimStatuses?.forEach(({ name = "", resourceClaimName }, i) => {
    const field = `status.resourceClaimStatuses[${i}]`;
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      errors.push(invalid(`${field}.name`, name, "must match the name of an entry in `spec.resourceClaims`"));
    }
    if (seen.has(name)) errors.push(duplicate(`${field}.name`, name));
    seen.add(name);
    if (resourceClaimName !== undefined) checkDNSSubdomain(errors, `${field}.resourceClaimName`, resourceClaimName);
  });
}
/** At most one address of each family; what was stored before is not looked at again. */
function checkIPs(errors: Errors, field: string, type: "PodIP" | "HostIP", next: readonly { ip?: string }[], stored: readonly { ip?: string }[]): void {
  const known = new Set(stored.map(({ ip = "" }) => ip));
  next.forEach(({ ip = "" }, i) => {
    if (!known.has(ip)) errors.push(...validateIP(`${field}[${i}]`, ip));
  });
  if (next.length < 2) return;
  const bad = next.findIndex(({ ip = "" }) => ipFamily(ip) === undefined);
  if (bad >= 0) {
    const detail = `failed to check for dual stack with error:invalid IP[${bad}]: ${next[bad]?.ip ?? ""}`;
    errors.push({ type: "InternalError", field, message: `Internal error: ${detail}` });
  }
  const families = new Set(next.map(({ ip = "" }) => ipFamily(ip)));
  if (next.length === 2 && families.size === 2 && bad < 0) return;
  errors.push(
    invalid(
      field,
      next.map((ip) => internalJson(type, ip)),
      "may specify no more than one IP for each IP family",
    ),
  );
}
function statusErrors(next: Pod, stored: Pod): Errors {
  const errors: Errors = [];
  const status = next.status ?? {};
  const old = stored.status ?? {};
  const spec = stored.spec ?? {};
  checkAnnotationUpdates(errors, next, stored);
  checkPodAnnotations(errors, "metadata.annotations", next.metadata, spec, podRulesBeside(stored));
  checkConditions(errors, status);
  const node = status.nominatedNodeName;
  if (node && node !== old.nominatedNodeName) {
    invalidEach(errors, "status.nominatedNodeName", node, nameIsDNSSubdomain(node, false));
    if (spec.nodeName) errors.push(forbidden("status.nominatedNodeName", "may not be set on pods that are already bound to a node"));
  }
  if ((status.observedGeneration ?? 0) < 0) {
    errors.push(invalid("status.observedGeneration", status.observedGeneration, NOT_NEGATIVE));
  }
  if ((status.qosClass ?? "") !== (old.qosClass ?? "")) errors.push(invalid("status.qosClass", status.qosClass ?? "", "field is immutable"));
  checkAllTransitions(errors, status, old, spec);
  checkClaims(errors, status, spec);
  checkIPs(errors, "status.podIPs", "PodIP", status.podIPs ?? [], old.podIPs ?? []);
  const hostIP = status.hostIPs?.[0]?.ip;
  if (status.hostIPs?.length && (status.hostIP ?? "") !== hostIP) {
    errors.push(invalid("status.hostIPs[0].ip", hostIP ?? "", "must be equal to `hostIP`"));
  }
  checkIPs(errors, "status.hostIPs", "HostIP", status.hostIPs ?? [], old.hostIPs ?? []);
  return errors;
}
export const podStatusStrategy: UpdateStrategy<Pod> = { prepare: prepareStatus, validate: statusErrors };
