// Which field paths differ between two objects of one type. Unchanged parts cost a walk and no memory.
// As upstream: sigs.k8s.io/structured-merge-diff typed/compare.go.
import type { Json, JsonObject } from "../base/json.ts";
import { equalJson, isObject } from "../base/json.ts";
import type { Draft, FieldSet, MaybeSet } from "./field-set.ts";
import { asMember, insert, LEAF } from "./field-set.ts";
import type { Field, ListType, MergeType } from "./merge-type.ts";
import { DEDUCED } from "./merge-type.ts";
import { listElement } from "./path-element.ts";

/** Paths that were added or changed, and paths that are gone. */
export interface Comparison {
  readonly touched: MaybeSet;
  readonly removed: MaybeSet;
}
const TOUCHED: Comparison = { touched: LEAF, removed: undefined };

const isMap = (value: Json | undefined): value is JsonObject => isObject(value);
const isEmpty = (value: JsonObject): boolean => {
  for (const key in value) if (value[key] !== undefined) return false;
  return true;
};
/** Path element and type of a member of a map or struct. */
function memberOf(type: MergeType, key: string): Pick<Field, "element" | "type" | "zero"> {
  if (type.is === "struct") return type.field(key) ?? { element: `f:${key}`, type: type.rest ?? DEDUCED, zero: undefined };
  return { element: `f:${key}`, type: type.is === "map" ? type.of : DEDUCED, zero: undefined };
}

/** Every path of a value that stands alone: added, or removed, as a whole. */
export function wholeOf(type: MergeType, value: Json): FieldSet {
  if (type.is === "leaf" || type.is === "atomic" || type.is === "array") return LEAF;
  if (type.is === "list") return Array.isArray(value) ? asMember(itemsOf(type, value)) : LEAF;
  if (!isMap(value)) return LEAF;
  let out: Draft | undefined;
  for (const key in value) {
    const member = value[key];
    if (member === undefined || member === null) continue;
    const field = memberOf(type, key);
    (out ??= {})[field.element] = wholeOf(field.type, member);
  }
  return asMember(out);
}
function itemsOf(type: ListType, list: readonly Json[]): Draft | undefined {
  let out: Draft | undefined;
  for (const item of list) {
    const element = listElement(type, item);
    if (element === undefined) continue;
    // An element that occurs twice is owned as such, not by its parts.
    const twice = out !== undefined && Object.hasOwn(out, element);
    (out ??= {})[element] = twice ? LEAF : wholeOf(type.of, item);
  }
  return out;
}

interface Drafts {
  touched: Draft | undefined;
  removed: Draft | undefined;
}
const add = (drafts: Drafts, element: string, part: Comparison | undefined): void => {
  if (!part) return;
  drafts.touched = insert(drafts.touched, element, part.touched);
  drafts.removed = insert(drafts.removed, element, part.removed);
};
const done = (drafts: Drafts): Comparison | undefined => (drafts.touched || drafts.removed ? drafts : undefined);

export function compareMembers(type: MergeType, left: JsonObject, right: JsonObject, skip?: ReadonlySet<string>): Comparison | undefined {
  const drafts: Drafts = { touched: undefined, removed: undefined };
  for (const key in right) {
    if (skip?.has(key)) continue;
    const theirs = right[key];
    const mine = Object.hasOwn(left, key) ? left[key] : undefined;
    if (theirs === mine) continue;
    const field = memberOf(type, key);
    add(drafts, field.element, compareValues(field.type, mine === undefined ? field.zero : mine, theirs === undefined ? field.zero : theirs));
  }
  for (const key in left) {
    if (skip?.has(key) || Object.hasOwn(right, key) || left[key] === undefined) continue;
    const field = memberOf(type, key);
    add(drafts, field.element, compareValues(field.type, left[key], field.zero));
  }
  return done(drafts);
}

/** Elements by path; those that occur more than once as lists. */
function indexed(type: ListType, list: readonly Json[]): Map<string, Json[]> {
  const map = new Map<string, Json[]>();
  for (const item of list) {
    const element = listElement(type, item);
    if (element === undefined) continue;
    const known = map.get(element);
    if (known) known.push(item);
    else map.set(element, [item]);
  }
  return map;
}
function compareItems(mine: readonly Json[], theirs: readonly Json[], of: MergeType): Comparison | undefined {
  if (mine.length <= 1 && theirs.length <= 1) return compareValues(of, mine[0], theirs[0]);
  if (mine.length > 1 && theirs.length > 1) return equalJson(mine, theirs) ? undefined : TOUCHED;
  if (mine.length > 1) return { touched: theirs[0] === undefined ? undefined : wholeOf(of, theirs[0]), removed: LEAF };
  return { touched: LEAF, removed: mine[0] === undefined ? undefined : wholeOf(of, mine[0]) };
}
function compareLists(type: ListType, left: readonly Json[], right: readonly Json[]): Comparison | undefined {
  if (equalJson(left, right)) return undefined;
  const drafts: Drafts = { touched: undefined, removed: undefined };
  const mine = indexed(type, left);
  const theirs = indexed(type, right);
  for (const [element, items] of theirs) add(drafts, element, compareItems(mine.get(element) ?? [], items, type.of));
  for (const [element, items] of mine) if (!theirs.has(element)) add(drafts, element, compareItems(items, [], type.of));
  return done(drafts);
}

/** Of unknown type: what each side is decides how it compares. */
function compareDeduced(left: Json, right: Json): Comparison | undefined {
  if (isMap(left) && isMap(right)) return compareMembers(DEDUCED, left, right);
  if (equalJson(left, right)) return undefined;
  const removed = isMap(left) ? withoutSelf(wholeOf(DEDUCED, left)) : undefined;
  return { touched: isMap(right) ? wholeOf(DEDUCED, right) : LEAF, removed };
}
const withoutSelf = (set: FieldSet): MaybeSet => {
  const { ".": _self, ...children } = set;
  return Object.keys(children).length === 0 ? undefined : children;
};

/**
 * The differences below one path; undefined when there are none. `null` says that a map or list is there, though empty;
 * otherwise it is as good as nothing on the right.
 */
export function compareValues(type: MergeType, left: Json | undefined, right: Json | undefined): Comparison | undefined {
  if (right === undefined || right === null) {
    if (left === undefined || left === null) return undefined;
    if (right === null && (type.is === "struct" || type.is === "map") && isMap(left)) return compareMembers(type, left, {});
    if (right === null && type.is === "list" && Array.isArray(left)) return compareLists(type, left, []);
    return { touched: undefined, removed: wholeOf(type, left) };
  }
  if (left === undefined) return { touched: wholeOf(type, right), removed: undefined };
  if (type.is === "struct" || type.is === "map") {
    if (!isMap(right) || !(left === null || isMap(left))) return equalJson(left, right) ? undefined : TOUCHED;
    if (left === null && isEmpty(right)) return TOUCHED;
    return compareMembers(type, left ?? {}, right);
  }
  if (type.is === "list") {
    if (!Array.isArray(right) || !(left === null || Array.isArray(left))) return equalJson(left, right) ? undefined : TOUCHED;
    if (left === null && right.length === 0) return TOUCHED;
    return compareLists(type, left ?? [], right);
  }
  if (type.is === "deduced") return compareDeduced(left, right);
  return equalJson(left, right) ? undefined : TOUCHED;
}
