// What the server says of itself: groups, versions, resources, in the old form and the aggregated one.
// As upstream: apiserver pkg/endpoints/discovery and pkg/endpoints/discovery/aggregated.
import type { KindFacts, SubresourceFacts } from "../kinds/define-kind.ts";
import { sha256 } from "../base/sha256.ts";

/** A kind as discovery sees it; every Kind is one, and so is a served version of a custom resource. */
export interface DiscoveredKind extends Omit<KindFacts, "schema"> {
  readonly schema?: string;
  /** Group and resource of the store when it is not its own, as for events.k8s.io. */
  readonly storedIn?: string;
  /** Objects are never stored. */
  readonly virtual?: boolean;
  /** Version in which objects are stored, when it is not this one. */
  readonly storageVersion?: string;
}
export interface GroupOrder {
  readonly group: string;
  /** Best first. */
  readonly versions: readonly string[];
  readonly preferredVersion: string;
}
export interface APIResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}
interface GroupVersionForDiscovery {
  readonly groupVersion: string;
  readonly version: string;
}
export interface APIGroup {
  readonly name: string;
  readonly versions: readonly GroupVersionForDiscovery[];
  readonly preferredVersion: GroupVersionForDiscovery;
}

const groupVersion = (group: string, version: string): string => (group === "" ? version : `${group}/${version}`);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const forDiscovery = (group: string, version: string): GroupVersionForDiscovery => ({ groupVersion: groupVersion(group, version), version });

/** /api. `serverAddress`: where clients reach this server, host and port. */
export const apiVersions = (serverAddress: string): object => ({
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
});

const groupOf = ({ group, versions, preferredVersion }: GroupOrder): APIGroup => ({
  name: group,
  versions: versions.map((version) => forDiscovery(group, version)),
  preferredVersion: forDiscovery(group, preferredVersion),
});
/** /apis */
export const apiGroupList = (groups: readonly GroupOrder[]): object => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: groups.filter(({ group }) => group !== "").map(groupOf),
});
/** /apis/GROUP, or undefined: no such group. */
export function apiGroup(groups: readonly GroupOrder[], name: string): object | undefined {
  const found = groups.find(({ group }) => group === name && group !== "");
  return found ? { kind: "APIGroup", apiVersion: "v1", ...groupOf(found) } : undefined;
}

/** Changes when objects are stored in another form. As upstream: discovery/storageversionhash.go. */
export function storageVersionHash(group: string, version: string, kind: string): string {
  return btoa(String.fromCharCode(...sha256(`${group}/${version}/${kind}`).subarray(0, 8)));
}
/** Where a real 1.36 server stores another version than the one served (or the best one served). */
const STORED_AS: Readonly<Record<string, string>> = {
  "autoscaling/HorizontalPodAutoscaler": "v2",
  "admissionregistration.k8s.io/MutatingAdmissionPolicy": "v1beta1",
  "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding": "v1beta1",
  "apiextensions.k8s.io/CustomResourceDefinition": "v1beta1",
};
/** Storage is told of what can be listed: reviews and bindings have none. */
function hashOf(kind: DiscoveredKind): { storageVersionHash?: string } {
  if (kind.virtual || !kind.verbs.includes("watch")) return {};
  const at = kind.storedIn?.lastIndexOf("/") ?? -1;
  const group = kind.storedIn === undefined ? kind.group : kind.storedIn.slice(0, Math.max(at, 0));
  const version = kind.storageVersion ?? STORED_AS[`${group}/${kind.kind}`] ?? (group === kind.group ? kind.version : "v1");
  return { storageVersionHash: storageVersionHash(group, version, kind.kind) };
}

function responseOf(sub: SubresourceFacts): { group: string; version: string; kind: string } {
  const [group = "", version = "", kind = sub.kind] = sub.responseGVK?.split("/") ?? [];
  return { group, version, kind };
}
function mainResource(kind: DiscoveredKind): APIResource {
  return {
    name: kind.resource,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...hashOf(kind),
  };
}
function subresource(kind: DiscoveredKind, sub: SubresourceFacts): APIResource {
  const { group, version } = responseOf(sub);
  return {
    name: `${kind.resource}/${sub.name}`,
    singularName: "",
    namespaced: kind.namespaced,
    ...(group === "" ? {} : { group }),
    ...(version === "" ? {} : { version }),
    kind: sub.kind,
    verbs: sub.verbs,
  };
}
const served = (kinds: readonly DiscoveredKind[], group: string, version: string): DiscoveredKind[] =>
  kinds.filter((kind) => kind.group === group && kind.version === version).toSorted((a, b) => byText(a.resource, b.resource));

/** /api/v1 and /apis/GROUP/VERSION, or undefined: nothing is served there. */
export function apiResourceList(kinds: readonly DiscoveredKind[], group: string, version: string): object | undefined {
  const found = served(kinds, group, version);
  if (found.length === 0) return undefined;
  const resources = found.flatMap((kind) => [mainResource(kind), ...kind.subresourceFacts.map((sub) => subresource(kind, sub))]);
  return { kind: "APIResourceList", ...(group === "" ? {} : { apiVersion: "v1" }), groupVersion: groupVersion(group, version), resources };
}

function aggregatedResource(kind: DiscoveredKind): object {
  const subresources = kind.subresourceFacts.map((sub) => ({ subresource: sub.name, responseKind: responseOf(sub), verbs: sub.verbs }));
  return {
    resource: kind.resource,
    // As upstream: the group and version of a resource's own kind are left empty.
    responseKind: { group: "", version: "", kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
/** /api ("core") and /apis ("groups") in the aggregated form, apidiscovery.k8s.io/v2. */
export function aggregatedDiscovery(kinds: readonly DiscoveredKind[], groups: readonly GroupOrder[], root: "core" | "groups"): object {
  const items = groups
    .filter(({ group }) => (group === "") === (root === "core"))
    .map(({ group, versions }) => ({
      metadata: group === "" ? {} : { name: group },
      versions: versions.map((version) => ({ version, resources: served(kinds, group, version).map(aggregatedResource), freshness: "Current" })),
    }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

const FIXED_PATHS = [
  "/.well-known/openid-configuration",
  "/api",
  "/api/v1",
  "/apis",
  "/apis/",
  "/healthz",
  "/healthz/ping",
  "/livez",
  "/livez/ping",
  "/metrics",
  "/openapi/v2",
  "/openapi/v3",
  "/openapi/v3/",
  "/openid/v1/jwks",
  "/readyz",
  "/readyz/ping",
  "/version",
];
/** / */
export function rootPaths(groups: readonly GroupOrder[]): { readonly paths: readonly string[] } {
  const ofGroups = groups
    .filter(({ group }) => group !== "")
    .flatMap(({ group, versions }) => [`/apis/${group}`, ...versions.map((version) => `/apis/${group}/${version}`)]);
  return { paths: [...FIXED_PATHS, ...ofGroups].toSorted(byText) };
}
