// What a namespace that is going away says about what holds it. As upstream: pkg/controller/namespace/deletion/status_condition_utils.go.
import type { EpochMs } from "../../../shared/base/ports.ts";
import type { NamespaceCondition } from "../../../shared/kinds/_generated/types.ts";
import { rfc3339 } from "../../../shared/meta/time.ts";

interface Verdict {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}
const fine = (reason: string, message: string): Verdict => ({ status: "False", reason, message });
/** In the order in which they appear. */
const FINE: readonly (readonly [type: string, verdict: Verdict])[] = [
  ["NamespaceDeletionDiscoveryFailure", fine("ResourcesDiscovered", "All resources successfully discovered")],
  ["NamespaceDeletionGroupVersionParsingFailure", fine("ParsedGroupVersions", "All legacy kube types successfully parsed")],
  ["NamespaceDeletionContentFailure", fine("ContentDeleted", "All content successfully deleted, may be waiting on finalization")],
  ["NamespaceContentRemaining", fine("ContentRemoved", "All content successfully removed")],
  ["NamespaceFinalizersRemaining", fine("ContentHasNoFinalizers", "All content-preserving finalizers finished")],
];

export interface Remains {
  /** By resource: `plural.group`. */
  readonly resources: ReadonlyMap<string, number>;
  readonly finalizers: ReadonlyMap<string, number>;
  readonly errors: readonly string[];
}

const listed = (counts: ReadonlyMap<string, number>, text: (key: string, count: number) => string): string =>
  [...counts]
    .map(([key, count]) => text(key, count))
    .sort()
    .join(", ");

function verdicts(remains: Remains): Readonly<Record<string, Verdict>> {
  const found: Record<string, Verdict> = {};
  const { resources, finalizers, errors } = remains;
  if (errors.length > 0) {
    const message = `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(", ")}`;
    found["NamespaceDeletionContentFailure"] = { status: "True", reason: "ContentDeletionFailed", message };
  }
  if (resources.size > 0) {
    const list = listed(resources, (resource, count) => `${resource} has ${count} resource instances`);
    found["NamespaceContentRemaining"] = { status: "True", reason: "SomeResourcesRemain", message: `Some resources are remaining: ${list}` };
  }
  if (finalizers.size > 0) {
    const list = listed(finalizers, (finalizer, count) => `${finalizer} in ${count} resource instances`);
    const message = `Some content in the namespace has finalizers remaining: ${list}`;
    found["NamespaceFinalizersRemaining"] = { status: "True", reason: "SomeFinalizersRemain", message };
  }
  return found;
}

/** The list with all five conditions brought up to date. */
export function namespaceConditions(list: readonly NamespaceCondition[] | undefined, remains: Remains, now: EpochMs): NamespaceCondition[] {
  const found = verdicts(remains);
  const conditions = [...(list ?? [])];
  for (const [type, ok] of FINE) {
    const verdict = found[type] ?? ok;
    const index = conditions.findIndex((condition) => condition.type === type);
    const known = conditions[index];
    const kept = known?.status === verdict.status ? known.lastTransitionTime : undefined;
    const next: NamespaceCondition = { type, ...verdict, lastTransitionTime: kept ?? rfc3339(now) };
    if (known === undefined) conditions.push(next);
    else conditions[index] = next;
  }
  return conditions;
}
