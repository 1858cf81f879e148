// Sums of what pods ask for: the fast numbers agree with the exact sums, and image names are read as upstream reads them.
import { expect, it } from "vitest";
import type { Container, Pod } from "../../../shared/kinds/_generated/types.ts";
import { imageTag } from "../../../shared/kinds/_parts/image-reference.ts";
import { NONZERO_REQUESTS, podLimits, podRequests, readResources } from "../../../shared/kinds/_parts/pod-resources.ts";
import { podQOSClass } from "../../../shared/kinds/_parts/qos.ts";
import { aggregateResources } from "../../../shared/kinds/_parts/resource-sums.ts";

const container = (cpu: string, more: Partial<Container> = {}): Container => ({
  name: `c${cpu}`,
  resources: { requests: { cpu, memory: "10Mi" }, limits: { cpu, memory: "10Mi" } },
  ...more,
});
const pod = (initContainers: Container[], containers: Container[], more: Pod["spec"] = {}): Pod => ({ spec: { initContainers, containers, ...more } });
const sidecar = { restartPolicy: "Always" };

it.each([
  [pod([], [container("100m"), container("200m")]), 300],
  [pod([container("1")], [container("100m")]), 1000],
  [pod([container("300m", sidecar)], [container("100m")]), 400],
  [pod([container("300m", sidecar), container("500m")], [container("100m")]), 800],
  [pod([container("500m"), container("300m", sidecar)], [container("100m")]), 500],
  [pod([container("200m", sidecar), container("300m", sidecar)], [container("0.1")]), 600],
])("a pod needs what runs at once, or its largest step of starting (%#)", (object, milliCPU) => {
  expect(podRequests(object).milliCPU).toBe(milliCPU);
  const exact = readResources(aggregateResources(object.spec ?? {}, "requests"));
  expect(podRequests(object)).toEqual(exact);
});
it("overhead comes on top of requests, and of limits where there are some", () => {
  const object = pod([], [{ name: "c", resources: { requests: { cpu: "1" }, limits: { memory: "1Mi" } } }], { overhead: { cpu: "250m", memory: "1Mi" } });
  expect(podRequests(object)).toMatchObject({ milliCPU: 1250, memory: 2 ** 20 });
  expect(podLimits(object)).toMatchObject({ milliCPU: 0, memory: 2 * 2 ** 20 });
});
it("resources of the pod as a whole take the place of its containers'", () => {
  const object = pod([], [container("100m")], { resources: { requests: { cpu: "2" } } });
  expect(podRequests(object)).toMatchObject({ milliCPU: 2000, memory: 10 * 2 ** 20 });
});
it("other resources are counted by name, and silence may count for something", () => {
  const object = pod([], [{ name: "a", resources: { requests: { "example.com/gpu": "2" } } }, { name: "b", resources: { requests: { "example.com/gpu": "1" } } }]);
  expect(podRequests(object).others).toEqual({ "example.com/gpu": 3 });
  expect(podRequests(object, { missing: NONZERO_REQUESTS })).toMatchObject({ milliCPU: 200, memory: 400 * 2 ** 20 });
});
it("quality of service follows requests and limits", () => {
  expect(podQOSClass(pod([], [{ name: "a" }]))).toBe("BestEffort");
  expect(podQOSClass(pod([], [container("1")]))).toBe("Guaranteed");
  expect(podQOSClass(pod([], [container("1"), { name: "b" }]))).toBe("Burstable");
  expect(podQOSClass(pod([], [{ name: "a", resources: { limits: { cpu: "0", memory: "0" } } }]))).toBe("BestEffort");
  const whole = { resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } } };
  expect(podQOSClass(pod([], [{ name: "a" }], whole))).toBe("Guaranteed");
});
// As a real 1.36 server defaults imagePullPolicy for these.
it.each([
  ["busybox", "latest"],
  ["reg.io:5000/a/b", "latest"],
  ["localhost/x:latest", "latest"],
  ["a/b:v1", "v1"],
  ["a__b", "latest"],
  ["a___b", undefined],
  ["a:b:c", undefined],
  ["UPPER/case", "latest"],
  ["", undefined],
  [`a@sha256:${"0".repeat(64)}`, undefined],
])("the tag of %s is %s", (image, tag) => expect(imageTag(image)).toBe(tag));
