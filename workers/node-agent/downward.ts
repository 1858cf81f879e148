// The downward API: fields of the pod and resources of a container as text.
// As upstream: pkg/fieldpath/fieldpath.go, pkg/api/v1/resource/helpers.go.
import type { Result } from "../../shared/base/result.ts";
import { err, ok } from "../../shared/base/result.ts";
import type { Container, Pod, ResourceFieldSelector } from "../../shared/kinds/_generated/types.ts";
import { milliValue, quantityValue } from "../../shared/meta/quantity.ts";

/** What a container may use where it says nothing: the node's allocatable resources. */
export const NODE_CAPACITY: Readonly<Record<string, string>> = {
  cpu: "4",
  memory: "8Gi",
  "ephemeral-storage": "100Gi",
  "hugepages-1Gi": "0",
  "hugepages-2Mi": "0",
  pods: "110",
};

const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");

/** The text of a fieldRef. */
export function podField(pod: Pod, path: string, addresses: { readonly hostIP: string; readonly podIP: string }): Result<string, string> {
  const { metadata = {}, spec = {} } = pod;
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path);
  if (subscript) {
    const [, holder, key = ""] = subscript;
    return ok((holder === "metadata.labels" ? metadata.labels : metadata.annotations)?.[key] ?? "");
  }
  switch (path) {
    case "metadata.name":
      return ok(metadata.name ?? "");
    case "metadata.namespace":
      return ok(metadata.namespace ?? "");
    case "metadata.uid":
      return ok(metadata.uid ?? "");
    case "metadata.labels":
      return ok(formatMap(metadata.labels));
    case "metadata.annotations":
      return ok(formatMap(metadata.annotations));
    case "spec.nodeName":
      return ok(spec.nodeName ?? "");
    case "spec.serviceAccountName":
      return ok(spec.serviceAccountName ?? "");
    case "status.hostIP":
    case "status.hostIPs":
      return ok(addresses.hostIP);
    case "status.podIP":
    case "status.podIPs":
      return ok(addresses.podIP);
    default:
      return err(`unsupported fieldPath: ${path}`);
  }
}

/** The text of a resourceFieldRef, rounded up to its divisor. */
export function containerResource(pod: Pod, own: Container, ref: ResourceFieldSelector): Result<string, string> {
  const { containerName, resource = "", divisor } = ref;
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const container = containerName ? all.find((one) => one.name === containerName) : own;
  if (!container) return err(`container ${containerName} not found`);
  const dot = resource.indexOf(".");
  const which = resource.slice(0, dot);
  const name = resource.slice(dot + 1);
  if (which !== "limits" && which !== "requests") return err(`unsupported container resource : ${resource}`);
  const value = container.resources?.[which]?.[name] ?? (which === "limits" ? NODE_CAPACITY[name] : undefined) ?? "0";
  const zero = divisor === undefined || quantityValue(divisor) === 0n;
  const count = name === "cpu" ? milliValue(value) : quantityValue(value);
  const by = zero ? (name === "cpu" ? 1000n : 1n) : name === "cpu" ? milliValue(divisor) : quantityValue(divisor);
  return ok(String(by === 0n ? 0n : (count + by - 1n) / by));
}
