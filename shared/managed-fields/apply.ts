// Server-side apply: merges what a manager wants into the object, takes away what it no longer wants, and refuses what
// others own.
// As upstream: structured-merge-diff merge/update.go, apimachinery pkg/util/managedfields/internal.
import type { Json, JsonObject } from "../base/json.ts";
import { equalJson } from "../base/json.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { Status, StatusCause } from "../errors/status.ts";
import { badRequest, failure } from "../errors/status.ts";
import type { KubeObject } from "../kinds/define-kind.ts";
import type { ManagedFieldsEntry } from "../kinds/_generated/types.ts";
import { compareText } from "../meta/text.ts";
import type { MaybeSet } from "./field-set.ts";
import { difference, intersection, pathsOf, recursiveDifference, union } from "./field-set.ts";
import { afterKubectlApply, allowedByLastApplied } from "./last-applied.ts";
import type { Manager } from "./managers.ts";
import { readManagers, sameManager, writeManagers } from "./managers.ts";
import type { MergeType } from "./merge-type.ts";
import type { TypeOrName } from "./track-update.ts";
import { compareObjects, resetFields, STRIPPED, typeOf, without } from "./track-update.ts";
import { fieldSetOf, mergeValues, removeItems, withNamedFields } from "./typed-values.ts";
import { typedProblem } from "./validate-typed.ts";

export interface ApplyArgs {
  /** What is stored; undefined when the apply creates. */
  readonly stored: KubeObject | undefined;
  /** The configuration as sent, neither defaulted nor converted. */
  readonly applied: KubeObject;
  readonly schema: TypeOrName;
  /** What the URL stands for: group/version and kind. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly manager: string;
  readonly force: boolean;
  readonly subresource?: string;
  readonly time: string;
  /** Instead of resetFields(subresource). */
  readonly ignored?: MaybeSet;
}
export interface Applied {
  /** Not defaulted yet; its metadata.managedFields are set. The stored values themselves when nothing changed. */
  readonly object: KubeObject;
  readonly managedFields: ManagedFieldsEntry[] | undefined;
  readonly changed: boolean;
}

const gvkText = (object: KubeObject): string => {
  const apiVersion = object.apiVersion ?? "";
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${object.kind ?? ""}`;
};
function refused({ applied, schema, apiVersion, kind }: ApplyArgs): Status | undefined {
  if (applied.apiVersion !== apiVersion || applied.kind !== kind) return badRequest(`invalid object type: ${gvkText(applied)}`);
  if (applied.metadata?.managedFields) return badRequest("metadata.managedFields must be nil");
  const problem = typedProblem(typeOf(schema), applied as Json);
  if (problem === undefined) return undefined;
  const { namespace = "", name = "" } = applied.metadata ?? {};
  return failure(500, undefined, `failed to create typed patch object (${namespace}/${name}; ${gvkText(applied)}): ${problem}`);
}

interface Conflict {
  readonly manager: Manager;
  readonly fields: MaybeSet;
}
const managerText = (manager: Manager): string => {
  const name = JSON.stringify(manager.name);
  const subresource = manager.subresource === "" ? "" : ` with subresource ${JSON.stringify(manager.subresource)}`;
  return manager.operation === "Update" ? `${name}${subresource} using ${manager.apiVersion}` : `${name}${subresource}`;
};
/** As upstream: conflict.go NewConflictError. */
function conflictStatus(conflicts: readonly Conflict[]): Status {
  const all = conflicts.map(({ manager, fields }) => ({ text: managerText(manager), paths: pathsOf(fields) })).sort((a, b) => compareText(a.text, b.text));
  const causes: StatusCause[] = all.flatMap(({ text, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${text}`, field })),
  );
  const only = causes.length === 1 ? causes[0] : undefined;
  const message = only
    ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
    : `Apply failed with ${causes.length} conflicts: ${all.flatMap(({ text, paths }) => [`conflicts with ${text}:`, ...paths.map((path) => `- ${path}`)]).join("\n")}`;
  return failure(409, "Conflict", message, { causes });
}

/** Removes what this manager applied last time and not now, unless someone owns it or it is not the manager's at all. */
function prune(type: MergeType, merged: JsonObject, last: MaybeSet, owned: MaybeSet): JsonObject {
  const named = (set: MaybeSet): MaybeSet => withNamedFields(type, set);
  const removed = (gone: MaybeSet): JsonObject => (gone ? ((removeItems(type, merged, gone) ?? {}) as JsonObject) : merged);
  const mergedSet = named(fieldSetOf(type, merged));
  const setOf = (object: JsonObject): MaybeSet => named(fieldSetOf(type, object));
  const lastNamed = named(last);
  const first = removed(lastNamed);
  const withOwned = removed(difference(mergedSet, union(setOf(first), named(owned))));
  return removed(intersection(difference(mergedSet, setOf(withOwned)), lastNamed));
}

/** Members that became null or whose last items went are gone. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined && member !== null) out[key] = withoutNulls(member);
  }
  return out;
}

/** Objects that nobody tracked belong to `before-first-apply` from now on (upstream skipnonapplied.go). */
function managersBefore(args: ApplyArgs): Manager[] | undefined {
  const managers = readManagers(args.stored?.metadata?.managedFields, { trusted: true });
  if (!managers || managers.length > 0 || !args.stored) return managers;
  const { apiVersion, subresource = "", time } = args;
  const fields = compareObjects(args.schema, undefined, args.stored, ignoredBy(args))?.touched;
  return fields ? [{ name: "before-first-apply", operation: "Update", apiVersion, subresource, time, fields }] : [];
}
const ignoredBy = (args: ApplyArgs): MaybeSet => ("ignored" in args ? args.ignored : resetFields(args.subresource ?? ""));

interface Merged {
  readonly object: JsonObject;
  readonly managers: Manager[];
  readonly conflicts: readonly Conflict[];
}
function merge(args: ApplyArgs, managers: readonly Manager[], self: Manager, before: Manager | undefined): Merged {
  const type = typeOf(args.schema);
  const live = { ...args.stored } as JsonObject;
  if (args.stored?.metadata) {
    const { managedFields: _managedFields, ...metadata } = args.stored.metadata;
    live.metadata = metadata as JsonObject;
  }
  const merged = (mergeValues(type, live, args.applied as JsonObject) ?? {}) as JsonObject;
  const owned = [...managers.filter((other) => other !== before), self].reduce<MaybeSet>((all, one) => union(all, one.fields), undefined);
  // Who still wants all that was wanted before prunes nothing.
  const dropped = before && difference(before.fields, self.fields);
  const object = before && dropped ? prune(type, merged, before.fields, owned) : merged;
  const others = managers.filter((other) => other !== before);
  const comparison = compareObjects(args.schema, args.stored, object as KubeObject, ignoredBy(args));
  const conflicts = others.flatMap((manager) => {
    const fields = intersection(manager.fields, comparison?.touched);
    return fields ? [{ manager, fields }] : [];
  });
  const lost = union(comparison?.touched, comparison?.removed);
  return { object, managers: without(others, lost), conflicts };
}

/** Applies a configuration. Mutates nothing. */
export function applyPatch(args: ApplyArgs): Result<Applied, Status> {
  const problem = refused(args);
  if (problem) return err(problem);
  const managers = managersBefore(args);
  if (!managers) return err(failure(500, undefined, "failed to decode managed fields"));
  const { apiVersion, subresource = "", time, stored } = args;
  const wanted = recursiveDifference(fieldSetOf(typeOf(args.schema), args.applied as Json), ignoredBy(args));
  const identity = { name: args.manager || "unknown", operation: "Apply", apiVersion, subresource } as const;
  const before = managers.find((other) => sameManager(other, identity));
  const self: Manager = { ...identity, time: before?.time, fields: wanted ?? {} };
  const result = merge(args, managers, self, before);
  const conflicts = args.force ? [] : remaining(args, result.conflicts);
  if (conflicts.length > 0) return err(conflictStatus(conflicts));
  const object = withoutNulls(result.object) as KubeObject;
  const changed = stored === undefined || !sameObjects(stored, object);
  const own = difference(wanted, STRIPPED);
  const entry: Manager[] = own ? [{ ...self, fields: own, time: changed ? time : before?.time }] : [];
  const managedFields = writeManagers([...result.managers, ...entry]);
  const final = changed ? object : (stored ?? object);
  const answer: KubeObject = { ...final, metadata: { ...final.metadata, ...(managedFields ? { managedFields } : {}) } };
  if (!managedFields) delete answer.metadata?.managedFields;
  return ok({ object: afterKubectlApply(answer, args.applied, args.manager), managedFields, changed });
}

function sameObjects(stored: KubeObject, object: KubeObject): boolean {
  const { metadata: { managedFields: _mine, ...metadata } = {}, ...rest } = stored;
  const { metadata: { managedFields: _theirs, ...otherMetadata } = {}, ...otherRest } = object;
  return equalJson(metadata, otherMetadata) && equalJson(withoutNulls(rest as Json), otherRest);
}
/** kubectl may take over what it applied from the client's side before (upstream lastappliedmanager.go). */
function remaining(args: ApplyArgs, conflicts: readonly Conflict[]): readonly Conflict[] {
  if (conflicts.length === 0 || args.manager !== "kubectl" || !args.stored) return conflicts;
  const allowed = allowedByLastApplied(args.stored, args.schema, args.apiVersion);
  return conflicts.flatMap(({ manager, fields }) => {
    const left = difference(fields, allowed);
    return left ? [{ manager, fields: left }] : [];
  });
}
