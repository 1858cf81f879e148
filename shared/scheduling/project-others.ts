// The small forms of nodes, claims, volumes, storage classes, services and disruption budgets.
import type { KubeObject } from "../kinds/define-kind.ts";
import type { Node, PersistentVolume, PersistentVolumeClaim, PodDisruptionBudget, Service, StorageClass } from "../kinds/_generated/types.ts";
import { amount } from "./requests.ts";
import type { BudgetView, ClaimView, NodeView, ServiceView, StorageClassView, VolumeView } from "./views.ts";

/** The projection of `/nodes` for the scheduler. Equal texts of two projections mean that nothing of interest changed. */
export function projectNode(object: KubeObject): NodeView {
  const { metadata = {}, spec = {}, status = {} } = object as Node;
  const allocatable: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(status.allocatable ?? {})) allocatable[name] = amount(name, quantity);
  const images: Record<string, number> = {};
  for (const image of status.images ?? []) for (const name of image.names ?? []) images[name] = image.sizeBytes ?? 0;
  return {
    name: metadata.name ?? "",
    ...(metadata.uid && { uid: metadata.uid }),
    labels: metadata.labels ?? {},
    ...(spec.unschedulable && { unschedulable: true as const }),
    ...(spec.taints && spec.taints.length > 0 && { taints: spec.taints }),
    allocatable,
    ...(Object.keys(images).length > 0 && { images }),
  };
}

export function projectClaim(object: KubeObject): ClaimView {
  const { metadata = {}, spec = {}, status = {} } = object as PersistentVolumeClaim;
  const selectedNode = metadata.annotations?.["volume.kubernetes.io/selected-node"];
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    ...(metadata.uid && { uid: metadata.uid }),
    ...(spec.volumeName && { volumeName: spec.volumeName }),
    bound: Boolean(spec.volumeName) && metadata.annotations?.["pv.kubernetes.io/bind-completed"] !== undefined,
    ...(status.phase === "Lost" && { lost: true as const }),
    ...(metadata.deletionTimestamp && { terminating: true as const }),
    storageClassName: metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec.storageClassName ?? "",
    ...(selectedNode && { selectedNode }),
    request: amount("storage", spec.resources?.requests?.["storage"] ?? 0),
    accessModes: spec.accessModes ?? [],
    ...(spec.volumeMode === "Block" && { block: true as const }),
    ...(spec.selector && { selector: spec.selector }),
  };
}

export function projectVolume(object: KubeObject): VolumeView {
  const { metadata = {}, spec = {} } = object as PersistentVolume;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return {
    name: metadata.name ?? "",
    ...(terms && { requiredNodes: terms }),
    ...(metadata.labels && { labels: metadata.labels }),
    storageClassName: spec.storageClassName ?? "",
    capacity: amount("storage", spec.capacity?.["storage"] ?? 0),
    accessModes: spec.accessModes ?? [],
    ...(spec.volumeMode === "Block" && { block: true as const }),
    ...(spec.claimRef && { claimedBy: `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}` }),
  };
}

export function projectStorageClass(object: KubeObject): StorageClassView {
  const { metadata = {}, volumeBindingMode, provisioner } = object as StorageClass;
  return {
    name: metadata.name ?? "",
    waitForFirstConsumer: volumeBindingMode === "WaitForFirstConsumer",
    provisioner: provisioner ?? "",
  };
}

export function projectService(object: KubeObject): ServiceView {
  const { metadata = {}, spec = {} } = object as Service;
  return { namespace: metadata.namespace ?? "", name: metadata.name ?? "", selector: spec.selector ?? {} };
}

export function projectBudget(object: KubeObject): BudgetView {
  const { metadata = {}, spec = {}, status = {} } = object as PodDisruptionBudget;
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    ...(spec.selector && { selector: spec.selector }),
    disruptionsAllowed: status.disruptionsAllowed ?? 0,
    disruptedPods: Object.keys(status.disruptedPods ?? {}),
  };
}
