// Records that need not be written down: the stored status of the pod speaks for them.
import { describe, expect, test } from "vitest";
import type { Pod } from "../../../shared/kinds/_generated/types.ts";
import type { NodeState, PodRecord } from "../../../shared/sim/node.ts";
import { EMPTY_NODE } from "../../../shared/sim/node.ts";
import { IMAGES } from "../../../workers/node-agent/images/index.ts";
import { kubelet } from "../../../workers/node-agent/kubelet.ts";
import { configOf, podOf, statusOf, T0, worldOf } from "./_node.ts";

const dice = { dice: () => 0 };
/** In the middle of a second: a status knows only whole ones. */
const BEGIN = T0 + 637;
const make = () => kubelet(IMAGES, configOf());

/** A pod as it is stored after its first step, and what the node knows then. */
function started(spec: Pod["spec"], metadata: Pod["metadata"] = {}): { readonly pod: Pod; readonly state: NodeState; readonly isTold: boolean } {
  const agent = make();
  const pod = podOf("p", spec, metadata);
  const { state, effects } = agent.stepNode(EMPTY_NODE, { changed: [pod], gone: [] }, worldOf(), BEGIN, dice);
  const entry = state.pods.get("uid-p");
  if (!entry) throw new Error("the pod is not there");
  return { pod: { ...pod, status: statusOf(effects) ?? {} }, state, isTold: agent.isTold(entry) };
}
const record = (state: NodeState): PodRecord | undefined => state.pods.get("uid-p")?.record;
/** But for what only counts how often something was written. */
const gist = (one: PodRecord | undefined): unknown => one && { ...one, version: 0, acked: 0, conditions: Object.keys(one.conditions) };
const web = {
  containers: [
    { name: "a", image: "nginx" },
    { name: "b", image: "registry.k8s.io/pause:3.10" },
  ],
};

describe("a record that the status speaks for", () => {
  test("can be made from the status again, to the second", () => {
    const { pod, state, isTold } = started(web);
    expect(isTold).toBe(true);
    expect(gist(make().recall(pod))).toEqual(gist(record(state)));
    expect(record(state)?.containers["a"]?.startedAt).toBe(T0);
  });
  test.each<[string, Pod["spec"]]>([
    ["a program that ends", { containers: [{ name: "a", image: "busybox", command: ["sleep", "60"] }] }],
    ["a probe", { containers: [{ name: "a", image: "nginx", readinessProbe: { httpGet: { path: "/", port: 80 } } }] }],
    ["a deadline", { ...web, activeDeadlineSeconds: 60 }],
    ["an init container", { ...web, initContainers: [{ name: "i", image: "busybox", command: ["true"] }] }],
    ["an image that is not there", { containers: [{ name: "a", image: "busybox:nope" }] }],
    ["variables of other objects", { containers: [{ name: "a", image: "nginx", envFrom: [{ configMapRef: { name: "c", optional: true } }] }] }],
  ])("is none where there is %s", (_what, spec) => {
    expect(started(spec).isTold).toBe(false);
  });

  test("goes on as from the record when the pod is deleted while nobody remembers", () => {
    const { pod, state } = started(web);
    const gone: Pod = { ...pod, metadata: { ...pod.metadata, generation: 2, deletionTimestamp: "2026-11-21T13:00:00Z", deletionGracePeriodSeconds: 10 } };
    const [here, anew] = [make(), make()];
    const recalled = anew.recall(gone);
    if (!recalled) throw new Error("nothing is recalled");
    const lives = [
      here.stepNode(state, { changed: [gone], gone: [] }, worldOf(), T0 + 5000, dice),
      anew.stepNode({ ...EMPTY_NODE, pods: new Map([["uid-p", { pod: gone, record: recalled }]]) }, { changed: [gone], gone: [] }, worldOf(), T0 + 5000, dice),
    ];
    const [a, b] = lives.map((step) => [gist(record(step.state)), statusOf(step.effects), step.nextAt]);
    expect(b).toEqual(a);
  });
  test("knows an image that was changed meanwhile as another one: the container is made anew", () => {
    const { pod } = started(web);
    const changed: Pod = {
      ...pod,
      metadata: { ...pod.metadata, generation: 2 },
      spec: {
        ...pod.spec,
        containers: [
          { name: "a", image: "nginx:1.29" },
          { name: "b", image: "registry.k8s.io/pause:3.10" },
        ],
      },
    };
    const agent = make();
    const recalled = agent.recall(changed);
    expect(recalled?.containers["a"]?.image).toBe("docker.io/library/nginx:latest");
    const step = agent.stepNode(
      { ...EMPTY_NODE, pods: new Map([["uid-p", { pod: changed, record: recalled as PodRecord }]]) },
      { changed: [changed], gone: [] },
      worldOf(),
      T0 + 5000,
      dice,
    );
    expect(record(step.state)?.containers["a"]).toMatchObject({ phase: "running", attempt: 1, image: "nginx:1.29" });
  });
  test("is refused where a status was written by somebody else", () => {
    const { pod } = started(web);
    const odd = (status: Pod["status"]): PodRecord | undefined => make().recall({ ...pod, status: { ...pod.status, ...status } });
    expect(odd({})).toBeDefined();
    expect(odd({ phase: "Pending" })).toBeUndefined();
    expect(odd({ containerStatuses: [] })).toBeUndefined();
    expect(odd({ containerStatuses: pod.status?.containerStatuses?.map((one) => ({ ...one, containerID: "containerd://other" })) ?? [] })).toBeUndefined();
  });
});
