// Who owns which fields after a create, update or patch: computes metadata.managedFields.
// As upstream: apimachinery pkg/util/managedfields/internal (the chain of managers), structured-merge-diff merge/update.go.
import type { JsonObject } from "../base/json.ts";
import type { KubeObject } from "../kinds/define-kind.ts";
import type { ManagedFieldsEntry } from "../kinds/_generated/types.ts";
import type { Comparison } from "./compare.ts";
import { compareMembers } from "./compare.ts";
import type { Draft, FieldSet, MaybeSet } from "./field-set.ts";
import { difference, insert, LEAF, recursiveDifference, union } from "./field-set.ts";
import type { Manager } from "./managers.ts";
import { capManagers, managersOf, sameManager, writeManagers } from "./managers.ts";
import type { MergeType } from "./merge-type.ts";
import { DEDUCED, mergeTypeOf } from "./merge-type.ts";

/** Members that nobody owns (upstream stripmeta.go). */
const ROOT_SKIP: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);
const METADATA_SKIP: ReadonlySet<string> = new Set([
  "name",
  "namespace",
  "creationTimestamp",
  "selfLink",
  "uid",
  "clusterName",
  "generation",
  "managedFields",
  "resourceVersion",
]);
export const STRIPPED: FieldSet = {
  "f:apiVersion": LEAF,
  "f:kind": LEAF,
  "f:metadata": { ".": LEAF, ...Object.fromEntries([...METADATA_SKIP].map((name) => [`f:${name}`, LEAF])) },
};

/** What a way of writing puts back anyway and therefore may not own (upstream GetResetFields). */
export function resetFields(subresource: string): MaybeSet {
  if (subresource === "") return { "f:status": LEAF };
  return subresource === "status" ? { "f:spec": LEAF } : undefined;
}

/** A type by the name of its schema, or as it is. */
export type TypeOrName = string | MergeType;
export const typeOf = (type: TypeOrName): MergeType => (typeof type === "string" ? mergeTypeOf(type) : type);

/** Differences of two objects, without what nobody owns and what is ignored. */
export function compareObjects(type: TypeOrName, stored: KubeObject | undefined, next: KubeObject, ignored: MaybeSet): Comparison | undefined {
  const root = typeOf(type);
  const left = (stored ?? {}) as JsonObject;
  const skip = ignored === undefined ? ROOT_SKIP : new Set(ROOT_SKIP);
  for (const element in ignored) if (ignored[element] === LEAF) (skip as Set<string>).add(element.slice(2));
  const body = compareMembers(root, left, next as JsonObject, skip);
  const metadataType = root.is === "struct" ? (root.field("metadata")?.type ?? DEDUCED) : DEDUCED;
  const metadata = compareMembers(metadataType, (left.metadata ?? {}) as JsonObject, (next.metadata ?? {}) as JsonObject, METADATA_SKIP);
  if (!body && !metadata) return undefined;
  const join = (part: MaybeSet, inside: MaybeSet): MaybeSet => insert(part as Draft | undefined, "f:metadata", inside);
  return {
    touched: recursiveDifference(join(body?.touched, metadata?.touched), ignored),
    removed: recursiveDifference(join(body?.removed, metadata?.removed), ignored),
  };
}

/** Takes differences away from all managers; those who lose everything are left out. Entries that keep all stay the same. */
export function without(managers: readonly Manager[], lost: MaybeSet): Manager[] {
  const out: Manager[] = [];
  for (const manager of managers) {
    const fields = difference(manager.fields, lost);
    if (!fields || fields === LEAF || Object.keys(fields).length === 0) continue;
    out.push(fields === manager.fields ? manager : { ...manager, fields });
  }
  return out;
}

export interface TrackArgs {
  /** What is stored; undefined on create. */
  readonly stored: KubeObject | undefined;
  /** After defaulting, before admission, allocation and prepareForUpdate: what those change belongs to nobody. */
  readonly next: KubeObject;
  /** The kind's schema name, or the merge type of a custom resource. */
  readonly schema: TypeOrName;
  readonly apiVersion: string;
  readonly manager: string;
  readonly subresource?: string;
  /** Now, as metav1.Time writes it. */
  readonly time: string;
  /** Instead of resetFields(subresource). */
  readonly ignored?: MaybeSet;
}

/** The new managedFields, undefined for none; the stored array itself when nothing changes. Mutates nothing. */
export function trackUpdate(args: TrackArgs): ManagedFieldsEntry[] | undefined {
  const { stored, next, schema, apiVersion, time, subresource = "" } = args;
  const entries = stored?.metadata?.managedFields;
  const { managers, asStored } = managersOf(entries, next.metadata?.managedFields, subresource);
  // Objects that nobody tracked so far stay so until they are applied (upstream skipnonapplied.go).
  if (managers.length === 0 && stored !== undefined) return undefined;
  const ignored = "ignored" in args ? args.ignored : resetFields(subresource);
  const comparison = compareObjects(schema, stored, next, ignored);
  if (!comparison) return asStored ? entries : writeManagers(managers);
  const { touched, removed } = comparison;
  const others = without(managers, union(touched, removed));
  if (!touched) {
    const same = asStored && others.length === managers.length && others.every((other, index) => other === managers[index]);
    return same ? entries : writeManagers(others);
  }
  const self: Manager = { name: args.manager || "unknown", operation: "Update", apiVersion, subresource, time, fields: touched };
  const index = managers.findIndex((other) => sameManager(other, self));
  const before = index < 0 ? undefined : difference(managers[index]?.fields, removed);
  const rest = others.filter((other) => !sameManager(other, self));
  return writeManagers(capManagers([...rest, { ...self, fields: union(before, touched) ?? touched }]));
}
