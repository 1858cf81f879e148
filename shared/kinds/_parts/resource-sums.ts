// Exact sums of the resources of a pod's containers (upstream: component-helpers/resource/helpers.go).
import { addQuantity, compareQuantity, formatQuantity, type Quantity, type QuantityInput } from "../../meta/quantity.ts";
import type { Container, PodSpec } from "../_generated/types.ts";
import { isRestartableInit } from "./containers.ts";

type Sums = Map<string, QuantityInput>;
function add(sums: Sums, more: Iterable<readonly [string, QuantityInput]>): void {
  for (const [name, value] of more) {
    const known = sums.get(name);
    sums.set(name, known === undefined ? value : addQuantity(known, value));
  }
}
function raise(sums: Sums, more: Iterable<readonly [string, QuantityInput]>): void {
  for (const [name, value] of more) {
    const known = sums.get(name);
    if (known === undefined || compareQuantity(value, known) > 0) sums.set(name, value);
  }
}

/**
 * What the containers of a pod need together: the sum of those that run at once, or the most that any step of starting
 * needs. Init containers run one after the other, sidecars stay.
 */
export function aggregateResources(spec: PodSpec, which: "requests" | "limits"): Record<string, string> {
  const listed = (container: Container): [string, QuantityInput][] => Object.entries(container.resources?.[which] ?? {});
  const sums: Sums = new Map();
  for (const container of spec.containers ?? []) add(sums, listed(container));
  const sidecars: Sums = new Map();
  const starting: Sums = new Map();
  for (const container of spec.initContainers ?? []) {
    if (isRestartableInit(container)) {
      add(sums, listed(container));
      add(sidecars, listed(container));
      raise(starting, sidecars);
    } else {
      const step: Sums = new Map(listed(container));
      add(step, sidecars);
      raise(starting, step);
    }
  }
  raise(sums, starting);
  return Object.fromEntries([...sums].map(([name, value]) => [name, formatQuantity(value as Quantity | string)]));
}
