// What UPDATE means for any kind: preconditions, preparation, validation of the step from the stored object to the next.
// As upstream: apiserver registry/rest/update.go and generic/registry/store.go Update.
import { equalJson } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { conflict, CONFLICT_MODIFIED, failure, invalidStatus, type Status } from "../errors/status.ts";
import { invalid } from "../errors/field-error.ts";
import type { AnyKind, KubeObject, UpdateStrategy, WriteContext } from "../kinds/define-kind.ts";
import { fillTop, normalize } from "../schema/fill.ts";
import { validateMetaUpdate } from "../meta/validate-meta.ts";
import { validateMeta } from "../meta/validate-meta.ts";

export interface PreparedUpdate {
  readonly next: KubeObject;
  /** Nothing changed: the stored object is the answer and its version stays. */
  readonly noop: boolean;
  readonly warnings: readonly string[];
}

const refOf = (kind: AnyKind) => ({ group: kind.group, resource: kind.resource });

/** The strategy of the main resource or of a subresource that is written whole. */
export function strategyOf(kind: AnyKind, subresource: string): UpdateStrategy<KubeObject> | undefined {
  if (subresource === "") return kind.update;
  return Object.hasOwn(kind.subresources, subresource) ? kind.subresources[subresource] : undefined;
}

/** resourceVersion and uid that the client says it saw; `forPatch`: the values came from a patch. */
export function checkPreconditions(kind: AnyKind, next: KubeObject, stored: KubeObject, name: string): Status | undefined {
  const wantedUid = next.metadata?.uid;
  if (wantedUid && wantedUid !== stored.metadata?.uid) {
    return conflict(
      refOf(kind),
      name,
      `StorageError: invalid object, Code: 4, Key: ${storageKey(kind, stored)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wantedUid}, UID in object meta: ${stored.metadata?.uid ?? ""}`,
    );
  }
  const wanted = next.metadata?.resourceVersion;
  if (!wanted || wanted === "0") {
    if (kind.allowUnconditionalUpdate) return undefined;
    // Named by resource, not by kind, as upstream's store does.
    return invalidStatus(refOf(kind), name, [invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
  }
  if (!/^\d+$/.test(wanted)) {
    return failure(500, undefined, `strconv.ParseUint: parsing ${JSON.stringify(wanted)}: invalid syntax`);
  }
  return wanted === stored.metadata?.resourceVersion ? undefined : conflict(refOf(kind), name, CONFLICT_MODIFIED);
}

/** The key under which etcd would keep it; clients see it in the text of a precondition error. */
function storageKey(kind: AnyKind, object: KubeObject): string {
  const { namespace, name } = object.metadata ?? {};
  return `/${kind.resource}/${namespace ? `${namespace}/` : ""}${name ?? ""}`;
}

/** Metadata that a client cannot change by leaving it out or sending another value; mutates `next`. */
function keepSystemMetadata(next: KubeObject, stored: KubeObject): void {
  const metadata = (next.metadata ??= {});
  const old = stored.metadata ?? {};
  metadata.resourceVersion = old.resourceVersion ?? "";
  // A client cannot move the birth of an object; what it says of it is not heard.
  if (old.creationTimestamp !== undefined) metadata.creationTimestamp = old.creationTimestamp;
  for (const key of ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    if (metadata[key] === undefined && old[key] !== undefined) Object.assign(metadata, { [key]: old[key] });
  }
  delete metadata.selfLink;
  // A client that does not know generateName's origin keeps it, as upstream's merge of object meta does.
  if (metadata.generation === undefined && old.generation !== undefined) metadata.generation = old.generation;
}

/**
 * Prepares `next` (freshly decoded and defaulted; mutated) to replace `stored`.
 * `unconditional`: preconditions were checked already, as for a patch that runs on the stored object.
 */
export function prepareUpdate(
  kind: AnyKind,
  strategy: UpdateStrategy<KubeObject>,
  objects: { readonly next: KubeObject; readonly stored: KubeObject },
  context: WriteContext,
): Result<PreparedUpdate, Status> {
  const { next, stored } = objects;
  const name = stored.metadata?.name ?? "";
  normalize(next, kind.schema, stored);
  keepSystemMetadata(next, stored);
  strategy.prepare(next, stored, context);
  fillTop(next, kind.schema);
  const errors = [...validateMeta(kind, next), ...validateMetaUpdate(next, stored), ...strategy.validate(next, stored, context)];
  if (errors.length > 0) return err(invalidStatus({ group: kind.group, resource: kind.kind }, name, errors));
  const warnings = context.subresource ? [] : kind.warnings(next, stored);
  return ok({ next, noop: equalJson(next, stored), warnings });
}
