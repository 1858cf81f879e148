// How an admission plugin refuses (upstream: apiserver pkg/admission/errors.go, NewForbidden).
import { forbiddenStatus, type Status } from "../errors/status.ts";
import type { AdmissionRequest } from "./plugin.ts";

export function forbid(request: AdmissionRequest, message: string): Status {
  const metadata = request.object?.metadata;
  const name = request.name || metadata?.name || metadata?.generateName || "Unknown";
  return forbiddenStatus({ group: request.kind.group, resource: request.kind.resource }, name, message);
}
/** Several mistakes as one text (upstream: apimachinery pkg/util/errors, NewAggregate). */
export function aggregate(messages: readonly string[]): string {
  const texts = [...new Set(messages)];
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}
