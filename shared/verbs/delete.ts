// What DELETE means for any kind: preconditions, propagation by finalizers, grace. As upstream: apiserver
// registry/rest/delete.go and generic/registry/store.go (BeforeDelete, deletionFinalizersForGarbageCollection).
import { cloneJson } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { conflict, type Status } from "../errors/status.ts";
import type { AnyKind, KubeObject, WriteContext } from "../kinds/define-kind.ts";
import { rfc3339 } from "../meta/time.ts";
import type { DeleteOptions } from "./write-request.ts";

export const ORPHAN_FINALIZER = "orphan";
export const FOREGROUND_FINALIZER = "foregroundDeletion";

export type DeleteOutcome =
  /** Gone now; `last` is what watchers and the caller see. */
  | { readonly remove: true; readonly last: KubeObject; readonly graceful: boolean }
  /** Marked: finalizers or a grace period hold it. `changed` false: it was already marked exactly so. */
  | { readonly remove: false; readonly next: KubeObject; readonly changed: boolean };

function preconditionFailed(kind: AnyKind, stored: KubeObject, wanted: DeleteOptions): Status | undefined {
  const name = stored.metadata?.name ?? "";
  // Named by kind here, as upstream's BeforeDelete does.
  const ref = { group: kind.group, resource: kind.kind };
  const uid = stored.metadata?.uid ?? "";
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    return conflict(
      ref,
      name,
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  const resourceVersion = stored.metadata?.resourceVersion ?? "";
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    return conflict(
      ref,
      name,
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
  return undefined;
}

/** metadata.finalizers with the two that the garbage collector acts on set as the request wants. */
function finalizersFor(kind: AnyKind, stored: KubeObject, options: DeleteOptions): string[] {
  const had = stored.metadata?.finalizers ?? [];
  let orphan: boolean;
  let foreground: boolean;
  if (options.orphanDependents !== undefined) {
    orphan = options.orphanDependents;
    foreground = false;
  } else if (options.propagationPolicy !== undefined) {
    orphan = options.propagationPolicy === "Orphan";
    foreground = options.propagationPolicy === "Foreground";
  } else {
    // Without a wish of the request, finalizers that are already there decide, then the kind.
    orphan = had.includes(ORPHAN_FINALIZER) || (!had.includes(FOREGROUND_FINALIZER) && kind.defaultPropagation === "orphan");
    foreground = had.includes(FOREGROUND_FINALIZER);
  }
  const kept = had.filter((finalizer) => finalizer !== ORPHAN_FINALIZER && finalizer !== FOREGROUND_FINALIZER);
  if (orphan) kept.push(ORPHAN_FINALIZER);
  if (foreground) kept.push(FOREGROUND_FINALIZER);
  return kept;
}

/** Decides what a DELETE does to `stored` (not mutated). */
export function decideDelete(kind: AnyKind, stored: KubeObject, options: DeleteOptions, context: WriteContext): Result<DeleteOutcome, Status> {
  const failed = preconditionFailed(kind, stored, options);
  if (failed) return err(failed);
  const next = cloneJson(stored);
  const metadata = (next.metadata ??= {});
  const finalizers = finalizersFor(kind, stored, options);
  const graceful = kind.gracefulDelete?.gracePeriodSeconds(stored, options.gracePeriodSeconds);
  const held = finalizers.length > 0 || kind.blocksDeletion(stored);
  const now = context.ports.now();
  if (!held && (graceful === undefined || graceful === 0)) {
    if (graceful === 0) {
      metadata.deletionTimestamp ??= rfc3339(now);
      metadata.deletionGracePeriodSeconds = 0;
      if (stored.metadata?.deletionTimestamp === undefined && metadata.generation !== undefined) metadata.generation += 1;
    }
    return ok({ remove: true, last: next, graceful: graceful !== undefined });
  }
  const changed = mark(next, stored, { finalizers, grace: graceful ?? 0, now, kind, context });
  return ok({ remove: false, next, changed });
}

function mark(next: KubeObject, stored: KubeObject, how: { finalizers: string[]; grace: number; now: number; kind: AnyKind; context: WriteContext }): boolean {
  const metadata = (next.metadata ??= {});
  const had = stored.metadata?.finalizers ?? [];
  let changed = had.length !== how.finalizers.length || had.some((finalizer, index) => finalizer !== how.finalizers[index]);
  if (how.finalizers.length > 0) metadata.finalizers = how.finalizers;
  else delete metadata.finalizers;
  const oldGrace = stored.metadata?.deletionGracePeriodSeconds;
  if (stored.metadata?.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = rfc3339(how.now + how.grace * 1000);
    metadata.deletionGracePeriodSeconds = how.grace;
    if (metadata.generation !== undefined) metadata.generation += 1;
    how.kind.markDeleting(next, how.context);
    changed = true;
  } else if (how.kind.gracefulDelete && oldGrace !== undefined && how.grace < oldGrace) {
    // A second DELETE may only shorten the grace period.
    metadata.deletionTimestamp = rfc3339(Date.parse(stored.metadata.deletionTimestamp) - oldGrace * 1000 + how.grace * 1000);
    metadata.deletionGracePeriodSeconds = how.grace;
    changed = true;
  }
  return changed;
}

/** After an update: an object being deleted, with nothing left that holds it, goes away. */
export function isReleased(kind: AnyKind, next: KubeObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = next.metadata ?? {};
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0 || kind.blocksDeletion(next)) return false;
  return (deletionGracePeriodSeconds ?? 0) === 0;
}
