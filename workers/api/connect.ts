// Subresources that are a conversation with a pod's node rather than a write: handed to the Node actor.
import { methodNotAllowed, notImplemented } from "../../shared/errors/status.ts";
import type { ResourceContext } from "./context.ts";
import { respondStatus } from "./respond.ts";

export type Connector = (context: ResourceContext) => Promise<Response>;
const CONNECTORS: Readonly<Record<string, Connector>> = {};
/** Subresources that are known and not served yet. */
const LATER = new Set(["log", "exec", "attach", "portforward", "proxy", "token", "eviction"]);

/** Undefined: the subresource is an ordinary one. */
export function connect(context: ResourceContext): Promise<Response> | Response | undefined {
  const { kind, info } = context;
  const connector = Object.hasOwn(CONNECTORS, info.subresource) ? CONNECTORS[info.subresource] : undefined;
  if (connector) return connector(context);
  if (!LATER.has(info.subresource)) return undefined;
  if (info.verb === "deletecollection") return respondStatus(methodNotAllowed());
  return respondStatus(notImplemented(`${kind.resource}/${info.subresource}`));
}
