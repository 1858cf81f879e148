// Merging two lists of a strategic merge patch: by merge key, or as sets of scalars, and in which order the result stands.
// As upstream: k8s.io/apimachinery pkg/util/strategicpatch/patch.go mergeSlice, normalizeElementOrder.
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { FieldType } from "../schema/schema.ts";
import { goText, goType } from "./go-text.ts";

export type MergeMap = (original: JsonObject, patch: JsonObject, type: FieldType) => Result<JsonObject, string>;
export const isMap = (value: Json | undefined): value is JsonObject => isObject(value);
/** Beyond this many elements of unknown place, their order is left as it is. */
const ODD_ORDER_MAX = 200;

export const noMergeKey = (map: JsonObject, key: string): string => `map: ${goText(map)} does not contain declared merge key: ${key}`;
export const badPatchType = (directive: Json, map: JsonObject): string =>
  `unknown patch type: ${typeof directive === "string" ? directive : `%!s(${goType(directive)}=${goText(directive)})`} in map: ${goText(map)}`;

/** The common type of all elements; lists in lists and mixtures are refused. */
export function elementType(...lists: readonly (readonly Json[])[]): Result<string, string> {
  let type: string | undefined;
  for (const list of lists) {
    for (const element of list) {
      const mine = goType(element) === "float64" ? "int64" : goType(element);
      if (type === undefined && mine === "[]interface {}") return err("lists of lists are not supported");
      type ??= mine;
      if (type !== mine) return err(`list element types are not identical: ${goText(lists.map((one) => [...one]))}`);
    }
  }
  return type === undefined ? err("no elements in any of the given slices") : ok(type);
}

const identity = (element: Json, mergeKey: string): Json | undefined => (mergeKey === "" ? element : isMap(element) ? element[mergeKey] : undefined);
/** Where each key stands first. */
function positions(list: readonly Json[], mergeKey: string): Map<Json | undefined, number> {
  const map = new Map<Json | undefined, number>();
  list.forEach((element, index) => {
    const key = identity(element, mergeKey);
    if (!map.has(key)) map.set(key, index);
  });
  return map;
}

/** Elements that `by` names, and the others. */
export function partition(list: readonly Json[], by: readonly Json[], mergeKey: string): Result<[Json[], Json[]], string> {
  const named = positions(by, mergeKey);
  const inside: Json[] = [];
  const outside: Json[] = [];
  for (const element of list) {
    if (mergeKey !== "" && isMap(element) && element[mergeKey] === undefined) return err(noMergeKey(element, mergeKey));
    (named.has(identity(element, mergeKey)) ? inside : outside).push(element);
  }
  return ok([inside, outside]);
}

/** Stable, by place in `order`. Upstream's comparison calls elements of unknown place smaller; ours repeats that. */
function sorted(list: readonly Json[], order: readonly Json[], mergeKey: string): Json[] {
  const place = positions(order, mergeKey);
  const placed = list.map((element) => ({ element, at: place.get(identity(element, mergeKey)) ?? -1 }));
  if (placed.every(({ at }) => at >= 0)) placed.sort((a, b) => a.at - b.at);
  else if (placed.length <= ODD_ORDER_MAX) {
    for (let index = 1; index < placed.length; index++) {
      for (let here = index; here > 0; here--) {
        const [left, right] = [placed[here - 1], placed[here]];
        if (!left || !right || (left.at >= 0 && right.at >= 0 && right.at >= left.at)) break;
        placed[here - 1] = right;
        placed[here] = left;
      }
    }
  }
  return placed.map(({ element }) => element);
}

/** Elements of the patch in the patch's order, the server's own where they stood before, as far as both can be had. */
export function ordered(
  lists: readonly [patch: readonly Json[], serverOnly: readonly Json[]],
  orders: readonly [patch: readonly Json[], server: readonly Json[]],
  mergeKey: string,
): Json[] {
  const right = sorted(lists[0], orders[0], mergeKey);
  const left = sorted(lists[1], orders[1], mergeKey);
  const place = positions(orders[1], mergeKey);
  const at = (element: Json | undefined): number => (element === undefined ? -1 : (place.get(identity(element, mergeKey)) ?? -1));
  const out: Json[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const mine = at(left[i]);
    const theirs = at(right[j]);
    const next = mine >= 0 && theirs >= 0 && mine < theirs ? left[i++] : right[j++];
    if (next !== undefined) out.push(next);
  }
  return [...out, ...left.slice(i), ...right.slice(j)];
}

interface Split {
  readonly original: readonly Json[];
  readonly patch: readonly Json[];
}
/** Takes `$patch` elements out of the patch and does what they say. */
function special(original: readonly Json[], patch: readonly Json[], mergeKey: string): Result<Split, string> {
  const plain: Json[] = [];
  const deleted = new Set<Json>();
  let replace = false;
  for (const element of patch) {
    if (!isMap(element)) continue;
    const directive = element["$patch"];
    if (directive === undefined) plain.push(element);
    else if (directive === "replace") replace = true;
    else if (directive === "merge") return err("merging lists cannot yet be specified in the patch");
    else if (directive !== "delete") return err(badPatchType(directive, element));
    else {
      const key = element[mergeKey];
      if (key === undefined) return err(noMergeKey(element, mergeKey));
      deleted.add(key);
    }
  }
  if (replace) return ok({ original: plain, patch: [] });
  const kept = deleted.size === 0 ? original : original.filter((element) => !deleted.has(identity(element, mergeKey) ?? null));
  return ok({ original: kept, patch: plain });
}

function mergeMaps(split: Split, mergeKey: string, type: FieldType, mergeMap: MergeMap): Result<Json[], string> {
  const merged = [...split.original];
  const place = positions(merged, mergeKey);
  for (const element of split.patch) {
    if (!isMap(element)) continue;
    const key = element[mergeKey];
    if (key === undefined) return err(noMergeKey(element, mergeKey));
    const index = place.get(key);
    const known = index === undefined ? undefined : merged[index];
    if (index === undefined || !isMap(known)) {
      place.set(key, merged.length);
      merged.push(element);
      continue;
    }
    const one = mergeMap(known, element, type);
    if (!one.ok) return one;
    merged[index] = one.value;
  }
  return ok(merged);
}

export interface ListMerge {
  readonly mergeKey: string;
  readonly type: FieldType;
  /** The patch names elements to take away from a list of scalars. */
  readonly isDelete: boolean;
  readonly mergeMap: MergeMap;
}
export function mergeLists(original: readonly Json[], patch: readonly Json[], merge: ListMerge): Result<Json[], string> {
  if (original.length === 0 && patch.length === 0) return ok([]);
  const kind = elementType(original, patch);
  if (!kind.ok) return kind;
  let split: Split = { original, patch };
  let merged: readonly Json[];
  if (kind.value !== "map[string]interface {}") {
    const named = new Set(patch);
    if (merge.isDelete) return ok(original.filter((element) => !named.has(element)));
    merged = [...new Set([...original, ...patch])];
  } else {
    if (merge.mergeKey === "") return err("cannot merge lists without merge key for struct");
    const parts = special(original, patch, merge.mergeKey);
    if (!parts.ok) return parts;
    split = parts.value;
    const maps = mergeMaps(split, merge.mergeKey, merge.type, merge.mergeMap);
    if (!maps.ok) return maps;
    merged = maps.value;
  }
  const parts = partition(merged, split.patch, merge.mergeKey);
  return parts.ok ? ok(ordered(parts.value, [split.patch, split.original], merge.mergeKey)) : parts;
}
