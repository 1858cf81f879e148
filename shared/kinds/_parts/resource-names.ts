// Which names a resource of a container or pod may have (upstream: pkg/apis/core/helper, validation.go).
import { invalid, notSupported } from "../../errors/field-error.ts";
import { isQualifiedName } from "../../meta/names.ts";
import type { Errors } from "./check.ts";
import { invalidEach } from "./check.ts";

const CONTAINER_RESOURCES = new Set(["cpu", "memory", "ephemeral-storage"]);
const STANDARD_RESOURCES = new Set([
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "storage",
  "requests.storage",
  "services.nodeports",
  "services.loadbalancers",
]);
const INTEGER_RESOURCES = new Set([
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);
const NATIVE_PREFIX = "kubernetes.io/";
const HUGE_PAGES = "hugepages-";

export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);
export const hugePageSize = (name: string): string => name.slice(HUGE_PAGES.length);
export const isNativeResource = (name: string): boolean => !name.includes("/") || name.includes(NATIVE_PREFIX);
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) && !name.startsWith("requests.") && isQualifiedName(`requests.${name}`).length === 0;
export const isIntegerResource = (name: string): boolean => INTEGER_RESOURCES.has(name) || isExtendedResource(name);
/** May be given for the pod as a whole. */
export const isPodLevelResource = (name: string): boolean => name === "cpu" || name === "memory" || isHugePages(name);

/** Upstream validateResourceName; says whether the name went wrong. */
function checkResourceName(errors: Errors, field: string, name: string): boolean {
  const messages = isQualifiedName(name);
  invalidEach(errors, field, name, messages);
  if (messages.length > 0) return false;
  const standard = STANDARD_RESOURCES.has(name) || isHugePages(name) || name.startsWith("requests.hugepages-");
  if (name.includes("/") || standard) return true;
  errors.push(invalid(field, name, "must be a standard resource type or fully qualified"));
  return false;
}
export function checkContainerResourceName(errors: Errors, field: string, name: string): void {
  if (CONTAINER_RESOURCES.has(name)) return;
  checkResourceName(errors, field, name);
  const parts = name.split("/").length;
  if (parts === 1) {
    if (!isHugePages(name)) errors.push(invalid(field, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalid(field, name, "doesn't follow extended resource name standard"));
  }
}
export function checkPodResourceName(errors: Errors, field: string, name: string): void {
  if (!checkResourceName(errors, field, name)) return;
  if (!isPodLevelResource(name)) errors.push(notSupported(field, name, ["cpu", HUGE_PAGES, "memory"]));
}
