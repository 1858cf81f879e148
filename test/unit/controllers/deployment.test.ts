// Deployments roll as a real control plane rolls them: the same sets, notes, conditions and Events.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deploymentController } from "../../../durable-objects/controllers/deployment.ts";
import { replicasetController } from "../../../durable-objects/controllers/replicaset.ts";
import type { Deployment, Pod, ReplicaSet } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";
import { deployment, template } from "./workloads.ts";

const D = "apps/deployments";
const RS = "apps/replicasets";
const make = (seed = 1): TestCluster => new TestCluster({ controllers: [deploymentController, replicasetController], seed });
const get = (cluster: TestCluster): Deployment => cluster.get<Deployment>(D, "a") as Deployment;
const sets = (cluster: TestCluster): ReplicaSet[] => cluster.list<ReplicaSet>(RS);
const byImage = (cluster: TestCluster, image: string): ReplicaSet =>
  sets(cluster).find((set) => set.spec?.template?.spec?.containers?.[0]?.image === image) as ReplicaSet;
const condition = (cluster: TestCluster, type: string): object | undefined => {
  const found = get(cluster).status?.conditions?.find((other) => other.type === type);
  return found && { status: found.status, reason: found.reason, message: found.message };
};
const edit = (cluster: TestCluster, change: (spec: NonNullable<Deployment["spec"]>) => void): void =>
  cluster.change(D, "default/a", (d) => change(d.spec as NonNullable<Deployment["spec"]>));
const roll = (cluster: TestCluster, image: string): void => edit(cluster, (spec) => void (spec.template = template(image)));
const up = (spec: Deployment["spec"] = {}, seed = 1): TestCluster => {
  const cluster = make(seed);
  cluster.create(D, deployment("a", spec));
  cluster.run();
  return cluster;
};

describe("deployment-controller", () => {
  it("comes up with the set, notes and conditions that a real server shows", () => {
    const cluster = up();
    const [set] = sets(cluster);
    const hash = set?.metadata?.labels?.["pod-template-hash"] ?? "";
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
    expect(set?.metadata).toMatchObject({
      name: `a-${hash}`,
      annotations: {
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
        "deployment.kubernetes.io/revision": "1",
      },
      labels: { a: "b", "pod-template-hash": hash },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "a", controller: true, blockOwnerDeletion: true }],
    });
    expect(set?.spec).toMatchObject({
      replicas: 3,
      selector: { matchLabels: { a: "b", "pod-template-hash": hash } },
      template: { metadata: { labels: { a: "b", "pod-template-hash": hash } } },
    });
    expect(get(cluster).metadata?.annotations).toEqual({ "deployment.kubernetes.io/revision": "1" });
    expect(get(cluster).status).toMatchObject({
      availableReplicas: 3,
      observedGeneration: 1,
      readyReplicas: 3,
      replicas: 3,
      updatedReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(get(cluster).status?.unavailableReplicas).toBeUndefined();
    expect(get(cluster).status?.conditions?.map((known) => known.type)).toEqual(["Available", "Progressing"]);
    expect(condition(cluster, "Available")).toEqual({ status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." });
    expect(condition(cluster, "Progressing")).toEqual({
      status: "True",
      reason: "NewReplicaSetAvailable",
      message: `ReplicaSet "a-${hash}" has successfully progressed.`,
    });
    expect(cluster.eventTexts("Deployment")).toEqual([`Normal ScalingReplicaSet Scaled up replica set a-${hash} from 0 to 3`]);
  });

  it("rolls to a new template and numbers it", () => {
    const cluster = up();
    roll(cluster, "i:2");
    cluster.run();
    expect(
      sets(cluster)
        .map((set) => set.spec?.replicas)
        .sort(),
    ).toEqual([0, 3]);
    expect(byImage(cluster, "i:2").spec?.replicas).toBe(3);
    expect(get(cluster).metadata?.annotations).toEqual({ "deployment.kubernetes.io/revision": "2" });
    expect(get(cluster).status).toMatchObject({ updatedReplicas: 3, replicas: 3, availableReplicas: 3, observedGeneration: 2 });
    expect(condition(cluster, "Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
    expect(byImage(cluster, "i:1").metadata?.annotations).toMatchObject({
      "deployment.kubernetes.io/desired-replicas": "3",
      "deployment.kubernetes.io/max-replicas": "4",
      "deployment.kubernetes.io/revision": "1",
    });
  });

  it("goes back to an old set under a new number and remembers the old one", () => {
    const cluster = up({ replicas: 1 });
    roll(cluster, "i:2");
    cluster.run();
    roll(cluster, "i:1");
    cluster.run();
    expect(sets(cluster)).toHaveLength(2);
    expect(byImage(cluster, "i:1").metadata?.annotations).toEqual({
      "deployment.kubernetes.io/desired-replicas": "1",
      "deployment.kubernetes.io/max-replicas": "2",
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
    expect(get(cluster).metadata?.annotations).toEqual({ "deployment.kubernetes.io/revision": "3" });
  });

  it("recreates: all old pods go before a new one comes", () => {
    const cluster = up({ replicas: 2, strategy: { type: "Recreate" } });
    roll(cluster, "i:2");
    let mixed = false;
    for (let round = 0; round < 500; round++) {
      try {
        cluster.run({ rounds: 1 });
      } catch {
        // One round at a time: not finished yet.
      }
      const images = new Set(cluster.list<Pod>("/pods").map((pod) => pod.spec?.containers?.[0]?.image));
      mixed ||= images.size > 1;
    }
    expect(mixed).toBe(false);
    expect(get(cluster).status).toMatchObject({ updatedReplicas: 2, availableReplicas: 2, replicas: 2, observedGeneration: 2 });
    const names = [byImage(cluster, "i:1").metadata?.name, byImage(cluster, "i:2").metadata?.name];
    expect(cluster.eventTexts("Deployment")).toEqual([
      `Normal ScalingReplicaSet Scaled up replica set ${names[0]} from 0 to 2`,
      `Normal ScalingReplicaSet Scaled down replica set ${names[0]} from 2 to 0`,
      `Normal ScalingReplicaSet Scaled up replica set ${names[1]} from 0 to 2`,
    ]);
  });

  it("stops at maxUnavailable and maxSurge when new pods do not become ready, and gives up at the deadline", () => {
    const cluster = up({ replicas: 4, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    cluster.podsBecomeReady = false;
    roll(cluster, "i:2");
    cluster.run();
    expect(get(cluster).status).toMatchObject({ updatedReplicas: 2, replicas: 5, availableReplicas: 3, readyReplicas: 3, unavailableReplicas: 2 });
    expect(condition(cluster, "Available")).toMatchObject({ status: "True" });
    expect(condition(cluster, "Progressing")).toMatchObject({ status: "True", reason: "ReplicaSetUpdated" });
    cluster.advance(602_000);
    const name = byImage(cluster, "i:2").metadata?.name;
    expect(condition(cluster, "Progressing")).toEqual({
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message: `ReplicaSet "${name}" has timed out progressing.`,
    });
  });

  it("gives a stuck rollout up for a third template", () => {
    const cluster = up({ replicas: 4 });
    cluster.podsBecomeReady = false;
    roll(cluster, "i:2");
    cluster.run();
    cluster.podsBecomeReady = true;
    roll(cluster, "i:3");
    cluster.run();
    expect(byImage(cluster, "i:3").spec?.replicas).toBe(4);
    expect(byImage(cluster, "i:2").spec?.replicas).toBe(0);
    expect(byImage(cluster, "i:1").spec?.replicas).toBe(0);
  });

  it("scales while paused and rolls once resumed", () => {
    const cluster = up({ replicas: 1 });
    edit(cluster, (spec) => {
      spec.paused = true;
      spec.replicas = 2;
      spec.template = template("i:2");
    });
    cluster.run();
    expect(sets(cluster)).toHaveLength(1);
    expect(get(cluster).status).toMatchObject({ replicas: 2, availableReplicas: 2, observedGeneration: 2 });
    expect(get(cluster).status?.updatedReplicas).toBeUndefined();
    expect(condition(cluster, "Progressing")).toEqual({ status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" });
    edit(cluster, (spec) => void (spec.paused = false));
    cluster.run();
    expect(condition(cluster, "Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
    expect(get(cluster).status).toMatchObject({ updatedReplicas: 2, replicas: 2 });
  });

  it("shares a change of size between the sets of a rollout in proportion", () => {
    const cluster = up({ replicas: 10, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    cluster.podsBecomeReady = false;
    roll(cluster, "i:2");
    cluster.run();
    expect([byImage(cluster, "i:1").spec?.replicas, byImage(cluster, "i:2").spec?.replicas]).toEqual([8, 5]);
    edit(cluster, (spec) => void (spec.replicas = 30));
    cluster.run();
    // The documented example: 33 in all, 13 before; 8 * 33 / 13 = 20, 5 * 33 / 13 = 13.
    expect([byImage(cluster, "i:1").spec?.replicas, byImage(cluster, "i:2").spec?.replicas]).toEqual([20, 13]);
    expect(byImage(cluster, "i:1").metadata?.annotations).toMatchObject({ "deployment.kubernetes.io/desired-replicas": "30" });
  });

  it("keeps revisionHistoryLimit old sets", () => {
    const cluster = up({ replicas: 1, revisionHistoryLimit: 1 });
    for (const image of ["i:2", "i:3", "i:4"]) {
      cluster.now += 5_000;
      roll(cluster, image);
      cluster.run();
    }
    expect(
      sets(cluster)
        .map((set) => set.spec?.template?.spec?.containers?.[0]?.image)
        .sort(),
    ).toEqual(["i:3", "i:4"]);
  });

  it("counts a collision when its set's name is taken by another's", () => {
    const other = up({ replicas: 1 });
    const [taken] = sets(other);
    const cluster = make();
    const { name } = taken?.metadata ?? {};
    cluster.create(RS, {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: name ?? "", namespace: "default", labels: { x: "y" } },
      spec: { replicas: 0, selector: { matchLabels: { x: "y" } }, template: template("z", { x: "y" }) },
    } as ReplicaSet);
    cluster.create(D, deployment("a", { replicas: 1 }));
    cluster.run();
    expect(get(cluster).status).toMatchObject({ collisionCount: 1, availableReplicas: 1 });
    expect(sets(cluster)).toHaveLength(2);
  });

  it("adopts a set of its labels and uses it when the template is the same", () => {
    const cluster = up({ replicas: 2 });
    const [set] = sets(cluster);
    cluster.delete(D, "default/a");
    cluster.change(RS, `default/${set?.metadata?.name}`, (next) => void delete next.metadata?.ownerReferences);
    cluster.run();
    const again = cluster.create(D, deployment("a", { replicas: 2 }));
    cluster.run();
    expect(sets(cluster)).toHaveLength(1);
    expect(sets(cluster)[0]?.metadata?.ownerReferences?.[0]?.uid).toBe(again.metadata?.uid);
    expect(cluster.leftOver()).toEqual([]);
  });

  it("says why its set could not be made", () => {
    const cluster = make();
    cluster.refuse = (action) => (action.do === "create" && action.resource === RS ? { message: "no", reason: "Forbidden", code: 403 } : undefined);
    cluster.create(D, deployment("a"));
    cluster.run();
    expect(condition(cluster, "Progressing")).toMatchObject({ status: "False", reason: "ReplicaSetCreateError" });
    expect(cluster.eventTexts("Deployment")[0]).toMatch(/^Warning ReplicaSetCreateError Failed to create new replica set "a-\w+": no$/);
  });

  it("reaches the end that the last change wants, in any order, and then has nothing left to do", () => {
    const change = fc.record({ image: fc.integer({ min: 1, max: 4 }), replicas: fc.integer({ min: 0, max: 9 }), ready: fc.boolean() });
    const strategy = fc.record({ maxSurge: fc.integer({ min: 0, max: 3 }), maxUnavailable: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), strategy, fc.integer({ min: 1, max: 1_000_000 }), (changes, rollingUpdate, seed) => {
        const cluster = up({ replicas: 3, strategy: { type: "RollingUpdate", rollingUpdate } }, seed);
        let last = { image: 1, replicas: 3 };
        for (const { image, replicas, ready } of changes) {
          cluster.podsBecomeReady = ready;
          edit(cluster, (spec) => {
            spec.replicas = replicas;
            spec.template = template(`i:${image}`);
          });
          cluster.run();
          last = { image, replicas };
        }
        cluster.podsBecomeReady = true;
        cluster.run();
        const active = sets(cluster).filter((set) => set.spec?.replicas !== 0);
        expect(active).toHaveLength(last.replicas === 0 ? 0 : 1);
        expect(byImage(cluster, `i:${last.image}`).spec?.replicas).toBe(last.replicas);
        expect(get(cluster).status?.availableReplicas ?? 0).toBe(last.replicas);
        expect(cluster.list<Pod>("/pods")).toHaveLength(last.replicas);
        expect(cluster.leftOver()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
