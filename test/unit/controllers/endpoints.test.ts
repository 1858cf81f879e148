// Services find their pods: Endpoints and EndpointSlices as a real control plane writes them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endpointsController } from "../../../durable-objects/controllers/endpoints.ts";
import { endpointsliceMirroringController } from "../../../durable-objects/controllers/endpointslice-mirroring.ts";
import { endpointsliceController } from "../../../durable-objects/controllers/endpointslice.ts";
import type { Endpoints, EndpointSlice, Pod, Service, ServiceSpec } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";

const SLICES = "discovery.k8s.io/endpointslices";
const make = (seed = 1): TestCluster =>
  new TestCluster({ controllers: [endpointsController, endpointsliceController, endpointsliceMirroringController], seed });
const service = (name: string, spec: ServiceSpec, labels?: Record<string, string>): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default", ...(labels ? { labels } : {}) },
  spec: { clusterIP: "10.96.0.7", ipFamilies: ["IPv4"], selector: { a: "b" }, ...spec },
});
const pod = (name: string, ip: string, options: { ready?: boolean; spec?: Pod["spec"]; labels?: Record<string, string> } = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels: options.labels ?? { a: "b" } },
  spec: { nodeName: "node-0", containers: [{ name: "c", ports: [{ name: "web", containerPort: 8080, protocol: "TCP" }] }], ...options.spec },
  status: {
    phase: "Running",
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: "Ready", status: (options.ready ?? true) ? "True" : "False", lastTransitionTime: "2026-01-02T00:00:00Z" }],
  },
});
const WEB: ServiceSpec = {
  ports: [
    { name: "http", port: 80, targetPort: "web", protocol: "TCP" },
    { name: "raw", port: 9, targetPort: 99, protocol: "TCP" },
  ],
};
const PORTS = [
  { name: "http", port: 8080, protocol: "TCP" },
  { name: "raw", port: 99, protocol: "TCP" },
];
const run = (cluster: TestCluster): number => cluster.run({ nodes: false });
const endpoints = (cluster: TestCluster): Endpoints => cluster.get<Endpoints>("/endpoints", "a") as Endpoints;
const slices = (cluster: TestCluster): EndpointSlice[] => cluster.list<EndpointSlice>(SLICES);

describe("endpoints-controller", () => {
  it("writes, changes and empties the object as a real server shows it", () => {
    const cluster = make();
    cluster.create("/services", service("a", WEB));
    run(cluster);
    expect(endpoints(cluster)).toMatchObject({
      metadata: {
        annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" },
        labels: { "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
      },
    });
    expect(endpoints(cluster).subsets).toBeUndefined();
    const made = cluster.create("/pods", pod("p", "10.0.0.1"));
    run(cluster);
    expect(endpoints(cluster).subsets).toEqual([
      {
        addresses: [{ ip: "10.0.0.1", nodeName: "node-0", targetRef: { kind: "Pod", name: "p", namespace: "default", uid: made.metadata?.uid } }],
        ports: PORTS,
      },
    ]);
    expect(endpoints(cluster).metadata?.annotations).toEqual({ "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-02T00:00:00Z" });
    cluster.change("/pods", "default/p", (next) => void (next.metadata = { ...next.metadata, labels: { a: "c" } }));
    run(cluster);
    expect(endpoints(cluster).subsets).toBeUndefined();
    expect(endpoints(cluster).metadata?.annotations).toBeUndefined();
    expect(endpoints(cluster).metadata?.labels).toEqual({ "endpoints.kubernetes.io/managed-by": "endpoint-controller" });
    cluster.delete("/services", "default/a");
    run(cluster);
    expect(endpoints(cluster)).toBeUndefined();
  });

  it("puts pods that are not ready aside, and back when they are", () => {
    const cluster = make();
    cluster.create("/services", service("a", { ports: [{ port: 80, targetPort: 80 }] }));
    cluster.create("/pods", pod("p", "10.0.0.1", { ready: false }));
    run(cluster);
    expect(endpoints(cluster).subsets?.[0]?.notReadyAddresses).toHaveLength(1);
    expect(endpoints(cluster).subsets?.[0]?.addresses).toBeUndefined();
    cluster.change("/pods", "default/p", (next) => void (next.status = { ...pod("p", "10.0.0.1").status } as never));
    run(cluster);
    expect(endpoints(cluster).subsets?.[0]?.addresses).toHaveLength(1);
  });

  it("keeps 1,000 addresses at most and says so", () => {
    const cluster = make();
    cluster.create("/services", service("a", { ports: [{ port: 80, targetPort: 80 }] }));
    for (let i = 0; i < 1_010; i++) cluster.create("/pods", pod(`p${i}`, `10.0.${i >> 8}.${i & 255}`, { ready: i % 101 !== 0 }));
    run(cluster);
    const [subset] = endpoints(cluster).subsets ?? [];
    expect(subset?.addresses).toHaveLength(1_000);
    expect(endpoints(cluster).metadata?.annotations?.["endpoints.kubernetes.io/over-capacity"]).toBe("truncated");
    expect(cluster.leftOver()).toEqual([]);
    cluster.delete("/pods", "default/p5");
    for (const i of [5, 6]) {
      cluster.change("/pods", `default/p${i}`, (next) => void (next.status = { phase: "Failed", podIP: "10.0.0.5" }));
    }
    for (let i = 7; i < 30; i++) cluster.change("/pods", `default/p${i}`, (next) => void (next.status = { phase: "Failed", podIP: "10.0.0.5" }));
    run(cluster);
    expect(endpoints(cluster).metadata?.annotations?.["endpoints.kubernetes.io/over-capacity"]).toBeUndefined();
  });

  it("leaves Services without selector and ExternalNames alone", () => {
    const cluster = make();
    const { selector: _selector, ...spec } = service("a", WEB).spec ?? {};
    cluster.create("/services", { ...service("a", WEB), spec } as Service);
    cluster.create("/services", service("b", { type: "ExternalName" }));
    run(cluster);
    expect(cluster.writes).toEqual([]);
  });
});

describe("endpointslice-controller", () => {
  it("writes the slice that a real server shows", () => {
    const cluster = make();
    const svc = cluster.create("/services", service("a", WEB));
    run(cluster);
    expect(slices(cluster)).toHaveLength(1);
    expect(slices(cluster)[0]).toMatchObject({ addressType: "IPv4", endpoints: null, ports: null });
    const made = cluster.create("/pods", pod("p", "10.0.0.1"));
    run(cluster);
    const [slice] = slices(cluster);
    expect(slices(cluster)).toHaveLength(1);
    expect(slice?.metadata).toMatchObject({
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-02T00:00:00Z" },
      generateName: "a-",
      labels: { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io", "kubernetes.io/service-name": "a" },
      ownerReferences: [{ apiVersion: "v1", blockOwnerDeletion: true, controller: true, kind: "Service", name: "a", uid: svc.metadata?.uid }],
    });
    expect(slice?.metadata?.name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(slice?.ports).toEqual(PORTS);
    expect(slice?.endpoints).toEqual([
      {
        addresses: ["10.0.0.1"],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: "node-0",
        targetRef: { kind: "Pod", name: "p", namespace: "default", uid: made.metadata?.uid },
      },
    ]);
    cluster.delete("/pods", "default/p");
    run(cluster);
    expect(slices(cluster)[0]?.endpoints?.[0]?.conditions).toEqual({ ready: false, serving: true, terminating: true });
  });

  it("publishes pods that are not ready, by host name, for a headless Service that wants them", () => {
    const cluster = make();
    const { ports: _ports, ...spec } = service("a", { clusterIP: "None", publishNotReadyAddresses: true }).spec ?? {};
    cluster.create("/services", { ...service("a", {}), spec } as Service);
    cluster.create("/pods", pod("p", "10.0.0.1", { ready: false, spec: { nodeName: "n", hostname: "h", subdomain: "a" } }));
    run(cluster);
    const [slice] = slices(cluster);
    expect(slice).toMatchObject({
      endpoints: [{ conditions: { ready: true, serving: false, terminating: false }, hostname: "h" }],
      metadata: { labels: { "service.kubernetes.io/headless": "" } },
      ports: null,
    });
    expect(endpoints(cluster).subsets).toEqual([{ addresses: [expect.objectContaining({ hostname: "h", ip: "10.0.0.1" })] }]);
    expect(endpoints(cluster).metadata?.labels?.["service.kubernetes.io/headless"]).toBe("");
  });

  it("hints at zones and nodes when traffic is to stay near", () => {
    const cluster = make();
    cluster.create("/services", service("a", { ...WEB, trafficDistribution: "PreferSameNode" }));
    cluster.create("/pods", pod("p", "10.0.0.1", { labels: { a: "b", "topology.kubernetes.io/zone": "z" } }));
    run(cluster);
    expect(slices(cluster)[0]?.endpoints?.[0]).toMatchObject({ zone: "z", hints: { forZones: [{ name: "z" }], forNodes: [{ name: "node-0" }] } });
  });

  it("holds every pod once, 100 to a slice, whatever came and went, and then has nothing left to do", () => {
    const change = fc.record({ add: fc.integer({ min: 0, max: 180 }), remove: fc.integer({ min: 0, max: 120 }), relabel: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 1_000_000 }), (changes, seed) => {
        const cluster = make(seed);
        cluster.create("/services", service("a", WEB));
        let counter = 0;
        for (const { add, remove, relabel } of changes) {
          for (let i = 0; i < add; i++) cluster.create("/pods", pod(`p${counter}`, `10.${counter >> 8}.0.${counter++ & 255}`));
          for (const old of cluster.list<Pod>("/pods").slice(0, remove)) {
            cluster.change("/pods", `default/${old.metadata?.name}`, (next) => void (next.metadata = { ...next.metadata, labels: {} }));
          }
          if (relabel) cluster.change("/services", "default/a", (next) => void (next.metadata = { ...next.metadata, labels: { n: String(counter) } }));
          run(cluster);
        }
        const wanted = cluster.list<Pod>("/pods").filter((known) => known.metadata?.labels?.["a"] === "b");
        const all = slices(cluster).flatMap((slice) => slice.endpoints ?? []);
        expect(all.map((endpoint) => endpoint.targetRef?.name).sort()).toEqual(wanted.map((known) => known.metadata?.name).sort());
        for (const slice of slices(cluster)) expect(slice.endpoints?.length ?? 0).toBeLessThanOrEqual(100);
        expect(slices(cluster).length).toBeGreaterThan(0);
        expect(cluster.leftOver()).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

describe("endpointslice-mirroring-controller", () => {
  const byHand = (cluster: TestCluster, labels?: Record<string, string>): void => {
    const { selector: _selector, ...spec } = service("a", WEB).spec ?? {};
    cluster.create("/services", { ...service("a", WEB), spec } as Service);
    cluster.create("/endpoints", {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "a", namespace: "default", ...(labels ? { labels } : {}) },
      subsets: [{ addresses: [{ ip: "10.44.0.1" }], ports: [{ port: 80, protocol: "TCP" }] }],
    } as Endpoints);
  };

  it("shows what a real server shows, follows changes and goes with the Endpoints", () => {
    const cluster = make();
    byHand(cluster);
    run(cluster);
    expect(slices(cluster)).toHaveLength(1);
    expect(slices(cluster)[0]).toMatchObject({
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.44.0.1"], conditions: { ready: true } }],
      metadata: {
        generateName: "a-",
        labels: { "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io", "kubernetes.io/service-name": "a" },
        ownerReferences: [{ kind: "Endpoints", name: "a", controller: true, blockOwnerDeletion: true }],
      },
      ports: [{ name: "", port: 80, protocol: "TCP" }],
    });
    cluster.change(
      "/endpoints",
      "default/a",
      (next) => void (next["subsets"] = [{ notReadyAddresses: [{ ip: "10.44.0.2" }, { ip: "fd00::1" }], ports: [{ port: 81 }] }]),
    );
    run(cluster);
    expect(
      slices(cluster)
        .map((slice) => [slice.addressType, slice.endpoints?.[0]?.conditions, slice.ports?.[0]?.port])
        .sort(),
    ).toEqual([
      ["IPv4", { ready: false }, 81],
      ["IPv6", { ready: false }, 81],
    ]);
    expect(cluster.leftOver()).toEqual([]);
    cluster.delete("/endpoints", "default/a");
    run(cluster);
    expect(slices(cluster)).toEqual([]);
  });

  it("mirrors nothing that says it should not be", () => {
    const cluster = make();
    byHand(cluster, { "endpointslice.kubernetes.io/skip-mirror": "true" });
    run(cluster);
    expect(slices(cluster)).toEqual([]);
  });
});
