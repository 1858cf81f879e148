// What a class of pods remembers is what it would find out anew, whatever happened in between.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../../shared/scheduling/ledger.ts";
import { PodClass } from "../../../shared/scheduling/pod-class.ts";
import { projectNode } from "../../../shared/scheduling/project-others.ts";
import { projectPod } from "../../../shared/scheduling/project-pod.ts";
import type { PodSpec } from "../../../shared/kinds/_generated/types.ts";
import { PLUGINS } from "../../../workers/scheduler/plugins/index.ts";
import { HOST, node, pod, ZONE } from "./support.ts";

const to = (app: string) => ({ labelSelector: { matchLabels: { app } } });
const required = (topologyKey: string, app: string) => ({ requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, ...to(app) }] });
const preferred = (topologyKey: string, app: string) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 7, podAffinityTerm: { topologyKey, ...to(app) } }],
});
const SPECS: readonly PodSpec[] = [
  {},
  { nodeSelector: { disk: "ssd" } },
  { tolerations: [{ key: "k", operator: "Exists" }] },
  { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "DoNotSchedule", ...to("a") }] },
  { topologySpreadConstraints: [{ maxSkew: 2, topologyKey: HOST, whenUnsatisfiable: "DoNotSchedule", nodeTaintsPolicy: "Honor", ...to("b") }] },
  { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: "ScheduleAnyway", ...to("a") }] },
  { affinity: { podAntiAffinity: required(HOST, "a") } },
  { affinity: { podAffinity: required(ZONE, "b") } },
  { affinity: { podAffinity: preferred(ZONE, "a"), podAntiAffinity: preferred(HOST, "b") } },
  {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, preference: { matchExpressions: [{ key: "disk", operator: "Exists" }] } }],
      },
    },
  },
  { containers: [{ name: "c", image: "img:1", ports: [{ containerPort: 1, hostPort: 80 }] }] },
];
const podArbitrary = fc.record({ spec: fc.constantFrom(...SPECS), app: fc.constantFrom("a", "b"), owner: fc.constantFrom(undefined, "rs-1", "rs-2") });
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("place" as const), id: fc.nat(14), node: fc.nat(4), pod: podArbitrary, terminating: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("remove" as const), id: fc.nat(14) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("node" as const), node: fc.nat(5), zone: fc.constantFrom(undefined, "x", "y"), tainted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("removeNode" as const), node: fc.nat(5) }) },
);

const putNode = (ledger: Ledger, index: number, options: { readonly zone?: string | undefined; readonly tainted?: boolean }): void => {
  const { zone, tainted } = options;
  const taints = [{ key: "k", value: "v", effect: index % 2 ? "NoSchedule" : "PreferNoSchedule" }];
  const images = [{ names: ["img:1"], sizeBytes: 300 * 1024 * 1024 }];
  const made = node(`n${index}`, { ...(zone && { zone }), labels: index % 2 ? { disk: "ssd" } : {}, spec: tainted ? { taints } : {}, images });
  ledger.putNode(projectNode(made));
};

/** All that a class says about all nodes. */
function opinion(podClass: PodClass, ledger: Ledger): unknown {
  podClass.sync(ledger);
  if (podClass.refused) return podClass.refused;
  const refusals = ledger.nodes.map((one) => podClass.check(one)?.reasons ?? null);
  const feasible = ledger.nodes.filter((one) => !podClass.check(one));
  const totals = new Float64Array(feasible.length);
  podClass.score(feasible, totals);
  return { refusals, totals: Array.from(totals) };
}

describe("the memory of a class", () => {
  it("is the same as a fresh look, through every sort of change", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), podArbitrary, podArbitrary, (operations, first, second) => {
        const ledger = new Ledger();
        for (let index = 0; index < 4; index++) putNode(ledger, index, { zone: index < 2 ? "x" : "y" });
        const asked = [first, second].map(({ spec, app, owner }, index) =>
          ledger.shapes.podInfo(projectPod(pod(`asked${index}`, { spec, labels: { app }, ...(owner && { owner }) }))),
        );
        const kept = asked.map(({ shape }) => new PodClass(shape, PLUGINS));
        for (const one of operations) {
          if (one.do === "node") putNode(ledger, one.node, one);
          else if (one.do === "removeNode") ledger.removeNode(`n${one.node}`);
          else if (one.do === "remove") ledger.removePod(`uid-${one.id}`);
          else {
            const { spec, app, owner } = one.pod;
            const made = pod(`p${one.id}`, { spec: { ...spec, nodeName: `n${one.node}` }, labels: { app }, ...(owner && { owner }) });
            const terminating = one.terminating && { deletionTimestamp: "2026-01-01T00:00:00Z" };
            ledger.putPod(projectPod({ ...made, metadata: { ...made.metadata, uid: `uid-${one.id}`, ...terminating } }));
          }
          for (const [index, podClass] of kept.entries()) {
            const shape = asked[index]?.shape;
            if (shape) expect(opinion(podClass, ledger)).toEqual(opinion(new PodClass(shape, PLUGINS), ledger));
          }
        }
      }),
      { numRuns: 120 },
    );
  });
});
