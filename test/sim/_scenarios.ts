// What users do to a cluster in a simulation, and what must have come of it in the end.
import type { Deployment, Endpoints, EndpointSlice, Namespace, Pod, ReplicaSet, Service } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { pause } from "./_socket.ts";
import type { System } from "./_system.ts";

export interface Scenario {
  readonly name: string;
  readonly nodes: number;
  /** What users do; it may take its time. */
  act(system: System): Promise<void>;
  /** What is not yet as it was asked for. */
  open(system: System): string[];
}

export const deployment = (namespace: string, name: string, replicas: number, image = "nginx:1"): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image, resources: { requests: { cpu: "250m", memory: "64Mi" } } }] } },
  },
});
const service = (namespace: string, name: string): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});
const space = (name: string): Namespace => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const wait = (system: System, low: number, high: number): Promise<void> => pause(system.simulation.clock.between(low, high));
const same = (a: readonly string[], b: readonly string[]): boolean => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

const podsOf = (system: System, namespace: string, app: string): Pod[] =>
  system.list<Pod>("/pods", namespace).filter(({ metadata }) => metadata?.labels?.app === app);
const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
const leaving = ({ metadata }: KubeObject): boolean => metadata?.deletionTimestamp !== undefined;

/** A Deployment has what it asks for, and nothing else: pods, status, ReplicaSets. */
function unfinished(system: System, namespace: string, name: string, wanted: { readonly replicas: number; readonly image: string }): string[] {
  const found = system.list<Deployment>("apps/deployments", namespace).find(({ metadata }) => metadata?.name === name);
  if (!found) return [`there is no deployment ${namespace}/${name}`];
  const pods = podsOf(system, namespace, name);
  const problems: string[] = [];
  const say = (fine: boolean, what: string): void => void (fine || problems.push(`${namespace}/${name}: ${what}`));
  say(pods.length === wanted.replicas, `${pods.length} pods instead of ${wanted.replicas}`);
  say(
    pods.every(isReady),
    `${pods
      .filter((pod) => !isReady(pod))
      .map((pod) => `${pod.metadata?.name} on ${pod.spec?.nodeName} is ${pod.status?.phase}`)
      .join(", ")}`,
  );
  say(
    pods.every(({ spec }) => spec?.containers?.[0]?.image === wanted.image),
    `not all pods run ${wanted.image}`,
  );
  say(
    !pods.some(leaving),
    `on their way out: ${pods
      .filter(leaving)
      .map((pod) => `${pod.metadata?.name} of ${pod.spec?.nodeName}, ${pod.status?.phase}`)
      .join("; ")}`,
  );
  const { status, metadata, spec } = found;
  say(spec?.replicas === wanted.replicas, "asks for something else");
  say(
    (status?.availableReplicas ?? 0) === wanted.replicas && (status?.updatedReplicas ?? 0) === wanted.replicas && (status?.replicas ?? 0) === wanted.replicas,
    `status ${JSON.stringify(status)}`,
  );
  say(status?.observedGeneration === metadata?.generation, "its status is of another generation");
  const sets = system.list<ReplicaSet>("apps/replicasets", namespace).filter((set) => set.metadata?.ownerReferences?.some(({ uid }) => uid === metadata?.uid));
  const sizes = sets.map((set) => set.spec?.replicas ?? 0).filter((size) => size > 0);
  say(same(sizes.map(String), wanted.replicas === 0 ? [] : [String(wanted.replicas)]), `its ReplicaSets have ${sizes.join(", ")}`);
  return problems;
}

/** A Service leads to the ready pods and to nothing else, in both forms. */
function misled(system: System, namespace: string, name: string): string[] {
  const ready = podsOf(system, namespace, name)
    .filter((pod) => isReady(pod) && !leaving(pod))
    .map(({ status }) => status?.podIP ?? "");
  const slices = system
    .list<EndpointSlice>("discovery.k8s.io/endpointslices", namespace)
    .filter(({ metadata }) => metadata?.labels?.["kubernetes.io/service-name"] === name);
  const inSlices = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready)
    .flatMap(({ addresses }) => addresses ?? []);
  const endpoints = system.list<Endpoints>("/endpoints", namespace).find(({ metadata }) => metadata?.name === name);
  const inEndpoints = (endpoints?.subsets ?? []).flatMap(({ addresses }) => addresses ?? []).map(({ ip }) => ip ?? "");
  return [
    ...(same(ready, inSlices) ? [] : [`slices of ${name} lead to ${inSlices.length} addresses, ${ready.length} pods are ready`]),
    ...(same(ready, inEndpoints) ? [] : [`endpoints of ${name} lead to ${inEndpoints.length} addresses, ${ready.length} pods are ready`]),
  ];
}
/** Nothing is left of a namespace; except that Events may come late, which nobody waits for. */
const remains = (system: System, namespace: string): string[] => [
  ...[...system.objects.keys()]
    .filter((resource) => resource !== "/events")
    .flatMap((resource) => system.list(resource, namespace).map(({ metadata }) => `${resource} ${namespace}/${metadata?.name} is left`)),
  ...(system.list("/namespaces").some(({ metadata }) => metadata?.name === namespace) ? [`namespace ${namespace} is left`] : []),
];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "a Deployment is rolled out, scaled and given another image",
    nodes: 4,
    async act(system) {
      const web = { namespace: "default", name: "web" };
      await system.create("/services", service("default", "web"));
      await system.create("apps/deployments", deployment("default", "web", 20));
      await wait(system, 0, 4000);
      await system.patch("apps/deployments", web, { spec: { replicas: 24 } });
      await wait(system, 0, 4000);
      await system.patch("apps/deployments", web, { spec: { template: { spec: { containers: [{ name: "c", image: "nginx:2" }] } } } });
      await wait(system, 0, 8000);
      await system.patch("apps/deployments", web, { spec: { replicas: 12 } });
    },
    open: (system) => [...unfinished(system, "default", "web", { replicas: 12, image: "nginx:2" }), ...misled(system, "default", "web")],
  },
  {
    name: "a namespace is deleted while its workloads start",
    nodes: 3,
    async act(system) {
      for (const name of ["x", "y"]) {
        await system.create("/namespaces", space(name));
        await system.create("/services", service(name, "web"));
        await system.create("apps/deployments", deployment(name, "web", 6));
        await system.create("/configmaps", { metadata: { name: "settings", namespace: name } });
      }
      await wait(system, 0, 5000);
      await system.delete("/namespaces", { namespace: "", name: "x" });
    },
    open: (system) => [...remains(system, "x"), ...unfinished(system, "y", "web", { replicas: 6, image: "nginx:1" }), ...misled(system, "y", "web")],
  },
  {
    name: "a node is drained, another is removed",
    nodes: 5,
    async act(system) {
      await system.create("/services", service("default", "web"));
      await system.create("apps/deployments", deployment("default", "web", 16));
      await wait(system, 0, 6000);
      await system.patch("/nodes", { namespace: "", name: "node-0" }, { spec: { unschedulable: true } });
      await wait(system, 0, 3000);
      for (let round = 0; round < 40; round++) {
        const there = system.list<Pod>("/pods").filter(({ spec }) => spec?.nodeName === "node-0");
        for (const { metadata } of there)
          await system.delete("/pods", { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" }, metadata?.uid ? { uid: metadata.uid } : {});
        await pause(2000);
      }
      await system.delete("/nodes", { namespace: "", name: "node-1" });
    },
    open: (system) => [
      ...unfinished(system, "default", "web", { replicas: 16, image: "nginx:1" }),
      ...misled(system, "default", "web"),
      ...system
        .list<Pod>("/pods")
        .filter(({ spec }) => spec?.nodeName === "node-0" || spec?.nodeName === "node-1")
        .map(({ metadata, spec }) => `${metadata?.name} is on ${spec?.nodeName}`),
    ],
  },
  {
    name: "a Deployment is deleted and made anew under its name, again and again",
    nodes: 3,
    async act(system) {
      const web = { namespace: "default", name: "web" };
      await system.create("/services", service("default", "web"));
      for (const [round, propagationPolicy] of (["Foreground", "Background", "Foreground"] as const).entries()) {
        await system.create("apps/deployments", deployment("default", "web", 8, `nginx:${round}`));
        await wait(system, 0, 4000);
        const uid = system.list("apps/deployments", "default").find(({ metadata }) => metadata?.name === "web")?.metadata?.uid;
        await system.delete("apps/deployments", web, { propagationPolicy, ...(uid ? { uid } : {}) });
      }
      await system.create("apps/deployments", deployment("default", "web", 5, "nginx:9"));
    },
    open: (system) => [...unfinished(system, "default", "web", { replicas: 5, image: "nginx:9" }), ...misled(system, "default", "web")],
  },
  {
    name: "there is not room for all until some leave",
    nodes: 1,
    async act(system) {
      await system.create("apps/deployments", deployment("default", "first", 10));
      await system.create("apps/deployments", deployment("default", "second", 10));
      await wait(system, 0, 8000);
      await system.patch("apps/deployments", { namespace: "default", name: "first" }, { spec: { replicas: 4 } });
    },
    open: (system) => [
      ...unfinished(system, "default", "first", { replicas: 4, image: "nginx:1" }),
      ...unfinished(system, "default", "second", { replicas: 10, image: "nginx:1" }),
    ],
  },
];
