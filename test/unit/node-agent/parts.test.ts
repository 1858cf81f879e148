// Parts of the kubelet alone: registry, environment, volumes, downward API, back-off, addresses, images.
import { describe, expect, test } from "vitest";
import type { Container } from "../../../shared/kinds/_generated/types.ts";
import { goDuration } from "../../../workers/node-agent/backoff.ts";
import { makeEnvironment } from "../../../workers/node-agent/environment.ts";
import { expandVariables } from "../../../workers/node-agent/expansion.ts";
import { IMAGES } from "../../../workers/node-agent/images/index.ts";
import { bornNodes } from "../../../workers/node-agent/node-object.ts";
import { hexDigest, imageRegistry } from "../../../workers/node-agent/registry.ts";
import { NODE_SUBSCRIPTIONS } from "../../../workers/node-agent/subscriptions.ts";
import { mountedFiles } from "../../../workers/node-agent/volumes.ts";
import { configOf, desk, podOf, T0, worldOf } from "./_node.ts";

const resolve = imageRegistry(IMAGES);
const kindOf = (text: string): string => {
  const found = resolve(text);
  return found.kind === "found" ? found.image.name : found.kind;
};

describe("image registry", () => {
  test.each([
    ["nginx", "nginx"],
    ["nginx:1.27-alpine", "nginx"],
    ["docker.io/library/nginx:stable-alpine3.20", "nginx"],
    ["nginx:doesnotexist", "refused"],
    ["nginx:1.27-foo", "refused"],
    ["busybox:1.36.1-musl", "busybox"],
    ["registry.k8s.io/pause:3.10", "pause"],
    ["ghcr.io/acme/app:v1.2.3", "generic"],
    ["acme/app:feature-x", "generic"],
    ["nonexistent.example/app", "refused"],
    ["registry.invalid/app", "refused"],
    ["nonexistent-image", "refused"],
    ["UPPER", "invalid"],
    ["a b", "invalid"],
    ["", "invalid"],
    [`nginx@sha256:${"a".repeat(64)}`, "nginx"],
    ["localhost:5000/app", "generic"],
  ])("%s is %s", (text, kind) => expect(kindOf(text)).toBe(kind));
  test("names are as containerd gives them", () => {
    expect(resolve("nginx")).toMatchObject({ canonical: "docker.io/library/nginx:latest", tagged: "nginx:latest" });
    expect(resolve("ghcr.io/acme/app:v1")).toMatchObject({ canonical: "ghcr.io/acme/app:v1", tagged: "ghcr.io/acme/app:v1" });
    expect(hexDigest("x")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("environment", () => {
  const world = worldOf({
    configMaps: { cfg: { a: "1", b: "2" } },
    secrets: { s: { pw: "sesam" } },
    services: { kubernetes: "10.96.0.1", "my-db": "10.96.0.9" },
  });
  const env = (container: Container) =>
    makeEnvironment({ pod: podOf("p", { containers: [container] }), container, config: configOf(), podIP: "10.244.1.9", world });
  test("sources, references and services, later ones over earlier ones", () => {
    const result = env({
      name: "c",
      envFrom: [{ prefix: "CFG_", configMapRef: { name: "cfg" } }, { secretRef: { name: "s" } }],
      env: [
        { name: "X", value: "$(CFG_a)-$(NOPE)-$$(CFG_a)-$(KUBERNETES_SERVICE_HOST)" },
        { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
        { name: "MEM", valueFrom: { resourceFieldRef: { resource: "requests.memory", divisor: "1Mi" } } },
        { name: "OPT", valueFrom: { configMapKeyRef: { name: "none", key: "k", optional: true } } },
      ],
      resources: { requests: { memory: "64Mi" } },
    });
    expect(result).toMatchObject({
      ok: true,
      value: {
        CFG_a: "1",
        CFG_b: "2",
        pw: "sesam",
        X: "1-$(NOPE)-$(CFG_a)-10.96.0.1",
        IP: "10.244.1.9",
        CPU: "4",
        MEM: "64",
        MY_DB_SERVICE_HOST: "10.96.0.9",
        MY_DB_PORT_80_TCP_ADDR: "10.96.0.9",
        KUBERNETES_PORT: "tcp://10.96.0.1:80",
      },
    });
    expect(result.ok && "OPT" in result.value).toBe(false);
  });
  test.each([
    [{ envFrom: [{ configMapRef: { name: "none" } }] }, 'configmap "none" not found'],
    [{ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "none", key: "k" } } }] }, 'secret "none" not found'],
    [{ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }, "couldn't find key k in Secret default/s"],
    [{ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "cfg", key: "k" } } }] }, "couldn't find key k in ConfigMap default/cfg"],
  ])("what is missing is said as upstream says it: %j", (container, error) => expect(env({ name: "c", ...container })).toEqual({ ok: false, error }));
  test.each([
    ["a$(B)c", "a1c"],
    ["$$(B)", "$(B)"],
    ["$(", "$("],
    ["$x", "$x"],
    ["100$", "100$"],
    ["$(NO)", "$(NO)"],
  ])("%s expands to %s", (text, wanted) => expect(expandVariables(text, (name) => (name === "B" ? "1" : undefined))).toBe(wanted));
});

test("mounted files: ConfigMap items, projected sources, downward API, sub paths", () => {
  const container: Container = {
    name: "c",
    volumeMounts: [
      { name: "all", mountPath: "/etc/all" },
      { name: "cfg", mountPath: "/etc/one.conf", subPath: "renamed" },
    ],
  };
  const pod = podOf(
    "p",
    {
      containers: [container],
      volumes: [
        { name: "cfg", configMap: { name: "cfg", items: [{ key: "a", path: "renamed" }] } },
        {
          name: "all",
          projected: { sources: [{ secret: { name: "s" } }, { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } }] },
        },
      ],
    },
    { labels: { b: "2", a: 'x"y' } },
  );
  const world = worldOf({ configMaps: { cfg: { a: "1" } }, secrets: { s: { pw: "sesam" } } });
  expect(Object.fromEntries(mountedFiles(container, { pod, config: configOf(), world, podIP: "" }))).toEqual({
    "/etc/one.conf": "1",
    "/etc/all/pw": "sesam",
    "/etc/all/labels": 'a="x\\"y"\nb="2"',
  });
});

test.each([
  [0, "0s"],
  [340, "340ms"],
  [10_000, "10s"],
  [80_000, "1m20s"],
  [300_000, "5m0s"],
  [3_661_500, "1h1m1.5s"],
])("%i ms is %s in Go", (ms, text) => expect(goDuration(ms)).toBe(text));

test("every pod of a node has an address of its own from the node's range", () => {
  const node = desk();
  node.step(T0, { changed: Array.from({ length: 50 }, (_, i) => podOf(`p${i}`, { containers: [{ name: "c", image: "nginx" }] })) });
  const ips = [...node.state.pods.values()].map(({ record }) => record.ip);
  expect(new Set(ips).size).toBe(50);
  expect(ips.every((ip) => ip?.startsWith("10.244.1."))).toBe(true);
});

test("nodes of a cluster differ in name, address, range and machine", () => {
  const nodes = bornNodes({ nodes: 300 }, T0);
  for (const value of [
    (n: (typeof nodes)[number]) => n.metadata?.name,
    (n: (typeof nodes)[number]) => n.spec?.podCIDR,
    (n: (typeof nodes)[number]) => n.status?.addresses?.[0]?.address,
    (n: (typeof nodes)[number]) => n.status?.nodeInfo?.machineID,
  ]) {
    expect(new Set(nodes.map(value)).size).toBe(300);
  }
});

test("a node hears of its pods, but not of its own status writes", () => {
  const [subscription] = NODE_SUBSCRIPTIONS;
  const pod = podOf("p", { containers: [] });
  const hears = (next: typeof pod | undefined, old: typeof pod | undefined): string[] =>
    subscription?.items({ next, old, text: JSON.stringify(next ?? old) }).map((one) => one.actor) ?? [];
  const { nodeName: _nodeName, ...unbound } = pod.spec ?? {};
  expect(hears({ ...pod, spec: unbound }, undefined)).toEqual([]);
  expect(hears(pod, { ...pod, spec: unbound })).toEqual(["node-1"]);
  expect(hears({ ...pod, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } }, pod)).toEqual([]);
  expect(hears({ ...pod, status: { conditions: [{ type: "example.com/gate", status: "True" }] } }, pod)).toEqual(["node-1"]);
  expect(hears({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-11-21T12:00:00Z" } }, pod)).toEqual(["node-1"]);
  expect(hears(undefined, pod)).toEqual(["node-1"]);
});
