// Sets of field paths, in the very form in which they are stored (FieldsV1): an object has a member for each step; an empty
// object is a path of the set, `.` marks a path of the set that others continue. Sets are never mutated and share parts.
// As upstream: sigs.k8s.io/structured-merge-diff fieldpath/set.go, serialize.go.
import { isObject } from "../base/json.ts";
import { canonicalElement, compareElements, elementText } from "./path-element.ts";

export interface FieldSet {
  readonly [element: string]: FieldSet;
}
/** The empty set is `undefined`: an empty object is a path. */
export type MaybeSet = FieldSet | undefined;
/** A path without continuation. */
export const LEAF: FieldSet = Object.freeze({});
/** A set that is being built. */
export type Draft = Record<string, FieldSet>;

export const isMember = (set: FieldSet): boolean => {
  if (Object.hasOwn(set, ".")) return true;
  for (const _element in set) return false;
  return true;
};
const hasChildren = (set: FieldSet): boolean => {
  for (const element in set) if (element !== ".") return true;
  return false;
};
/** The node of given children, which may also be a path itself; undefined when it is neither. */
const nodeOf = (children: Draft | undefined, member: boolean): MaybeSet => {
  if (!children) return member ? LEAF : undefined;
  if (member) children["."] = LEAF;
  return children;
};
export const childOf = (set: MaybeSet, element: string): MaybeSet => (set && Object.hasOwn(set, element) ? set[element] : undefined);

/** Of two nodes below the root. */
function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const member = isMember(a) || isMember(b);
  const out: Draft = {};
  let some = false;
  for (const element in a) {
    if (element === ".") continue;
    const mine = a[element];
    const theirs = childOf(b, element);
    if (!mine) continue;
    out[element] = theirs ? unionNodes(mine, theirs) : mine;
    some = true;
  }
  for (const element in b) {
    const theirs = b[element];
    if (element === "." || !theirs || Object.hasOwn(out, element)) continue;
    out[element] = theirs;
    some = true;
  }
  return nodeOf(some ? out : undefined, member) ?? LEAF;
}
/** Of two nodes: the paths of `a` that `b` has (`keep`) or has not. Answers `a` itself when nothing goes. */
function select(a: FieldSet, b: FieldSet, keep: boolean): MaybeSet {
  const member = isMember(a) && isMember(b) === keep;
  let out: Draft | undefined;
  let same = member === isMember(a);
  for (const element in a) {
    const mine = a[element];
    if (element === "." || !mine) continue;
    const theirs = childOf(b, element);
    const kept = theirs ? select(mine, theirs, keep) : keep ? undefined : mine;
    if (kept !== mine) same = false;
    if (kept) (out ??= {})[element] = kept;
  }
  return same ? a : nodeOf(out, member);
}
// The root is no path: its functions see to that, the functions above work on nodes.
const asRoot = (set: MaybeSet): MaybeSet => (set && hasChildren(set) ? set : undefined);

export function union(a: MaybeSet, b: MaybeSet): MaybeSet {
  if (!a || !b) return a ?? b;
  return asRoot(unionNodes(a, b));
}
/** Paths of `a` that are not in `b`; longer paths stay. */
export const difference = (a: MaybeSet, b: MaybeSet): MaybeSet => (a && b ? asRoot(select(a, b, false)) : a);
export const intersection = (a: MaybeSet, b: MaybeSet): MaybeSet => (a && b ? asRoot(select(a, b, true)) : undefined);

/** Like difference, but a path of `b` also takes away all that continue it. */
export function recursiveDifference(a: MaybeSet, b: MaybeSet): MaybeSet {
  if (!a || !b) return a;
  let out: Draft | undefined;
  for (const element in a) {
    const mine = a[element];
    if (element === "." || !mine) continue;
    const theirs = childOf(b, element);
    if (theirs && isMember(theirs)) continue;
    const kept = theirs ? recursiveNode(mine, theirs) : mine;
    if (kept) (out ??= {})[element] = kept;
  }
  return out;
}
const recursiveNode = (a: FieldSet, b: FieldSet): MaybeSet => {
  const children = recursiveDifference(hasChildren(a) ? a : undefined, b);
  return nodeOf(children ? { ...children } : undefined, isMember(a));
};

/** Adds a node at one step of a set that is being built. */
export function insert(draft: Draft | undefined, element: string, node: MaybeSet): Draft | undefined {
  if (!node) return draft;
  const out = draft ?? {};
  const known = out[element];
  out[element] = known ? unionNodes(known, node) : node;
  return out;
}
export const asMember = (children: Draft | undefined): FieldSet => nodeOf(children, true) ?? LEAF;

/** All paths as people see them, in order: `.spec.containers[name="a"].image`. */
export function pathsOf(set: MaybeSet, prefix = ""): string[] {
  if (!set) return [];
  const elements = Object.keys(set)
    .filter((element) => element !== ".")
    .sort(compareElements);
  const here = elements.filter((element) => isMember(set[element] ?? LEAF)).map((element) => prefix + elementText(element));
  return [...here, ...elements.flatMap((element) => (hasChildren(set[element] ?? LEAF) ? pathsOf(set[element], prefix + elementText(element)) : []))];
}

/** Reads FieldsV1 that a client wrote; undefined when it is malformed. An empty object is the empty set. */
export function readFieldsV1(value: unknown): { readonly set: MaybeSet } | undefined {
  const node = readNode(value);
  return node && { set: asRoot(node) };
}
function readNode(value: unknown): MaybeSet {
  if (value === null) return LEAF;
  if (!isObject(value)) return undefined;
  const out: Draft = {};
  for (const key of Object.keys(value)) {
    if (key === ".") {
      out["."] = LEAF;
      continue;
    }
    const element = canonicalElement(key);
    const child = readNode(value[key]);
    if (element === undefined || !child) return undefined;
    insert(out, element, child);
  }
  return out;
}
