// endpoints-controller: keeps the Endpoints of each Service that selects pods. As upstream: pkg/controller/endpoint/endpoints_controller.go.
import { equalJson } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Endpoints, EndpointSubset, Service } from "../../shared/kinds/_generated/types.ts";
import { defineController, NOTHING, type Plan, splitKey, type World } from "../../shared/reconcile/controller.ts";
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
import { isOverCapacity, subsetsOf, truncated } from "./_parts/endpoint-subsets.ts";
import { sameMap } from "./_parts/pod-view.ts";
import { failureOf, first, labelsOf, metaOf, nameOf, namespaceOf, plan, type Queries, safeMap, seen, typed, wholeObject } from "./_parts/world.ts";

const ENDPOINTS = "/endpoints";
const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const NAME = "endpoint-controller";
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

/** Which pods stand where: told apart by uid and by readiness. */
const standings = (subsets: readonly EndpointSubset[]): Set<string> =>
  new Set(
    subsets.flatMap((subset) => [
      ...(subset.addresses ?? []).map((address) => `${address.targetRef?.uid} ready`),
      ...(subset.notReadyAddresses ?? []).map((address) => `${address.targetRef?.uid} not`),
    ]),
  );
function triggerTime(service: Service, known: Endpoints | undefined, subsets: readonly EndpointSubset[], world: World): string | undefined {
  const before = standings(known?.subsets ?? []);
  const changed = new Set([...standings(subsets)].filter((key) => !before.has(key)).map((key) => key.split(" ")[0]));
  const oldest = oldestTrigger(seen<EndpointPod>(world, "pods").filter((pod) => changed.has(pod.uid)));
  const made = known === undefined ? metaOf(service).creationTimestamp : undefined;
  return oldest === undefined || (made !== undefined && made < oldest) ? made : oldest;
}

function desiredLabels(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _headless, ...labels } = safeMap(labelsOf(service));
  return { ...labels, ...(isHeadless(service) ? { [HEADLESS_LABEL]: "" } : {}), [MANAGED_BY]: NAME };
}

function upToDate(service: Service, known: Endpoints, subsets: readonly EndpointSubset[]): boolean {
  const { [HEADLESS_LABEL]: _known, ...labels } = labelsOf(known);
  const { [HEADLESS_LABEL]: _wanted, ...wanted } = desiredLabels(service);
  return equalJson(known.subsets ?? [], subsets) && sameMap(labels, wanted);
}

function reconcile(service: Service, world: World): Plan {
  if (!isManaged(service)) return NOTHING;
  const whole = subsetsOf(service, seen<EndpointPod>(world, "pods"));
  const subsets = truncated(whole);
  const known = first<Endpoints>(world, "endpoints");
  const { [TRIGGER_TIME]: _time, [OVER_CAPACITY]: _over, ...others } = safeMap(metaOf(known ?? {}).annotations);
  const over = isOverCapacity(whole);
  const unmarked = known !== undefined && over !== (metaOf(known).annotations?.[OVER_CAPACITY] !== undefined);
  if (known !== undefined && !unmarked && upToDate(service, known, subsets)) return NOTHING;
  const time = triggerTime(service, known, subsets, world);
  const annotations = {
    ...others,
    ...(time === undefined ? {} : { [TRIGGER_TIME]: time }),
    ...(over ? { [OVER_CAPACITY]: "truncated" } : {}),
  };
  const { annotations: _annotations, ...metadata } = metaOf(known ?? {});
  const object: Endpoints = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      ...metadata,
      name: nameOf(service),
      namespace: namespaceOf(service),
      labels: desiredLabels(service),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...(subsets.length > 0 ? { subsets: [...subsets] } : {}),
  };
  const failure = failureOf(world);
  if (failure === undefined) return plan([{ do: known === undefined ? "create" : "update", resource: ENDPOINTS, object }]);
  const creating = known === undefined;
  return plan([
    {
      do: "event",
      about: typed(creating ? service : known, "v1", creating ? "Service" : "Endpoints"),
      type: "Warning",
      reason: creating ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint",
      message: creating
        ? `Failed to create endpoint for service ${namespaceOf(service)}/${nameOf(service)}: ${failure.status.message ?? ""}`
        : `Failed to update endpoint ${namespaceOf(service)}/${nameOf(service)}: ${failure.status.message ?? ""}`,
    },
  ]);
}

export const endpointsController = defineController<Service>({
  name: "endpoints-controller",
  component: "endpoint-controller",
  root: "/services",
  triggers: [
    ...ENDPOINT_TRIGGERS,
    {
      resource: ENDPOINTS,
      hints: (next, old) => (next === undefined && old !== undefined ? [`${namespaceOf(old)}/${nameOf(old)}`] : []),
    },
  ],
  views: { ...ENDPOINT_VIEWS, endpoints: { resource: ENDPOINTS, project: (object: KubeObject) => wholeObject(object) } },
  expand: expandServices,
  needs(key, service): Queries {
    const { namespace, name } = splitKey(key);
    if (service !== undefined && !isManaged(service)) return {};
    const endpoints = { view: "endpoints", namespace, name };
    if (service === undefined) return { endpoints };
    return { endpoints, pods: { view: "pods", namespace, labels: service.spec?.selector ?? {} } };
  },
  reconcile(key, service, world) {
    if (service !== undefined) return reconcile(service, world);
    // The Service is gone, and its Endpoints go with it.
    const known = first<Endpoints>(world, "endpoints");
    if (known === undefined) return NOTHING;
    const { namespace, name } = splitKey(key);
    return plan([{ do: "delete", resource: ENDPOINTS, namespace, name, uid: metaOf(known).uid ?? "" }]);
  },
});
