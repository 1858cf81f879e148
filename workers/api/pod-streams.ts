// Logs, exec and attach: handed to the pod's node, whose answer (a stream, or a WebSocket) is handed back untouched.
import { badRequest, invalidStatus } from "../../shared/errors/status.ts";
import type { ResourceContext } from "./context.ts";
import { askNode, isUnassigned, scheduledPod } from "./node-link.ts";
import { logOptionErrors } from "./pod-containers.ts";
import { respondStatus } from "./respond.ts";

export async function podLog(context: ResourceContext): Promise<Response> {
  const { namespace, name } = context.info;
  const errors = logOptionErrors(context.url.searchParams);
  if (errors.length > 0) return respondStatus(invalidStatus({ group: "", resource: "PodLogOptions" }, name, errors));
  const pod = await scheduledPod(context, context.info);
  // A pod without a node has said nothing yet.
  if (!pod.ok) return isUnassigned(pod.error, name) ? new Response(null, { status: 204 }) : respondStatus(pod.error);
  const answer = await askNode(context, {
    node: pod.value.spec.nodeName,
    path: `/log/${namespace}/${name}${context.url.search}`,
    headers: context.request.headers,
  });
  if (answer.status >= 400) return answer;
  const headers = new Headers(answer.headers);
  headers.set("content-encoding", "identity");
  return new Response(answer.body, { status: answer.status, headers, encodeBody: "manual" });
}

/** exec and attach. Only WebSockets carry them: SPDY does not reach a Worker. */
export async function podCommand(context: ResourceContext): Promise<Response> {
  const { namespace, name, subresource } = context.info;
  const pod = await scheduledPod(context, context.info);
  if (!pod.ok) return respondStatus(pod.error);
  if (context.request.headers.get("upgrade")?.toLowerCase() !== "websocket") return respondStatus(badRequest("Upgrade request required"));
  return askNode(context, {
    node: pod.value.spec.nodeName,
    path: `/${subresource}/${namespace}/${name}${context.url.search}`,
    headers: context.request.headers,
  });
}
