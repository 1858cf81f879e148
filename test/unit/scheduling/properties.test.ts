// What holds for every batch: only feasible nodes, no node over its capacity, the same dice give the same decisions.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node, Pod } from "../../../shared/kinds/_generated/types.ts";
import { keepsOff, matchesNodeAffinity } from "../../../shared/scheduling/node-terms.ts";
import type { Decision } from "../../../shared/scheduling/schedule.ts";
import { HOST, node, pod, World, ZONE } from "./support.ts";

const nodeArbitrary = (index: number): fc.Arbitrary<Node> =>
  fc
    .record({
      cpu: fc.integer({ min: 0, max: 8 }),
      pods: fc.integer({ min: 0, max: 6 }),
      zone: fc.constantFrom(undefined, "x", "y"),
      disk: fc.constantFrom("ssd", "hdd"),
      taint: fc.constantFrom(undefined, "NoSchedule", "PreferNoSchedule"),
      unschedulable: fc.boolean(),
    })
    .map(({ cpu, pods, zone, disk, taint, unschedulable }) =>
      node(`n${index}`, {
        ...(zone && { zone }),
        labels: { disk },
        allocatable: { cpu: String(cpu), pods: String(pods) },
        spec: { ...(unschedulable && { unschedulable }), ...(taint && { taints: [{ key: "k", value: "v", effect: taint }] }) },
      }),
    );
const nodesArbitrary = fc.integer({ min: 0, max: 7 }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => nodeArbitrary(index))));

const podArbitrary: fc.Arbitrary<Omit<Pod, "metadata"> & { labels: Record<string, string> }> = fc
  .record({
    cpu: fc.constantFrom(undefined, "100m", "1", "2500m", "9"),
    app: fc.constantFrom("a", "b"),
    disk: fc.constantFrom(undefined, "ssd"),
    tolerates: fc.boolean(),
    port: fc.constantFrom(undefined, 80),
    priority: fc.constantFrom(0, 0, 10),
    extra: fc.constantFrom("none", "spread", "anti", "near"),
  })
  .map(({ cpu, app, disk, tolerates, port, priority, extra }) => {
    const labelSelector = { matchLabels: { app } };
    const terms = (topologyKey: string) => ({ requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }] });
    return {
      labels: { app },
      spec: {
        priority,
        containers: [
          { name: "c", image: "i", ...(cpu && { resources: { requests: { cpu } } }), ...(port && { ports: [{ containerPort: 80, hostPort: port }] }) },
        ],
        ...(disk && { nodeSelector: { disk } }),
        ...(tolerates && { tolerations: [{ key: "k", operator: "Exists" }] }),
        ...(extra === "spread" && { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", labelSelector }] }),
        ...(extra === "anti" && { affinity: { podAntiAffinity: terms(HOST) } }),
        ...(extra === "near" && { affinity: { podAffinity: terms(ZONE) } }),
      },
    };
  });
const podsArbitrary = fc.array(podArbitrary, { maxLength: 25 }).map((specs) =>
  specs.map(({ labels, spec }, index) => {
    const made = pod(`p${index}`, { labels, spec: spec ?? {} });
    if (made.metadata) made.metadata.uid = `uid-${index}`;
    return made;
  }),
);
const seeds = fc.integer({ min: 1, max: 1_000_000 });

function run(nodes: readonly Node[], pods: readonly Pod[], seed: number): { world: World; decisions: Decision[] } {
  const world = new World(seed).put("Node", ...nodes).put("Pod", ...pods);
  return { world, decisions: [...world.decide(4), ...world.decide()] };
}
const brief = (decisions: readonly Decision[]): string[] =>
  decisions.map((one) => `${one.pod.name} ${one.do === "bind" ? one.nodeName : `${one.message} ${one.victims.map(({ name }) => name).join()}`}`);

describe("a scheduled batch", () => {
  it("decides for every pod, binds none twice, and puts pods only on nodes that allow them", () => {
    fc.assert(
      fc.property(nodesArbitrary, podsArbitrary, seeds, (nodes, pods, seed) => {
        const { world, decisions } = run(nodes, pods, seed);
        const names = new Set(decisions.map(({ pod: { name } }) => name));
        expect(Array.from(names).sort()).toEqual(pods.map(({ metadata }) => metadata?.name).sort());
        const bound = decisions.filter((one) => one.do === "bind").map(({ pod: { name } }) => name);
        expect(bound.length).toBe(new Set(bound).size);
        for (const decision of decisions) {
          if (decision.do !== "bind") continue;
          const there = world.scheduler.ledger.node(decision.nodeName);
          expect(there).toBeDefined();
          if (!there) continue;
          expect(there.view.unschedulable).toBeUndefined();
          expect(keepsOff(there.taints, decision.pod.shape.tolerations)).toBe(false);
          expect(matchesNodeAffinity(decision.pod.shape, there)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("never asks a node for more than it has, nor for a host port twice", () => {
    fc.assert(
      fc.property(nodesArbitrary, podsArbitrary, seeds, (nodes, pods, seed) => {
        const { world } = run(nodes, pods, seed);
        for (const there of world.scheduler.ledger.nodes) {
          const on = Array.from(there.pods.values());
          expect(on.length).toBeLessThanOrEqual(there.allowedPods);
          const asked = on.reduce((sum, { shape }) => sum + (shape.cpuMilli ?? 0), 0);
          if (asked > 0) expect(asked).toBeLessThanOrEqual(there.cpuMilli);
          expect(there.requested.cpuMilli).toBe(asked);
          expect(on.filter(({ shape }) => shape.hostPorts).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("leaves no pod waiting that a scheduler without memory would place", () => {
    fc.assert(
      fc.property(nodesArbitrary, podsArbitrary, seeds, (nodes, pods, seed) => {
        const { world, decisions } = run(nodes, pods, seed);
        const last = decisions.at(-1);
        if (last?.do !== "unschedulable" || last.nominatedNodeName || world.scheduler.ledger.hasNominations) return;
        const fresh = new World(seed).put("Node", ...nodes);
        for (const one of pods) {
          const nodeName = world.scheduler.ledger.nodeOf(one.metadata?.uid ?? "")?.name;
          if (nodeName) fresh.put("Pod", { ...one, spec: { ...one.spec, nodeName } } as Pod);
        }
        const same = pods.find(({ metadata }) => metadata?.name === last.pod.name);
        if (same) expect(fresh.outcome(same)).toEqual([last.message]);
      }),
      { numRuns: 150 },
    );
  });

  it("is the same for the same dice, and leaves its inputs alone", () => {
    fc.assert(
      fc.property(nodesArbitrary, podsArbitrary, seeds, (nodes, pods, seed) => {
        const before = JSON.stringify([nodes, pods]);
        expect(brief(run(nodes, pods, seed).decisions)).toEqual(brief(run(nodes, pods, seed).decisions));
        expect(JSON.stringify([nodes, pods])).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it("keeps its counts through removals: what was taken off can be put there again", () => {
    fc.assert(
      fc.property(nodesArbitrary, podsArbitrary, seeds, (nodes, pods, seed) => {
        const { world, decisions } = run(nodes, pods, seed);
        for (const { pod: gone } of decisions) world.drop("Pod", { metadata: { namespace: gone.namespace, name: gone.name } });
        for (const there of world.scheduler.ledger.nodes) {
          expect([there.pods.size, there.requested.cpuMilli, there.requested.scoreMemory]).toEqual([0, 0, 0]);
        }
        expect([world.scheduler.queue.size, world.scheduler.ledger.podCount, world.scheduler.ledger.hasNominations]).toEqual([0, 0, false]);
      }),
      { numRuns: 80 },
    );
  });
});
