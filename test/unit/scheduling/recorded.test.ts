// What a real scheduler 1.36.3 did with the same nodes and pods: the same texts, the same victims, and a node that we may pick too.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { NodeSpec, Pod, PodSpec } from "../../../shared/kinds/_generated/types.ts";
import type { Decision } from "../../../shared/scheduling/schedule.ts";
import { World } from "./support.ts";

interface Step {
  readonly pod: { readonly name: string; readonly labels: Record<string, string>; readonly spec: PodSpec };
  /** The first refusal. */
  readonly message?: string;
  /** Where it went in the end. */
  readonly node?: string;
}
interface Recorded {
  readonly id: string;
  readonly nodes: readonly { name: string; labels: Record<string, string>; spec: NodeSpec; allocatable: Record<string, string> }[];
  readonly objects?: readonly (KubeObject & { kind: string })[];
  readonly steps: readonly Step[];
  readonly preempted?: readonly string[];
}
const RECORDED = readFileSync(join(import.meta.dirname, "recorded.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);
/** Enough dice for every node among equals to be picked once. */
const SEEDS = Array.from({ length: 24 }, (_, index) => index * 7919 + 1);

const podOf = ({ pod: { name, labels, spec } }: Step, nodeName?: string): Pod => ({
  metadata: { name, namespace: "default", uid: name, labels, creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { schedulerName: "default-scheduler", ...spec, ...(nodeName && { nodeName }) },
  status: { phase: "Pending" },
});

function decide(recorded: Recorded, step: Step, placed: readonly Pod[], seed: number): Decision | undefined {
  const world = new World(seed);
  for (const { name, labels, spec, allocatable } of recorded.nodes)
    world.put("Node", { metadata: { name, labels }, spec, status: { allocatable } } as KubeObject);
  for (const object of recorded.objects ?? []) world.put(object.kind, { ...object, metadata: { ...object.metadata, namespace: "default" } });
  world.put("Pod", ...placed, podOf(step));
  return world.decide()[0];
}

describe.each(RECORDED)("$id", (recorded) => {
  let placed: Pod[] = [];
  const evicted = new Set<string>();
  for (const step of recorded.steps) {
    const { node, message } = step;
    it(`${step.pod.name}: ${message ?? node ?? ""}`, () => {
      const decisions = SEEDS.map((seed) => decide(recorded, step, placed, seed));
      if (message === undefined) expect(decisions.map((one) => (one?.do === "bind" ? one.nodeName : one?.message))).toContain(node);
      for (const decision of message === undefined ? [] : decisions) {
        expect(decision).toMatchObject({ do: "unschedulable", message });
        if (decision?.do === "unschedulable") for (const { name } of decision.victims) evicted.add(name);
      }
      if (node) placed = [...placed.filter(({ metadata }) => !evicted.has(metadata?.name ?? "")), podOf(step, node)];
    });
  }
  it("evicts the same pods", () => expect(Array.from(evicted).sort()).toEqual(recorded.preempted ?? []));
});
