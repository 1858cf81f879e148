// Which container a request about a pod means, and whether what it asks of logs makes sense: decided before a node is asked.
// As upstream: pkg/registry/core/pod/strategy.go (LogLocation, streamLocation), pkg/apis/core/validation ValidatePodLogOptions.
import { forbidden, invalid, type FieldError } from "../../shared/errors/field-error.ts";
import { badRequest, type Status } from "../../shared/errors/status.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";

/** Undefined: the request names a container of the pod, or need not. */
export function containerProblem(pod: Pod, asked: string | null): Status | undefined {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const names = (list: readonly { name?: string }[]): string[] => list.map(({ name }) => name ?? "");
  const podName = pod.metadata?.name ?? "";
  if (asked) {
    const known = [...names(initContainers), ...names(containers), ...names(ephemeralContainers)].includes(asked);
    return known ? undefined : badRequest(`container ${asked} is not valid for pod ${podName}`);
  }
  const preferred = pod.metadata?.annotations?.["kubectl.kubernetes.io/default-container"];
  if (containers.length <= 1 || (preferred !== undefined && names(containers).includes(preferred))) return undefined;
  const choices = [...names(initContainers), ...names(containers), ...names(ephemeralContainers)];
  return badRequest(`a container name must be specified for pod ${podName}, choose one of: [${choices.join(" ")}]`);
}

function atLeast(query: URLSearchParams, key: string, min: number, text: string): FieldError[] {
  const value = query.get(key);
  return value !== null && value !== "" && Number(value) < min ? [invalid(key, Number(value), text)] : [];
}

export function logOptionErrors(query: URLSearchParams): FieldError[] {
  const both = query.has("sinceSeconds") && query.has("sinceTime");
  return [
    ...(query.has("stream") && query.get("stream") !== "All" ? [forbidden("stream", "may not be specified")] : []),
    ...atLeast(query, "tailLines", 0, "must be greater than or equal to 0"),
    ...atLeast(query, "limitBytes", 1, "must be greater than 0"),
    ...(both
      ? [forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified")]
      : atLeast(query, "sinceSeconds", 1, "must be greater than 0")),
  ];
}
