// How the cluster in memory merges patches, chooses objects and keeps them from being changed.
import { isObject, type JsonObject } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { matchesSet } from "../../../shared/meta/labels.ts";
import type { Query } from "../../../shared/reconcile/controller.ts";

export type AnyObject = KubeObject & { spec?: JsonObject; status?: JsonObject; [key: string]: unknown };

export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
const MERGE_KEYS: Readonly<Record<string, string>> = { ownerReferences: "uid", conditions: "type" };

export function merge(target: JsonObject, patch: JsonObject, strategic?: "strategic"): void {
  for (const [key, value] of Object.entries(patch)) {
    const mergeKey = strategic && MERGE_KEYS[key];
    if (value === null || value === undefined) delete target[key];
    else if (mergeKey && Array.isArray(value)) {
      let list = [...((target[key] as JsonObject[] | undefined) ?? [])];
      for (const item of value as JsonObject[]) {
        const known = list.findIndex((other) => other[mergeKey] === item[mergeKey]);
        if (item["$patch"] === "delete") list = list.filter((_, index) => index !== known);
        else if (known >= 0) list[known] = { ...list[known], ...item };
        else list.push(item);
      }
      if (list.length > 0) target[key] = list;
      else delete target[key];
    } else if (isObject(value)) {
      const inner = isObject(target[key]) ? (target[key] as JsonObject) : {};
      merge(inner, value, strategic);
      target[key] = inner;
    } else target[key] = value;
  }
}

export function matches(object: AnyObject, query: Query): boolean {
  const { namespace, name, labels, ownerUids } = object.metadata
    ? { ...object.metadata, ownerUids: (object.metadata.ownerReferences ?? []).map((ref) => ref.uid ?? "") }
    : { ownerUids: [], namespace: undefined, name: undefined, labels: undefined };
  if (query.namespace !== undefined && query.namespace !== (namespace ?? "")) return false;
  if (query.name !== undefined && query.name !== name) return false;
  if (query.labels !== undefined && !matchesSet(query.labels, labels)) return false;
  if (query.ownerUids !== undefined && !query.ownerUids.some((uid) => ownerUids.includes(uid))) return false;
  if (query.orphans && object.metadata?.ownerReferences?.some((ref) => ref.controller)) return false;
  if (query.field !== undefined) {
    const value = query.field.path.split(".").reduce<unknown>((here, key) => (here as JsonObject | undefined)?.[key], object);
    if ((value ?? "") !== query.field.value) return false;
  }
  return true;
}
