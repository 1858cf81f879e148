// Rules of single plugins that the recorded conversations do not show.
import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../../shared/kinds/_generated/types.ts";
import { eventNote } from "../../../shared/scheduling/messages.ts";
import { projectPod } from "../../../shared/scheduling/project-pod.ts";
import { podRequests } from "../../../shared/scheduling/requests.ts";
import { feasibleNodesWanted } from "../../../shared/scheduling/schedule.ts";
import { isWish, noticeText, parseNotice } from "../../../shared/scheduling/notice.ts";
import { noticesOf, WATCHED } from "../../../workers/scheduler/watched.ts";
import { HOST, node, only, pod, World, ZONE } from "./support.ts";

const requiredPods = (sort: "podAffinity" | "podAntiAffinity", term: object): PodSpec =>
  ({ affinity: { [sort]: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, ...term }] } } }) as PodSpec;
const container = (requests: Record<string, string>, more: object = {}): Container => ({ name: "c", image: "i", resources: { requests }, ...more });

describe("requests of a pod", () => {
  const of = (spec: PodSpec): Record<string, number> => Object.fromEntries(podRequests({ spec }));
  it("sum containers and sidecars, and are at least what init containers need beside earlier sidecars", () => {
    const sidecar = container({ cpu: "200m" }, { restartPolicy: "Always" });
    expect(of({ containers: [container({ cpu: "1" }), container({ cpu: "500m" })] })).toEqual({ cpu: 1500 });
    expect(of({ containers: [container({ cpu: "1" })], initContainers: [sidecar, container({ cpu: "2" })] })).toEqual({ cpu: 2200 });
    expect(of({ containers: [container({ cpu: "1" })], initContainers: [container({ cpu: "1100m" }), sidecar] })).toEqual({ cpu: 1200 });
  });
  it("add overhead, and let requests of the whole pod replace those of its containers", () => {
    const containers = [container({ cpu: "1", memory: "1Gi" })];
    expect(of({ containers, overhead: { cpu: "250m" } })).toEqual({ cpu: 1250, memory: 2 ** 30 });
    expect(of({ containers, resources: { requests: { cpu: "3" } } })).toEqual({ cpu: 3000, memory: 2 ** 30 });
  });
});

describe("spreading without constraints of one's own", () => {
  it("keeps replicas of a workload apart, over zones first", () => {
    const nodes = [node("a", { zone: "x" }), node("b", { zone: "x" }), node("c", { zone: "y" })];
    for (let seed = 1; seed < 20; seed++) {
      const world = new World(seed).put("Node", ...nodes);
      const replicas = [0, 1, 2].map((index) => pod(`p${index}`, { owner: "rs", labels: { app: "web" } }));
      expect(world.outcome(...replicas).sort()).toEqual(["-> a", "-> b", "-> c"]);
    }
  });
});

describe("images", () => {
  it("draw a pod to the node that has the large one", () => {
    const GiB = 2 ** 30;
    const spec = { containers: [{ name: "c", image: "big" }] };
    for (let seed = 1; seed < 10; seed++) {
      const world = new World(seed).put("Node", node("a"), node("b", { images: [{ names: ["big:latest"], sizeBytes: GiB }] }), node("c"));
      expect(world.outcome(pod("p", { spec }))).toEqual(["-> b"]);
    }
  });
});

describe("terms about pods in other namespaces", () => {
  const friend = pod("f", { namespace: "there", labels: { is: "friend" }, spec: { nodeName: "b" } });
  const world = (): World =>
    new World()
      .put("Namespace", { metadata: { name: "default", labels: {} } }, { metadata: { name: "there", labels: { team: "x" } } })
      .put("Node", node("a"), node("b"))
      .put("Pod", friend);
  const labelSelector = { matchLabels: { is: "friend" } };
  it("mean the pod's own namespace unless they say otherwise", () => {
    expect(world().outcome(pod("p", { spec: requiredPods("podAffinity", { labelSelector }) }))[0]).toContain("didn't match pod affinity rules");
  });
  it("mean listed namespaces and those that a selector picks", () => {
    const ask = (more: object): string[] => world().outcome(pod("p", { spec: requiredPods("podAffinity", { labelSelector, ...more }) }));
    expect(ask({ namespaces: ["there"] })).toEqual(["-> b"]);
    expect(ask({ namespaceSelector: { matchLabels: { team: "x" } } })).toEqual(["-> b"]);
    expect(ask({ namespaceSelector: {} })).toEqual(["-> b"]);
    expect(ask({ namespaceSelector: { matchLabels: { team: "y" } } })[0]).toContain("didn't match pod affinity rules");
  });
  it("compare the pod's own values of matchLabelKeys", () => {
    const spec = requiredPods("podAntiAffinity", { labelSelector: { matchLabels: { app: "w" } }, matchLabelKeys: ["version"] });
    const old = pod("old", { labels: { app: "w", version: "1" }, spec: { nodeName: "a" } });
    const other = pod("other", { labels: { app: "w", version: "2" }, spec: { nodeName: "b" } });
    const cluster = new World().put("Node", node("a"), node("b")).put("Pod", old, other);
    expect(cluster.outcome(pod("p", { labels: { app: "w", version: "2" }, spec }))).toEqual(["-> a"]);
  });
});

describe("volumes", () => {
  const spec = { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] };
  const claim = (bound: boolean, more: object = {}) => ({
    metadata: { name: "data", namespace: "default", ...(bound && { annotations: { "pv.kubernetes.io/bind-completed": "yes" } }) },
    spec: { ...(bound && { volumeName: "pv" }), storageClassName: "s", ...more },
  });
  const volume = (host: string) => ({
    metadata: { name: "pv" },
    spec: { storageClassName: "s", nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOST, operator: "In", values: [host] }] }] } } },
  });
  const three = [node("a"), node("b"), node("c")];

  it("draw the pod to their node, or nowhere", () => {
    const world = new World().put("Node", ...three).put("PersistentVolumeClaim", claim(true));
    expect(world.put("PersistentVolume", volume("b")).outcome(pod("p", { spec }))).toEqual(["-> b"]);
    expect(world.put("PersistentVolume", volume("nowhere")).outcome(pod("q", { spec }))).toEqual([
      "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    ]);
  });
  it("let the pod go as soon as the claim is bound", () => {
    const world = new World().put("Node", ...three).put("PersistentVolumeClaim", claim(false));
    expect(world.outcome(pod("p", { spec }))).toEqual(["0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"]);
    world.put("PersistentVolume", volume("c")).put("PersistentVolumeClaim", claim(true));
    expect(world.decide()).toMatchObject([{ do: "bind", nodeName: "c" }]);
  });
});

describe("claims that wait for their pod", () => {
  const storageClass = (provisioner: string) => ({ metadata: { name: "late" }, provisioner, volumeBindingMode: "WaitForFirstConsumer" }) as object;
  const claim = (name: string, storage: string) => ({
    metadata: { name, namespace: "default", uid: `u-${name}` },
    spec: { storageClassName: "late", accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  });
  const local = (name: string, host: string, storage: string) => ({
    metadata: { name },
    spec: {
      storageClassName: "late",
      capacity: { storage },
      accessModes: ["ReadWriteOnce"],
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOST, operator: "In", values: [host] }] }] } },
    },
  });
  const uses = (name: string, claimName: string) => pod(name, { spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName } }] } });

  it("are provisioned for the node that is chosen", () => {
    const world = new World().put("StorageClass", storageClass("x.example/disks")).put("Node", node("a")).put("PersistentVolumeClaim", claim("c", "1Gi"));
    world.put("Pod", uses("p", "c"));
    expect(world.decide()).toMatchObject([{ do: "bind", nodeName: "a", volumes: [{ claim: { uid: "u-c" }, nodeName: "a" }] }]);
  });
  it("draw the pod to a volume that suits, the smallest one, and each volume once", () => {
    const world = new World().put("StorageClass", storageClass("kubernetes.io/no-provisioner")).put("Node", node("a"), node("b"), node("c"));
    world.put("PersistentVolume", local("small", "a", "1Gi"), local("large", "b", "20Gi"), local("middle", "b", "10Gi"));
    world.put("PersistentVolumeClaim", claim("c1", "5Gi"), claim("c2", "5Gi"), claim("c3", "5Gi"));
    world.put("Pod", uses("p1", "c1"), uses("p2", "c2"), uses("p3", "c3"));
    const decisions = world.decide();
    expect(decisions).toMatchObject([
      { do: "bind", nodeName: "b", volumes: [{ volumeName: "middle" }] },
      { do: "bind", nodeName: "b", volumes: [{ volumeName: "large" }] },
      { do: "unschedulable" },
    ]);
    expect(only(decisions[2])).toContain("3 node(s) didn't find available persistent volumes to bind.");
  });
});

describe("preemption", () => {
  const cpu = { cpu: "1" };
  const small = { allocatable: { cpu: "1" } };
  const high = (name: string) => pod(name, { requests: cpu, spec: { priority: 100 } });
  const low = (name: string, nodeName: string, labels: Record<string, string> = {}) => pod(name, { requests: cpu, labels, spec: { nodeName, priority: 1 } });

  it("spares pods that a disruption budget protects, where it can", () => {
    for (let seed = 1; seed < 10; seed++) {
      const world = new World(seed).put("Node", node("a", small), node("b", small)).put("Pod", low("guarded", "a", { app: "db" }), low("free", "b"));
      world.put("PodDisruptionBudget", {
        metadata: { name: "db", namespace: "default" },
        spec: { selector: { matchLabels: { app: "db" } } },
        status: { disruptionsAllowed: 0 },
      } as object);
      world.put("Pod", high("p"));
      expect(world.decide()).toMatchObject([{ nominatedNodeName: "b", victims: [{ name: "free" }] }]);
    }
  });
  it("keeps the node for the pod against others of no higher priority", () => {
    const victim = low("v", "a");
    const world = new World().put("Node", node("a", small)).put("Pod", victim, high("p"));
    world.decide();
    world.drop("Pod", victim);
    expect(world.outcome(pod("thief", { requests: cpu, spec: { priority: 50 } }))[0]).toContain("Insufficient cpu");
    world.now += 1000;
    expect(world.decide()).toMatchObject([{ do: "bind", pod: { name: "p" }, nodeName: "a" }]);
  });
  it("gives two preemptors two nodes", () => {
    const world = new World().put("Node", node("a", small), node("b", small)).put("Pod", low("v", "a"), low("w", "b"), high("p"), high("q"));
    const nominated = world.decide().map((one) => (one.do === "unschedulable" ? one.nominatedNodeName : "bound"));
    expect(nominated.sort()).toEqual(["a", "b"]);
  });
});

describe("what schedulers hear", () => {
  const pods = WATCHED.find(({ sort }) => sort === "pod");
  const hear = (next: object | undefined, old: object | undefined): string[] =>
    pods ? noticesOf(pods, next, old, ["default-scheduler"]).map(({ item }) => item) : [];
  const waiting = pod("p");
  const bound = { ...waiting, spec: { ...waiting.spec, nodeName: "a" } };
  it("is a pod that waits, its binding, its end, and nothing of its life in between", () => {
    expect(hear(waiting, undefined).map(parseNotice)).toEqual([{ is: "new", view: projectPod(waiting) }]);
    expect(hear(waiting, { ...waiting, spec: { ...waiting.spec, schedulingGates: [{ name: "g" }] } })).toEqual(["wants default/p pod"]);
    expect(hear(bound, waiting)).toEqual([`bound default/p ${waiting.metadata?.uid} a`]);
    expect(hear({ ...bound, status: { phase: "Running", startTime: "2026-01-01T00:00:00Z" } }, bound)).toEqual([]);
    expect(hear({ ...bound, status: { phase: "Succeeded" } }, bound)).toEqual(["changed default/p pod"]);
    // Whether or not the two share what did not change.
    for (const now of [bound, structuredClone(bound)]) {
      expect(hear({ ...now, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } }, bound)).toEqual([]);
      expect(hear({ ...now, status: { nominatedNodeName: "b" } }, bound)).toEqual(["changed default/p pod"]);
      expect(hear({ ...now, metadata: { ...now.metadata, labels: { tier: "new" } } }, bound)).toEqual(["changed default/p pod"]);
      expect(hear({ ...now, metadata: { ...now.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }, bound)).toEqual(["changed default/p pod"]);
    }
    expect(hear(undefined, bound)).toEqual([`gone default/p ${waiting.metadata?.uid}`]);
    expect(hear({ ...waiting, spec: { ...waiting.spec, schedulerName: "mine" } }, undefined)).toEqual([]);
  });
  it("can be read back", () => {
    const notice = { is: "bound", key: "ns/p", uid: "u", nodeName: "n" } as const;
    expect(parseNotice(noticeText(notice))).toEqual(notice);
    const changed = { is: "changed", sort: "node", key: "/n", wants: false } as const;
    expect(parseNotice(noticeText(changed))).toEqual(changed);
    const gone = { is: "gone", key: "ns/p", uid: "u" } as const;
    expect(parseNotice(noticeText(gone))).toEqual(gone);
    expect([noticeText({ ...changed, wants: true }), noticeText(changed), noticeText(notice)].map(isWish)).toEqual([true, false, false]);
  });
});

describe("small rules", () => {
  it("looks at all of few nodes, at half of some, at a twentieth of many", () => {
    expect([50, 99, 100, 200, 1000, 5000, 10_000].map(feasibleNodesWanted)).toEqual([50, 99, 100, 100, 420, 500, 500]);
  });
  it("cuts a message to what an event may carry", () => {
    expect(eventNote("x".repeat(1024))).toHaveLength(1024);
    expect(eventNote("x".repeat(1025))).toBe(`${"x".repeat(1020)} ...`);
  });
  it("puts pods of one DaemonSet into one class, though each names its node", () => {
    const pinned = (name: string) =>
      projectPod(
        pod(name, {
          spec: {
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }],
                },
              },
            },
          },
        }),
      );
    expect(pinned("a").shape).toBe(pinned("b").shape);
    expect(pinned("a").pinned).toEqual(["a"]);
  });
  it("needs one zone label to be spread over zones", () => {
    const spec = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", labelSelector: {} }] };
    expect(new World().put("Node", node("a"), node("b", { zone: "x" })).outcome(pod("p", { spec }))).toEqual(["-> b"]);
  });
});
