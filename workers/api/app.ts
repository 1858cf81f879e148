// The API worker: every request, in one visible order: cluster, who asks, what for, may they, then the verb.
import { Hono } from "hono";
import { acceptedForm } from "../../shared/api/negotiate.ts";
import { requestInfo } from "../../shared/api/request-info.ts";
import { failure, internalError, methodNotAllowed, noSuchResource, unauthorized, type Status } from "../../shared/errors/status.ts";
import { ROOT_CLUSTER } from "../../shared/kinds/paperplane/cluster.ts";
import { nothingKnown } from "../../durable-objects/client/census.ts";
import { DESTROYED } from "../../durable-objects/client/names.ts";
import { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../../durable-objects/env.ts";
import { authenticate, credentials, impersonated } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { ClusterDirectory } from "./clusters.ts";
import type { ApiBricks, ApiContext } from "./context.ts";
import { dispatch, plainNotFound } from "./dispatch.ts";
import { METRICS_PATH, plainPath, publicPath } from "./paths.ts";
import { Registry } from "./registry.ts";
import { RequestUrl } from "./request-url.ts";
import { respond, respondStatus } from "./respond.ts";

export function apiApp(bricks: ApiBricks): { fetch(request: Request, env: ActorEnv): Promise<Response> } {
  const registryOfAll = new Registry([...bricks.kinds, ...bricks.rootKinds]);
  const registryOfMost = new Registry(bricks.kinds);
  const memories = new Memories();
  const directory = new ClusterDirectory(bricks.newborns);

  async function handle(request: Request, env: ActorEnv, url: RequestUrl): Promise<Response> {
    const { path: wanted, authorization } = credentials(request, url);
    const found = await directory.find(env, wanted, bricks.ports.now());
    if (!found) return respondStatus(noSuchResource());
    const { cluster, base, path, hold } = found;
    if (path !== METRICS_PATH) bricks.asked(cluster);
    const open = publicPath(path, request.method);
    if (open) return open;
    const caller = await authenticate(env, authorization);
    if (!caller) return respondStatus(unauthorized());
    const acting = impersonated(caller, request.headers);
    if (!acting.ok) return respondStatus(acting.error);
    const user = acting.value ?? caller;
    const info = requestInfo(request.method, path, url.searchParams);
    if (!info) return respondStatus(methodNotAllowed());
    const refused = authorize(user, request.method, info);
    if (refused) return respondStatus(refused);
    const registry = cluster.name === ROOT_CLUSTER ? registryOfAll : registryOfMost;
    // Of a cluster that keeps nothing there is nothing to remember.
    const { policy, known } = hold ? new Memory() : memories.of(cluster);
    const { newborns } = bricks;
    const context: ApiContext = {
      env,
      request,
      url,
      info,
      user,
      cluster,
      base,
      registry,
      bricks,
      stores: new Stores(env, cluster, { newborns, known, hold, wrote: (resource) => bricks.wrote(cluster, resource) }),
      policy,
    };
    if (!info.isResource) return (await plainPath(context, info.path)) ?? plainNotFound();
    return dispatch(context, info);
  }

  const app = new Hono<{ Bindings: ActorEnv }>();
  app.all("*", async (c) => inWantedMedia(c.req.raw, await handle(c.req.raw, c.env, new RequestUrl(c.req.url))));
  app.onError(failed);
  return {
    async fetch(request, env) {
      // The API itself is routed by hand (shared/api/request-info.ts); Hono serves what stands around it.
      const url = new RequestUrl(request.url);
      if (!isApiPath(url.pathname)) return app.fetch(request, env);
      try {
        return await inWantedMedia(request, await handle(request, env, url));
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
  // The cluster was deleted a moment ago, and somebody here still knew its name.
  if (error.message.includes(DESTROYED)) return respondStatus(noSuchResource());
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

/** What one isolate remembers of a cluster from request to request. */
class Memory {
  readonly policy = new PolicySnapshot();
  readonly known = nothingKnown();
}
/** Clusters that one isolate remembers something of. */
const MEMORIES_MAX = 1000;
class Memories {
  readonly #memories = new Map<string, Memory>();

  of(cluster: ClusterRef): Memory {
    let memory = this.#memories.get(cluster.uid);
    if (!memory) {
      if (this.#memories.size >= MEMORIES_MAX) this.#memories.clear();
      this.#memories.set(cluster.uid, (memory = new Memory()));
    }
    return memory;
  }
}

/** The platform says so when an actor has more requests than it can take. */
function overloaded(error: Error): Status | undefined {
  return "overloaded" in error && error.overloaded === true
    ? failure(429, "TooManyRequests", "the server is overloaded, please try again later", { retryAfterSeconds: 1 })
    : undefined;
}
