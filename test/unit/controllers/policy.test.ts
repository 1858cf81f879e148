// PodDisruptionBudgets count, and aggregated ClusterRoles add up.
import { describe, expect, it } from "vitest";
import { clusterRoleAggregationController } from "../../../durable-objects/controllers/clusterrole-aggregation.ts";
import { deploymentController } from "../../../durable-objects/controllers/deployment.ts";
import { disruptionController } from "../../../durable-objects/controllers/disruption.ts";
import { replicasetController } from "../../../durable-objects/controllers/replicaset.ts";
import type { ClusterRole, Pod, PodDisruptionBudget, PodDisruptionBudgetSpec } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";
import { deployment } from "./workloads.ts";

const PDB = "policy/poddisruptionbudgets";
const ROLES = "rbac.authorization.k8s.io/clusterroles";
const make = (seed = 1): TestCluster =>
  new TestCluster({ controllers: [disruptionController, deploymentController, replicasetController, clusterRoleAggregationController], seed });
const budget = (spec: PodDisruptionBudgetSpec): PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "a", namespace: "default" },
  spec: { selector: { matchLabels: { a: "b" } }, ...spec },
});
const status = (cluster: TestCluster): PodDisruptionBudget["status"] => cluster.get<PodDisruptionBudget>(PDB, "a")?.status;
const up = (replicas: number, spec: PodDisruptionBudgetSpec): TestCluster => {
  const cluster = make();
  cluster.create("apps/deployments", deployment("a", { replicas }));
  cluster.run();
  cluster.create(PDB, budget(spec));
  cluster.run();
  return cluster;
};

describe("disruption-controller", () => {
  it("writes the status that a real server shows", () => {
    const cluster = up(2, { minAvailable: "100%" });
    expect(status(cluster)).toEqual({
      conditions: [
        {
          lastTransitionTime: "2026-01-01T00:00:00Z",
          message: "",
          observedGeneration: 1,
          reason: "InsufficientPods",
          status: "False",
          type: "DisruptionAllowed",
        },
      ],
      currentHealthy: 2,
      desiredHealthy: 2,
      disruptionsAllowed: 0,
      expectedPods: 2,
      observedGeneration: 1,
    });
    cluster.change(PDB, "default/a", (next) => void (next.spec = { ...next.spec, minAvailable: 1 }));
    cluster.run();
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 1, desiredHealthy: 1, conditions: [{ status: "True", reason: "SufficientPods" }] });
    expect(cluster.leftOver()).toEqual([]);
  });

  it("knows the wanted size from the Deployment when maxUnavailable is a share", () => {
    const cluster = up(7, { maxUnavailable: "30%" });
    expect(status(cluster)).toMatchObject({ expectedPods: 7, desiredHealthy: 4, disruptionsAllowed: 3 });
    const [pod] = cluster.list<Pod>("/pods");
    cluster.change(
      "/pods",
      `default/${pod?.metadata?.name}`,
      (next) => void (next.status = { phase: "Running", conditions: [{ type: "Ready", status: "False" }] }),
    );
    cluster.run();
    expect(status(cluster)).toMatchObject({ currentHealthy: 6, disruptionsAllowed: 2 });
  });

  it("does not count a pod whose eviction was granted, for two minutes", () => {
    const cluster = up(3, { minAvailable: 1 });
    const name = cluster.list<Pod>("/pods")[0]?.metadata?.name ?? "";
    cluster.change(
      PDB,
      "default/a",
      (next) => void (next.status = { ...next.status, disruptedPods: { [name]: "2026-01-01T00:00:00Z", gone: "2026-01-01T00:00:00Z" } }),
    );
    cluster.run();
    expect(status(cluster)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1, disruptedPods: { [name]: "2026-01-01T00:00:00Z" } });
    cluster.advance(122_000);
    expect(status(cluster)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 2 });
    expect(status(cluster)?.disruptedPods).toBeUndefined();
  });

  it("allows nothing while it cannot tell the size, and says why", () => {
    const cluster = make();
    cluster.create("/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "p",
        namespace: "default",
        labels: { a: "b" },
        ownerReferences: [{ apiVersion: "x/v1", kind: "Foo", name: "f", uid: "u", controller: true }],
      },
    });
    cluster.create(PDB, budget({ maxUnavailable: 1 }));
    cluster.run();
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ reason: "SyncFailed", message: 'found no controllers for pod "p"' }] });
    expect(cluster.leftOver()).toEqual([]);
  });
});

describe("clusterrole-aggregation-controller", () => {
  it("adds up the rules of the selected roles, each once, in the order of their names", () => {
    const cluster = make();
    const role = (name: string, labels: Record<string, string>, verbs: string[]): ClusterRole => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name, labels },
      rules: verbs.map((verb) => ({ apiGroups: [""], resources: ["pods"], verbs: [verb] })),
    });
    cluster.create(ROLES, { ...role("sum", { x: "y" }, []), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { x: "y" } }] } } as ClusterRole);
    cluster.create(ROLES, role("b", { x: "y" }, ["list", "get"]));
    cluster.create(ROLES, role("a", { x: "y" }, ["get"]));
    cluster.create(ROLES, role("c", {}, ["delete"]));
    cluster.run();
    const verbs = (): (string | undefined)[] | undefined => cluster.get<ClusterRole>(ROLES, "/sum")?.rules?.map((rule) => rule.verbs?.[0]);
    expect(verbs()).toEqual(["get", "list"]);
    cluster.delete(ROLES, "/b");
    cluster.run();
    expect(verbs()).toEqual(["get"]);
    expect(cluster.leftOver()).toEqual([]);
  });
});
