// HTTP to a container: pods/proxy, services/proxy and node ports. Where a connection ends is decided by shared/network.
import { badRequest, failure, notFoundStatus, type Status } from "../../shared/errors/status.ts";
import type { EndpointSlice, Node, Pod, Service } from "../../shared/kinds/_generated/types.ts";
import { route, splitSchemeNamePort, type Destination, type Refusal, type Target } from "../../shared/network/routing.ts";
import { routingTables, type RoutingTables } from "../../shared/network/tables.ts";
import type { ApiContext, ResourceContext } from "./context.ts";
import { askNode } from "./node-link.ts";
import { respondStatus } from "./respond.ts";

/** What one isolate remembers of a cluster's tables; older ones are read anew. */
const TABLES_MAX_AGE_MS = 500;
const REMEMBERED_MAX = 100;
interface Remembered {
  readonly tables: RoutingTables;
  readonly at: number;
}
const remembered = new Map<string, Remembered>();

async function loaded(context: ApiContext): Promise<RoutingTables> {
  const now = context.bricks.ports.now();
  const known = remembered.get(context.cluster.uid);
  if (known && now - known.at < TABLES_MAX_AGE_MS) return known.tables;
  const read = async <T>(resource: string): Promise<T[]> => (await context.stores.query<T>(resource, [{ view: "text" }]))[0] ?? [];
  const [services, slices, pods, nodes] = await Promise.all([
    read<Service>("/services"),
    read<EndpointSlice>("discovery.k8s.io/endpointslices"),
    read<Pod>("/pods"),
    read<Node>("/nodes"),
  ]);
  const tables = routingTables({ services, endpointSlices: slices, pods, nodes });
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(context.cluster.uid, { tables, at: now });
  return tables;
}

/** In words that clients of a proxy know (apiserver proxy handlers). */
function refusalStatus(refusal: Refusal): Status {
  switch (refusal.reason) {
    case "NoSuchService":
    case "NoSuchPod":
      return failure(404, "NotFound", refusal.message);
    case "NoRoute":
      return badRequest(refusal.message);
    default:
      return failure(503, "ServiceUnavailable", refusal.message);
  }
}

async function find(context: ApiContext, destination: Destination): Promise<Target | Refusal> {
  const source = { ip: context.request.headers.get("x-paperplane-client") ?? "127.0.0.1" };
  const connection = { destination, source, dice: (below: number) => context.bricks.ports.dice(below) };
  const first = route(await loaded(context), connection);
  if (first.ok) return first.value;
  // The tables may be old: a refusal is only final when fresh ones say the same.
  remembered.delete(context.cluster.uid);
  const second = route(await loaded(context), connection);
  return second.ok ? second.value : second.error;
}

function forward(context: ApiContext, target: Target, path: string): Promise<Response> {
  const headers = new Headers(context.request.headers);
  for (const name of ["x-paperplane-client", "x-cluster"]) headers.delete(name);
  headers.set("x-forwarded-for", context.request.headers.get("x-paperplane-client") ?? "127.0.0.1");
  return askNode(context, {
    node: target.node,
    path: `/http/${target.podNamespace}/${target.podName}/${target.port}${path.startsWith("/") ? path : `/${path}`}${context.url.search}`,
    method: context.request.method,
    headers,
    body: context.request.body,
  });
}

/** pods/NAME/proxy and services/NAME/proxy; NAME may be `scheme:name:port`. */
export async function resourceProxy(context: ResourceContext, to: "pod" | "service"): Promise<Response> {
  const { info, kind } = context;
  const parts = splitSchemeNamePort(info.name);
  if (!parts) return respondStatus(badRequest(`invalid ${to} request ${JSON.stringify(info.name)}`));
  const [existing] = await context.stores.read(kind, [{ namespace: info.namespace, name: parts.name }]);
  if (existing === undefined) return respondStatus(notFoundStatus({ group: kind.group, resource: kind.resource }, parts.name));
  const destination: Destination =
    to === "service"
      ? { to, namespace: info.namespace, name: parts.name, port: parts.port }
      : { to, namespace: info.namespace, name: parts.name, ...(parts.port === "" ? {} : { port: Number(parts.port) }) };
  const found = await find(context, destination);
  // A Service that nobody ever made endpoints for is not found, as upstream's look-up of its slices says.
  if ("reason" in found && to === "service" && !(await loaded(context)).slices.has(`${info.namespace}/${parts.name}`)) {
    return respondStatus(notFoundStatus({ group: kind.group, resource: kind.resource }, parts.name));
  }
  return "reason" in found ? respondStatus(refusalStatus(found)) : forward(context, found, `/${info.rest}`);
}

/** Traffic to a node port, from the launcher that holds the real port. Nobody there: the connection fails as it would. */
export async function nodePort(context: ApiContext, port: number, path: string): Promise<Response> {
  const found = await find(context, { to: "nodePort", port, protocol: "TCP" });
  if (!("reason" in found)) return forward(context, found, path);
  return new Response(`${found.message}\n`, { status: 503, headers: { "content-type": "text/plain; charset=utf-8" } });
}
