// Laws of the kubelet's step: deterministic, does not touch its input, and goes on from its stored state at any point.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../../shared/kinds/_generated/types.ts";
import type { NodeState } from "../../../shared/sim/node.ts";
import { desk, podOf, T0, worldOf } from "./_node.ts";

const scripts = [
  "sleep 7; exit 1",
  "exit 0",
  "sleep 100",
  "while true; do date; sleep 3; done",
  "touch /tmp/ok; sleep 20; rm /tmp/ok; sleep 50; exit 2",
  "trap 'exit 3' TERM; sleep 1000",
  "for i in 1 2 3; do echo $i; sleep $i; done",
  "until nslookup db; do sleep 4; done",
];
const container = fc.record({
  script: fc.constantFrom(...scripts),
  probe: fc.constantFrom(undefined, "livenessProbe", "readinessProbe", "startupProbe"),
  image: fc.constantFrom("busybox", "busybox:1.36", "busybox:nope", "nginx"),
});
const podArbitrary: fc.Arbitrary<Pod> = fc
  .record({
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    init: fc.array(container, { maxLength: 2 }),
    policy: fc.constantFrom("Always", "OnFailure", "Never"),
    deadline: fc.constantFrom(undefined, 40),
  })
  .map(({ containers, init, policy, deadline }) => {
    const make = (prefix: string) => (one: { script: string; probe: string | undefined; image: string }, i: number) => ({
      name: `${prefix}${i}`,
      image: one.image,
      imagePullPolicy: "IfNotPresent",
      ...(one.image === "nginx" ? {} : { command: ["sh", "-c", one.script] }),
      ...(one.probe === undefined || prefix === "i" ? {} : { [one.probe]: { exec: { command: ["cat", "/tmp/ok"] }, periodSeconds: 4, failureThreshold: 2 } }),
    });
    return podOf("p", {
      restartPolicy: policy,
      ...(deadline === undefined ? {} : { activeDeadlineSeconds: deadline }),
      containers: containers.map(make("c")),
      initContainers: init.map(make("i")),
    });
  });
const gist = (state: NodeState): unknown =>
  JSON.parse(JSON.stringify([...state.pods.values()].map(({ record }) => ({ ...record, version: 0, acked: 0, hash: 0 }))));
const END = T0 + 200_000;

describe("kubelet step", () => {
  test("evicted before every step, looked at more or less often: the same life", () => {
    fc.assert(
      fc.property(podArbitrary, fc.array(fc.integer({ min: 1, max: 199 }), { maxLength: 12 }), fc.integer({ min: 60, max: 150 }), (pod, seconds, deletedAt) => {
        const world = worldOf();
        const seldom = desk({ world });
        const often = desk({ world, evicts: true });
        const gone: Pod = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-11-21T13:00:00Z", deletionGracePeriodSeconds: 10 } };
        for (const node of [seldom, often]) node.step(T0, { changed: [pod] });
        const times = [...new Set(seconds)].sort((a, b) => a - b);
        for (const at of times.filter((one) => one < deletedAt)) often.step(T0 + at * 1000);
        for (const node of [seldom, often]) node.step(T0 + deletedAt * 1000, { changed: [gone] });
        for (const at of times.filter((one) => one > deletedAt)) often.step(T0 + at * 1000);
        for (const node of [seldom, often]) node.step(END);
        expect(gist(often.state)).toEqual(gist(seldom.state));
        expect([...often.state.pods.values()][0]?.record.done).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
  test("waking exactly when it asks to is enough, and nothing changes in between", () => {
    fc.assert(
      fc.property(podArbitrary, (pod) => {
        const node = desk();
        node.step(T0, { changed: [pod] });
        for (let i = 0; i < 30 && node.nextAt !== undefined && node.nextAt < END; i++) {
          const due: number = node.nextAt;
          expect(node.step(due - 1)).toEqual([]);
          node.step(due);
          expect(node.nextAt ?? Infinity).toBeGreaterThan(due);
        }
      }),
      { numRuns: 100 },
    );
  });
  test("input state and pods are left as they are", () => {
    fc.assert(
      fc.property(podArbitrary, (pod) => {
        const node = desk();
        node.step(T0, { changed: [pod] });
        const before = JSON.stringify([...node.state.pods]);
        const { state } = node;
        node.step(T0 + 60_000);
        expect(JSON.stringify([...state.pods])).toBe(before);
      }),
      { numRuns: 50 },
    );
  });
});
