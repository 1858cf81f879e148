// Paths that are no resources: discovery, OpenAPI, version, health.
import { acceptedDiscovery, AGGREGATED_TYPE } from "../../shared/api/negotiate.ts";
import * as discovery from "../../shared/api/discovery.ts";
import { versionInfo } from "../../shared/api/version.ts";
import { methodNotAllowed, noSuchResource } from "../../shared/errors/status.ts";
import type { ApiContext } from "./context.ts";
import { openApi } from "./openapi.ts";
import { nodePort } from "./proxy.ts";
import { respond, respondStatus } from "./respond.ts";

const text = (body: string): Response => new Response(body, { headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" } });
/** Reading it counts as nothing, or an idle cluster would not look idle. */
export const METRICS_PATH = "/metrics";
const HEALTH = new Set(["/healthz", "/livez", "/readyz"]);

/** What anybody may ask without a token. */
export function publicPath(path: string, method: string): Response | undefined {
  if (HEALTH.has(path) || path === "/livez/ping" || path === "/readyz/ping" || path === "/healthz/ping") return text("ok");
  if (path === "/version" || path === "/version/") {
    if (method !== "GET") return respondStatus(methodNotAllowed());
    return respond({ code: 200, text: JSON.stringify(versionInfo, null, 2) });
  }
  return undefined;
}

/** Undefined: nothing is there. */
export async function plainPath(context: ApiContext, path: string): Promise<Response | undefined> {
  const [, first = "", second, third] = path.split("/");
  if (first === "openapi") return openApi(context, path);
  if (path === METRICS_PATH) return metrics(context);
  const port = /^\/paperplane\/node-port\/(\d+)(\/.*)?$/.exec(path);
  if (port) return nodePort(context, Number(port[1]), port[2] ?? "/");
  if (path === "/") return respond({ code: 200, text: JSON.stringify(discovery.rootPaths(context.registry.groups)) });
  if (first === "api" || first === "apis") return discover(context, first, second, third);
  return undefined;
}

function metrics({ bricks, cluster, request }: ApiContext): Response {
  if (request.method !== "GET") return respondStatus(methodNotAllowed());
  return new Response(bricks.metrics(cluster), { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
}

function discover(context: ApiContext, root: "api" | "apis", second: string | undefined, third: string | undefined): Response | undefined {
  const { kinds, groups } = context.registry;
  const version = root === "api" ? second : third;
  const group = root === "api" ? "" : (second ?? "");
  const level = second === undefined ? root : version === undefined ? "group" : "version";
  const accepted = acceptedDiscovery(context.request.headers.get("accept"), level);
  if (!accepted.ok) return respondStatus(accepted.error);
  const { aggregated, media } = accepted.value;
  if (second === undefined && aggregated) {
    const answer = respond({ code: 200, text: JSON.stringify(discovery.aggregatedDiscovery(kinds, groups, root === "api" ? "core" : "groups")) }, media);
    answer.headers.set("content-type", AGGREGATED_TYPE);
    return answer;
  }
  const document = documentOf(context, { level, group, version });
  if (document === undefined) return group !== "" && context.registry.servesGroup(group) ? respondStatus(noSuchResource()) : undefined;
  return respond({ code: 200, text: JSON.stringify(document) }, media);
}

function documentOf(context: ApiContext, where: { readonly level: string; readonly group: string; readonly version: string | undefined }): unknown {
  const { kinds, groups } = context.registry;
  switch (where.level) {
    case "api":
      return discovery.apiVersions(context.url.host);
    case "apis":
      return discovery.apiGroupList(groups);
    case "group":
      return discovery.apiGroup(groups, where.group);
    default:
      return discovery.apiResourceList(kinds, where.group, where.version ?? "");
  }
}
