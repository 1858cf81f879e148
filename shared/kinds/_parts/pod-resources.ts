// What a pod asks of a node, in plain numbers: for schedulers and kubelets, which ask it of many pods.
// As upstream: component-helpers/resource/helpers.go, PodRequests; tested against the exact sums of resource-sums.ts.
import type { Container, Pod, PodSpec } from "../_generated/types.ts";
import { isRestartableInit } from "./containers.ts";
import { milli, type ResourceList, whole } from "./quantities.ts";
import { isPodLevelResource } from "./resource-names.ts";

export interface PodResources {
  milliCPU: number;
  /** Bytes. */
  memory: number;
  /** Bytes. */
  ephemeralStorage: number;
  /** All other resources by name, in whole units; undefined when there are none. */
  others: Record<string, number> | undefined;
}
/** A container that asks for nothing counts as this much when nodes are scored (upstream: scheduler util.GetNonzeroRequests). */
export const NONZERO_REQUESTS: PodResources = { milliCPU: 100, memory: 200 * 1024 * 1024, ephemeralStorage: 0, others: undefined };

/** Without what every object inherits: resources have names that users choose. */
const byName = (): Record<string, number> => Object.create(null) as Record<string, number>;
const nothing = (): PodResources => ({ milliCPU: 0, memory: 0, ephemeralStorage: 0, others: undefined });

export function readResources(list: ResourceList | undefined): PodResources {
  const out = nothing();
  if (list) overwrite(out, list);
  return out;
}
function overwrite(out: PodResources, list: ResourceList, wanted: (name: string) => boolean = () => true): void {
  for (const name in list) {
    const value = list[name];
    if (value === undefined || !wanted(name)) continue;
    if (name === "cpu") out.milliCPU = milli(value);
    else if (name === "memory") out.memory = whole(value);
    else if (name === "ephemeral-storage") out.ephemeralStorage = whole(value);
    else (out.others ??= byName())[name] = whole(value);
  }
}
function add(to: PodResources, more: PodResources): void {
  to.milliCPU += more.milliCPU;
  to.memory += more.memory;
  to.ephemeralStorage += more.ephemeralStorage;
  for (const name in more.others) (to.others ??= byName())[name] = (to.others[name] ?? 0) + (more.others[name] ?? 0);
}
function raise(to: PodResources, other: PodResources): void {
  to.milliCPU = Math.max(to.milliCPU, other.milliCPU);
  to.memory = Math.max(to.memory, other.memory);
  to.ephemeralStorage = Math.max(to.ephemeralStorage, other.ephemeralStorage);
  for (const name in other.others) (to.others ??= byName())[name] = Math.max(to.others[name] ?? 0, other.others[name] ?? 0);
}

type Which = "requests" | "limits";
/** `missing`: what a container counts as for a resource that it does not name. */
function read(container: Container, which: Which, missing: PodResources | undefined): PodResources {
  const list = container.resources?.[which];
  const out = readResources(list);
  if (missing) {
    if (list?.cpu === undefined) out.milliCPU = missing.milliCPU;
    if (list?.memory === undefined) out.memory = missing.memory;
  }
  return out;
}
function sum(spec: PodSpec, which: Which, missing?: PodResources): PodResources {
  const total = nothing();
  for (const container of spec.containers ?? []) add(total, read(container, which, missing));
  if (spec.initContainers?.length) {
    const sidecars = nothing();
    const starting = nothing();
    for (const container of spec.initContainers) {
      const step = read(container, which, missing);
      if (isRestartableInit(container)) {
        add(total, step);
        add(sidecars, step);
        raise(starting, sidecars);
      } else {
        add(step, sidecars);
        raise(starting, step);
      }
    }
    raise(total, starting);
  }
  if (spec.resources?.[which]) overwrite(total, spec.resources[which], isPodLevelResource);
  return total;
}

/** Requests of containers, init containers and sidecars, of the pod as a whole where it says so, and overhead. */
export function podRequests(pod: Pod, options: { readonly missing?: PodResources } = {}): PodResources {
  const total = sum(pod.spec ?? {}, "requests", options.missing);
  if (pod.spec?.overhead) add(total, readResources(pod.spec.overhead));
  return total;
}
/** Limits in the same way; overhead counts only on top of a limit that is given. */
export function podLimits(pod: Pod): PodResources {
  const total = sum(pod.spec ?? {}, "limits");
  const overhead = readResources(pod.spec?.overhead);
  if (total.milliCPU > 0) total.milliCPU += overhead.milliCPU;
  if (total.memory > 0) total.memory += overhead.memory;
  if (total.ephemeralStorage > 0) total.ephemeralStorage += overhead.ephemeralStorage;
  return total;
}
