// Strategic merge patch: like a merge patch, but lists merge by key as their schema says, and directives ($patch,
// $retainKeys, $setElementOrder/x, $deleteFromPrimitiveList/x) say what plain JSON cannot.
// As upstream: k8s.io/apimachinery pkg/util/strategicpatch/patch.go, apiserver pkg/endpoints/handlers/patch.go.
import type { Json, JsonObject } from "../base/json.ts";
import { isForbiddenKey } from "../base/json.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { Status } from "../errors/status.ts";
import { badRequest, failure } from "../errors/status.ts";
import type { FieldType } from "../schema/schema.ts";
import { goText, goType, jsonTypeText } from "./go-text.ts";
import { badPatchType, isMap, mergeLists, noMergeKey, ordered, partition } from "./list-merge.ts";
import { listMetaOf, patchMetaOf } from "./patch-schema.ts";

const DELETE_LIST = "$deleteFromPrimitiveList";
const ORDER = "$setElementOrder";
const RETAIN = "$retainKeys";
const BAD_LIST = "invalid patch format of primitive list";
const BAD_ORDER = "invalid patch format of setElementOrder list";
const BAD_RETAIN = "invalid patch format of retainKeys";
const LISTS_OF_LISTS = "lists of lists are not supported";

/** A copy without null members and without parts that carry `$patch`; undefined when the whole is such a part. */
function plain(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(plain).filter((element) => element !== undefined);
  if (!isMap(value)) return value;
  if (value["$patch"] !== undefined) return undefined;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    const kept = member === undefined || member === null || isForbiddenKey(key) ? undefined : plain(member);
    if (kept !== undefined) out[key] = kept;
  }
  return out;
}

/** `x` of `$setElementOrder/x`. */
const fieldOf = (key: string, prefix: string): string | undefined => (key.startsWith(`${prefix}/`) ? key.slice(prefix.length + 1) : undefined);
const badType = (expected: string, actual: Json): string => `expected a ${expected}, but received a ${goType(actual)}`;

/** Removes all members that `$retainKeys` does not name. */
function retain(original: JsonObject, patch: JsonObject): Result<JsonObject, string> {
  const list = patch[RETAIN];
  if (list === undefined) return ok({ ...original });
  if (!Array.isArray(list)) return err(BAD_RETAIN);
  const named = new Set(list);
  for (const key of Object.keys(patch)) {
    if (key === RETAIN || patch[key] === null || key.startsWith(DELETE_LIST) || key.startsWith(ORDER)) continue;
    if (!named.has(key)) return err(BAD_RETAIN);
  }
  return ok(Object.fromEntries(Object.entries(original).filter(([key]) => named.has(key))));
}

/** Elements of a patch must stand in the order that $setElementOrder tells. */
function checkOrder(patch: readonly Json[], order: readonly Json[], mergeKey: string): string | undefined {
  if (patch.length === 0 || order.length === 0) return undefined;
  for (const element of patch) if (mergeKey !== "" && !isMap(element)) return badType("map[string]interface {}", element);
  const wanted = mergeKey === "" ? patch : patch.filter((element) => isMap(element) && element["$patch"] !== "delete");
  let index = 0;
  let here = 0;
  while (index < wanted.length && here < order.length) {
    const [mine = null, theirs = null] = [wanted[index], order[here]];
    if (isMap(mine) && mine["$patch"] !== undefined) {
      index++;
      continue;
    }
    if (mergeKey !== "" && isMap(mine)) {
      if (!isMap(theirs)) return badType("map[string]interface {}", theirs);
      if (mine[mergeKey] === undefined) return noMergeKey(mine, mergeKey);
      if (theirs[mergeKey] === undefined) return noMergeKey(theirs, mergeKey);
      if (mine[mergeKey] === theirs[mergeKey]) index++;
    } else if (mine === theirs) index++;
    here++;
  }
  if (index >= wanted.length || here < order.length) return undefined;
  return `The order in patch list:\n${goText([...patch])}\n doesn't match ${ORDER} list:\n${goText([...order])}\n`;
}

const asList = (value: Json | undefined): Result<readonly Json[] | undefined, string> =>
  value === undefined ? ok(undefined) : Array.isArray(value) ? ok(value) : err(badType("[]interface {}", value));

/** One `$setElementOrder/x`: merges list x and puts it in order. Undefined when there is no list at all. */
function mergeOrdered(original: JsonObject, patch: JsonObject, key: string, type: FieldType): Result<Json[] | undefined, string> {
  const order = asList(patch[key]);
  if (!order.ok) return order;
  const name = fieldOf(key, ORDER);
  if (name === undefined || isForbiddenKey(name)) return err(BAD_ORDER);
  const mine = asList(original[name]);
  const theirs = asList(patch[name]);
  if (!mine.ok) return mine;
  if (!theirs.ok) return theirs;
  const wanted = order.value ?? [];
  const { mergeKey, strategy, type: element } = listMetaOf(type, name);
  const problem = checkOrder(theirs.value ?? [], wanted, mergeKey);
  if (problem !== undefined) return err(problem);
  if (mine.value === undefined && theirs.value === undefined) return ok(undefined);
  let merged: readonly Json[] = mine.value ?? [];
  if (theirs.value !== undefined && mine.value === undefined) merged = theirs.value.map(plain).filter((one) => one !== undefined);
  else if (theirs.value !== undefined && mine.value !== undefined) {
    const both = mergeField(mine.value, theirs.value, { strategy, mergeKey, type: element, isDelete: false });
    if (!both.ok) return both;
    merged = both.value;
  }
  const parts = partition(merged, wanted, mergeKey);
  return parts.ok ? ok(ordered(parts.value, [wanted, mine.value ?? []], mergeKey)) : parts;
}

interface ListField {
  readonly strategy: string;
  readonly mergeKey: string;
  readonly type: FieldType;
  readonly isDelete: boolean;
}
function mergeField(original: readonly Json[], patch: readonly Json[], field: ListField): Result<Json[], string> {
  if (field.strategy !== "merge" && !field.isDelete) return ok([...patch]);
  return mergeLists(original, patch, { ...field, mergeMap });
}

const sameKind = (a: Json, b: Json): boolean => Array.isArray(a) === Array.isArray(b) && (a === null) === (b === null) && typeof a === typeof b;

/** Merges one member of a patch into `target`, which is ours to change. */
function mergeMember(target: JsonObject, key: string, value: Json, type: FieldType): string | undefined {
  const isDelete = key.startsWith(DELETE_LIST);
  const name = isDelete ? fieldOf(key, DELETE_LIST) : key;
  if (name === undefined) return BAD_LIST;
  if (isForbiddenKey(name)) return undefined;
  if (value === null) {
    delete target[name];
    return undefined;
  }
  const known = Object.hasOwn(target, name) ? target[name] : undefined;
  if (known === undefined || !sameKind(known, value) || typeof value !== "object") {
    if (isDelete) return undefined;
    const fresh = plain(value);
    if (fresh === undefined) delete target[name];
    else target[name] = fresh;
    return undefined;
  }
  const meta = Array.isArray(value) ? listMetaOf(type, name) : patchMetaOf(type, name);
  const merged =
    Array.isArray(known) && Array.isArray(value)
      ? mergeField(known, value, { ...meta, isDelete })
      : isMap(known) && isMap(value) && meta.strategy !== "replace"
        ? mergeMap(known, value, meta.type)
        : ok(value);
  if (!merged.ok) return merged.error;
  target[name] = merged.value;
  return undefined;
}

function mergeMap(original: JsonObject, patch: JsonObject, type: FieldType): Result<JsonObject, string> {
  const directive = patch["$patch"];
  if (directive === "replace") {
    const { $patch: _directive, ...rest } = patch;
    return ok(rest);
  }
  if (directive === "delete") return ok({});
  if (directive !== undefined) return err(badPatchType(directive, patch));
  const target = retain(original, patch);
  if (!target.ok) return target;
  const done = new Set([RETAIN]);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(ORDER)) continue;
    done.add(key);
    const list = mergeOrdered(target.value, patch, key, type);
    if (!list.ok) return list;
    const name = fieldOf(key, ORDER);
    if (list.value === undefined || name === undefined) continue;
    done.add(name);
    target.value[name] = list.value;
  }
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (done.has(key) || value === undefined) continue;
    const problem = mergeMember(target.value, key, value, type);
    if (problem !== undefined) return err(problem);
  }
  return target;
}

function statusOf(problem: string): Status {
  if (problem === BAD_LIST || problem === BAD_ORDER || problem === BAD_RETAIN) return badRequest(problem);
  if (problem === LISTS_OF_LISTS) return failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
  return failure(500, undefined, problem);
}

/** A new document that may share unchanged parts with both arguments; neither is mutated. */
export function applyStrategicMergePatch(document: JsonObject, patch: Json, schemaName: string): Result<JsonObject, Status> {
  if (patch === null) return ok(document);
  if (!isMap(patch)) {
    return err(badRequest(`json: cannot unmarshal ${jsonTypeText(patch)} into Go value of type map[string]interface {}`));
  }
  const merged = mergeMap(document, patch, { is: "ref", ref: schemaName });
  return merged.ok ? merged : err(statusOf(merged.error));
}
