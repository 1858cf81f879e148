// What server-side apply does to values: which paths a configuration names, merging it into the live object, taking items out.
// As upstream: sigs.k8s.io/structured-merge-diff typed/{tofieldset,merge,remove}.go, fieldpath/set.go.
import type { Json, JsonObject } from "../base/json.ts";
import { isForbiddenKey, isObject } from "../base/json.ts";
import type { Draft, FieldSet, MaybeSet } from "./field-set.ts";
import { asMember, childOf, insert, isMember, LEAF } from "./field-set.ts";
import type { ListType, MergeType } from "./merge-type.ts";
import { DEDUCED } from "./merge-type.ts";
import { listElement } from "./path-element.ts";

const isMap = (value: Json | undefined): value is JsonObject => isObject(value);
const isEmptyMap = (value: Json | undefined): boolean => isMap(value) && Object.keys(value).length === 0;

interface Member {
  readonly element: string;
  readonly type: MergeType;
  readonly declared: boolean;
}
function memberOf(type: MergeType, key: string): Member {
  const field = type.is === "struct" ? type.field(key) : undefined;
  if (field) return { element: field.element, type: field.type, declared: true };
  const rest = type.is === "struct" ? type.rest : type.is === "map" ? type.of : undefined;
  return { element: `f:${key}`, type: rest ?? DEDUCED, declared: false };
}
const mergesMembers = (type: MergeType): boolean => type.is === "struct" || type.is === "map" || type.is === "deduced";

/** Every path that a configuration names: leaves, items, and members of maps. */
export function fieldSetOf(type: MergeType, value: Json): MaybeSet {
  if (type.is === "leaf" || type.is === "atomic" || type.is === "array") return LEAF;
  if (type.is === "list") return Array.isArray(value) ? itemPaths(type, value) : undefined;
  if (!isMap(value)) return type.is === "deduced" ? LEAF : undefined;
  let out: Draft | undefined;
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const { element, type: inner, declared } = memberOf(type, key);
    const node = fieldSetOf(inner, member);
    out = insert(out, element, node);
    if (member === null || isEmptyMap(member) || !declared) out = insert(out, element, LEAF);
  }
  return out;
}
function itemPaths(type: ListType, list: readonly Json[]): Draft | undefined {
  const counts = new Map<string, number>();
  const elements = list.map((item) => listElement(type, item));
  for (const element of elements) if (element !== undefined) counts.set(element, (counts.get(element) ?? 0) + 1);
  let out: Draft | undefined;
  list.forEach((item, index) => {
    const element = elements[index];
    if (element === undefined) return;
    if ((counts.get(element) ?? 0) === 1) out = insert(out, element, fieldSetOf(type.of, item));
    out = insert(out, element, LEAF);
  });
  return out;
}

/** The live value with the configuration laid over it. Nothing is removed by it. */
export function mergeValues(type: MergeType, live: Json | undefined, config: Json | undefined): Json | undefined {
  if (config === undefined) return live;
  if (live === undefined) return config;
  if (mergesMembers(type)) {
    const isKnown = type.is !== "deduced" || (isMap(live) && isMap(config));
    if (!isKnown) return config;
    return mergeMembers(type, isMap(live) ? live : {}, isMap(config) ? config : {}, config);
  }
  if (type.is !== "list") return config;
  const mine = Array.isArray(live) ? live : [];
  const theirs = Array.isArray(config) ? config : [];
  return mine.length === 0 && theirs.length === 0 ? config : mergeItems(type, mine, theirs);
}
function mergeMembers(type: MergeType, live: JsonObject, config: JsonObject, whole: Json): Json | undefined {
  const out: JsonObject = {};
  const keys = new Set([...Object.keys(live), ...Object.keys(config)]);
  if (keys.size === 0) return whole;
  for (const key of keys) {
    if (isForbiddenKey(key)) continue;
    const merged = mergeValues(memberOf(type, key).type, live[key], config[key]);
    if (merged !== undefined) out[key] = merged;
  }
  return isEmptyMap(out) ? undefined : out;
}

interface Indexed {
  readonly elements: readonly string[];
  /** null where an element occurs more than once: such are not merged into. */
  readonly items: ReadonlyMap<string, Json>;
}
function indexed(type: ListType, list: readonly Json[]): Indexed {
  const items = new Map<string, Json>();
  const elements: string[] = [];
  for (const item of list) {
    const element = listElement(type, item);
    if (element === undefined) continue;
    items.set(element, items.has(element) ? null : item);
    elements.push(element);
  }
  return { elements, items };
}
/** The configuration's order where it says one, the live order elsewhere. */
function mergeItems(type: ListType, live: readonly Json[], config: readonly Json[]): Json | undefined {
  const left = indexed(type, live);
  const right = indexed(type, config);
  const shared = right.elements.filter((element) => left.items.has(element));
  const merged = new Set<string>();
  const out: Json[] = [];
  let nextShared = 0;
  const take = (mine: Json | undefined, theirs: Json | undefined): void => {
    const item = mergeValues(type.of, mine === null ? undefined : mine, theirs);
    if (item !== undefined) out.push(item);
  };
  const takeShared = (element: string): void => {
    merged.add(element);
    take(left.items.get(element), right.items.get(element));
    if (shared[nextShared] === element) nextShared++;
  };
  let l = 0;
  let r = 0;
  while (l < left.elements.length || r < right.elements.length) {
    const mine = left.elements[l];
    const theirs = right.elements[r];
    if (mine !== undefined && mine === theirs) {
      takeShared(mine);
      l++;
      r++;
      continue;
    }
    if (mine !== undefined && theirs !== undefined && right.items.has(mine) && nextShared < shared.length && shared[nextShared] !== mine) {
      l++;
      continue;
    }
    if (mine !== undefined && !right.items.has(mine)) {
      take(live[l], undefined);
      l++;
      continue;
    }
    if (mine !== undefined && merged.has(mine)) l++;
    if (theirs !== undefined) {
      takeShared(theirs);
      r++;
    }
  }
  return out.length > 0 ? out : undefined;
}

/** The value without the paths of `gone`; undefined when nothing is left of a map or list. */
export function removeItems(type: MergeType, value: Json, gone: FieldSet): Json | undefined {
  if (type.is === "list") {
    if (!Array.isArray(value)) return undefined;
    const out: Json[] = [];
    for (const item of value) {
      const child = childOf(gone, listElement(type, item) ?? "");
      if (child && isMember(child)) continue;
      const kept = child ? removeItems(type.of, item, child) : item;
      out.push(kept ?? null);
    }
    return out.length > 0 ? out : undefined;
  }
  if (!mergesMembers(type)) return type.is === "leaf" ? value : undefined;
  if (!isMap(value)) return type.is === "deduced" ? value : undefined;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const { element, type: inner } = memberOf(type, key);
    const child = childOf(gone, element);
    if (child && isMember(child)) continue;
    // What loses all its items stays as null: its path is still there.
    out[key] = child ? (removeItems(inner, member, child) ?? null) : member;
  }
  return isEmptyMap(out) ? undefined : out;
}

/** Declared fields on the way to a path count as paths themselves. */
export function withNamedFields(type: MergeType | undefined, set: MaybeSet): MaybeSet {
  if (!set) return undefined;
  const at = type?.is === "atomic" ? type.of : type;
  let out: Draft | undefined;
  for (const element of Object.keys(set)) {
    const child = set[element];
    if (element === "." || !child) continue;
    const field = at?.is === "struct" && element.startsWith("f:") ? at.field(element.slice(2)) : undefined;
    const inner = field?.type ?? innerType(at, element);
    const isLeaf = Object.keys(child).length === 0;
    const node = isLeaf ? LEAF : (withNamedFields(inner, child) ?? LEAF);
    const member = isMember(child) || field !== undefined;
    (out ??= {})[element] = member && node !== LEAF ? asMember({ ...node }) : node;
  }
  return out;
}
function innerType(type: MergeType | undefined, element: string): MergeType | undefined {
  if (!type) return undefined;
  if (element.startsWith("f:")) return type.is === "struct" ? type.rest : type.is === "map" ? type.of : type.is === "deduced" ? DEDUCED : undefined;
  return element.startsWith("k:") && (type.is === "list" || type.is === "array") ? type.of : undefined;
}
