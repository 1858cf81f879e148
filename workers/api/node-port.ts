// Traffic to a node port, from the launcher that holds the real port: routed to a pod as kube-proxy would.
import { notImplemented } from "../../shared/errors/status.ts";
import type { ApiContext } from "./context.ts";
import { respondStatus } from "./respond.ts";

export async function nodePort(_context: ApiContext): Promise<Response> {
  return respondStatus(notImplemented("node ports"));
}
