// Validation of requests, limits and claims of containers and pods (upstream: validation.go, validateResourceRequirements).
import { duplicate, forbidden, invalid, notFound, required } from "../../errors/field-error.ts";
import { compareQuantity, parseQuantity, quantityValue } from "../../meta/quantity.ts";
import type { PodSpec, ResourceClaim, ResourceRequirements } from "../_generated/types.ts";
import type { Errors } from "./check.ts";
import { checkDNSLabel, NOT_NEGATIVE } from "./check.ts";
import { amountOf, canonical, milli, type QuantityJson } from "./quantities.ts";
import { checkContainerResourceName, checkPodResourceName, hugePageSize, isHugePages, isIntegerResource, isOvercommitAllowed } from "./resource-names.ts";
import { aggregateResources } from "./resource-sums.ts";

type NameCheck = (errors: Errors, field: string, name: string) => void;
export interface ResourceRules {
  /** Names in spec.resourceClaims. */
  readonly claimNames: ReadonlySet<string>;
  /** Huge pages that are no multiple of their size are kept where a stored pod has such. */
  readonly indivisibleHugePages: boolean;
}

/** As upstream ValidateResourceQuantityValue. */
export function checkResourceQuantity(errors: Errors, field: string, name: string, value: QuantityJson): void {
  const thousandths = milli(value);
  if (thousandths < 0) errors.push(invalid(field, canonical(value), NOT_NEGATIVE));
  if (thousandths % 1000 !== 0 && isIntegerResource(name)) errors.push(invalid(field, canonical(value), "must be an integer"));
}
function isWholePages(name: string, value: QuantityJson): boolean {
  const size = hugePageSize(name);
  if (parseQuantity(size) === undefined || milli(size) <= 0 || milli(size) % 1000 !== 0) return false;
  return quantityValue(value) % quantityValue(size) === 0n;
}
function checkHugePages(errors: Errors, field: string, name: string, value: QuantityJson, rules: ResourceRules): void {
  if (!isHugePages(name) || rules.indivisibleHugePages || isWholePages(name, value)) return;
  errors.push(invalid(field, canonical(value), `${canonical(value)} is not positive integer multiple of ${name}`));
}
function checkAgainstLimit(errors: Errors, field: string, name: string, value: QuantityJson, limit: QuantityJson | undefined): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) errors.push(required(`${field}.limits`, "Limit must be set for non overcommitable resources"));
    return;
  }
  const order = value === limit ? 0 : compareQuantity(value, limit);
  const path = `${field}.requests`;
  if (order !== 0 && !isOvercommitAllowed(name)) {
    errors.push(invalid(path, canonical(value), `must be equal to ${name} limit of ${canonical(limit)}`));
  } else if (order > 0) {
    errors.push(invalid(path, canonical(value), `must be less than or equal to ${name} limit of ${canonical(limit)}`));
  }
}
const NOTHING: Record<string, QuantityJson> = {};

function checkRequirements(errors: Errors, field: string, requirements: ResourceRequirements, checkName: NameCheck, rules: ResourceRules): void {
  const limits = requirements.limits ?? NOTHING;
  const requests = requirements.requests ?? NOTHING;
  let compute = false;
  let hugePages = false;
  const seen = (name: string): void => {
    if (name === "cpu" || name === "memory") compute = true;
    else if (isHugePages(name)) hugePages = true;
  };
  for (const name in limits) {
    const path = `${field}.limits[${name}]`;
    const value = limits[name] ?? 0;
    checkName(errors, path, name);
    checkResourceQuantity(errors, path, name, value);
    checkHugePages(errors, path, name, value, rules);
    seen(name);
  }
  for (const name in requests) {
    const path = `${field}.requests[${name}]`;
    const value = requests[name] ?? 0;
    checkName(errors, path, name);
    checkResourceQuantity(errors, path, name, value);
    checkAgainstLimit(errors, field, name, value, amountOf(limits, name));
    checkHugePages(errors, path, name, value, rules);
    seen(name);
  }
  if (hugePages && !compute) errors.push(forbidden(field, "HugePages require cpu or memory"));
  if (requirements.claims) checkClaims(errors, `${field}.claims`, requirements.claims, rules.claimNames);
}

function checkClaims(errors: Errors, field: string, claims: readonly ResourceClaim[], podClaims: ReadonlySet<string>): void {
  const names = new Set<string>();
  claims.forEach(({ name = "", request = "" }, i) => {
    const path = `${field}[${i}]`;
    if (name === "") return errors.push(required(path));
    if (names.has(name)) errors.push(duplicate(path, name));
    else {
      if (request !== "") checkDNSLabel(errors, `${path}.request`, request);
      const key = request === "" ? name : `${name}/${request}`;
      if (names.has(key)) errors.push(duplicate(path, key));
      else if (request === "") for (const other of names) if (other.startsWith(`${name}/`)) errors.push(duplicate(path, name));
      names.add(key);
    }
    if (!podClaims.has(name)) {
      const known = podClaims.size === 0 ? " which is empty" : `: ${[...podClaims].sort().join(", ")}`;
      const error = notFound(path, name);
      errors.push({ ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${known}` });
    }
    return undefined;
  });
}

export function checkContainerResources(errors: Errors, field: string, requirements: ResourceRequirements | undefined, rules: ResourceRules): void {
  if (requirements) checkRequirements(errors, field, requirements, checkContainerResourceName, rules);
}
export function checkOverhead(errors: Errors, field: string, overhead: Record<string, QuantityJson>, rules: ResourceRules): void {
  checkRequirements(errors, field, { limits: overhead }, checkContainerResourceName, rules);
}

/** Resources of the pod as a whole: allowed ones, and no less than what its containers want (upstream: validatePodResources). */
export function checkPodResources(errors: Errors, field: string, spec: PodSpec, rules: ResourceRules): void {
  const resources = spec.resources;
  if (!resources) return;
  if (spec.os?.name === "windows") {
    errors.push(forbidden(field, "may not be set for a windows pod"));
    return;
  }
  if (resources.claims) errors.push(forbidden(`${field}.claims`, "claims may not be set for Resources at pod-level"));
  checkRequirements(errors, field, resources, checkPodResourceName, rules);
  for (const [name, sum] of Object.entries(aggregateResources(spec, "requests"))) {
    const whole = amountOf(resources.requests, name);
    if (whole === undefined || compareQuantity(sum, whole) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${canonical(sum)}`;
    errors.push(invalid(`${field}.requests[${name}]`, canonical(whole), detail));
  }
  for (const [name, sum] of Object.entries(aggregateResources(spec, "limits"))) {
    const whole = amountOf(resources.limits, name);
    if (!isHugePages(name) || whole === undefined || compareQuantity(sum, whole) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container limits of ${canonical(sum)}`;
    errors.push(invalid(`${field}.limits[${name}]`, canonical(whole), detail));
  }
  spec.containers?.forEach((container, i) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const whole = amountOf(resources.limits, name);
      if (whole === undefined || compareQuantity(limit, whole) <= 0) continue;
      const path = `${field}.containers[${i}][${name}].limits`;
      errors.push(invalid(path, canonical(limit), `must be less than or equal to pod limits of ${canonical(whole)}`));
    }
  });
}
