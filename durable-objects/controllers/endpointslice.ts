// endpointslice-controller: keeps the EndpointSlices of each Service that selects pods. As upstream: k8s.io/endpointslice reconciler.go.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice, Service } from "../../shared/kinds/_generated/types.ts";
import { nameIsDNSSubdomain } from "../../shared/meta/names.ts";
import { ownerRef } from "../../shared/meta/owner-refs.ts";
import { type Action, defineController, NOTHING, type Plan, type World } from "../../shared/reconcile/controller.ts";
import {
  ENDPOINT_TRIGGERS,
  ENDPOINT_VIEWS,
  type EndpointPod,
  expandServices,
  HEADLESS_LABEL,
  isHeadless,
  isManaged,
  oldestTrigger,
  TRIGGER_TIME,
} from "./_parts/endpoint-pods.ts";
import { generatedNames } from "./_parts/pod-names.ts";
import { sameMap } from "./_parts/pod-view.ts";
import { type AddressType, addressTypes, desiredGroups, portsKey } from "./_parts/slice-endpoints.ts";
import { endpointKey, pack } from "./_parts/slice-packing.ts";
import {
  failureOf,
  isDeleting,
  isTerminatingNamespace,
  labelsOf,
  metaOf,
  nameOf,
  namespaceOf,
  plan,
  type Queries,
  safeMap,
  seen,
  typed,
  uidOf,
  wholeObject,
} from "./_parts/world.ts";

const SLICES = "discovery.k8s.io/endpointslices";
const SERVICE_LABEL = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const NAME = "endpointslice-controller.k8s.io";

interface Draft {
  /** undefined: a new slice. */
  readonly known: EndpointSlice | undefined;
  readonly type: AddressType;
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}
interface Changes {
  readonly drafts: Draft[];
  readonly doomed: EndpointSlice[];
}

function desiredLabels(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _headless, ...labels } = safeMap(labelsOf(service));
  return { ...labels, ...(isHeadless(service) ? { [HEADLESS_LABEL]: "" } : {}), [SERVICE_LABEL]: nameOf(service), [MANAGED_BY]: NAME };
}
const isOwned = (slice: EndpointSlice, service: Service): boolean =>
  (metaOf(slice).ownerReferences ?? []).some((ref) => ref.uid === uidOf(service) && ref.kind === "Service" && ref.apiVersion === "v1");

function changesOf(service: Service, pods: readonly EndpointPod[], slices: readonly EndpointSlice[], type: AddressType): Changes {
  const owned = slices.filter((slice) => isOwned(slice, service));
  const doomed = slices.filter((slice) => !isOwned(slice, service));
  const drafts: Draft[] = [];
  const labels = desiredLabels(service);
  const groups = desiredGroups(service, pods, type);
  for (const [key, { ports, endpoints }] of groups) {
    const mine = owned.filter((slice) => portsKey(slice.ports) === key);
    const { changed, emptied, created } = pack(mine, endpoints);
    for (const slice of mine) {
      const list = changed.get(nameOf(slice));
      if (list !== undefined) drafts.push({ known: slice, type, ports, endpoints: list });
      else if (emptied.includes(nameOf(slice))) doomed.push(slice);
      else if (!sameMap(labelsOf(slice), labels)) drafts.push({ known: slice, type, ports, endpoints: slice.endpoints ?? [] });
    }
    drafts.push(...created.map((list) => ({ known: undefined, type, ports, endpoints: list })));
  }
  doomed.push(...owned.filter((slice) => !groups.has(portsKey(slice.ports))));
  return withPlaceholder(service, slices, { drafts, doomed }, type);
}

/** A Service without endpoints has one slice that is empty. */
function withPlaceholder(service: Service, slices: readonly EndpointSlice[], changes: Changes, type: AddressType): Changes {
  const { drafts, doomed } = changes;
  if (doomed.length !== slices.length || drafts.some((draft) => draft.known === undefined)) return changes;
  const [only] = doomed;
  const isPlaceholder =
    doomed.length === 1 &&
    only !== undefined &&
    isOwned(only, service) &&
    (only.ports ?? []).length === 0 &&
    (only.endpoints ?? []).length === 0 &&
    sameMap(labelsOf(only), desiredLabels(service));
  if (isPlaceholder) return { drafts, doomed: [] };
  return { drafts: [...drafts, { known: undefined, type, ports: [], endpoints: [] }], doomed };
}

/** New slices take over those that would be deleted: one write instead of two. */
function reuse(service: Service, { drafts, doomed }: Changes): Changes {
  const spare = doomed.filter((slice) => isOwned(slice, service));
  const reused = drafts.map((draft) => {
    const index = draft.known === undefined ? spare.findIndex((slice) => slice.addressType === draft.type) : -1;
    return index < 0 ? draft : { ...draft, known: spare.splice(index, 1)[0] };
  });
  return { drafts: reused, doomed: doomed.filter((slice) => !isOwned(slice, service) || spare.includes(slice)) };
}

function triggerTime(service: Service, slices: readonly EndpointSlice[], drafts: readonly Draft[], pods: readonly EndpointPod[]): string | undefined {
  const state = (endpoint: Endpoint): string => `${endpointKey(endpoint)} ${endpoint.conditions?.serving} ${endpoint.conditions?.terminating}`;
  const before = new Set(slices.flatMap((slice) => slice.endpoints ?? []).map(state));
  const changed = drafts.flatMap((draft) => draft.endpoints).filter((endpoint) => !before.has(state(endpoint)));
  const uids = new Set(changed.map((endpoint) => endpoint.targetRef?.uid));
  const oldest = oldestTrigger(pods.filter((pod) => uids.has(pod.uid)));
  const made = slices.length === 0 ? metaOf(service).creationTimestamp : undefined;
  return oldest === undefined || (made !== undefined && made < oldest) ? made : oldest;
}

/** Go writes an empty list of these as null. */
const listOrNull = <T>(list: readonly T[]): T[] => (list.length === 0 ? (null as unknown as T[]) : [...list]);

function sliceOf(service: Service, draft: Draft, name: string, time: string | undefined): EndpointSlice {
  const { annotations, ...metadata } = metaOf(draft.known ?? {});
  const { [TRIGGER_TIME]: _time, ...others } = safeMap(annotations);
  const noted = { ...others, ...(time === undefined ? {} : { [TRIGGER_TIME]: time }) };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      ...metadata,
      name,
      generateName: prefixOf(service),
      namespace: namespaceOf(service),
      labels: desiredLabels(service),
      ...(Object.keys(noted).length > 0 ? { annotations: noted } : {}),
      ownerReferences: [ownerRef(service, { apiVersion: "v1", kind: "Service" })],
    },
    addressType: draft.type,
    endpoints: listOrNull(draft.endpoints),
    ports: listOrNull(draft.ports),
  };
}
const prefixOf = (service: Service): string => {
  const prefix = `${nameOf(service)}-`;
  return nameIsDNSSubdomain(prefix, true).length > 0 ? nameOf(service) : prefix;
};

function reconcile(service: Service, world: World, now: EpochMs): Plan {
  const slices = seen<EndpointSlice>(world, "slices").filter((slice) => !isDeleting(slice));
  if (!isManaged(service)) return NOTHING;
  const failure = failureOf(world);
  if (failure !== undefined) {
    if (isTerminatingNamespace(failure)) return NOTHING;
    const message = `Error updating Endpoint Slices for Service ${namespaceOf(service)}/${nameOf(service)}: ${failure.status.message ?? ""}`;
    return plan([{ do: "event", about: typed(service, "v1", "Service"), type: "Warning", reason: "FailedToUpdateEndpointSlices", message }]);
  }
  const pods = seen<EndpointPod>(world, "pods");
  const types = addressTypes(service);
  const all = types.map((type) =>
    changesOf(
      service,
      pods,
      slices.filter((slice) => slice.addressType === type),
      type,
    ),
  );
  const { drafts, doomed } = reuse(service, {
    drafts: all.flatMap((changes) => changes.drafts),
    doomed: [...all.flatMap((changes) => changes.doomed), ...slices.filter((slice) => !types.includes(slice.addressType as AddressType))],
  });
  const time = triggerTime(service, slices, drafts, pods);
  const fresh = drafts.filter((draft) => draft.known === undefined);
  const seed = `${uidOf(service)}/${metaOf(service).resourceVersion}/${now}`;
  const names = generatedNames(prefixOf(service), fresh.length, seed, new Set(slices.map(nameOf)));
  const creations = isDeleting(service)
    ? []
    : fresh.map((draft, index): Action => ({ do: "create", resource: SLICES, object: sliceOf(service, draft, names[index] ?? "", time) }));
  const updates = drafts.flatMap((draft): Action[] =>
    draft.known === undefined ? [] : [{ do: "update", resource: SLICES, object: sliceOf(service, draft, nameOf(draft.known), time) }],
  );
  const deletions = doomed.map((slice): Action => ({ do: "delete", resource: SLICES, namespace: namespaceOf(slice), name: nameOf(slice), uid: uidOf(slice) }));
  return plan([...creations, ...updates, ...deletions]);
}

/** The Service of a slice that is ours, when somebody else may have changed or deleted the slice. */
function sliceHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  if (old === undefined) return [];
  const slices = [next, old].filter((slice) => slice !== undefined && labelsOf(slice)[MANAGED_BY] === NAME) as KubeObject[];
  return [...new Set(slices.map((slice) => `${namespaceOf(slice)}/${labelsOf(slice)[SERVICE_LABEL] ?? ""}`))];
}

export const endpointsliceController = defineController<Service>({
  name: "endpointslice-controller",
  component: "endpoint-slice-controller",
  root: "/services",
  triggers: [...ENDPOINT_TRIGGERS, { resource: SLICES, hints: sliceHints }],
  views: { ...ENDPOINT_VIEWS, slices: { resource: SLICES, project: (object: KubeObject) => wholeObject(object) } },
  expand: expandServices,
  needs(_key, service): Queries {
    if (service === undefined || !isManaged(service)) return {};
    const namespace = namespaceOf(service);
    return {
      pods: { view: "pods", namespace, labels: service.spec?.selector ?? {} },
      slices: { view: "slices", namespace, labels: { [SERVICE_LABEL]: nameOf(service), [MANAGED_BY]: NAME } },
    };
  },
  // Slices of a Service that is gone are left to the garbage collector.
  reconcile: (_key, service, world, now) => (service === undefined ? NOTHING : reconcile(service, world, now)),
});
