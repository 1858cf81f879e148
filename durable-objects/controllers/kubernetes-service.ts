// The Service `kubernetes` and its endpoints: whoever deletes them gets them back, as from a real API server.
// As upstream: pkg/controlplane/controller/kubernetesservice/controller.go.
import { API_OBJECTS, apiObjects } from "../../shared/bootstrap/objects.ts";
import { defineController, NOTHING, type Action } from "../../shared/reconcile/controller.ts";
import { nameOf, namespaceOf, plan, type Queries, seen } from "./_parts/world.ts";

const KEY = "kubernetes";
const { name: NAME, namespace: NAMESPACE } = API_OBJECTS.at;

export const kubernetesServiceController = defineController({
  name: "kubernetes-service-controller",
  triggers: API_OBJECTS.resources.map((resource) => ({
    resource,
    hints: (next, old) => (next === undefined && old !== undefined && nameOf(old) === NAME && namespaceOf(old) === NAMESPACE ? [KEY] : []),
  })),
  views: Object.fromEntries(API_OBJECTS.resources.map((resource) => [resource, { resource, project: nameOf }])),
  needs: (): Queries => Object.fromEntries(API_OBJECTS.resources.map((resource) => [resource, { view: resource, namespace: NAMESPACE, name: NAME }])),
  reconcile(_key, _root, world) {
    const missing = API_OBJECTS.resources.filter((resource) => seen(world, resource).length === 0);
    const actions = missing.flatMap((resource): Action[] => apiObjects(resource).map((object) => ({ do: "create", resource, object })));
    return actions.length === 0 ? NOTHING : plan(actions);
  },
});
