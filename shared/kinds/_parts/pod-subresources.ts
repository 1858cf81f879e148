// Writes of a Pod's subresources ephemeralcontainers and resize (upstream: pkg/registry/core/pod/strategy.go, validation.go).
import { cloneJson } from "../../base/json.ts";
import { forbidden, invalid } from "../../errors/field-error.ts";
import type { Container, Pod, PodSpec, ResourceRequirements } from "../_generated/types.ts";
import type { UpdateStrategy } from "../define-kind.ts";
import type { Errors } from "./check.ts";
import { isRestartableInit } from "./containers.ts";
import { internalText, sameInternally, samePodSpec } from "./internal-json.ts";
import { MIRROR_POD } from "./pod-annotations.ts";
import { checkAnnotationUpdates } from "./pod-update.ts";
import { checkPod, podRulesBeside } from "./pod-validate.ts";
import { podQOSClass } from "./qos.ts";
import { amountOf, type ResourceList } from "./quantities.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** A pod's generation counts changes of its spec. */
export function countPodGeneration(next: Pod, stored: Pod): void {
  const generation = stored.metadata?.generation ?? 0;
  const changed = !samePodSpec(next.spec ?? {}, stored.spec ?? {});
  const metadata = (next.metadata ??= {});
  if (generation === 0 && !changed) delete metadata.generation;
  else metadata.generation = changed ? generation + 1 : generation;
}
/** All but the spec becomes as stored, save managedFields (upstream: metav1.ResetObjectMetaForStatus). */
function keepAllButSpec(next: Pod, stored: Pod): void {
  const managedFields = next.metadata?.managedFields;
  next.metadata = { ...stored.metadata };
  if (managedFields === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = managedFields;
  if (stored.status === undefined) delete next.status;
  else next.status = stored.status;
}
const isMirror = (pod: Pod): boolean => pod.metadata?.annotations?.[MIRROR_POD] !== undefined;

function ephemeralErrors(next: Pod, stored: Pod): Errors {
  if (isMirror(stored)) return [forbidden("", "static pods do not support ephemeral containers")];
  const errors: Errors = [];
  checkPod(errors, next, podRulesBeside(stored));
  checkAnnotationUpdates(errors, next, stored);
  for (const old of stored.spec?.ephemeralContainers ?? []) {
    const now = next.spec?.ephemeralContainers?.findLast((container) => container.name === old.name);
    const what = `existing ephemeral containers ${JSON.stringify(old.name ?? "")} may not be`;
    if (!now) errors.push(forbidden("spec.ephemeralContainers", `${what} removed\n`));
    else if (!sameInternally("EphemeralContainer", old, now)) {
      const diff = unifiedDiff(internalText("EphemeralContainer", old), internalText("EphemeralContainer", now));
      errors.push(forbidden("spec.ephemeralContainers", `${what} changed\n${diff}`));
    }
  }
  return errors;
}
export const ephemeralContainersStrategy: UpdateStrategy<Pod> = {
  prepare(next, stored) {
    const ephemeralContainers = next.spec?.ephemeralContainers;
    next.spec = { ...stored.spec };
    if (ephemeralContainers === undefined) delete next.spec.ephemeralContainers;
    else next.spec.ephemeralContainers = ephemeralContainers;
    keepAllButSpec(next, stored);
    countPodGeneration(next, stored);
  },
  validate: ephemeralErrors,
};

/** The stored containers with the resources of the new ones; the new ones as they are when they do not match by name. */
function withResourcesOf(next: readonly Container[], stored: readonly Container[]): Container[] {
  if (next.some((container, i) => container.name !== stored[i]?.name)) return [...next];
  return stored.map((old, i) => {
    const { resources: _, resizePolicy: _policy, ...rest } = old;
    const { resources, resizePolicy } = next[i] ?? {};
    return { ...rest, ...(resources === undefined ? {} : { resources }), ...(resizePolicy === undefined ? {} : { resizePolicy }) };
  });
}
function prepareResize(next: Pod, stored: Pod): void {
  const spec = next.spec ?? {};
  const old = stored.spec ?? {};
  const { containers = [], initContainers = [], resources } = spec;
  const same = containers.length === (old.containers ?? []).length && initContainers.length === (old.initContainers ?? []).length;
  if (same) {
    next.spec = { ...old, containers: withResourcesOf(containers, old.containers ?? []) };
    if (old.initContainers) next.spec.initContainers = withResourcesOf(initContainers, old.initContainers);
    if (resources === undefined) delete next.spec.resources;
    else next.spec.resources = resources;
    keepAllButSpec(next, stored);
  }
  countPodGeneration(next, stored);
}

const removed = (next: ResourceList = {}, stored: ResourceList = {}): boolean => Object.keys(stored).some((name) => amountOf(next, name) === undefined);
/** Puts CPU and memory back as they were: what then differs may not change. */
function withOldCompute(next: ResourceRequirements | undefined, stored: ResourceRequirements | undefined): ResourceRequirements {
  const list = (which: "limits" | "requests"): ResourceList => {
    const { cpu: _cpu, memory: _memory, ...others } = next?.[which] ?? {};
    const { cpu, memory } = stored?.[which] ?? {};
    return { ...others, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  };
  return { limits: list("limits"), requests: list("requests") };
}
const sameContainer = (a: Container, b: Container): boolean => sameInternally("Container", a, b);
const munge = (next: Container, old: Container): Container => ({ ...next, resources: withOldCompute(next.resources, old.resources) });

function checkOrder(errors: Errors, next: PodSpec, stored: PodSpec): boolean {
  const before = errors.length;
  for (const list of ["containers", "initContainers"] as const) {
    const field = `spec.${list}`;
    const now = next[list] ?? [];
    const old = stored[list] ?? [];
    if (now.length !== old.length) errors.push(forbidden(field, `${list} may not be added or removed on resize`));
    else {
      old.forEach((container, i) => {
        if (now[i]?.name === container.name) return;
        errors.push(forbidden(`${field}[${i}].name`, `${list} may not be renamed or reordered on resize`));
      });
    }
  }
  return errors.length === before;
}
function checkPodLevel(errors: Errors, next: PodSpec, stored: PodSpec): void {
  const now = next.resources;
  const old = stored.resources;
  if (old && !now) return void errors.push(forbidden("spec.resources", "pod-level resources cannot be removed"));
  for (const which of ["requests", "limits"] as const) {
    if (!old || !removed(now?.[which], old[which])) continue;
    errors.push(forbidden(`spec.resources.${which}`, `pod-level resource ${which} cannot be removed`));
  }
  const { claims: _, ...rest } = now ?? {};
  if (now && !sameInternally("ResourceRequirements", withOldCompute(rest, old), old ?? {})) {
    errors.push(forbidden("spec", "only cpu and memory resources are mutable at pod-level"));
  }
  return undefined;
}
function checkResizes(errors: Errors, next: PodSpec, stored: PodSpec): void {
  const each = (list: "initContainers" | "containers", check: (now: Container, old: Container, field: string) => void): void =>
    stored[list]?.forEach((old, i) => check(next[list]?.[i] ?? {}, old, `spec.${list}[${i}]`));
  const notRemoved = (now: Container, old: Container, field: string): void => {
    for (const which of ["requests", "limits"] as const) {
      if (!removed(now.resources?.[which], old.resources?.[which])) continue;
      errors.push(forbidden(`${field}.resources.${which}`, `resource ${which} cannot be removed`));
    }
  };
  each("initContainers", notRemoved);
  each("containers", notRemoved);
  each("containers", (now, old) => {
    if (!sameContainer(munge(now, old), old)) errors.push(forbidden("spec", "only cpu and memory resources are mutable"));
  });
  each("initContainers", (now, old, field) => {
    if (!sameContainer(munge(now, old), old)) {
      errors.push(forbidden(field, "only cpu and memory resources for init or sidecar containers are mutable"));
    }
    if (sameContainer(now, old) || isRestartableInit(now)) return;
    for (const { restartPolicy } of now.resizePolicy ?? []) {
      const detail = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized";
      if (restartPolicy === "RestartContainer") errors.push(forbidden(field, detail));
    }
  });
}
const hasPodLevel = ({ resources }: PodSpec): boolean => Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;

function resizeErrors(next: Pod, stored: Pod): Errors {
  const spec = next.spec ?? {};
  const old = stored.spec ?? {};
  if (isMirror(stored)) return [forbidden("", "static pods cannot be resized")];
  if (old.os?.name === "windows") return [forbidden("", "windows pods cannot be resized")];
  const errors: Errors = [];
  checkPod(errors, next, podRulesBeside(stored));
  if ((stored.status?.qosClass ?? podQOSClass(stored)) !== podQOSClass(next)) {
    errors.push(invalid("spec", next.status?.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"));
  }
  const running = stored.status?.containerStatuses?.find((status) => status.state?.running);
  if (running && !running.resources) errors.push(forbidden("spec", "Pod running on node without support for resize"));
  if (hasPodLevel(spec) || hasPodLevel(old)) checkPodLevel(errors, spec, old);
  if (!checkOrder(errors, spec, old)) return errors;
  checkResizes(errors, spec, old);
  if (errors.length > 0) return errors;
  const munged: PodSpec = cloneJson(spec);
  if (old.containers) munged.containers = old.containers;
  if (old.initContainers) munged.initContainers = old.initContainers;
  if (old.resources) munged.resources = old.resources;
  else delete munged.resources;
  if (!samePodSpec(munged, old)) errors.push(forbidden("spec", "only cpu and memory resources are mutable"));
  return errors;
}
export const resizeStrategy: UpdateStrategy<Pod> = { prepare: prepareResize, validate: resizeErrors };
