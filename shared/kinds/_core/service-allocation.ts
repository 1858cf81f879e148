// Cluster IPs and node ports: which ranges, which band is drawn from first, what a taken or foreign one is answered.
// As upstream: pkg/registry/core/service/storage/alloc.go, ipallocator and portallocator (static band: KEP-3070, KEP-3668).
import type { Ports } from "../../base/ports.ts";
import { forbidden, invalid, type FieldError } from "../../errors/field-error.ts";
import { bigIntToIP, cidrContains, ipToBigInt } from "../../meta/ip.ts";
import type { Service, ServicePort } from "../_generated/types.ts";
import type { Allocation } from "../define-kind.ts";
import { allocatesNodePorts, isHeadless, needsClusterIP, needsHealthCheckPort, needsNodePort } from "./service-rules.ts";

export const SERVICE_CIDR = "10.96.0.0/16";
const SERVICE_NETWORK = "10.96.0.0";
const SERVICE_ADDRESSES = 65_536;
/** Addresses at the start that are only drawn when the rest is full: min(max(16, size/16), 256). */
const STATIC_ADDRESSES = 256;
export const NODE_PORT_FIRST = 30_000;
export const NODE_PORT_LAST = 32_767;
/** The same for ports: min(max(16, size/32), 128). */
const STATIC_PORTS = 86;

type Taken = (token: string) => boolean;
const ipToken = (ip: string): string => `ip:${ip}`;
const portToken = (port: number): string => `port:${port}`;

/** A free number in [first, last], from the upper band first, starting at a random place; undefined when all are taken. */
function draw(first: number, last: number, band: number, isTaken: (number: number) => boolean, ports: Ports): number | undefined {
  const scan = (from: number, to: number): number | undefined => {
    const size = to - from + 1;
    if (size <= 0) return undefined;
    const start = ports.dice(size);
    for (let i = 0; i < size; i++) {
      const number = from + ((start + i) % size);
      if (!isTaken(number)) return number;
    }
    return undefined;
  };
  return scan(first + band, last) ?? scan(first, first + band - 1);
}

const full = (field: string, what: string): FieldError => ({
  type: "InternalError",
  field,
  message: `Internal error: failed to allocate ${what}: range is full`,
});

function allocateIP(next: Service, stored: Service | undefined, taken: Taken, ports: Ports): FieldError[] {
  const spec = (next.spec ??= {});
  if (!needsClusterIP(next) || isHeadless(next)) return [];
  const wanted = spec.clusterIPs?.[0];
  if (wanted !== undefined) {
    if (stored?.spec?.clusterIPs?.[0] === wanted) return [];
    const refuse = (why: string): FieldError[] => [invalid("spec.clusterIPs", spec.clusterIPs, `failed to allocate IP ${wanted}: ${why}`)];
    const last = (ipToBigInt(SERVICE_NETWORK) ?? 0n) + BigInt(SERVICE_ADDRESSES - 1);
    const edge = wanted === SERVICE_NETWORK || ipToBigInt(wanted) === last;
    if (!cidrContains(SERVICE_CIDR, wanted) || edge) return refuse("the provided network does not match the current range");
    return taken(ipToken(wanted)) ? refuse("provided IP is already allocated") : [];
  }
  const base = ipToBigInt(SERVICE_NETWORK) ?? 0n;
  const address = (offset: number): string => bigIntToIP(base + BigInt(offset), 4);
  const offset = draw(1, SERVICE_ADDRESSES - 2, STATIC_ADDRESSES, (number) => taken(ipToken(address(number))), ports);
  if (offset === undefined) return [full("spec.clusterIPs", "a serviceIP")];
  spec.clusterIP = address(offset);
  spec.clusterIPs = [spec.clusterIP];
  return [];
}

const OUTSIDE = `provided port is not in the valid range. The range of valid ports is ${NODE_PORT_FIRST}-${NODE_PORT_LAST}`;
const inRange = (port: number): boolean => port >= NODE_PORT_FIRST && port <= NODE_PORT_LAST;
const numbersOf = (service: Service | undefined): number[] => [
  ...(service?.spec?.ports ?? []).flatMap((port) => (port.nodePort ? [port.nodePort] : [])),
  ...(service?.spec?.healthCheckNodePort ? [service.spec.healthCheckNodePort] : []),
];

/** One operation over the ports of one Service: what it holds already, what it takes now. */
class PortOperation {
  readonly #mine: Set<number>;
  readonly #fresh = new Set<number>();
  readonly #taken: Taken;
  readonly #ports: Ports;

  constructor(stored: Service | undefined, taken: Taken, ports: Ports) {
    this.#mine = new Set(numbersOf(stored));
    this.#taken = taken;
    this.#ports = ports;
  }
  /** What is wrong with taking this number, or undefined. */
  take(port: number): string | undefined {
    if (this.#mine.has(port)) return undefined;
    if (!inRange(port)) return OUTSIDE;
    if (this.#fresh.has(port) || this.#taken(portToken(port))) return "provided port is already allocated";
    this.#fresh.add(port);
    return undefined;
  }
  next(): number | undefined {
    const busy = (port: number): boolean => this.#mine.has(port) || this.#fresh.has(port) || this.#taken(portToken(port));
    const port = draw(NODE_PORT_FIRST, NODE_PORT_LAST, STATIC_PORTS, busy, this.#ports);
    if (port !== undefined) this.#fresh.add(port);
    return port;
  }
}

/** A number for one port; `known`: node ports of this Service by port number, which other protocols share on create. */
function allocatePort(port: ServicePort, field: string, operation: PortOperation, known: Map<number, number>): FieldError[] {
  const number = port.port ?? 0;
  const shared = known.get(number);
  if (port.nodePort) {
    if (shared === port.nodePort) return [];
    const wrong = operation.take(port.nodePort);
    if (wrong !== undefined) return [invalid(field, port.nodePort, wrong)];
  } else {
    const fresh = shared ?? operation.next();
    if (fresh === undefined) return [full(field, "a nodePort")];
    port.nodePort = fresh;
  }
  if (!known.has(number)) known.set(number, port.nodePort);
  return [];
}

function allocateNodePorts(next: Service, stored: Service | undefined, operation: PortOperation): FieldError[] {
  if (!needsNodePort(next)) return [];
  const list = next.spec?.ports ?? [];
  const fresh = stored === undefined || !needsNodePort(stored);
  const known = new Map<number, number>();
  const errors: FieldError[] = [];
  // A port that names its number comes first: its twin of another protocol gets the same.
  const order = fresh ? [...list.keys()].sort((a, b) => Number(Boolean(list[b]?.nodePort)) - Number(Boolean(list[a]?.nodePort))) : [...list.keys()];
  for (const index of order) {
    const port = list[index];
    if (!port || (!port.nodePort && !allocatesNodePorts(next))) continue;
    errors.push(...allocatePort(port, `spec.ports[${index}].nodePort`, operation, fresh ? known : new Map()));
  }
  return errors;
}

function allocateHealthCheck(next: Service, stored: Service | undefined, operation: PortOperation): FieldError[] {
  const spec = (next.spec ??= {});
  if (!needsHealthCheckPort(next)) return [];
  const field = "spec.healthCheckNodePort";
  if (spec.healthCheckNodePort) {
    if (stored && needsHealthCheckPort(stored) && stored.spec?.healthCheckNodePort !== spec.healthCheckNodePort) {
      return [forbidden(field, "field is immutable")];
    }
    const wrong = operation.take(spec.healthCheckNodePort);
    if (wrong === undefined) return [];
    const text = `failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ${wrong}`;
    return [{ type: "InternalError", field, message: `Internal error: ${text}` }];
  }
  const port = operation.next();
  if (port === undefined) return [full(field, "a HealthCheck NodePort")];
  spec.healthCheckNodePort = port;
  return [];
}

export const serviceAllocation: Allocation<Service> = {
  claims: (service) => [
    ...(service.spec?.clusterIPs ?? []).filter((ip) => ip !== "None" && ip !== "").map(ipToken),
    ...new Set(numbersOf(service).map(portToken)),
  ],
  allocate(next, stored, taken, ports) {
    const errors = allocateIP(next, stored, taken, ports);
    if (errors.length > 0) return errors;
    const operation = new PortOperation(stored, taken, ports);
    errors.push(...allocateNodePorts(next, stored, operation));
    return errors.length > 0 ? errors : allocateHealthCheck(next, stored, operation);
  },
};
