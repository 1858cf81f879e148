// Who is tried when: order, backoff, events, gates.
import { describe, expect, it } from "vitest";
import { projectPod } from "../../../shared/scheduling/project-pod.ts";
import { backoffMs, FLUSH_AFTER_MS, SchedulingQueue } from "../../../shared/scheduling/queue.ts";
import { type PodInfo, Shapes } from "../../../shared/scheduling/pod-info.ts";
import { NodeInfo } from "../../../shared/scheduling/node-info.ts";
import { projectNode } from "../../../shared/scheduling/project-others.ts";
import { PLUGINS } from "../../../workers/scheduler/plugins/index.ts";
import { node, pod, type PodOptions, World } from "./support.ts";

const shapes = new Shapes();
const info = (name: string, options: PodOptions = {}): PodInfo => shapes.podInfo(projectPod(pod(name, options)));
const names = (pods: readonly PodInfo[]): string[] => pods.map(({ name }) => name);
const queued = (pods: readonly PodInfo[], now = 0): SchedulingQueue => {
  const queue = new SchedulingQueue(PLUGINS);
  for (const one of pods) queue.put(one, { gated: false }, now++);
  return queue;
};
const addedNode = (name: string, cpu = "4") => ({
  on: "node" as const,
  node: new NodeInfo(projectNode(node(name, { allocatable: { cpu } }))),
  change: { added: true, labels: true, taints: true, allocatable: true, unschedulable: true },
});

describe("the scheduling queue", () => {
  it("gives higher priority first, then who came first", () => {
    const queue = queued([info("a"), info("b", { spec: { priority: 5 } }), info("c"), info("d", { spec: { priority: 5 } })]);
    expect(names(queue.take(3, 10))).toEqual(["b", "d", "a"]);
    expect(names(queue.take(3, 10))).toEqual(["c"]);
  });

  it("backs off for 1, 2, 4, 8 and then always 10 seconds", () => {
    expect([1, 2, 3, 4, 5, 6, 100].map(backoffMs)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it("tries a refused pod again only after an event that helps, and not before its backoff ends while others are served", () => {
    const big = info("big", { requests: { cpu: "3" } });
    const queue = queued([big]);
    queue.take(10, 0);
    queue.refused(big.uid, ["NodeResourcesFit"], 0);
    expect(queue.nextBackoffAt()).toBeUndefined();
    expect(queue.move([addedNode("small", "1")], 100)).toBe(0);
    expect(queue.move([addedNode("large", "8")], 100)).toBe(1);
    expect(queue.nextBackoffAt()).toBe(1000);
    queue.put(info("other"), { gated: false }, 100);
    expect(names(queue.take(10, 200))).toEqual(["other"]);
    expect(names(queue.take(10, 1000))).toEqual(["big"]);
  });

  it("does not let a pod in backoff wait when nobody else does", () => {
    const one = info("one", { requests: { cpu: "3" } });
    const queue = queued([one]);
    queue.take(10, 0);
    queue.refused(one.uid, ["NodeResourcesFit"], 0);
    queue.move([addedNode("large")], 100);
    expect(names(queue.take(10, 101))).toEqual(["one"]);
  });

  it("keeps a pod whose binding failed until its backoff ends", () => {
    const one = info("one");
    const queue = queued([one]);
    queue.take(10, 0);
    queue.failed(one.uid, 0);
    expect(queue.take(10, 999)).toEqual([]);
    expect(names(queue.take(10, 1000))).toEqual(["one"]);
  });

  it("tries everybody again after five minutes", () => {
    const one = info("one");
    const queue = queued([one]);
    queue.take(10, 0);
    queue.refused(one.uid, ["NodeAffinity"], 7);
    expect(queue.nextFlushAt()).toBe(7 + FLUSH_AFTER_MS);
    expect(queue.take(10, 6 + FLUSH_AFTER_MS)).toEqual([]);
    expect(names(queue.take(10, 7 + FLUSH_AFTER_MS))).toEqual(["one"]);
  });

  it("forgets removed pods wherever they are", () => {
    const pods = ["a", "b", "c"].map((name) => info(name));
    const queue = queued(pods);
    const [first] = queue.take(1, 5);
    queue.refused(first?.uid ?? "", [], 5);
    for (const one of pods) queue.remove(one.uid);
    expect(queue.size).toBe(0);
    expect(queue.take(10, FLUSH_AFTER_MS * 2)).toEqual([]);
  });
});

describe("the scheduler", () => {
  it("leaves gated pods alone until the last gate goes", () => {
    const world = new World().put("Node", node("a"));
    const gated = pod("p", { spec: { schedulingGates: [{ name: "x.example/a" }] } });
    expect(world.outcome(gated)).toEqual(["not looked at"]);
    expect(world.scheduler.isWaiting).toBe(false);
    expect(world.outcome({ ...gated, spec: { ...gated.spec, schedulingGates: [] } } as typeof gated)).toEqual(["-> a"]);
  });

  it("leaves pods of other schedulers alone, but counts them once they are bound", () => {
    const world = new World().put("Node", node("a", { allocatable: { cpu: "1" } }));
    const foreign = pod("f", { requests: { cpu: "1" }, spec: { schedulerName: "mine" } });
    expect(world.outcome(foreign)).toEqual(["not looked at"]);
    world.put("Pod", { ...foreign, spec: { ...foreign.spec, nodeName: "a" } } as typeof foreign);
    expect(world.outcome(pod("p", { requests: { cpu: "1" } }))[0]).toContain("Insufficient cpu");
  });

  it("gives a finished pod's room to those who wait", () => {
    const world = new World().put("Node", node("a", { allocatable: { cpu: "1" } }));
    const first = pod("first", { requests: { cpu: "1" } });
    const second = pod("second", { requests: { cpu: "1" } });
    world.outcome(first, second);
    expect(world.decide()).toEqual([]);
    world.put("Pod", { ...first, spec: { ...first.spec, nodeName: "a" }, status: { phase: "Succeeded" } } as typeof first);
    expect(world.decide().map((one) => one.pod.name)).toEqual(["second"]);
  });

  it("wakes a pod that waits for company when company arrives", () => {
    const world = new World().put("Node", node("a"), node("b"));
    const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { is: "friend" } } };
    const lonely = pod("lonely", { spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } } });
    expect(world.outcome(lonely)[0]).toContain("didn't match pod affinity rules");
    world.put("Pod", pod("stranger", { spec: { nodeName: "a" } }));
    expect(world.decide()).toEqual([]);
    world.put("Pod", pod("friend", { labels: { is: "friend" }, spec: { nodeName: "b" } }));
    expect(world.decide()).toMatchObject([{ do: "bind", nodeName: "b" }]);
  });

  it("hears the same again without changing anything, and a new pod of an old name as another pod", () => {
    const world = new World().put("Node", node("a"));
    const first = pod("p", { requests: { cpu: "3" }, spec: { nodeName: "a" } });
    world.put("Pod", first).put("Pod", first);
    expect(world.scheduler.ledger.node("a")?.requested.cpuMilli).toBe(3000);
    world.put("Pod", pod("p", { requests: { cpu: "1" }, spec: { nodeName: "a" } }));
    expect(world.scheduler.ledger.node("a")?.requested.cpuMilli).toBe(1000);
  });

  it("takes back what a failed binding had assumed, and tries again after the backoff", () => {
    const world = new World().put("Node", node("a")).put("Pod", pod("p", { requests: { cpu: "3" } }));
    const [decision] = world.scheduler.decide(1, 0);
    expect(world.scheduler.ledger.node("a")?.requested.cpuMilli).toBe(3000);
    if (decision) world.scheduler.bindFailed(decision.pod, { gone: false }, 0);
    expect(world.scheduler.ledger.node("a")?.requested.cpuMilli).toBe(0);
    expect(world.scheduler.nextAt(1)).toBe(1000);
    expect(world.scheduler.decide(1, 1000)).toMatchObject([{ do: "bind", nodeName: "a" }]);
  });

  it("counts pods of a node that appears later, and of one that comes back", () => {
    const world = new World().put("Pod", pod("p", { requests: { cpu: "3" }, spec: { nodeName: "a" } }));
    world.put("Node", node("a"));
    expect(world.scheduler.ledger.node("a")?.requested.cpuMilli).toBe(3000);
    world.drop("Node", node("a")).put("Node", node("b"), node("a"));
    expect(world.scheduler.ledger.node("a")?.requested.cpuMilli).toBe(3000);
    expect(world.outcome(pod("q", { requests: { cpu: "2" } }))).toEqual(["-> b"]);
  });
});
