// What controllers see of a Pod, and the judgements they share: active, ready, available.
import type { EpochMs } from "../../../shared/base/ports.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { ContainerStatus, OwnerReference, Pod, PodCondition } from "../../../shared/kinds/_generated/types.ts";
import { parseTime } from "../../../shared/meta/time.ts";
import type { View } from "../../../shared/reconcile/controller.ts";
import { parseInteger } from "./world.ts";

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owners: readonly OwnerReference[];
  readonly phase: string;
  readonly ready: boolean;
  /** When the Ready condition last changed. */
  readonly readySince?: string;
  readonly deletionTimestamp?: string;
  readonly nodeName: string;
  readonly creationTimestamp: string;
  /** Most restarts of a container, and of a restartable init container. */
  readonly restarts: readonly [number, number];
  readonly deletionCost: number;
}

const mostRestarts = (statuses: readonly ContainerStatus[] | undefined): number =>
  (statuses ?? []).reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0);

function restartsOf(pod: Pod): readonly [number, number] {
  const sidecars = new Set<string>();
  for (const container of pod.spec?.initContainers ?? []) {
    if (container.restartPolicy === "Always") sidecars.add(container.name ?? "");
  }
  const inits = (pod.status?.initContainerStatuses ?? []).filter((status) => sidecars.has(status.name ?? ""));
  return [mostRestarts(pod.status?.containerStatuses), mostRestarts(inits)];
}

const readyCondition = (pod: Pod): PodCondition | undefined => pod.status?.conditions?.find((condition) => condition.type === "Ready");

export function viewPod(object: KubeObject): PodView {
  const pod = object as Pod;
  const metadata = pod.metadata ?? {};
  const ready = readyCondition(pod);
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    labels: metadata.labels ?? {},
    owners: metadata.ownerReferences ?? [],
    phase: pod.status?.phase ?? "",
    ready: ready?.status === "True",
    ...(ready?.lastTransitionTime ? { readySince: ready.lastTransitionTime } : {}),
    ...(metadata.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp }),
    nodeName: pod.spec?.nodeName ?? "",
    creationTimestamp: metadata.creationTimestamp ?? "",
    restarts: restartsOf(pod),
    deletionCost: parseInteger(metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"]) ?? 0,
  };
}
export const podView: View = { resource: "/pods", project: viewPod };

export const isTerminal = (pod: { readonly phase: string }): boolean => pod.phase === "Succeeded" || pod.phase === "Failed";
/** As upstream: controller_utils.go IsPodActive. */
export const isActive = (pod: PodView): boolean => !isTerminal(pod) && pod.deletionTimestamp === undefined;
/** As upstream: controller_utils.go IsPodTerminating. */
export const isTerminating = (pod: PodView): boolean => !isTerminal(pod) && pod.deletionTimestamp !== undefined;
export const podController = (pod: PodView): OwnerReference | undefined => pod.owners.find((ref) => ref.controller === true);

/** Milliseconds until a ready pod has been so for long enough; 0: it is available; undefined: it is not ready. */
export function untilAvailable(pod: PodView, minReadySeconds: number, now: EpochMs): number | undefined {
  if (!pod.ready) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = pod.readySince === undefined ? undefined : parseTime(pod.readySince);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}

/** A change of a pod that the controllers of its owners may care about; most writes of a node's agent are none. */
export function podChanged(next: KubeObject, old: KubeObject): boolean {
  const [a, b] = [next as Pod, old as Pod];
  const [now, then] = [readyCondition(a), readyCondition(b)];
  return (
    (now?.status === "True") !== (then?.status === "True") ||
    (now?.lastTransitionTime ?? "") !== (then?.lastTransitionTime ?? "") ||
    (a.status?.phase ?? "") !== (b.status?.phase ?? "") ||
    a.metadata?.deletionTimestamp !== b.metadata?.deletionTimestamp ||
    !sameMap(a.metadata?.labels ?? {}, b.metadata?.labels ?? {}) ||
    ownersText(a) !== ownersText(b)
  );
}
const ownersText = (pod: Pod): string => (pod.metadata?.ownerReferences ?? []).map((ref) => `${ref.uid} ${ref.controller === true}`).join();
export function sameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
