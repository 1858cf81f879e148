// What Endpoints and EndpointSlices need to know of pods and Services, and when it changes.
// As upstream: k8s.io/endpointslice utils.go and util/controller_utils.go.
import { equalJson } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Pod, Service, ServicePort } from "../../../shared/kinds/_generated/types.ts";
import { matchesSet } from "../../../shared/meta/labels.ts";
import type { Controller, Trigger, View, World } from "../../../shared/reconcile/controller.ts";
import { podHintOf, readHint } from "./hints.ts";
import { sameMap } from "./pod-view.ts";
import { isDeleting, labelsOf, metaOf, nameOf, namespaceOf, type Queries, seen } from "./world.ts";

export interface NamedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}
export interface EndpointPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly ips: readonly string[];
  readonly ready: boolean;
  readonly readySince: string | undefined;
  readonly deleting: boolean;
  readonly ended: boolean;
  readonly nodeName: string;
  readonly zone: string;
  readonly hostname: string;
  readonly subdomain: string;
  readonly ports: readonly NamedPort[];
}

/** The zone of a pod's node: the binding of a pod copies it onto the pod. */
const ZONE = "topology.kubernetes.io/zone";

function namedPorts(pod: Pod): NamedPort[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .filter((port) => port.name !== undefined && port.name !== "")
    .map((port) => ({ name: port.name ?? "", port: port.containerPort ?? 0, protocol: port.protocol ?? "TCP" }));
}

function addressesOf({ status: { podIP, podIPs } = {} }: Pod): readonly string[] {
  const ips = (podIPs ?? []).map((entry) => entry.ip ?? "").filter((ip) => ip !== "");
  return ips.length > 0 ? ips : podIP ? [podIP] : [];
}
export function viewEndpointPod(object: KubeObject): EndpointPod {
  const pod = object as Pod;
  const { phase, conditions } = pod.status ?? {};
  const ready = conditions?.find((condition) => condition.type === "Ready");
  const ips = addressesOf(pod);
  return {
    name: nameOf(pod),
    namespace: namespaceOf(pod),
    uid: metaOf(pod).uid ?? "",
    ips,
    ready: ready?.status === "True",
    readySince: ready?.lastTransitionTime,
    deleting: isDeleting(pod),
    ended: phase === "Succeeded" || phase === "Failed",
    nodeName: pod.spec?.nodeName ?? "",
    zone: labelsOf(pod)[ZONE] ?? "",
    hostname: pod.spec?.hostname ?? "",
    subdomain: pod.spec?.subdomain ?? "",
    ports: namedPorts(pod),
  };
}
export const endpointPodView: View = { resource: "/pods", project: viewEndpointPod };

/** As upstream: ShouldPodBeInEndpoints. */
export const belongs = (pod: EndpointPod, options: { readonly terminatingToo: boolean }): boolean =>
  !pod.ended && pod.ips.length > 0 && (options.terminatingToo || !pod.deleting);

export const hostnameFor = (pod: EndpointPod, service: Service): string | undefined =>
  pod.hostname !== "" && pod.subdomain === nameOf(service) && pod.namespace === namespaceOf(service) ? pod.hostname : undefined;

/** The number behind a Service's port at a pod; undefined when the pod has no port of that name. */
export function findPort(pod: EndpointPod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port ?? 0;
  if (typeof target === "number") return target;
  return pod.ports.find((named) => named.name === target && named.protocol === (port.protocol ?? "TCP"))?.port;
}

export const isHeadless = (service: Service): boolean => (service.spec?.clusterIP ?? "") === "" || service.spec?.clusterIP === "None";
/** Services that name no pods, or another host, are left to others. */
export const isManaged = (service: Service): boolean =>
  service.spec?.type !== "ExternalName" && service.spec?.selector !== undefined && service.spec.selector !== null;

interface SelectorView {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>> | undefined;
}
const serviceView: View = {
  resource: "/services",
  project: (object): SelectorView => ({ name: nameOf(object), selector: (object as Service).spec?.selector }),
};
/** The views that the triggers below ask for. */
export const ENDPOINT_VIEWS: Readonly<Record<string, View>> = { pods: endpointPodView, services: serviceView };

function podHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  const [has, had] = [next, old].map((pod) => pod !== undefined && addressesOf(pod as Pod).length > 0);
  // Without an address it is and was nobody's endpoint.
  if (!has && !had) return [];
  if (has && had && next && old && sameMap(labelsOf(next), labelsOf(old)) && equalJson(viewEndpointPod(next), viewEndpointPod(old))) return [];
  const pods = [next, old].filter((pod) => pod !== undefined && Object.keys(labelsOf(pod)).length > 0) as KubeObject[];
  return [...new Set(pods.map(podHintOf))];
}

/** Services themselves, deleted ones too, and pods that some of them may select. */
export const ENDPOINT_TRIGGERS: readonly Trigger[] = [
  {
    resource: "/services",
    hints(next, old) {
      const service = next ?? old;
      return service === undefined ? [] : [`${namespaceOf(service)}/${nameOf(service)}`];
    },
  },
  // The Service that a cluster is born with selects nothing.
  { resource: "/pods", dormantWithout: "/services", hints: podHints },
];

export const expandServices: NonNullable<Controller["expand"]> = {
  needs(text): Queries | undefined {
    const hint = readHint(text);
    return hint && { services: { view: "services", namespace: hint.namespace } };
  },
  keys(text, world: World) {
    const hint = readHint(text);
    return seen<SelectorView>(world, "services")
      .filter(({ selector }) => Object.keys(selector ?? {}).length > 0 && matchesSet(selector, hint?.labels))
      .map((service) => `${hint?.namespace}/${service.name}`);
  },
};

/** When the oldest of the changes that are written now happened at its pod. */
export function oldestTrigger(pods: readonly EndpointPod[]): string | undefined {
  const times = pods.map((pod) => pod.readySince ?? "").filter((time) => time !== "");
  return times.length === 0 ? undefined : times.reduce((a, b) => (a < b ? a : b));
}
export const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";
export const HEADLESS_LABEL = "service.kubernetes.io/headless";
