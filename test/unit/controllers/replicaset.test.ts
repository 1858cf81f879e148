// ReplicaSets and ReplicationControllers keep their number of pods, whatever happens to these.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replicasetController } from "../../../durable-objects/controllers/replicaset.ts";
import { replicationController } from "../../../durable-objects/controllers/replication.ts";
import type { Pod, ReplicaSet, ReplicationController } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";
import { replicaSet, template } from "./workloads.ts";

const make = (seed = 1): TestCluster => new TestCluster({ controllers: [replicasetController, replicationController], seed });
const RS = "apps/replicasets";
const pods = (cluster: TestCluster): Pod[] => cluster.list<Pod>("/pods");

describe("replicaset-controller", () => {
  it("makes pods like the template, with the owner that a real server shows", () => {
    const cluster = make();
    const rs = cluster.create(RS, replicaSet("a"));
    cluster.run();
    expect(pods(cluster)).toHaveLength(3);
    for (const pod of pods(cluster)) {
      expect(pod.metadata?.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(pod.metadata?.generateName).toBe("a-");
      expect(pod.metadata?.labels).toEqual({ a: "b" });
      expect(pod.metadata?.ownerReferences).toEqual([
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "a", uid: rs.metadata?.uid, controller: true, blockOwnerDeletion: true },
      ]);
    }
    expect(cluster.get<ReplicaSet>(RS, "a")?.status).toEqual({
      availableReplicas: 3,
      fullyLabeledReplicas: 3,
      observedGeneration: 1,
      readyReplicas: 3,
      replicas: 3,
      terminatingReplicas: 0,
    });
    expect(cluster.eventTexts("ReplicaSet").sort()).toEqual(pods(cluster).map((pod) => `Normal SuccessfulCreate Created pod: ${pod.metadata?.name}`));
  });

  it("takes matching pods that nobody owns and lets go of those that stop matching", () => {
    const cluster = make();
    cluster.create("/pods", { apiVersion: "v1", kind: "Pod", metadata: { name: "lone", namespace: "default", labels: { a: "b" } } });
    cluster.run();
    cluster.create(RS, replicaSet("a", { replicas: 2 }));
    cluster.run();
    expect(pods(cluster)).toHaveLength(2);
    expect(cluster.get<Pod>("/pods", "lone")?.metadata?.ownerReferences?.[0]).toMatchObject({ name: "a", controller: true, blockOwnerDeletion: true });
    cluster.change("/pods", "default/lone", (pod) => {
      pod.metadata = { ...pod.metadata, labels: { a: "c" } };
    });
    cluster.run();
    expect(cluster.get<Pod>("/pods", "lone")?.metadata?.ownerReferences).toBeUndefined();
    expect(pods(cluster)).toHaveLength(3);
  });

  it("adopts a pod that comes to match later, and then has one too many", () => {
    const cluster = make();
    cluster.create(RS, replicaSet("a", { replicas: 1 }));
    cluster.run();
    cluster.create("/pods", { apiVersion: "v1", kind: "Pod", metadata: { name: "late", namespace: "default", labels: { a: "b" } } });
    cluster.run();
    expect(pods(cluster)).toHaveLength(1);
    expect(cluster.eventTexts("ReplicaSet").filter((text) => text.includes("SuccessfulDelete"))).toHaveLength(1);
  });

  it("removes pods without a node first, then those not ready, then by deletion cost", () => {
    const cluster = make();
    cluster.create(RS, replicaSet("a", { replicas: 4 }));
    cluster.run();
    const names = pods(cluster).map((pod) => pod.metadata?.name ?? "");
    const [cheap = "", dear = "", unready = "", loose = ""] = names;
    cluster.change("/pods", `default/${cheap}`, (pod) => {
      pod.metadata = { ...pod.metadata, annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } };
    });
    cluster.change("/pods", `default/${unready}`, (pod) => {
      pod.status = { ...pod.status, conditions: [{ type: "Ready", status: "False" }] };
    });
    cluster.change("/pods", `default/${loose}`, (pod) => {
      delete pod.spec?.["nodeName"];
    });
    const order: string[] = [];
    for (const replicas of [3, 2, 1]) {
      cluster.change(RS, "default/a", (rs) => {
        (rs.spec ??= {})["replicas"] = replicas;
      });
      cluster.run();
      const left = new Set(pods(cluster).map((pod) => pod.metadata?.name));
      order.push(...names.filter((name) => !left.has(name) && !order.includes(name)));
    }
    expect(order).toEqual([loose, unready, cheap]);
    expect(pods(cluster).map((pod) => pod.metadata?.name)).toEqual([dear]);
  });

  it("replaces pods that failed and does not count those going away", () => {
    const cluster = make();
    cluster.create(RS, replicaSet("a", { replicas: 2 }));
    cluster.run();
    const [pod] = pods(cluster);
    cluster.change("/pods", `default/${pod?.metadata?.name}`, (next) => {
      next.status = { phase: "Failed" };
    });
    cluster.run();
    expect(pods(cluster)).toHaveLength(3);
    expect(cluster.get<ReplicaSet>(RS, "a")?.status).toMatchObject({ replicas: 2, readyReplicas: 2 });
  });

  it("counts a pod as available once it was ready for minReadySeconds", () => {
    const cluster = make();
    cluster.create(RS, replicaSet("a", { replicas: 1, minReadySeconds: 10 }));
    cluster.run();
    expect(cluster.get<ReplicaSet>(RS, "a")?.status).toMatchObject({ readyReplicas: 1 });
    expect(cluster.get<ReplicaSet>(RS, "a")?.status?.availableReplicas).toBeUndefined();
    cluster.advance(9_000);
    expect(cluster.get<ReplicaSet>(RS, "a")?.status?.availableReplicas).toBeUndefined();
    cluster.advance(1_500);
    expect(cluster.get<ReplicaSet>(RS, "a")?.status?.availableReplicas).toBe(1);
  });

  it("says in a condition that pods are refused, and takes it back", () => {
    const cluster = make();
    const message = 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2';
    cluster.refuse = (action) => (action.do === "create" && pods(cluster).length >= 2 ? { message, reason: "Forbidden", code: 403 } : undefined);
    cluster.create(RS, replicaSet("a", { replicas: 3 }));
    cluster.run();
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message };
    expect(cluster.get<ReplicaSet>(RS, "a")?.status?.conditions).toEqual([expect.objectContaining(failure)]);
    expect(cluster.eventTexts("ReplicaSet")).toContain(`Warning FailedCreate Error creating: ${message}`);
    cluster.advance(2_000);
    expect(cluster.get<ReplicaSet>(RS, "a")?.status).toMatchObject({ replicas: 2 });
    cluster.refuse = undefined;
    cluster.advance(2_000);
    expect(cluster.get<ReplicaSet>(RS, "a")?.status).toMatchObject({ replicas: 3 });
    expect(cluster.get<ReplicaSet>(RS, "a")?.status?.conditions).toBeUndefined();
  });

  it("makes 1,300 pods in plans within the limit and keeps the Events few", () => {
    const cluster = make();
    cluster.podsBecomeReady = false;
    cluster.create(RS, replicaSet("a", { replicas: 1_300 }));
    cluster.run({ nodes: false });
    expect(pods(cluster)).toHaveLength(1_300);
    expect(cluster.events.length).toBeLessThan(20);
    expect(cluster.get<ReplicaSet>(RS, "a")?.status).toMatchObject({ replicas: 1_300, fullyLabeledReplicas: 1_300 });
  });

  it("makes no pods for a set that is going away", () => {
    const cluster = make();
    const rs = replicaSet("a");
    cluster.create(RS, { ...rs, metadata: { ...rs.metadata, finalizers: ["x.example/hold"] } });
    cluster.delete(RS, "default/a");
    cluster.run();
    expect(pods(cluster)).toHaveLength(0);
  });

  it("reaches the wanted number from any state, in any order, and then has nothing left to do", () => {
    const step = fc.record({ replicas: fc.integer({ min: 0, max: 8 }), fail: fc.boolean(), relabel: fc.boolean(), bare: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), fc.integer({ min: 1, max: 1_000_000 }), (steps, seed) => {
        const cluster = make(seed);
        cluster.create(RS, replicaSet("a", { replicas: 2 }));
        let wanted = 2;
        steps.forEach(({ replicas, fail, relabel, bare }, index) => {
          wanted = replicas;
          const [one, two] = pods(cluster);
          if (one && fail) cluster.change("/pods", `default/${one.metadata?.name}`, (pod) => void (pod.status = { phase: "Failed" }));
          if (two && relabel) cluster.change("/pods", `default/${two.metadata?.name}`, (pod) => void (pod.metadata = { ...pod.metadata, labels: {} }));
          if (bare) cluster.create("/pods", { metadata: { name: `bare-${index}`, namespace: "default", labels: { a: "b" } } });
          cluster.change(RS, "default/a", (rs) => void ((rs.spec ??= {})["replicas"] = replicas));
          cluster.run({ nodes: cluster.roll(2) === 0 });
        });
        cluster.run();
        const rs = cluster.get<ReplicaSet>(RS, "a");
        const mine = pods(cluster).filter((pod) => pod.metadata?.ownerReferences?.[0]?.uid === rs?.metadata?.uid && pod.status?.phase === "Running");
        expect(mine).toHaveLength(wanted);
        expect(rs?.status?.replicas).toBe(wanted);
        expect(cluster.leftOver()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("replication-controller", () => {
  it("does the same for ReplicationControllers", () => {
    const cluster = make();
    cluster.create("/replicationcontrollers", {
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name: "rc", namespace: "default" },
      spec: { replicas: 2, selector: { a: "b" }, template: template("i:1") },
    } as ReplicationController);
    cluster.run();
    expect(pods(cluster)).toHaveLength(2);
    expect(pods(cluster)[0]?.metadata?.ownerReferences?.[0]).toMatchObject({ apiVersion: "v1", kind: "ReplicationController" });
    expect(cluster.get<ReplicationController>("/replicationcontrollers", "rc")?.status).toEqual({
      availableReplicas: 2,
      fullyLabeledReplicas: 2,
      observedGeneration: 1,
      readyReplicas: 2,
      replicas: 2,
    });
    expect(cluster.leftOver()).toEqual([]);
  });
});
