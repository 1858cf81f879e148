// The API worker: every request, in one visible order: cluster, who asks, what for, may they, then the verb.
import { Hono } from "hono";
import { acceptedForm } from "../../shared/api/negotiate.ts";
import { requestInfo, type RequestInfo, type ResourceRequest } from "../../shared/api/request-info.ts";
import { failure, forbiddenStatus, internalError, methodNotAllowed, methodNotSupported, noSuchResource, notImplemented, unauthorized, type Status } from "../../shared/errors/status.ts";
import { ROOT_CLUSTER } from "../../shared/kinds/paperplane/cluster.ts";
import { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../../durable-objects/env.ts";
import { authenticate, credentials, impersonated, mayDoEverything } from "./authenticate.ts";
import { clusterOf, type ClusterDirectory } from "./clusters.ts";
import { connect } from "./connect.ts";
import type { ApiBricks, ApiContext, ResourceContext, User } from "./context.ts";
import { plainPath, publicPath } from "./paths.ts";
import { Registry } from "./registry.ts";
import * as verbs from "./resources.ts";
import { respond, respondStatus } from "./respond.ts";
import { virtual } from "./virtual.ts";

/** Requests that were wrong in a way that only a plain text says, as the real server does. */
const plainNotFound = (): Response => new Response("404 page not found\n", { status: 404, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" } });

export function apiApp(bricks: ApiBricks): { fetch(request: Request, env: ActorEnv): Promise<Response> } {
  const registryOfAll = new Registry([...bricks.kinds, ...bricks.rootKinds]);
  const registryOfMost = new Registry(bricks.kinds);
  const policies = new Map<string, PolicySnapshot>();
  const directory: ClusterDirectory = { known: new Map() };

  async function handle(request: Request, env: ActorEnv): Promise<Response> {
    const url = new URL(request.url);
    const { path: wanted, authorization } = credentials(request, url);
    const found = await clusterOf({ env, path: wanted, directory, registry: registryOfAll, now: bricks.ports.now() });
    if (!found) return respondStatus(noSuchResource());
    const { cluster, base, path } = found;
    const open = publicPath(path, request.method);
    if (open) return open;
    const caller = authenticate(env, authorization);
    if (!caller) return respondStatus(unauthorized());
    const acting = impersonated(caller, request.headers);
    if (!acting.ok) return respondStatus(acting.error);
    const user = acting.value ?? caller;
    const info = requestInfo(request.method, path, url.searchParams);
    if (!info) return respondStatus(methodNotAllowed());
    const refused = authorize(user, request.method, info);
    if (refused) return respondStatus(refused);
    const registry = cluster.name === ROOT_CLUSTER ? registryOfAll : registryOfMost;
    const context: ApiContext = { env, request, url, info, user, cluster, base, registry, bricks, stores: new Stores(env, cluster, (resource) => bricks.wrote(cluster, resource)), policy: policyOf(cluster) };
    if (!info.isResource) return (await plainPath(context, info.path)) ?? plainNotFound();
    return resource(context, info);
  }

  async function resource(context: ApiContext, info: ResourceRequest): Promise<Response> {
    const { registry } = context;
    if (!registry.servesVersion(info.group, info.version)) return registry.servesGroup(info.group) ? respondStatus(noSuchResource()) : plainNotFound();
    const kind = registry.find(info.group, info.version, info.resource);
    if (!kind || (!kind.namespaced && info.namespace !== "" )) return respondStatus(noSuchResource());
    const scoped: ResourceContext = { ...context, info, kind };
    if (kind.virtual) return virtual(scoped);
    if (kind.namespaced && info.namespace === "" && info.name !== "") return respondStatus(noSuchResource());
    if (info.subresource !== "") return subresource(scoped);
    if (!kind.verbs.includes(info.verb)) return respondStatus(methodNotSupported({ group: kind.group, resource: kind.resource }, info.verb));
    return warned(kind.deprecation, await verb(scoped));
  }

  function subresource(context: ResourceContext): Promise<Response> | Response {
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

  function policyOf(cluster: ClusterRef): PolicySnapshot {
    let policy = policies.get(cluster.uid);
    if (!policy) {
      if (policies.size >= POLICIES_MAX) policies.clear();
      policies.set(cluster.uid, (policy = new PolicySnapshot()));
    }
    return policy;
  }

  const app = new Hono<{ Bindings: ActorEnv }>();
  app.all("*", async (c) => inWantedMedia(c.req.raw, await handle(c.req.raw, c.env)));
  app.onError(failed);
  return {
    async fetch(request, env) {
      // The API itself is routed by hand (shared/api/request-info.ts); Hono serves what stands around it.
      const direct = new URL(request.url).pathname;
      if (!isApiPath(direct)) return app.fetch(request, env);
      try {
        return await inWantedMedia(request, await handle(request, env));
      } catch (error) {
        return failed(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

/** `/api/...`, `/apis/...`, also behind a token or the name of a cluster. */
const isApiPath = (path: string): boolean => path.startsWith("/api") || path.startsWith("/access/") || path.startsWith("/clusters/");

/** Our own bug, or a platform that is busy: said as a Status, and reported. */
function failed(error: Error): Response {
  // oxlint-disable-next-line no-console -- the Worker's log is where operators look
  console.error(JSON.stringify({ level: "error", message: error.message, stack: error.stack }));
  return respondStatus(overloaded(error) ?? internalError(error.message));
}

/** Failures are made as JSON; a client that wants YAML gets them so, too. */
async function inWantedMedia(request: Request, response: Response): Promise<Response> {
  if (response.status < 400 || response.headers.get("content-type") !== "application/json") return response;
  const form = acceptedForm(request.headers.get("accept"), { list: false });
  if (!form.ok || form.value.media !== "yaml") return response;
  return respond({ code: response.status, text: await response.text() }, "yaml");
}

function warned(warning: string | undefined, response: Response): Response {
  if (warning !== undefined) response.headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  return response;
}

/** Clusters whose policy snapshot one isolate remembers. */
const POLICIES_MAX = 1000;

/** The platform says so when an actor has more requests than it can take. */
function overloaded(error: Error): Status | undefined {
  return "overloaded" in error && error.overloaded === true ? failure(429, "TooManyRequests", "the server is overloaded, please try again later", { retryAfterSeconds: 1 }) : undefined;
}

const REVIEWS = new Set(["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"]);
/** What the roles system:discovery and system:basic-user allow to everybody with a name: to look around, and to ask about oneself. */
function isForEverybody(info: RequestInfo): boolean {
  if (!info.isResource) return /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/|$)/.test(info.path);
  return info.verb === "create" && REVIEWS.has(info.resource);
}

/** Only the admin may do anything; rules for others come with RBAC. */
function authorize(user: User, method: string, info: ReturnType<typeof requestInfo>): Status | undefined {
  if (mayDoEverything(user) || !info) return undefined;
  if (user.groups.includes("system:authenticated") && isForEverybody(info)) return undefined;
  if (!info.isResource) {
    return failure(403, "Forbidden", `forbidden: User ${JSON.stringify(user.username)} cannot ${method.toLowerCase()} path ${JSON.stringify(info.path)}`, {});
  }
  const where = info.namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(info.namespace)}`;
  const resource = info.subresource === "" ? info.resource : `${info.resource}/${info.subresource}`;
  const what = `User ${JSON.stringify(user.username)} cannot ${info.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(info.group)} ${where}`;
  const ref = { group: info.group, resource: info.resource };
  const status = forbiddenStatus(ref, info.name, what);
  return info.name === "" ? { ...status, message: (status.message ?? "").replace(` ""`, "") } : status;
}
