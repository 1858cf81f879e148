// Warnings about ports of a pod that stand in each other's way (upstream: pkg/api/pod/warnings.go).
import type { ContainerPort, PodSpec } from "../_generated/types.ts";
import { eachContainer } from "./containers.ts";

interface Placed {
  readonly field: string;
  readonly hostIP: string;
  readonly hostPort: number;
}
/** As Go prints the struct with %+v. */
const goPort = ({ name = "", hostPort = 0, containerPort = 0, protocol = "", hostIP = "" }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;

function conflict(port: Placed, other: Placed): string | undefined {
  if (port.hostIP === other.hostIP && port.hostPort === other.hostPort) return "duplicate";
  if (port.hostPort === 0 || other.hostPort === 0) return "overlapping";
  const oneOpen = (port.hostIP === "") !== (other.hostIP === "");
  return port.hostPort === other.hostPort && oneOpen ? "dangerously ambiguous" : undefined;
}
export function portWarnings(spec: PodSpec, specField: string): string[] {
  const out: string[] = [];
  const byPort = new Map<string, Placed[]>();
  const byName = new Map<string, string>();
  const named: string[] = [];
  eachContainer(spec, specField, ({ ports = [] }, path) => {
    ports.forEach((port, i) => {
      const { hostIP = "", hostPort = 0, name = "" } = port;
      const placed = { field: `${path}.ports[${i}]`, hostIP, hostPort };
      if (hostIP !== "" && hostPort === 0) out.push(`${placed.field}: hostIP set without hostPort: ${goPort(port)}`);
      const key = `${port.containerPort ?? 0}/${port.protocol ?? ""}`;
      const others = byPort.get(key) ?? [];
      for (const other of others) {
        const what = conflict(placed, other);
        if (what) out.push(`${placed.field}: ${what} port definition with ${other.field}`);
      }
      byPort.set(key, [...others, placed]);
      if (name === "") return;
      const first = byName.get(name);
      if (first === undefined) byName.set(name, placed.field);
      else {
        const quoted = JSON.stringify(name);
        named.push(`${placed.field}: duplicate port name ${quoted} with ${first}, services and probes that select ports by name will use ${first}`);
      }
    });
  });
  return [...out, ...named];
}
