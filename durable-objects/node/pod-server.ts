// What a node answers about its pods: logs, exec, attach, and HTTP to a container. Messages as upstream:
// pkg/kubelet/kubelet_pods.go validateContainerLogStatus, pkg/kubelet/server/server.go.
import { badRequest, failure, notFoundStatus, notImplemented, type Status } from "../../shared/errors/status.ts";
import type { HttpRequest } from "../../shared/sim/image.ts";
import type { ContainerLook, NodeState, NodeWorld, PodEntry } from "../../shared/sim/node.ts";
import { serveExec } from "./exec.ts";
import { serveLogs } from "./log-server.ts";
import { type PodPlace, refuse } from "./pod-place.ts";

const findPod = (state: NodeState, namespace: string, name: string): PodEntry | undefined => {
  for (const entry of state.pods.values()) if (entry.record.name === name && entry.record.namespace === namespace) return entry;
  return undefined;
};
const containerNames = ({ pod }: PodEntry): string[] =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? []), ...(pod.spec?.ephemeralContainers ?? [])].map((one) => one.name ?? "");

/** The container that is meant: the one named, the one of the annotation, or the first. */
function chooseContainer(entry: PodEntry, asked: string | null): string | Status {
  const { pod, record } = entry;
  if (asked !== null && asked !== "") {
    if (containerNames(entry).includes(asked)) return asked;
    return badRequest(`container ${asked} is not valid for pod ${record.name}`);
  }
  const regular = (pod.spec?.containers ?? []).map((one) => one.name ?? "");
  const preferred = pod.metadata?.annotations?.["kubectl.kubernetes.io/default-container"];
  if (preferred !== undefined && regular.includes(preferred)) return preferred;
  if (regular.length === 1 && regular[0] !== undefined) return regular[0];
  const init = (pod.spec?.initContainers ?? []).map((one) => one.name ?? "");
  const also = init.length === 0 ? "" : ` or one of the init containers: [${init.join(" ")}]`;
  return badRequest(`a container name must be specified for pod ${record.name}, choose one of: [${regular.join(" ")}]${also}`);
}

/** Paths: `/log|exec|attach|portforward/{namespace}/{pod}?...` and `/http/{namespace}/{pod}/{port}/...`. */
export async function servePod(request: Request, place: PodPlace): Promise<Response> {
  const url = new URL(request.url);
  const [, action = "", namespace = "", name = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  const entry = findPod(place.state(), namespace, name);
  if (!entry) return refuse(notFoundStatus({ group: "", resource: "pods" }, name));
  if (action === "http") return serveHttp(request, place, entry, { port: Number(rest[0]), path: `/${rest.slice(1).map(encodeURI).join("/")}${url.search}` });
  if (action === "portforward") return refuse(notImplemented("pods/portforward"));
  const container = chooseContainer(entry, url.searchParams.get("container"));
  if (typeof container !== "string") return refuse(container);
  if (action === "log") return serveLogs(url.searchParams, place, { entry, container });
  if (action === "exec" || action === "attach") return serveExec(request, url.searchParams, place, { entry, container }, action);
  return refuse(failure(404, "NotFound", "the server could not find the requested resource"));
}

/** The container of a pod that listens on a port, with its program. */
export function listenerOn(place: PodPlace, entry: PodEntry, port: number, world: NodeWorld): (ContainerLook & { readonly container: string }) | undefined {
  for (const container of containerNames(entry)) {
    if (entry.record.containers[container]?.phase !== "running") continue;
    const look = place.kubelet.look(place.state(), entry.record.uid, container, "current", world);
    if (look && look.finishedAt === undefined && look.program.ports.includes(port)) return { ...look, container };
  }
  return undefined;
}
async function serveHttp(request: Request, place: PodPlace, entry: PodEntry, to: { readonly port: number; readonly path: string }): Promise<Response> {
  const world = await place.world([entry.pod]);
  const found = listenerOn(place, entry, to.port, world);
  const ip = entry.pod.spec?.hostNetwork ? place.config.ip : (entry.record.ip ?? "");
  if (!found) return refuse(failure(503, "ServiceUnavailable", `error trying to reach service: dial tcp ${ip}:${to.port}: connect: connection refused`));
  const headers: Record<string, string> = {};
  for (const [key, value] of request.headers) if (key !== "x-cluster") headers[key] = value;
  const from = headers["x-forwarded-for"]?.split(",")[0]?.trim() ?? place.config.ip;
  const asked: HttpRequest = { method: request.method, path: to.path, headers, body: request.body ? await request.text() : "", port: to.port, from };
  const reply = found.program.http(asked, place.now());
  if (!reply) return refuse(failure(502, "BadGateway", `error trying to reach service: EOF`));
  place.storage.appendLines(found.id, reply.log);
  const answer = new Headers(reply.response.headers);
  answer.delete("content-length");
  const empty = reply.response.status === 204 || reply.response.status === 304;
  return new Response(empty || request.method === "HEAD" ? null : reply.response.body, { status: reply.response.status, headers: answer });
}
