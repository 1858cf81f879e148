// The objects that a cluster is born with, by resource: a pure function of its birth, so that nobody has to store them.
import type { EpochMs, Uid } from "../base/ports.ts";
import { cloneJson } from "../base/json.ts";
import type { KubeObject } from "../kinds/define-kind.ts";
import { rfc3339 } from "../meta/time.ts";
import type { ResourceId } from "../reconcile/controller.ts";
import table from "./_generated/objects.json" with { type: "json" };

/** First address of the service range; the Service `kubernetes` has it. */
export const API_SERVICE_IP = "10.96.0.1";
export const SERVICE_CIDR = "10.96.0.0/16";
/** Where the API server seems to be, seen from inside the cluster. */
const API_ENDPOINT = { ip: "172.18.0.2", port: 6443 };

export interface BirthFacts {
  readonly at: EpochMs;
  /** The uid of an object, the same at every asking. */
  uid(object: KubeObject): Uid;
  /** PEM of the certificate authority that the cluster's ConfigMaps show. */
  readonly caCertificate: string;
}
/** Their ServiceAccounts and CA ConfigMaps are there from the first moment, so that a first pod need not wait for controllers. */
const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];
/** What the ConfigMaps with the certificate authority say of themselves. */
export const CA_DESCRIPTION =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal " +
  "service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
const KUBERNETES = { name: "kubernetes", namespace: "default" };

/** The objects through which pods find the API server, and where they are. */
export const API_OBJECTS = { at: KUBERNETES, resources: ["/services", "/endpoints", "discovery.k8s.io/endpointslices"] } as const;

/** Fresh copies of those of a resource. */
export const apiObjects = (resource: ResourceId): KubeObject[] => apiTable(resource) as KubeObject[];
function apiTable(resource: ResourceId): object[] {
  switch (resource) {
    case "/services":
      return [
        {
          metadata: { ...KUBERNETES, labels: { component: "apiserver", provider: "kubernetes" } },
          spec: {
            type: "ClusterIP",
            clusterIP: API_SERVICE_IP,
            clusterIPs: [API_SERVICE_IP],
            ipFamilies: ["IPv4"],
            ipFamilyPolicy: "SingleStack",
            internalTrafficPolicy: "Cluster",
            sessionAffinity: "None",
            ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: API_ENDPOINT.port }],
          },
          status: { loadBalancer: {} },
        },
      ];
    case "/endpoints":
      return [
        {
          metadata: { ...KUBERNETES, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
          subsets: [{ addresses: [{ ip: API_ENDPOINT.ip }], ports: [{ name: "https", port: API_ENDPOINT.port, protocol: "TCP" }] }],
        },
      ];
    case "discovery.k8s.io/endpointslices":
      return [
        {
          metadata: { ...KUBERNETES, labels: { "kubernetes.io/service-name": "kubernetes" }, generation: 1 },
          addressType: "IPv4",
          endpoints: [{ addresses: [API_ENDPOINT.ip], conditions: { ready: true } }],
          ports: [{ name: "https", port: API_ENDPOINT.port, protocol: "TCP" }],
        },
      ];
    default:
      return [];
  }
}

function own(resource: ResourceId, facts: BirthFacts): readonly object[] {
  switch (resource) {
    case "/services":
    case "/endpoints":
    case "discovery.k8s.io/endpointslices":
      return apiObjects(resource);
    case "networking.k8s.io/ipaddresses":
      return [
        {
          metadata: {
            name: API_SERVICE_IP,
            labels: { "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" },
          },
          spec: { parentRef: { resource: "services", ...KUBERNETES } },
        },
      ];
    case "networking.k8s.io/servicecidrs":
      return [
        {
          metadata: { name: "kubernetes", finalizers: ["networking.k8s.io/service-cidr-finalizer"] },
          spec: { cidrs: [SERVICE_CIDR] },
          status: {
            conditions: [{ type: "Ready", status: "True", reason: "", message: "Kubernetes Service CIDR is ready", lastTransitionTime: rfc3339(facts.at) }],
          },
        },
      ];
    case "/serviceaccounts":
      return NAMESPACES.map((namespace) => ({ metadata: { name: "default", namespace } }));
    case "/configmaps":
      return [
        ...NAMESPACES.map((namespace) => ({
          metadata: { name: "kube-root-ca.crt", namespace, annotations: { "kubernetes.io/description": CA_DESCRIPTION } },
          data: { "ca.crt": facts.caCertificate },
        })),
        { metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" }, data: { "client-ca-file": facts.caCertificate } },
      ];
    default:
      return [];
  }
}

const TABLE = table as unknown as Readonly<Record<ResourceId, readonly object[]>>;

/** Fresh copies with system metadata; empty for resources that a new cluster has none of. */
export function bornWith(resource: ResourceId, facts: BirthFacts): KubeObject[] {
  const recorded = Object.hasOwn(TABLE, resource) ? (TABLE[resource] ?? []) : [];
  const at = rfc3339(facts.at);
  return [...recorded, ...own(resource, facts)].map((object) => {
    const copy = cloneJson(object) as KubeObject;
    Object.assign((copy.metadata ??= {}), { uid: facts.uid(copy), creationTimestamp: at });
    stampConditions(copy, at);
    return copy;
  });
}

/** The table leaves times out; they are those of the birth. */
function stampConditions(object: KubeObject & { status?: { conditions?: { lastTransitionTime?: string | null }[] } }, now: string): void {
  for (const condition of object.status?.conditions ?? []) condition.lastTransitionTime = now;
}
