// Keeps metadata.managedFields: who last set which field. Called once for each write, after defaulting and before admission and
// preparation: what those change belongs to nobody.
import type { AnyKind, KubeObject } from "../kinds/define-kind.ts";
import { trackUpdate } from "../managed-fields/track-update.ts";
import { rfc3339 } from "../meta/time.ts";
import type { WriteOptions } from "./write-request.ts";

export interface TrackedWrite {
  /** Mutated: its managedFields. */
  readonly next: KubeObject;
  readonly stored: KubeObject | undefined;
  readonly options: WriteOptions;
  readonly subresource: string;
  readonly now: number;
}

/** Sets `next.metadata.managedFields` to what it is after this write; drops the field when nobody manages anything. */
export function track(kind: AnyKind, write: TrackedWrite): void {
  const managed = trackUpdate({
    stored: write.stored,
    next: write.next,
    schema: kind.schema,
    apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`,
    manager: write.options.fieldManager,
    subresource: write.subresource,
    time: rfc3339(write.now),
  });
  const metadata = (write.next.metadata ??= {});
  if (managed && managed.length > 0) metadata.managedFields = managed;
  else delete metadata.managedFields;
}
