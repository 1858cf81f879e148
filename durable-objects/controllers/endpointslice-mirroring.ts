// endpointslice-mirroring-controller: shows Endpoints that somebody wrote by hand as EndpointSlices.
// As upstream: pkg/controller/endpointslicemirroring/reconciler.go.
import { equalJson } from "../../shared/base/json.ts";
import type { EpochMs } from "../../shared/base/ports.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { DiscoveryV1EndpointPort, Endpoint, EndpointAddress, Endpoints, EndpointSlice, Service } from "../../shared/kinds/_generated/types.ts";
import { canonicalIP, ipFamily } from "../../shared/meta/ip.ts";
import { ownerRef } from "../../shared/meta/owner-refs.ts";
import { type Action, defineController, type Plan, splitKey, type World } from "../../shared/reconcile/controller.ts";
import { TRIGGER_TIME } from "./_parts/endpoint-pods.ts";
import { generatedNames } from "./_parts/pod-names.ts";
import { portsKey } from "./_parts/slice-endpoints.ts";
import { first, isDeleting, labelsOf, metaOf, nameOf, namespaceOf, plan, type Queries, safeMap, seen, uidOf, wholeObject } from "./_parts/world.ts";

const SLICES = "discovery.k8s.io/endpointslices";
const SERVICE_LABEL = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const NAME = "endpointslicemirroring-controller.k8s.io";
const SKIP = "endpointslice.kubernetes.io/skip-mirror";
const LEADER = "control-plane.alpha.kubernetes.io/leader";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const ENDPOINTS_MAX = 1000;

interface Wanted {
  readonly type: "IPv4" | "IPv6";
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: Endpoint[];
}

function endpointOf(address: EndpointAddress, ready: boolean): Endpoint | undefined {
  const ip = canonicalIP(address.ip ?? "");
  if (ip === undefined) return undefined;
  const { nodeName, hostname, targetRef } = address;
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef ? { targetRef } : {}),
  };
}

/** One slice for each family and list of ports. */
function wantedOf(endpoints: Endpoints): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const subset of endpoints.subsets ?? []) {
    const ports = (subset.ports ?? []).map(({ name = "", port = 0, protocol = "TCP", appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol ? { appProtocol } : {}),
    }));
    const ready = (subset.addresses ?? []).map((address) => endpointOf(address, true));
    const notReady = (subset.notReadyAddresses ?? []).map((address) => endpointOf(address, false));
    const valid = [...ready, ...notReady].filter((endpoint) => endpoint !== undefined);
    for (const endpoint of valid.slice(0, ENDPOINTS_MAX)) {
      const type = ipFamily(endpoint.addresses?.[0] ?? "") === 6 ? "IPv6" : "IPv4";
      const key = `${type} ${portsKey(ports)}`;
      const known = wanted.get(key) ?? { type, ports, endpoints: [] };
      wanted.set(key, known);
      if (known.endpoints.length < ENDPOINTS_MAX) known.endpoints.push(endpoint);
    }
  }
  return wanted;
}

function sliceOf(endpoints: Endpoints, wanted: Wanted, name: string, known: EndpointSlice | undefined): EndpointSlice {
  const { [TRIGGER_TIME]: _time, [LAST_APPLIED]: _applied, ...annotations } = safeMap(metaOf(endpoints).annotations);
  const { annotations: _annotations, ...metadata } = metaOf(known ?? {});
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      ...metadata,
      name,
      generateName: `${nameOf(endpoints)}-`,
      namespace: namespaceOf(endpoints),
      labels: { ...safeMap(labelsOf(endpoints)), [SERVICE_LABEL]: nameOf(endpoints), [MANAGED_BY]: NAME },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [ownerRef(endpoints, { apiVersion: "v1", kind: "Endpoints" })],
    },
    addressType: wanted.type,
    endpoints: wanted.endpoints,
    ports: [...wanted.ports],
  };
}

const removal = (slice: EndpointSlice): Action => ({ do: "delete", resource: SLICES, namespace: namespaceOf(slice), name: nameOf(slice), uid: uidOf(slice) });

const shouldMirror = (endpoints: Endpoints, service: Service): boolean => {
  const byHand = (service.spec?.selector ?? null) === null;
  return byHand && labelsOf(endpoints)[SKIP] !== "true" && metaOf(endpoints).annotations?.[LEADER] === undefined;
};

function reconcile(endpoints: Endpoints, slices: readonly EndpointSlice[], now: EpochMs): Plan {
  const wanted = wantedOf(endpoints);
  const spare = [...slices];
  const take = (fits: (slice: EndpointSlice) => boolean): EndpointSlice | undefined => {
    const index = spare.findIndex(fits);
    return index < 0 ? undefined : spare.splice(index, 1)[0];
  };
  const pairs = [...wanted].map(([key, want]) => ({ want, known: take((slice) => `${slice.addressType} ${portsKey(slice.ports)}` === key) }));
  const seed = `${uidOf(endpoints)}/${metaOf(endpoints).resourceVersion}/${now}`;
  const names = generatedNames(`${nameOf(endpoints)}-`, pairs.length, seed, new Set(slices.map(nameOf)));
  const writes = pairs.flatMap(({ want, known: same }, index): Action[] => {
    // A slice that nobody needs any longer is written over rather than deleted.
    const known = same ?? take((slice) => slice.addressType === want.type);
    const object = sliceOf(endpoints, want, known === undefined ? (names[index] ?? "") : nameOf(known), known);
    if (known === undefined) return isDeleting(endpoints) ? [] : [{ do: "create", resource: SLICES, object }];
    return equalJson(wholeObject(known), object) ? [] : [{ do: "update", resource: SLICES, object }];
  });
  return plan([...writes, ...spare.map(removal)]);
}

/** The Endpoints of a slice that is ours, when somebody else may have changed it. */
function sliceHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  if (old === undefined) return [];
  const slices = [next, old].filter((slice) => slice !== undefined && labelsOf(slice)[MANAGED_BY] === NAME) as KubeObject[];
  return [...new Set(slices.map((slice) => `${namespaceOf(slice)}/${labelsOf(slice)[SERVICE_LABEL] ?? ""}`))];
}
const itself = (next: KubeObject | undefined, old: KubeObject | undefined): string[] => {
  const object = next ?? old;
  return object === undefined ? [] : [`${namespaceOf(object)}/${nameOf(object)}`];
};

export const endpointsliceMirroringController = defineController<Endpoints>({
  name: "endpointslice-mirroring-controller",
  component: "endpoint-slice-mirroring-controller",
  root: "/endpoints",
  triggers: [
    {
      resource: "/endpoints",
      // Those that the endpoints controller keeps are not mirrored.
      hints: (next, old) => (labelsOf(next ?? old ?? {})["endpoints.kubernetes.io/managed-by"] === undefined ? itself(next, old) : []),
    },
    { resource: "/services", hints: itself },
    { resource: SLICES, hints: sliceHints },
  ],
  views: {
    services: { resource: "/services", project: (object) => ({ spec: { selector: (object as Service).spec?.selector ?? null } }) },
    slices: { resource: SLICES, project: (object) => wholeObject(object) },
  },
  needs(key): Queries {
    const { namespace, name } = splitKey(key);
    return {
      service: { view: "services", namespace, name },
      slices: { view: "slices", namespace, labels: { [SERVICE_LABEL]: name, [MANAGED_BY]: NAME } },
    };
  },
  reconcile(_key, endpoints, world: World, now) {
    const slices = seen<EndpointSlice>(world, "slices").filter((slice) => !isDeleting(slice));
    const service = first<Service>(world, "service");
    if (endpoints === undefined || service === undefined || !shouldMirror(endpoints, service)) return plan(slices.map(removal));
    return reconcile(endpoints, slices, now);
  },
});
