// How actors are named: by the uid of their cluster, so that a cluster made anew under an old name never meets old state.
import type { ResourceId } from "../../shared/reconcile/controller.ts";

/** What an actor says that has just removed everything it kept, or that belongs to a cluster which is gone. */
export const DESTROYED = "destroyed";

/** The uid of the cluster that a deployment has by itself. */
export const ROOT_UID = "root";

/** `|` occurs in no uid, group, resource or object name. */
const SEPARATOR = "|";
export const actorName = (clusterUid: string, name: string): string => `${clusterUid}${SEPARATOR}${name}`;
/** The cluster's uid and the part of an actor's name behind it; the actor of a cluster is called by its uid alone. */
export function splitActorName(name: string): { readonly clusterUid: string; readonly name: string } {
  const cut = name.indexOf(SEPARATOR);
  return cut < 0 ? { clusterUid: name, name: "" } : { clusterUid: name.slice(0, cut), name: name.slice(cut + 1) };
}
export const resourceIdOf = (kind: { readonly group: string; readonly resource: string; readonly storedIn?: string }): ResourceId =>
  kind.storedIn ?? `${kind.group}/${kind.resource}`;
