// Turns a new status into the smallest patch of the status subresource, or into nothing when nothing changed.
import { equalJson, type Json, type JsonObject } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Action, ResourceId } from "../../../shared/reconcile/controller.ts";
import { nameOf, namespaceOf, uidOf } from "./world.ts";

interface WithStatus extends KubeObject {
  status?: object;
}

/** Members that differ; those that are gone become null, as a merge patch wants it. */
export function mergeDiff(before: object | undefined, after: object): JsonObject {
  const diff: JsonObject = {};
  const old: Record<string, unknown> = { ...before };
  const next: Record<string, unknown> = { ...after };
  for (const [key, value] of Object.entries(next)) {
    if (value !== undefined && !equalJson(value, old[key])) diff[key] = value as Json;
  }
  for (const [key, value] of Object.entries(old)) {
    if (value !== undefined && next[key] === undefined) diff[key] = null;
  }
  return diff;
}

/**
 * Fields of `next` that are undefined leave the stored status. The uid keeps the patch from a namesake that was made in
 * between; a resourceVersion is not asked for, since counts are the controller's alone.
 */
export function statusPatch(resource: ResourceId, root: WithStatus, next: object, annotations?: JsonObject): Action[] {
  const status = mergeDiff(root.status, next);
  const changed = Object.keys(status).length > 0;
  const noted = annotations !== undefined && Object.keys(annotations).length > 0;
  if (!changed && !noted) return [];
  return [
    {
      do: "patch",
      resource,
      namespace: namespaceOf(root),
      name: nameOf(root),
      subresource: "status",
      type: "merge",
      patch: {
        metadata: { uid: uidOf(root), ...(noted ? { annotations } : {}) },
        ...(changed ? { status } : {}),
      },
    },
  ];
}
