// What schedulers watch: which resource is which sort, how it is projected, and which of its changes they hear of.
import { equalJson } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import { keyOf, type ResourceId, type View } from "../../shared/reconcile/controller.ts";
import { projectBudget, projectClaim, projectNode, projectService, projectStorageClass, projectVolume } from "../../shared/scheduling/project-others.ts";
import { type Notice, noticeText } from "../../shared/scheduling/notice.ts";
import { projectPod, schedulesAlike } from "../../shared/scheduling/project-pod.ts";
import type { NamespaceView, WatchedSort } from "../../shared/scheduling/scheduler.ts";

export interface WatchedResource {
  readonly sort: WatchedSort;
  readonly resource: ResourceId;
  project(object: KubeObject): unknown;
}

const projectNamespace = ({ metadata }: KubeObject): NamespaceView => ({ name: metadata?.name ?? "", labels: metadata?.labels ?? {} });

/** In the order in which they are loaded. */
export const WATCHED: readonly WatchedResource[] = [
  { sort: "namespace", resource: "/namespaces", project: projectNamespace },
  { sort: "node", resource: "/nodes", project: projectNode },
  { sort: "storageClass", resource: "storage.k8s.io/storageclasses", project: projectStorageClass },
  { sort: "volume", resource: "/persistentvolumes", project: projectVolume },
  { sort: "claim", resource: "/persistentvolumeclaims", project: projectClaim },
  { sort: "service", resource: "/services", project: projectService },
  { sort: "budget", resource: "policy/poddisruptionbudgets", project: projectBudget },
  { sort: "pod", resource: "/pods", project: projectPod },
];

/** Views of the stores, asked for as `scheduler/sort`. */
export const SCHEDULER_VIEWS: Readonly<Record<string, View>> = Object.fromEntries(
  WATCHED.map(({ sort, resource, project }) => [`scheduler/${sort}`, { resource, project: (object: KubeObject) => project(object) }]),
);

const ofPod = (object: KubeObject | undefined): Pod | undefined => object as Pod | undefined;

/** Which schedulers hear what of a change of an object. Cheap: runs in the store for every change. */
export function noticesOf(
  { sort, project }: WatchedResource,
  next: KubeObject | undefined,
  old: KubeObject | undefined,
  profiles: readonly string[],
): { readonly actor: string; readonly item: string; readonly distinct?: true }[] {
  const object = next ?? old;
  if (!object) return [];
  const key = keyOf(object);
  if (sort !== "pod") {
    if (next && old && equalJson(project(next), project(old))) return [];
    return profiles.map((actor) => ({ actor, item: noticeText({ is: "changed", sort, key, wants: false }) }));
  }
  const pod = ofPod(next);
  const nodeName = pod?.spec?.nodeName;
  const bound = next && old && nodeName && !ofPod(old)?.spec?.nodeName;
  if (!bound && next && old && schedulesAlike(next, old)) return [];
  const wants = pod !== undefined && !nodeName && !pod.spec?.schedulingGates?.length;
  const told = profiles.filter((actor) => nodeName || !pod || pod.spec?.schedulerName === actor);
  if (told.length === 0) return [];
  const uid = object.metadata?.uid ?? "";
  let notice: Notice = { is: "changed", sort, key, wants };
  if (!pod) notice = { is: "gone", key, uid };
  else if (bound) notice = { is: "bound", key, uid, nodeName };
  else if (wants && !old) notice = { is: "new", view: projectPod(pod) };
  const item = noticeText(notice);
  return told.map((actor) => (notice.is === "new" ? { actor, item, distinct: true } : { actor, item }));
}
