// Pods that go on as their status says: their record need not be written down, since it can be made from the status again. Most
// pods are such most of the time: all containers run, for the first time, and nothing is due.
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import { parseTime } from "../../shared/meta/time.ts";
import type { ContainerRecord, PodEntry, PodRecord } from "../../shared/sim/node.ts";
import { isKubeletCondition } from "./conditions.ts";
import { RUNTIME } from "./container-status.ts";
import type { Programs } from "./context.ts";
import type { Resolved } from "./registry.ts";
import { containerId } from "./start.ts";

const SECOND = 1000;
/** What is known of a container that a status can say in full. */
const SAID: ReadonlySet<string> = new Set(["phase", "attempt", "image", "id", "startedAt", "started"] satisfies (keyof ContainerRecord)[]);

const onlyMainContainers = ({ spec }: Pod): boolean => (spec?.initContainers?.length ?? 0) === 0 && (spec?.ephemeralContainers?.length ?? 0) === 0;
const isSaid = (one: ContainerRecord | undefined, image: string | undefined): boolean =>
  one !== undefined &&
  one.phase === "running" &&
  one.started === true &&
  one.attempt === 0 &&
  one.image === image &&
  Object.keys(one).every((key) => SAID.has(key));

/** Whether the status of the pod, once it is written, says all that the record does. */
export function isTold({ pod, record }: PodEntry): boolean {
  if (record.done || !record.mounted || record.failed || record.stopping || record.next !== undefined || !onlyMainContainers(pod)) return false;
  return (pod.spec?.containers ?? []).every((container) => isSaid(record.containers[container.name ?? ""], container.image));
}

/** A status knows whole seconds: a record that it speaks for knows no more, so that nothing changes when it is forgotten. Mutates. */
export function roundTimes(record: PodRecord, programs: Programs): void {
  record.startTime -= record.startTime % SECOND;
  for (const one of Object.values(record.containers)) {
    if (one.startedAt === undefined || one.startedAt % SECOND === 0) continue;
    one.startedAt -= one.startedAt % SECOND;
    if (one.id !== undefined) programs.delete(one.id);
  }
}

/** The record that a status speaks for, whatever has been asked of the pod since; undefined: it does not say enough. Its hash is still to be made. */
export function recalled(pod: Pod, resolve: (image: string) => Resolved): PodRecord | undefined {
  const { status, metadata, spec } = pod;
  const uid = metadata?.uid ?? "";
  const startTime = parseTime(status?.startTime ?? "");
  if (status?.phase !== "Running" || startTime === undefined) return undefined;
  const containers: Record<string, ContainerRecord> = {};
  for (const { name = "", image = "" } of spec?.containers ?? []) {
    const said = status.containerStatuses?.find((one) => one.name === name);
    const startedAt = parseTime(said?.state?.running?.startedAt ?? "");
    const id = containerId(uid, name, 0);
    if (startedAt === undefined || said?.restartCount !== 0 || said.containerID !== `${RUNTIME}${id}` || !said.started) return undefined;
    const found = resolve(image);
    const same = found.kind === "found" && found.canonical === said.image;
    containers[name] = { phase: "running", attempt: 0, image: same ? image : (said.image ?? ""), id, startedAt, started: true };
  }
  const conditions = (status.conditions ?? []).filter(({ type }) => isKubeletCondition(type));
  return {
    uid,
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    ...(spec?.hostNetwork || status.podIP === undefined ? {} : { ip: status.podIP }),
    startTime,
    mounted: true,
    containers,
    done: false,
    conditions: Object.fromEntries(
      conditions.map(({ type = "", status: turned = "", lastTransitionTime }) => [type, [turned, parseTime(lastTransitionTime ?? "") ?? startTime] as const]),
    ),
    phase: "Running",
    version: 1,
    acked: 1,
    hash: 0,
  };
}
