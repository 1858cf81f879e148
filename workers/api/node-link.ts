// The way from a request to the node that runs a pod: which pod, on which node, and the call to its actor.
import { badRequest, failure, notFoundStatus, type Status } from "../../shared/errors/status.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import { err, ok, type Result } from "../../shared/base/result.ts";
import { actorName } from "../../durable-objects/client/names.ts";
import type { ApiContext } from "./context.ts";
import { containerProblem } from "./pod-containers.ts";

export interface NodeCall {
  readonly node: string;
  /** `/log/default/web?tailLines=3`: see durable-objects/node/pod-server.ts. */
  readonly path: string;
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: ReadableStream<Uint8Array> | null;
}

/** Asks a node's actor. The answer is handed through as it is, upgrades included. */
export async function askNode(context: ApiContext, call: NodeCall): Promise<Response> {
  const headers = new Headers(call.headers);
  headers.delete("authorization");
  headers.set("x-cluster", JSON.stringify(context.cluster));
  const stub = context.env.NODE.getByName(actorName(context.cluster.uid, call.node));
  return stub.fetch(`https://node${call.path}`, { method: call.method ?? "GET", headers, ...(call.body ? { body: call.body } : {}) });
}

const unassigned = (name: string): Status => badRequest(`pod ${name} does not have a host assigned`);
export const isUnassigned = (status: Status, name: string): boolean => status.message === unassigned(name).message;

type ScheduledPod = Pod & { spec: { nodeName: string } };
/** The pod that a request names, with the container it means, if it runs on a node. */
export async function scheduledPod(context: ApiContext, at: { readonly namespace: string; readonly name: string }): Promise<Result<ScheduledPod, Status>> {
  const kind = context.registry.find("", "v1", "pods");
  if (!kind) return err(failure(404, "NotFound", "the server could not find the requested resource", {}));
  const [text] = await context.stores.read(kind, [at]);
  if (text === undefined) return err(notFoundStatus({ group: "", resource: "pods" }, at.name));
  const pod = JSON.parse(text) as ScheduledPod;
  const problem = containerProblem(pod, context.url.searchParams.get("container"));
  if (problem) return err(problem);
  if (!pod.spec.nodeName) return err(unassigned(at.name));
  return ok(pod);
}
