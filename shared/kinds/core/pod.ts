// Pod: containers that run together on one node (upstream: pkg/registry/core/pod/strategy.go).
import { isDNS1123Label, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { Pod } from "../_generated/types.ts";
import { preparePod } from "../_parts/pod-create.ts";
import { defaultPodOnly, defaultPodSpec } from "../_parts/pod-defaults.ts";
import { defaultPodStatus, podStatusStrategy } from "../_parts/pod-status.ts";
import { countPodGeneration, ephemeralContainersStrategy, resizeStrategy } from "../_parts/pod-subresources.ts";
import { podTable } from "../_parts/pod-table.ts";
import { podUpdateErrors } from "../_parts/pod-update.ts";
import { newPodErrors } from "../_parts/pod-validate.ts";
import { ipWarning, podSpecWarnings } from "../_parts/pod-warnings.ts";
import { defineKind } from "../define-kind.ts";

function warnings(pod: Pod, stored: Pod | undefined): string[] {
  if (stored) {
    // Only writes of status can bring these in.
    return [
      ...(pod.status?.podIPs ?? []).flatMap(({ ip = "" }, i) => ipWarning(`status.podIPs[${i}].ip`, ip)),
      ...(pod.status?.hostIPs ?? []).flatMap(({ ip = "" }, i) => ipWarning(`status.hostIPs[${i}].ip`, ip)),
    ];
  }
  const name = isDNS1123Label(pod.metadata?.name ?? "");
  const hostname = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended:";
  return [...(name.length > 0 ? [`${hostname} [${name.join(" ")}]`] : []), ...podSpecWarnings(pod.spec ?? {}, pod.metadata, "")];
}

/** Pods that no kubelet has to stop go at once. */
function gracePeriodSeconds({ spec, status }: Pod, requested: number | undefined): number {
  const ended = status?.phase === "Succeeded" || status?.phase === "Failed";
  if (!spec?.nodeName || ended) return 0;
  const period = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return period < 0 ? 1 : period;
}

export const podKind = defineKind<Pod>("v1/pods", {
  defaults(pod) {
    const spec = (pod.spec ??= {});
    defaultPodOnly(spec);
    defaultPodSpec(spec);
    if (pod.status) defaultPodStatus(pod.status);
  },
  nameRule: nameIsDNSSubdomain,
  prepareForCreate: preparePod,
  validate: newPodErrors,
  update: { prepare: countPodGeneration, validate: podUpdateErrors },
  subresources: { status: podStatusStrategy, ephemeralcontainers: ephemeralContainersStrategy, resize: resizeStrategy },
  warnings,
  deleteReturnsObject: true,
  gracefulDelete: { gracePeriodSeconds },
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec?.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec?.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec?.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec?.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec?.hostNetwork ?? false),
    "status.phase": ({ status }) => status?.phase ?? "",
    "status.podIP": ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? "",
    "status.nominatedNodeName": ({ status }) => status?.nominatedNodeName ?? "",
  },
  table: podTable,
});
