// All controllers at once: the registry is sound, and a day in the life of a small cluster ends well in any order.
import { describe, expect, it } from "vitest";
import { CONTROLLERS } from "../../../durable-objects/controllers/index.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Endpoints, Namespace, Pod } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";
import { deployment, template } from "./workloads.ts";

const inX = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, namespace: "x" } });
function start(seed: number): TestCluster {
  const cluster = new TestCluster({ controllers: CONTROLLERS, seed });
  for (const name of ["node-0", "node-1", "node-2"]) {
    cluster.create("/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name },
      spec: {},
      status: { conditions: [{ type: "Ready", status: "True" }] },
    } as KubeObject);
  }
  cluster.create("/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "x" },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  } as Namespace);
  cluster.create("/services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s", namespace: "x" },
    spec: { clusterIP: "10.96.0.9", ipFamilies: ["IPv4"], selector: { a: "b" }, ports: [{ port: 80, targetPort: 80, protocol: "TCP" }] },
  } as KubeObject);
  cluster.create("apps/deployments", inX(deployment("a")));
  cluster.create("policy/poddisruptionbudgets", {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "p", namespace: "x" },
    spec: { maxUnavailable: 1, selector: { matchLabels: { a: "b" } } },
  } as KubeObject);
  return cluster;
}
const pods = (cluster: TestCluster): Pod[] => cluster.list<Pod>("/pods");

describe("all controllers", () => {
  it("have names of their own and views for all they ask", () => {
    expect(new Set(CONTROLLERS.map((controller) => controller.name)).size).toBe(CONTROLLERS.length);
    for (const controller of CONTROLLERS.filter((known) => known.root !== undefined)) {
      expect(controller.triggers.length).toBeGreaterThan(0);
      for (const [name, { view }] of Object.entries(controller.needs("x/a", undefined))) {
        expect(controller.views[view], `${controller.name} ${name}`).toBeDefined();
      }
    }
  });

  it("bring a rollout to its end and find nothing left to do, in any order", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const cluster = start(seed);
      cluster.run();
      expect(pods(cluster)).toHaveLength(3);
      cluster.change("apps/deployments", "x/a", (next) => void (next.spec = { ...next.spec, replicas: 4, template: template("i:2") } as never));
      cluster.run();
      expect(pods(cluster).map((pod) => pod.spec?.containers?.[0]?.image)).toEqual(["i:2", "i:2", "i:2", "i:2"]);
      const addresses = cluster.get<Endpoints>("/endpoints", "x/s")?.subsets?.flatMap((subset) => subset.addresses ?? []);
      expect(addresses?.map((address) => address.targetRef?.name).sort()).toEqual(
        pods(cluster)
          .map((pod) => pod.metadata?.name)
          .sort(),
      );
      expect(cluster.get("policy/poddisruptionbudgets", "x/p")).toMatchObject({ status: { disruptionsAllowed: 1, expectedPods: 4 } });
      expect(cluster.leftOver()).toEqual([]);
      const writes = cluster.writes.length;
      cluster.enqueueAll();
      cluster.run();
      expect(cluster.writes.length).toBe(writes);
    }
  });

  it("move pods off a lost node", () => {
    const cluster = start(3);
    cluster.run();
    const lost = pods(cluster)[0]?.spec?.nodeName ?? "";
    cluster.change("/nodes", `/${lost}`, (next) => void (next.status = { conditions: [{ type: "Ready", status: "Unknown" }] }));
    cluster.run();
    const left = pods(cluster).filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    expect(left.length).toBe(3);
  });

  it("clean up after a Deployment that is deleted in the foreground, and after a namespace", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const cluster = start(seed);
      cluster.run();
      cluster.delete("apps/deployments", "x/a", "Foreground");
      cluster.run();
      expect(cluster.list("apps/deployments")).toEqual([]);
      expect(cluster.list("apps/replicasets")).toEqual([]);
      expect(pods(cluster)).toEqual([]);
      cluster.delete("/services", "x/s");
      cluster.run();
      expect(cluster.list("/endpoints")).toEqual([]);
      expect(cluster.list("discovery.k8s.io/endpointslices")).toEqual([]);
      cluster.delete("/namespaces", "/x");
      cluster.run();
      expect(cluster.list("/namespaces")).toEqual([]);
      expect(cluster.list("/serviceaccounts")).toEqual([]);
    }
  });
});
