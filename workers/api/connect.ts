// Subresources that are a conversation rather than a write: with a pod's node, or with a container behind a proxy.
import { methodNotAllowed, notImplemented } from "../../shared/errors/status.ts";
import type { ResourceContext } from "./context.ts";
import { evict } from "./eviction.ts";
import { podCommand, podLog } from "./pod-streams.ts";
import { resourceProxy } from "./proxy.ts";
import { respondStatus } from "./respond.ts";

export type Connector = (context: ResourceContext) => Promise<Response>;
/** By `resource/subresource`. */
const CONNECTORS: Readonly<Record<string, Connector>> = {
  "pods/log": podLog,
  "pods/exec": podCommand,
  "pods/attach": podCommand,
  "pods/proxy": (context) => resourceProxy(context, "pod"),
  "services/proxy": (context) => resourceProxy(context, "service"),
  "pods/eviction": evict,
};
/** Subresources that are known and not served yet. */
const LATER = new Set(["pods/portforward", "nodes/proxy", "serviceaccounts/token"]);

/** Undefined: the subresource is an ordinary one. */
export function connect(context: ResourceContext): Promise<Response> | Response | undefined {
  const { kind, info } = context;
  const key = `${kind.resource}/${info.subresource}`;
  const connector = kind.group === "" && Object.hasOwn(CONNECTORS, key) ? CONNECTORS[key] : undefined;
  if (connector) return info.verb === "deletecollection" ? respondStatus(methodNotAllowed()) : connector(context);
  return kind.group === "" && LATER.has(key) ? respondStatus(notImplemented(key)) : undefined;
}
