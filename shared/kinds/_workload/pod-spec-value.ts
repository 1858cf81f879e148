// How Go prints a whole pod template in the message about an immutable field: internal field names, absent ones as null.
import type { Json } from "../../base/json.ts";
import type { PodSpec, PodTemplateSpec } from "../_generated/types.ts";
import { internalJson } from "../_parts/internal-json.ts";
import { sortedMap } from "./checks.ts";

export function podSpecValue(spec: PodSpec | undefined): Json {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext } = spec ?? {};
  // Inside the server what a pod shares with its node is part of its security context.
  const context = { ...securityContext, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return internalJson("PodSpec", { ...spec, securityContext: context });
}
/** Metadata is embedded: its members print under their own names, next to the spec. */
export function podTemplateValue(template: PodTemplateSpec | undefined): Json {
  const { labels, annotations, name, ...rest } = template?.metadata ?? {};
  return {
    ...(name ? { name } : {}),
    ...(rest as Record<string, Json>),
    ...(labels ? { labels: sortedMap(labels) } : {}),
    ...(annotations ? { annotations: sortedMap(annotations) } : {}),
    Spec: podSpecValue(template?.spec),
  };
}
