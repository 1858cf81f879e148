// Which kinds a store serves: versions of one resource, and resources that are kept in another one's store.
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import { resourceIdOf } from "../client/names.ts";

/** For each store its kinds, that of the stored form first. */
export function kindsByStore(kinds: readonly AnyKind[]): ReadonlyMap<ResourceId, readonly AnyKind[]> {
  const stores = new Map<ResourceId, AnyKind[]>();
  for (const kind of kinds) {
    const known = stores.get(resourceIdOf(kind));
    if (known) known.push(kind);
    else stores.set(resourceIdOf(kind), [kind]);
  }
  for (const served of stores.values()) served.sort((a, b) => Number(a.conversion !== undefined) - Number(b.conversion !== undefined));
  return stores;
}
