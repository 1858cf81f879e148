// Reading the loaded world, the small facts that every controller asks about objects, and the failure of the last round.
import { isObject } from "../../../shared/base/json.ts";
import { PLAN_ACTIONS_MAX } from "../../../shared/base/limits.ts";
import { isForbiddenKey } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { ObjectMeta, OwnerReference } from "../../../shared/kinds/_generated/types.ts";
import type { Action, Plan, Query, World } from "../../../shared/reconcile/controller.ts";

/** What `needs` answers. */
export type Queries = Readonly<Record<string, Query>>;

/** The objects of one name of `needs`. The caller says what its view makes of an object. */
export const seen = <T>(world: World, name: string): readonly T[] => (world[name] ?? []) as readonly T[];
export const first = <T>(world: World, name: string): T | undefined => seen<T>(world, name)[0];

/**
 * What stopped the plan before: the runner may add it to the world under the name `failure`, so that a controller can
 * say in a status or an Event why it is stuck. Absent in a normal round.
 */
export interface Failure {
  readonly action: Action;
  readonly status: { readonly message?: string; readonly reason?: string; readonly code?: number; readonly details?: unknown };
}
export const failureOf = (world: World): Failure | undefined => first<Failure>(world, "failure");
/** Nothing can be created in a namespace that goes away; nobody wants to hear of it. */
export function isTerminatingNamespace(failure: Failure): boolean {
  const details = failure.status.details;
  const causes = isObject(details) && Array.isArray(details["causes"]) ? details["causes"] : [];
  return causes.some((cause) => isObject(cause) && cause["reason"] === "NamespaceTerminating");
}

export const metaOf = (object: KubeObject): ObjectMeta => object.metadata ?? {};
export const uidOf = (object: KubeObject): string => object.metadata?.uid ?? "";
export const nameOf = (object: KubeObject): string => object.metadata?.name ?? "";
export const namespaceOf = (object: KubeObject): string => object.metadata?.namespace ?? "";
export const labelsOf = (object: KubeObject): Readonly<Record<string, string>> => object.metadata?.labels ?? {};
export const isDeleting = (object: KubeObject): boolean => object.metadata?.deletionTimestamp !== undefined;

/** An object with its type said, for Events and references; stored objects of a list may lack it. */
export const typed = (object: KubeObject, apiVersion: string, kind: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: metaOf(object),
});

export const hasGroup = (ref: OwnerReference, group: string): boolean => {
  const apiVersion = ref.apiVersion ?? "";
  const slash = apiVersion.indexOf("/");
  return (slash < 0 ? "" : apiVersion.slice(0, slash)) === group;
};

/** A whole object without what no controller reads. */
export function wholeObject(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/** A plan within the limit; what did not fit is planned again at once. */
export function plan(actions: readonly Action[], requeueAfterMs?: number): Plan {
  if (actions.length > PLAN_ACTIONS_MAX) return { actions: actions.slice(0, PLAN_ACTIONS_MAX), requeueAfterMs: 0 };
  return requeueAfterMs === undefined ? { actions } : { actions, requeueAfterMs };
}

/** The earlier of two wishes to look again. */
export function sooner(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

/** A copy of a map from a user's object without keys that would reach a prototype. */
export const safeMap = (map: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !isForbiddenKey(key)));

/** An integer written in an annotation, as Go's strconv.ParseInt in base 10 reads it. */
export function parseInteger(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?[0-9]{1,15}$/.test(text)) return undefined;
  return Number(text);
}
