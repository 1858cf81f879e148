// Which names of resources (cpu, requests.storage, example.com/gpu) may stand where, and what their quantities may be.
// As upstream: pkg/apis/core/helper/helpers.go, pkg/apis/core/validation/validation.go validateResourceName.
import { invalid, type FieldError } from "../../errors/field-error.ts";
import { isQualifiedName } from "../../meta/names.ts";
import { canonicalQuantity, isNegativeQuantity, milliValue } from "../../meta/quantity.ts";

export type ResourceList = Readonly<Record<string, string | number>>;

const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const COUNTED = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "persistentvolumeclaims",
  "configmaps",
  "services.nodeports",
  "services.loadbalancers",
];
const prefixed = (prefix: string): string[] => COMPUTE.map((name) => prefix + name);

const QUOTA = new Set([...COMPUTE, ...prefixed("requests."), "requests.storage", ...prefixed("limits."), ...COUNTED]);
const STANDARD = new Set([...QUOTA, "storage"]);
const INTEGER = new Set(COUNTED);
const CONTAINER = new Set(COMPUTE);
const REQUESTS = "requests.";
const HUGEPAGES = "hugepages-";

const isHugePage = (name: string): boolean => name.startsWith(HUGEPAGES);
const isQuotaHugePage = (name: string): boolean => isHugePage(name) || name.startsWith(REQUESTS + HUGEPAGES);
export const isStandardQuotaResource = (name: string): boolean => QUOTA.has(name) || isQuotaHugePage(name);
const isStandardResource = (name: string): boolean => STANDARD.has(name) || isQuotaHugePage(name);
const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");

/** A name outside kubernetes.io that a device plugin may offer. */
export function isExtendedResource(name: string): boolean {
  if (isNative(name) || name.startsWith(REQUESTS)) return false;
  return isQualifiedName(REQUESTS + name).length === 0;
}
/** Whether request and limit of the resource may differ. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePage(name);

export function validateResourceName(name: string, field: string): FieldError[] {
  const errors = isQualifiedName(name).map((message) => invalid(field, name, message));
  if (errors.length > 0 || name.includes("/") || isStandardResource(name)) return errors;
  return [invalid(field, name, "must be a standard resource type or fully qualified")];
}

export function validateContainerResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (!name.includes("/")) {
    if (!CONTAINER.has(name) && !isHugePage(name)) errors.push(invalid(field, name, "must be a standard resource for containers"));
  } else if (!isNative(name) && !isExtendedResource(name)) {
    errors.push(invalid(field, name, "doesn't follow extended resource name standard"));
  }
  return errors;
}

export function validateQuotaResourceName(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (!name.includes("/") && !isStandardQuotaResource(name)) errors.push(invalid(field, name, "must be a standard resource for quota"));
  return errors;
}

/** The canonical text of a quantity, for messages. */
export const quantityText = (value: string | number): string => canonicalQuantity(value) ?? String(value);

export const validateNonnegative = (value: string | number, field: string): FieldError[] =>
  isNegativeQuantity(value) ? [invalid(field, quantityText(value), "must be greater than or equal to 0")] : [];

/** Not negative, and whole where the resource is counted. */
export function validateResourceQuantity(name: string, value: string | number, field: string): FieldError[] {
  const errors = validateNonnegative(value, field);
  if ((INTEGER.has(name) || isExtendedResource(name)) && milliValue(value) % 1000n !== 0n) {
    errors.push(invalid(field, quantityText(value), "must be an integer"));
  }
  return errors;
}
