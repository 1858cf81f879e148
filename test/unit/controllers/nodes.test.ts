// Nodes: taints by condition, eviction by taint, ranges of addresses, pods whose node is gone.
import { describe, expect, it } from "vitest";
import { nodeIpamController } from "../../../durable-objects/controllers/node-ipam.ts";
import { nodeLifecycleController } from "../../../durable-objects/controllers/node-lifecycle.ts";
import { podGarbageCollectorController } from "../../../durable-objects/controllers/pod-garbage-collector.ts";
import { taintEvictionController } from "../../../durable-objects/controllers/taint-eviction.ts";
import type { Node, Pod, Taint, Toleration } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";

const NODES = "/nodes";
const make = (seed = 1): TestCluster =>
  new TestCluster({ controllers: [nodeLifecycleController, taintEvictionController, nodeIpamController, podGarbageCollectorController], seed });
const node = (name: string, ready = "True"): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" } },
  spec: {},
  status: { conditions: [{ type: "Ready", status: ready }] },
});
const pod = (name: string, nodeName: string, tolerations: Toleration[] = []): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: { nodeName, tolerations },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }] },
});
const seconds = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: "Exists",
  effect: "NoExecute",
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});
const UNREACHABLE = "node.kubernetes.io/unreachable";
const run = (cluster: TestCluster): number => cluster.run({ nodes: false });
const advance = (cluster: TestCluster, ms: number): void => {
  cluster.now += ms;
  run(cluster);
};
const get = (cluster: TestCluster, name: string): Node => cluster.get<Node>(NODES, `/${name}`) as Node;
const taints = (cluster: TestCluster, name: string): string[] => (get(cluster, name).spec?.taints ?? []).map((taint) => `${taint.key}:${taint.effect}`);
const setReady = (cluster: TestCluster, name: string, status: string): void =>
  cluster.change(NODES, `/${name}`, (next) => void (next.status = { conditions: [{ type: "Ready", status }] }));
const deleting = (cluster: TestCluster): (string | undefined)[] =>
  cluster.list<Pod>("/pods").flatMap((known) => (known.metadata?.deletionTimestamp === undefined ? [] : [known.metadata.name]));

describe("node-lifecycle-controller and taint-eviction-controller", () => {
  it("taints a lost node, sends its pods away when their patience ends, and takes the taints back", () => {
    const cluster = make();
    for (const name of ["a", "b"]) cluster.create(NODES, node(name));
    cluster.create("/pods", pod("now", "a"));
    cluster.create("/pods", pod("later", "a", [seconds(UNREACHABLE, 300)]));
    cluster.create("/pods", pod("never", "a", [{ operator: "Exists" }]));
    cluster.create("/pods", pod("elsewhere", "b"));
    run(cluster);
    expect(taints(cluster, "a")).toEqual([]);
    expect(get(cluster, "a").metadata?.labels).toMatchObject({ "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64" });
    setReady(cluster, "a", "Unknown");
    run(cluster);
    expect(taints(cluster, "a")).toEqual([`${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`]);
    expect(get(cluster, "a").spec?.taints?.[1]?.timeAdded).toBe("2026-01-01T00:00:00Z");
    expect(deleting(cluster)).toEqual(["now"]);
    expect(cluster.get<Pod>("/pods", "now")?.status?.conditions).toEqual([
      expect.objectContaining({ type: "Ready", status: "False" }),
      expect.objectContaining({
        type: "DisruptionTarget",
        status: "True",
        reason: "DeletionByTaintManager",
        message: "Taint manager: deleting due to NoExecute taint",
      }),
    ]);
    expect(cluster.get<Pod>("/pods", "never")?.status?.conditions?.[0]?.status).toBe("False");
    expect(cluster.eventTexts("Pod")).toContain("Normal TaintManagerEviction Marking for deletion Pod default/now");
    expect(cluster.eventTexts("Node")).toContain("Normal NodeNotReady Node a status is now: NodeNotReady");
    advance(cluster, 299_000);
    expect(deleting(cluster)).toEqual(["now"]);
    advance(cluster, 1_500);
    expect(deleting(cluster).sort()).toEqual(["later", "now"]);
    setReady(cluster, "a", "True");
    run(cluster);
    expect(taints(cluster, "a")).toEqual([]);
    expect(cluster.leftOver()).toEqual([]);
  });

  it("forgives a node that comes back in time", () => {
    const cluster = make();
    for (const name of ["a", "b"]) cluster.create(NODES, node(name));
    cluster.create("/pods", pod("p", "a", [seconds(UNREACHABLE, 300)]));
    run(cluster);
    setReady(cluster, "a", "Unknown");
    run(cluster);
    advance(cluster, 200_000);
    setReady(cluster, "a", "True");
    run(cluster);
    advance(cluster, 200_000);
    expect(deleting(cluster)).toEqual([]);
  });

  it("sends nobody away when no node is ready, and does so once one is", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = make(seed);
      for (const name of ["a", "b"]) cluster.create(NODES, node(name, "Unknown"));
      run(cluster);
      expect(taints(cluster, "a")).toEqual([`${UNREACHABLE}:NoSchedule`]);
      setReady(cluster, "b", "True");
      run(cluster);
      expect(taints(cluster, "a")).toEqual([`${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`]);
      expect(taints(cluster, "b")).toEqual([]);
    }
  });

  it("follows spec.unschedulable and other conditions, and leaves taints of users alone", () => {
    const cluster = make();
    cluster.create(NODES, node("a"));
    const mine: Taint = { key: "x.example/mine", effect: "NoSchedule" };
    cluster.change(NODES, "/a", (next) => {
      next.spec = { unschedulable: true, taints: [{ ...mine } as never] };
      next.status = {
        conditions: [
          { type: "Ready", status: "True" },
          { type: "DiskPressure", status: "True" },
        ],
      };
    });
    run(cluster);
    expect(taints(cluster, "a")).toEqual([
      "x.example/mine:NoSchedule",
      "node.kubernetes.io/disk-pressure:NoSchedule",
      "node.kubernetes.io/unschedulable:NoSchedule",
    ]);
    cluster.change(NODES, "/a", (next) => void delete next.spec?.["unschedulable"]);
    run(cluster);
    expect(taints(cluster, "a")).toEqual(["x.example/mine:NoSchedule", "node.kubernetes.io/disk-pressure:NoSchedule"]);
  });

  it("counts patience from the first sight of a taint that does not say since when it is there", () => {
    const cluster = make();
    cluster.create(NODES, node("a"));
    cluster.create("/pods", pod("p", "a", [{ key: "k", operator: "Equal", value: "v", effect: "NoExecute", tolerationSeconds: 5 }]));
    cluster.change(NODES, "/a", (next) => void ((next.spec ??= {})["taints"] = [{ key: "k", value: "v", effect: "NoExecute" }]));
    run(cluster);
    advance(cluster, 3_000);
    expect(deleting(cluster)).toEqual([]);
    advance(cluster, 2_500);
    expect(deleting(cluster)).toEqual(["p"]);
  });
});

describe("node-ipam-controller", () => {
  it("gives every node a range of its own", () => {
    const cluster = make();
    for (let i = 0; i < 700; i++) cluster.create(NODES, node(`n${i}`));
    run(cluster);
    const ranges = cluster.list<Node>(NODES).map((known) => known.spec?.podCIDR);
    expect(new Set(ranges).size).toBe(700);
    expect(ranges[0]).toBe("10.244.0.0/24");
    expect(get(cluster, "n0").spec?.podCIDRs).toEqual([get(cluster, "n0").spec?.podCIDR]);
  });
});

describe("pod-garbage-collector-controller", () => {
  it("removes pods of a deleted node at once and says why", () => {
    const cluster = make();
    for (const name of ["a", "b"]) cluster.create(NODES, node(name));
    cluster.create("/pods", pod("p", "a"));
    cluster.create("/pods", pod("q", "b"));
    cluster.now += 60_000;
    run(cluster);
    cluster.delete(NODES, "/a");
    run(cluster);
    expect(cluster.list("/pods").map((known) => known.metadata?.name)).toEqual(["q"]);
    expect(cluster.writes.find((write) => write.do === "patch" && write.name === "p")).toMatchObject({
      patch: { status: { phase: "Failed", conditions: [{ type: "DisruptionTarget", reason: "DeletionByPodGC", message: "PodGC: node no longer exists" }] } },
    });
  });

  it("gives a pod that names a node which is not there yet 40 seconds", () => {
    const cluster = make();
    cluster.create("/pods", pod("p", "ghost"));
    run(cluster);
    advance(cluster, 39_000);
    expect(cluster.list("/pods")).toHaveLength(1);
    advance(cluster, 1_500);
    expect(cluster.list("/pods")).toHaveLength(0);
  });

  it("ends pods that cannot end on a node that is out of service", () => {
    const cluster = make();
    for (const name of ["a", "b"]) cluster.create(NODES, node(name));
    cluster.create("/pods", pod("p", "a", [{ operator: "Exists" }]));
    setReady(cluster, "a", "Unknown");
    run(cluster);
    cluster.delete("/pods", "default/p");
    run(cluster);
    expect(cluster.list("/pods")).toHaveLength(1);
    cluster.change(NODES, "/a", (next) => {
      const list = (next.spec?.["taints"] ?? []) as never[];
      (next.spec ??= {})["taints"] = [...list, { key: "node.kubernetes.io/out-of-service", effect: "NoExecute" } as never];
    });
    run(cluster);
    expect(cluster.list("/pods")).toHaveLength(0);
  });
});
