// Service against the recorded answers of a real server: fields, types, addresses and ports.
import { describe, expect, it } from "vitest";
import { cloneJson } from "../../../shared/base/json.ts";
import { invalidStatus } from "../../../shared/errors/status.ts";
import { serviceKind } from "../../../shared/kinds/core/service.ts";
import type { Service, ServiceSpec } from "../../../shared/kinds/_generated/types.ts";
import { createMismatches, testContext, testPorts } from "../../support/facts.ts";
import { asAny, maskedDefaulting } from "./core-support.ts";
import { describeKind } from "./fact-suite.ts";

const BASES = [
  "service",
  "service-full",
  "service-headless",
  "service-headless-noselector",
  "service-noports-headless",
  "service-nodeport",
  "service-nodeport-fixed",
  "service-loadbalancer",
  "service-loadbalancer-local",
  "service-externalname",
  "service-externalname-ports",
];
/** The address that allocation gave the services which were recorded while they changed. */
const addressed = (object: Service): void => {
  const spec = (object.spec ??= {});
  const plain = spec.clusterIP === undefined && spec.type !== "ExternalName" && !spec.ipFamilies?.includes("IPv6");
  if (plain) Object.assign(spec, { clusterIP: "10.0.0.88", clusterIPs: ["10.0.0.88"] });
};
describeKind(serviceKind, {
  bases: BASES,
  admit: addressed,
  gaps: [
    // Compared below: the recording masks addresses.
    ...BASES.map((id) => `defaulting/${id}`),
    "hand/kind-svc-clusterips-mismatch",
    // Answered by allocation, in another network than ours.
    "hand/kind-svc-clusterip-outofrange",
  ],
});

/** A store with some services in it. */
class Store {
  readonly objects = new Map<string, Service>();
  taken(name: string): (token: string) => boolean {
    return (token) => [...this.objects].some(([other, service]) => other !== name && serviceKind.allocation?.claims(service).includes(token));
  }
  write(next: Service, stored: Service | undefined): string[] {
    const name = next.metadata?.name ?? "";
    serviceKind.defaults(next);
    if (stored) serviceKind.update.prepare(next, stored, testContext);
    else serviceKind.prepareForCreate(next, testContext);
    let errors = stored ? serviceKind.update.validate(next, stored, testContext) : serviceKind.validate(next, testContext);
    if (errors.length === 0) errors = serviceKind.allocation?.allocate(next, stored, this.taken(name), testPorts) ?? [];
    if (errors.length > 0) return [invalidStatus({ group: "", resource: "Service" }, name, errors).message ?? ""];
    this.objects.set(name, next);
    return [];
  }
  create(name: string, spec: ServiceSpec): string[] {
    return this.write({ metadata: { name }, spec: cloneJson(spec) }, undefined);
  }
  /** As PATCH with a merge patch of the spec's members; null removes. */
  patch(name: string, change: Record<string, unknown>): string[] {
    const stored = this.objects.get(name) ?? {};
    const next = cloneJson(stored);
    const spec = (next.spec ??= {}) as Record<string, unknown>;
    for (const [key, value] of Object.entries(change)) {
      if (value === null) delete spec[key];
      else spec[key] = value;
    }
    return this.write(next, stored);
  }
  spec(name: string): ServiceSpec {
    return this.objects.get(name)?.spec ?? {};
  }
}
const made = (name: string, spec: ServiceSpec): Store => {
  const store = new Store();
  expect(store.create(name, spec)).toEqual([]);
  return store;
};
const PLAIN: ServiceSpec = { ports: [{ port: 80 }] };

describe("Service facts", () => {
  it("refuses new services without an address as recorded", () => expect(createMismatches(asAny(serviceKind), BASES)).toEqual([]));
  it("fills in defaults and addresses as recorded", () => {
    const finish = (service: Service): void => void serviceKind.allocation?.allocate(service, undefined, () => false, testPorts);
    expect(maskedDefaulting(serviceKind, BASES, { finish })).toEqual([]);
  });
});

describe("cluster IPs", () => {
  it("come from the range behind its static band, each once", () => {
    const store = new Store();
    for (let i = 0; i < 30; i++) expect(store.create(`s${i}`, PLAIN)).toEqual([]);
    const ips = [...store.objects.values()].map((service) => service.spec?.clusterIP ?? "");
    expect(new Set(ips).size).toBe(30);
    for (const ip of ips) expect(ip).toMatch(/^10\.96\.(?!0\.)\d+\.\d+$/);
  });
  it("that are taken or foreign are refused in the words of a real server", () => {
    const store = made("a", PLAIN);
    const ip = store.spec("a").clusterIP ?? "";
    expect(store.create("b", { ...PLAIN, clusterIP: ip })).toEqual([
      `Service "b" is invalid: spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: provided IP is already allocated`,
    ]);
    expect(store.create("b", { ...PLAIN, clusterIP: "192.168.77.7" })).toEqual([
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["192.168.77.7"]: failed to allocate IP 192.168.77.7: the provided network does not match the current range',
    ]);
    expect(store.create("b", { ...PLAIN, clusterIP: "10.96.0.10" })).toEqual([]);
  });
  it("are kept by clients that leave them out", () => {
    const store = made("a", PLAIN);
    const { clusterIP } = store.spec("a");
    expect(store.patch("a", { clusterIP: "", clusterIPs: null })).toEqual([]);
    expect(store.write({ metadata: { name: "a" }, spec: { ports: [{ port: 81 }] } }, store.objects.get("a"))).toEqual([]);
    expect(store.spec("a")).toMatchObject({ clusterIP, clusterIPs: [clusterIP], ipFamilies: ["IPv4"], ports: [{ port: 81, targetPort: 81 }] });
  });
  it("do not change", () => {
    const store = made("a", PLAIN);
    expect(store.patch("a", { clusterIP: "10.96.0.77" })[0]).toContain('spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set');
  });
  it("are given from the static band when the rest is full", () => {
    const service: Service = { spec: cloneJson(PLAIN) };
    serviceKind.defaults(service);
    serviceKind.prepareForCreate(service, testContext);
    const errors = serviceKind.allocation?.allocate(service, undefined, (token) => token !== "ip:10.96.0.9", testPorts);
    expect(errors).toEqual([]);
    expect(service.spec?.clusterIP).toBe("10.96.0.9");
  });
});

describe("node ports", () => {
  const NODE: ServiceSpec = { type: "NodePort", ports: [{ port: 80 }] };
  it("that are taken, foreign or out of place are refused in the words of a real server", () => {
    const store = made("a", NODE);
    const port = store.spec("a").ports?.[0]?.nodePort ?? 0;
    expect(store.create("b", { type: "NodePort", ports: [{ port: 80, nodePort: port }] })).toEqual([
      `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${port}: provided port is already allocated`,
    ]);
    expect(store.create("b", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] })).toEqual([
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ]);
    expect(store.create("b", { ports: [{ port: 80, nodePort: 30777 }] })).toEqual([
      "Service \"b\" is invalid: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ]);
    const twice = {
      type: "NodePort",
      ports: [
        { port: 1, nodePort: 30999, name: "a" },
        { port: 2, nodePort: 30999, name: "b", protocol: "UDP" },
      ],
    };
    expect(store.create("b", twice)).toEqual(['Service "b" is invalid: spec.ports[1].nodePort: Invalid value: 30999: provided port is already allocated']);
  });
  it("are shared by one port's protocols, and follow the port's name", () => {
    const store = made("c", {
      type: "NodePort",
      ports: [
        { name: "t", port: 53 },
        { name: "u", port: 53, protocol: "UDP" },
      ],
    });
    const [t, u] = store.spec("c").ports ?? [];
    expect(t?.nodePort).toBeGreaterThanOrEqual(30_086);
    expect(u?.nodePort).toBe(t?.nodePort);
    expect(store.patch("c", { ports: [{ name: "t", port: 54 }] })).toEqual([]);
    expect(store.spec("c").ports?.[0]?.nodePort).toBe(t?.nodePort);
  });
  it("are not made for a load balancer that does without, but a health check port is", () => {
    const store = made("l", { type: "LoadBalancer", externalTrafficPolicy: "Local", allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] });
    expect(store.spec("l").ports?.[0]?.nodePort).toBeUndefined();
    expect(store.spec("l").healthCheckNodePort).toBeGreaterThanOrEqual(30_086);
    expect(serviceKind.allocation?.claims(store.objects.get("l") ?? {})).toEqual([
      `ip:${store.spec("l").clusterIP}`,
      `port:${store.spec("l").healthCheckNodePort}`,
    ]);
  });
});

describe("type changes", () => {
  it("take what the new type needs and release what only the old one did", () => {
    const store = made("a", { selector: { a: "b" }, ports: [{ port: 80 }] });
    const { clusterIP } = store.spec("a");
    store.patch("a", { type: "NodePort" });
    const nodePort = store.spec("a").ports?.[0]?.nodePort;
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    expect(store.patch("a", { type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0/8"] })).toEqual([]);
    expect(store.spec("a")).toMatchObject({ allocateLoadBalancerNodePorts: true, externalTrafficPolicy: "Cluster", ports: [{ nodePort }] });
    expect(store.patch("a", { type: "ClusterIP" })).toEqual([
      "Service \"a\" is invalid: spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ]);
    expect(store.patch("a", { type: "ClusterIP", loadBalancerSourceRanges: null })).toEqual([]);
    expect(store.spec("a")).toEqual({
      clusterIP,
      clusterIPs: [clusterIP],
      internalTrafficPolicy: "Cluster",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      selector: { a: "b" },
      sessionAffinity: "None",
      type: "ClusterIP",
    });
    expect(store.patch("a", { type: "ExternalName", externalName: "x.example" })).toEqual([]);
    expect(store.spec("a")).toEqual({
      externalName: "x.example",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      selector: { a: "b" },
      sessionAffinity: "None",
      type: "ExternalName",
    });
    expect(serviceKind.allocation?.claims(store.objects.get("a") ?? {})).toEqual([]);
    expect(store.patch("a", { type: "ClusterIP", externalName: null })).toEqual([]);
    expect(store.spec("a")).toMatchObject({ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", internalTrafficPolicy: "Cluster" });
    expect(store.spec("a").clusterIP).toMatch(/^10\.96\./);
  });
  it("away from a load balancer clear its addresses", () => {
    const store = made("l", { type: "LoadBalancer", ports: [{ port: 80 }] });
    const service = store.objects.get("l") ?? {};
    service.status = { loadBalancer: { ingress: [{ ip: "1.2.3.4", ipMode: "VIP" }] } };
    expect(store.patch("l", { type: "ClusterIP" })).toEqual([]);
    expect(store.objects.get("l")?.status).toEqual({ loadBalancer: {} });
  });
  it("keep the load balancer class", () => {
    const store = made("l", { type: "LoadBalancer", loadBalancerClass: "x.example/lb", ports: [{ port: 80 }] });
    expect(store.patch("l", { loadBalancerClass: "y.example/lb" })).toEqual([
      'Service "l" is invalid: spec.loadBalancerClass: Invalid value: "y.example/lb": may not change once set',
    ]);
  });
});

describe("families", () => {
  const refusal = (spec: ServiceSpec): string[] => new Store().create("x", { ...PLAIN, ...spec });
  it("of a cluster with one are refused in the words of a real server", () => {
    expect(refusal({ ipFamilies: ["IPv4", "IPv6"] })).toEqual([
      "Service \"x\" is invalid: spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ]);
    expect(refusal({ clusterIP: "10.0.0.9", clusterIPs: ["10.0.0.9", "fd00::1"] })).toEqual([
      'Service "x" is invalid: [spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple cluster IPs are specified, spec.clusterIPs[1]: Invalid value: ["10.0.0.9","fd00::1"]: IPv6 is not configured on this cluster]',
    ]);
    expect(refusal({ clusterIPs: ["10.0.0.9"] })).toEqual([
      'Service "x" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.9"]: must be empty when `clusterIP` is not specified',
    ]);
    expect(refusal({ clusterIP: "fd00::9" })).toEqual([
      'Service "x" is invalid: spec.clusterIPs[0]: Invalid value: ["fd00::9"]: IPv6 is not configured on this cluster',
    ]);
  });
  it("may both be those of a headless service that selects nothing", () => {
    expect(made("h", { ...PLAIN, clusterIP: "None" }).spec("h")).toMatchObject({
      ipFamilies: ["IPv4", "IPv6"],
      ipFamilyPolicy: "RequireDualStack",
      clusterIPs: ["None"],
    });
  });
  it("that do not fit the address are told apart", () => {
    const store = made("a", { ...PLAIN, ipFamilyPolicy: "PreferDualStack" });
    expect(store.patch("a", { ipFamilies: ["IPv6"] })[0]).toContain("expected an IPv6 value as indicated by `ipFamilies[0]`");
  });
});

describe("status", () => {
  it("takes a load balancer's addresses and refuses others", () => {
    const status = (ingress: object[], type = "LoadBalancer"): string[] => {
      const next = { spec: { type }, status: { loadBalancer: { ingress } } } as Service;
      serviceKind.defaults(next);
      return (serviceKind.subresources.status?.validate(next, next, testContext) ?? []).map(({ field, message }) => `${field}: ${message}`);
    };
    expect(status([{ ip: "10.99.9.9" }])).toEqual([]);
    expect(status([{ ip: "x" }])).toEqual([
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ]);
    expect(status([{ ip: "1.2.3.4" }], "ClusterIP")).toHaveLength(1);
  });
});
