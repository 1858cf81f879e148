// The rules of kube-proxy: which pod a connection reaches, and how it fails.
import { describe, expect, it } from "vitest";
import { route, splitSchemeNamePort, type Connection, type Destination, type Route, type Source } from "../../../shared/network/routing.ts";
import { routingTables, type ClusterObjects } from "../../../shared/network/tables.ts";
import type { Endpoint, EndpointSlice, Node, Pod, Service, ServiceSpec } from "../../../shared/kinds/_generated/types.ts";

const node = (name: string, ip: string, zone: string): Node => ({
  metadata: { name, labels: { "topology.kubernetes.io/zone": zone } },
  status: { addresses: [{ type: "InternalIP", address: ip }] },
});
const NODES = [node("n1", "192.0.2.1", "a"), node("n2", "192.0.2.2", "b"), node("n3", "192.0.2.3", "b")];
const pod = (name: string, ip: string, nodeName: string, more: Partial<Pod["spec"]> = {}): Pod => ({
  metadata: { namespace: "ns", name },
  spec: { nodeName, containers: [{ name: "c", ports: [{ containerPort: 8080 }] }], ...more },
  status: { phase: "Running", podIP: ip },
});
const PODS = [pod("p1", "10.244.1.1", "n1"), pod("p2", "10.244.2.1", "n2"), pod("p3", "10.244.3.1", "n3")];
const service = (spec: ServiceSpec, more: Partial<Service> = {}): Service => ({
  metadata: { namespace: "ns", name: "s" },
  spec: {
    type: "NodePort",
    clusterIP: "10.96.1.1",
    clusterIPs: ["10.96.1.1"],
    ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: "web", nodePort: 31_000 }],
    externalTrafficPolicy: "Cluster",
    internalTrafficPolicy: "Cluster",
    ...spec,
  },
  ...more,
});
const endpoint = (n: number, conditions: Endpoint["conditions"] = { ready: true }, more: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [`10.244.${n}.1`],
  conditions,
  nodeName: `n${n}`,
  targetRef: { kind: "Pod", namespace: "ns", name: `p${n}` },
  ...more,
});
const slice = (endpoints: Endpoint[], port = 8080): EndpointSlice => ({
  metadata: { namespace: "ns", name: "s-1", labels: { "kubernetes.io/service-name": "s" } },
  addressType: "IPv4",
  endpoints,
  ports: [{ name: "http", port, protocol: "TCP" }],
});
const ALL = [endpoint(1), endpoint(2), endpoint(3)];
const cluster = (spec: ServiceSpec, endpoints: Endpoint[] = ALL, more: Partial<ClusterObjects> = {}): ClusterObjects => ({
  services: [service(spec)],
  endpointSlices: [slice(endpoints)],
  pods: PODS,
  nodes: NODES,
  ...more,
});
const CLUSTER_IP: Destination = { to: "address", ip: "10.96.1.1", port: 80 };
const NODE_PORT = (name?: string): Destination => ({ to: "nodePort", port: 31_000, ...(name ? { node: name } : {}) });

const go = (objects: ClusterObjects, destination: Destination, source: Source = {}, more: Partial<Connection> = {}): Route =>
  route(routingTables(objects), { destination, source, dice: () => 0, ...more });
/** Names of all pods that some throw of the dice reaches. */
function reached(objects: ClusterObjects, destination: Destination, source: Source = {}): string[] {
  const names = new Set<string>();
  for (let throwOf = 0; throwOf < 12; throwOf++) {
    const to = go(objects, destination, source, { dice: (below) => throwOf % below });
    names.add(to.ok ? to.value.podName : to.error.reason);
  }
  return [...names].sort();
}

describe("a cluster IP", () => {
  it("leads to each ready pod, at the port that its slice resolved", () => {
    expect(reached(cluster({}), CLUSTER_IP, { node: "n1" })).toEqual(["p1", "p2", "p3"]);
    expect(go(cluster({}), CLUSTER_IP)).toEqual({
      ok: true,
      value: { node: "n1", podNamespace: "ns", podName: "p1", podIP: "10.244.1.1", port: 8080, hostNetwork: false },
    });
  });
  it("finds pods that number a named port differently in other slices", () => {
    const other: EndpointSlice = { ...slice([endpoint(2)], 9090), metadata: { ...slice([]).metadata, name: "s-2" } };
    const objects = cluster({}, [endpoint(1)], { endpointSlices: [slice([endpoint(1)]), other] });
    const ports = [0, 1].map((throwOf) => go(objects, CLUSTER_IP, {}, { dice: () => throwOf }));
    expect(ports.map((to) => to.ok && `${to.value.podName}:${to.value.port}`)).toEqual(["p1:8080", "p2:9090"]);
  });
  it("passes pods that are not ready, unless they end while they still serve and nothing else is ready", () => {
    const ending = { ready: false, serving: true, terminating: true };
    expect(reached(cluster({}, [endpoint(1), endpoint(2, { ready: false }), endpoint(3, ending)]), CLUSTER_IP)).toEqual(["p1"]);
    expect(reached(cluster({}, [endpoint(2, { ready: false }), endpoint(3, ending)]), CLUSTER_IP)).toEqual(["p3"]);
    expect(reached(cluster({}, [endpoint(2, { ready: false })]), CLUSTER_IP)).toEqual(["NoEndpoints"]);
    expect(reached(cluster({}, [endpoint(2, {})]), CLUSTER_IP)).toEqual(["p2"]);
  });
  it("without endpoints refuses at once; on other ports too", () => {
    expect(go(cluster({}, []), CLUSTER_IP)).toMatchObject({ ok: false, error: { reason: "NoEndpoints", client: "refused" } });
    expect(go(cluster({}), { ...CLUSTER_IP, port: 81 })).toMatchObject({ ok: false, error: { reason: "NoSuchPort", client: "refused" } });
    expect(go(cluster({}), { ...CLUSTER_IP, protocol: "UDP" })).toMatchObject({ ok: false, error: { reason: "NoSuchPort" } });
  });
  it("with internal policy Local stays on the node of the client", () => {
    const objects = cluster({ internalTrafficPolicy: "Local" }, [endpoint(1), endpoint(2)]);
    expect(reached(objects, CLUSTER_IP, { node: "n2" })).toEqual(["p2"]);
    expect(go(objects, CLUSTER_IP, { node: "n3" })).toMatchObject({ ok: false, error: { reason: "NoLocalEndpoints", client: "timeout" } });
  });
  it("follows hints of zones when all endpoints have them and one fits", () => {
    const hinted = [
      endpoint(1, { ready: true }, { hints: { forZones: [{ name: "a" }] } }),
      endpoint(2, { ready: true }, { hints: { forZones: [{ name: "b" }] } }),
    ];
    expect(reached(cluster({}, hinted), CLUSTER_IP, { node: "n3" })).toEqual(["p2"]);
    expect(reached(cluster({}, [...hinted, endpoint(3)]), CLUSTER_IP, { node: "n3" })).toEqual(["p1", "p2", "p3"]);
    const onNode = [1, 2].map((n) => endpoint(n, { ready: true }, { hints: { forNodes: [{ name: `n${n}` }], forZones: [{ name: "b" }] } }));
    expect(reached(cluster({}, onNode), CLUSTER_IP, { node: "n1" })).toEqual(["p1"]);
    expect(reached(cluster({}, onNode), CLUSTER_IP, { node: "n3" })).toEqual(["p1", "p2"]);
  });
});

describe("session affinity", () => {
  const sticky = cluster({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } });
  it("keeps a client at one pod and spreads clients", () => {
    expect(reached(sticky, CLUSTER_IP, { ip: "10.244.9.9" })).toHaveLength(1);
    const all = new Set(Array.from({ length: 60 }, (_, n) => reached(sticky, CLUSTER_IP, { ip: `10.244.9.${n}` })[0]));
    expect([...all].sort()).toEqual(["p1", "p2", "p3"]);
  });
  it("only moves clients whose pod went", () => {
    const fewer = { ...sticky, endpointSlices: [slice([endpoint(1), endpoint(2)])] };
    for (let n = 0; n < 30; n++) {
      const [before] = reached(sticky, CLUSTER_IP, { ip: `10.244.9.${n}` });
      if (before !== "p3") expect(reached(fewer, CLUSTER_IP, { ip: `10.244.9.${n}` })).toEqual([before]);
    }
  });
  it("remembers for as long as it says, where there is a memory", () => {
    const memory = new Map<string, string>();
    const connect = (throwOf: number): Route =>
      go(sticky, CLUSTER_IP, { ip: "10.0.0.1" }, { dice: () => throwOf, affinity: { recall: (key) => memory.get(key) } });
    const first = connect(2);
    expect(first).toMatchObject({ ok: true, value: { podName: "p3", remember: { value: "10.244.3.1:8080", seconds: 60 } } });
    if (first.ok && first.value.remember) memory.set(first.value.remember.key, first.value.remember.value);
    expect(connect(0)).toMatchObject({ ok: true, value: { podName: "p3" } });
    memory.clear();
    expect(connect(0)).toMatchObject({ ok: true, value: { podName: "p1" } });
  });
});

describe("a node port", () => {
  it("leads anywhere from any node", () => {
    expect(reached(cluster({}), NODE_PORT("n1"))).toEqual(["p1", "p2", "p3"]);
    expect(reached(cluster({}), { to: "address", ip: "192.0.2.2", port: 31_000 })).toEqual(["p1", "p2", "p3"]);
    expect(go(cluster({}), { to: "nodePort", port: 31_001 })).toMatchObject({ ok: false, error: { reason: "NoSuchPort" } });
  });
  it("with external policy Local leads to pods of that node, and is silent where there are none", () => {
    const objects = cluster({ externalTrafficPolicy: "Local" }, [endpoint(1), endpoint(2)]);
    expect(reached(objects, NODE_PORT("n2"))).toEqual(["p2"]);
    expect(reached(objects, { to: "address", ip: "192.0.2.1", port: 31_000 })).toEqual(["p1"]);
    expect(go(objects, NODE_PORT("n3"))).toMatchObject({ ok: false, error: { reason: "NoLocalEndpoints", client: "timeout" } });
    // A load balancer chooses nodes that have endpoints.
    expect(reached(objects, NODE_PORT())).toEqual(["p1", "p2"]);
    // Clients inside are not bound by it.
    expect(reached(objects, NODE_PORT("n3"), { node: "n1" })).toEqual(["p1", "p2"]);
  });
  it("falls back to ending pods of its node", () => {
    const ending = { ready: false, serving: true, terminating: true };
    const objects = cluster({ externalTrafficPolicy: "Local" }, [endpoint(1), endpoint(2, ending)]);
    expect(reached(objects, NODE_PORT("n2"))).toEqual(["p2"]);
  });
});

describe("addresses from outside", () => {
  it("of load balancers and external IPs lead to their service", () => {
    const balanced = service(
      { type: "LoadBalancer", externalIPs: ["203.0.113.9"] },
      {
        status: {
          loadBalancer: {
            ingress: [
              { ip: "198.51.100.1", ipMode: "VIP" },
              { ip: "198.51.100.2", ipMode: "Proxy" },
            ],
          },
        },
      },
    );
    const objects = cluster({}, ALL, { services: [balanced] });
    expect(reached(objects, { to: "address", ip: "203.0.113.9", port: 80 })).toEqual(["p1", "p2", "p3"]);
    expect(reached(objects, { to: "address", ip: "198.51.100.1", port: 80 })).toEqual(["p1", "p2", "p3"]);
    expect(reached(objects, { to: "address", ip: "198.51.100.2", port: 80 })).toEqual(["NoRoute"]);
  });
});

describe("a pod's address", () => {
  it("leads to the pod, at any port", () => {
    expect(go(cluster({}), { to: "address", ip: "10.244.2.1", port: 1234 })).toMatchObject({ ok: true, value: { podName: "p2", node: "n2", port: 1234 } });
    expect(go(cluster({}), { to: "address", ip: "10.244.9.9", port: 1 })).toMatchObject({ ok: false, error: { reason: "NoRoute", client: "timeout" } });
  });
  it("is not that of a pod which ended", () => {
    const ended: Pod = { ...pod("old", "10.244.1.1", "n1"), status: { phase: "Succeeded", podIP: "10.244.1.1" } };
    const objects = cluster({}, ALL, { pods: [ended, ...PODS] });
    expect(go(objects, { to: "address", ip: "10.244.1.1", port: 1 })).toMatchObject({ ok: true, value: { podName: "p1" } });
  });
  it("on the host network is that of the node, told apart by port", () => {
    const host = (name: string, port: number): Pod =>
      pod(name, "192.0.2.1", "n1", { hostNetwork: true, containers: [{ name: "c", ports: [{ containerPort: port }] }] });
    const objects = cluster({}, ALL, { pods: [...PODS, host("h1", 9100), host("h2", 9200)] });
    expect(go(objects, { to: "address", ip: "192.0.2.1", port: 9200 })).toMatchObject({ ok: true, value: { podName: "h2", hostNetwork: true } });
    expect(go(objects, { to: "address", ip: "192.0.2.1", port: 9300 })).toMatchObject({ ok: false, error: { reason: "NoSuchPort", client: "refused" } });
  });
});

describe("a service by name", () => {
  const named = (port: string, name = "s"): Destination => ({ to: "service", namespace: "ns", name, port });
  it("is found by the name or number of its port", () => {
    expect(reached(cluster({}), named("http"))).toEqual(["p1", "p2", "p3"]);
    expect(reached(cluster({}), named("80"))).toEqual(["p1", "p2", "p3"]);
  });
  it("works without a cluster IP", () => {
    expect(reached(cluster({ type: "ClusterIP", clusterIP: "None", clusterIPs: ["None"] }), named("80"))).toEqual(["p1", "p2", "p3"]);
  });
  it("refuses in the words of a real server", () => {
    const message = (objects: ClusterObjects, destination: Destination): string => {
      const to = go(objects, destination);
      return to.ok ? "" : to.error.message;
    };
    expect(message(cluster({}), named("nope"))).toBe('no endpoints available for service "s"');
    expect(message(cluster({}, []), named("80"))).toBe('no endpoints available for service "s"');
    expect(message(cluster({}), named("81"))).toBe('no service port 81 found for service "s"');
    expect(message(cluster({}), named("", "missing"))).toBe('services "missing" not found');
  });
  it("leads elsewhere when it is an ExternalName or its endpoint is no pod", () => {
    expect(go(cluster({ type: "ExternalName", externalName: "db.example" }), named("5432"))).toMatchObject({
      ok: false,
      error: { reason: "ExternalName", elsewhere: { host: "db.example", port: 5432 } },
    });
    const foreign: Endpoint = { addresses: ["198.51.100.7"], conditions: { ready: true } };
    expect(go(cluster({}, [foreign]), CLUSTER_IP)).toMatchObject({
      ok: false,
      error: { reason: "NotAPod", elsewhere: { host: "198.51.100.7", port: 8080 } },
    });
  });
});

describe("a pod by name", () => {
  it("is reached at the port given, or the first that it declares", () => {
    expect(go(cluster({}), { to: "pod", namespace: "ns", name: "p2" })).toMatchObject({ ok: true, value: { podName: "p2", port: 8080 } });
    expect(go(cluster({}), { to: "pod", namespace: "ns", name: "p2", port: 99 })).toMatchObject({ ok: true, value: { port: 99 } });
    expect(go(cluster({}), { to: "pod", namespace: "ns", name: "x" })).toMatchObject({ ok: false, error: { reason: "NoSuchPod" } });
  });
});

describe("scheme:name:port", () => {
  it.each([
    ["a", { scheme: "", name: "a", port: "" }],
    ["a:80", { scheme: "", name: "a", port: "80" }],
    ["a:", { scheme: "", name: "a", port: "" }],
    ["https:a:web", { scheme: "https", name: "a", port: "web" }],
    ["https:a:", { scheme: "https", name: "a", port: "" }],
    [":a:80", { scheme: "", name: "a", port: "80" }],
    ["ftp:a:80", undefined],
    ["", undefined],
    ["a:b:c:d", undefined],
  ])("%s", (text, parts) => expect(splitSchemeNamePort(text)).toEqual(parts));
});
