// From a request about a resource to the function of its verb.
import type { ResourceRequest } from "../../shared/api/request-info.ts";
import { methodNotAllowed, methodNotSupported, noSuchResource, notImplemented } from "../../shared/errors/status.ts";
import { connect } from "./connect.ts";
import type { ApiContext, ResourceContext } from "./context.ts";
import * as verbs from "./resources.ts";
import { respondStatus } from "./respond.ts";
import { virtual } from "./virtual.ts";

/** Requests that were wrong in a way that only a plain text says, as the real server does. */
export const plainNotFound = (): Response =>
  new Response("404 page not found\n", { status: 404, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" } });

function warned(warning: string | undefined, response: Response): Response {
  if (warning !== undefined) response.headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  return response;
}

/** A request about a resource: is there such a thing, and may it be done to it. */
export async function dispatch(context: ApiContext, info: ResourceRequest): Promise<Response> {
  const { registry } = context;
  const kind = registry.find(info.group, info.version, info.resource);
  if (!kind && !registry.servesVersion(info.group, info.version)) return registry.servesGroup(info.group) ? respondStatus(noSuchResource()) : plainNotFound();
  if (!kind || (!kind.namespaced && info.namespace !== "")) return respondStatus(noSuchResource());
  const scoped: ResourceContext = { ...context, info, kind };
  if (kind.virtual) return virtual(scoped);
  if (kind.namespaced && info.namespace === "" && info.name !== "") return respondStatus(noSuchResource());
  if (info.subresource !== "") return subresourceOf(scoped);
  if (!kind.verbs.includes(info.verb)) return respondStatus(methodNotSupported({ group: kind.group, resource: kind.resource }, info.verb));
  return warned(kind.deprecation, await verb(scoped));
}

function subresourceOf(context: ResourceContext): Promise<Response> | Response {
  const { kind, info } = context;
  const facts = kind.subresourceFacts.find(({ name }) => name === info.subresource);
  if (!facts) return respondStatus(noSuchResource());
  const connected = connect(context);
  if (connected) return connected;
  if (!facts.verbs.includes(info.verb)) return respondStatus(methodNotAllowed());
  if (info.verb === "create") return verbs.post(context);
  const written = info.subresource === "scale" ? kind.scale !== undefined : Object.hasOwn(kind.subresources, info.subresource);
  if (!written) return respondStatus(notImplemented(`${kind.resource}/${info.subresource}`));
  return verb(context);
}

function verb(context: ResourceContext): Promise<Response> | Response {
  switch (context.info.verb) {
    case "get":
      return verbs.get(context);
    case "list":
      return verbs.list(context);
    case "watch":
      return verbs.beginWatch(context);
    case "create":
      return context.info.name === "" ? verbs.create(context) : respondStatus(methodNotAllowed());
    case "update":
      return context.info.name === "" ? respondStatus(methodNotAllowed()) : verbs.update(context);
    case "patch":
      return context.info.name === "" ? respondStatus(methodNotAllowed()) : verbs.patch(context);
    case "delete":
      return verbs.remove(context);
    case "deletecollection":
      return verbs.removeCollection(context);
  }
}
