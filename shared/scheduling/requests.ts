// What a pod requests in total, as plain numbers. As upstream: component-helpers/resource/helpers.go PodRequests.
import type { Container, ContainerStatus, Pod } from "../kinds/_generated/types.ts";
import { milliValue, quantityValue } from "../meta/quantity.ts";

type Quantities = Readonly<Record<string, string | number>>;
export type Amounts = Map<string, number>;

const KNOWN_MAX = 4096;
const known = new Map<string, number>();
/** A quantity as the scheduler counts it: CPU in thousandths, all else in units. */
export function amount(resource: string, quantity: string | number): number {
  const key = resource === "cpu" ? `m${quantity}` : `${quantity}`;
  let value = known.get(key);
  if (value === undefined) {
    value = Number(resource === "cpu" ? milliValue(quantity) : quantityValue(quantity));
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(key, value);
  }
  return value;
}

const add = (into: Amounts, from: Amounts): void => {
  for (const [name, value] of from) into.set(name, (into.get(name) ?? 0) + value);
};
const raise = (into: Amounts, from: Amounts): void => {
  for (const [name, value] of from) if (value > (into.get(name) ?? -1)) into.set(name, value);
};
const amounts = (quantities: Quantities | undefined): Amounts => {
  const result: Amounts = new Map();
  for (const name in quantities) {
    const quantity = quantities[name];
    if (quantity !== undefined) result.set(name, amount(name, quantity));
  }
  return result;
};

/** While a resize is on its way the larger of wish, allocation and reality counts. */
function effective(container: Container, status: ContainerStatus | undefined, infeasible: boolean): Amounts {
  const wanted = amounts(container.resources?.requests);
  if (!status?.resources) return wanted;
  const result: Amounts = infeasible ? new Map() : wanted;
  raise(result, amounts(status.resources.requests));
  raise(result, amounts(status.allocatedResources));
  return result;
}

const isPodLevel = (name: string): boolean => name === "cpu" || name === "memory" || name.startsWith("hugepages-");

/** `missing`: what a container counts for a resource that it says nothing about. */
export function podRequests(pod: Pod, missing?: Readonly<Record<string, number>>): Amounts {
  const { spec = {}, status = {} } = pod;
  const statuses = new Map<string | undefined, ContainerStatus>();
  for (const one of status.containerStatuses ?? []) if (one.resources) statuses.set(one.name, one);
  for (const one of status.initContainerStatuses ?? []) if (one.resources) statuses.set(one.name, one);
  const infeasible = statuses.size > 0 && (status.conditions ?? []).find((one) => one.type === "PodResizePending")?.reason === "Infeasible";
  const podLevel = spec.resources?.requests ?? {};
  const of = (container: Container, current: ContainerStatus | undefined): Amounts => {
    const result = effective(container, current, infeasible);
    for (const name in missing) if (!result.has(name) && podLevel[name] === undefined) result.set(name, missing[name] ?? 0);
    return result;
  };
  const total: Amounts = new Map();
  for (const container of spec.containers ?? []) add(total, of(container, statuses.get(container.name)));
  const sidecars: Amounts = new Map();
  const highest: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === "Always") {
      const one = of(container, statuses.get(container.name));
      add(total, one);
      add(sidecars, one);
      raise(highest, sidecars);
    } else {
      const one = of(container, undefined);
      add(one, sidecars);
      raise(highest, one);
    }
  }
  raise(total, highest);
  for (const name in podLevel) if (isPodLevel(name)) total.set(name, amount(name, podLevel[name] ?? 0));
  if (spec.overhead) add(total, amounts(spec.overhead));
  return total;
}
