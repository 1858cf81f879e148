// Logs, exec and attach: handed to the pod's node, whose answer (a stream, or a WebSocket) is handed back untouched.
import { badRequest } from "../../shared/errors/status.ts";
import type { ResourceContext } from "./context.ts";
import { askNode, scheduledPod } from "./node-link.ts";
import { respond, respondStatus } from "./respond.ts";

export async function podLog(context: ResourceContext): Promise<Response> {
  const pod = await scheduledPod(context, context.info);
  // A pod without a node has said nothing yet.
  if (!pod.ok) return pod.error.code === 400 ? respond({ code: 200, text: "" }) : respondStatus(pod.error);
  const { namespace, name } = context.info;
  const answer = await askNode(context, { node: pod.value.spec.nodeName, path: `/log/${namespace}/${name}${context.url.search}`, headers: context.request.headers });
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
  return askNode(context, { node: pod.value.spec.nodeName, path: `/${subresource}/${namespace}/${name}${context.url.search}`, headers: context.request.headers });
}
