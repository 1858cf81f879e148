// Node of v1. As upstream: pkg/registry/core/node/strategy.go, validation.go ValidateNode and ValidateNodeUpdate.
import type { Json } from "../../base/json.ts";
import { duplicate, forbidden, invalid, type FieldError } from "../../errors/field-error.ts";
import type { Node, NodeStatus } from "../_generated/types.ts";
import { defineKind, statusStrategy, type KindDefinition } from "../define-kind.ts";
import { parseCIDR, validateCIDR } from "../../meta/ip.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { compareText } from "../../meta/text.ts";
import { validateResourceQuantity } from "../_core/resource-names.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";
import { validateTaints } from "../_core/taints.ts";

const NODE_INFO = [
  "architecture",
  "bootID",
  "containerRuntimeVersion",
  "kernelVersion",
  "kubeProxyVersion",
  "kubeletVersion",
  "machineID",
  "operatingSystem",
  "osImage",
  "systemUUID",
] as const;

function defaultStatus(status: NodeStatus): void {
  if (status.capacity !== undefined) status.allocatable ??= { ...status.capacity };
  // Structs that are always on the wire, with their required members.
  ((status.daemonEndpoints ??= {}).kubeletEndpoint ??= {}).Port ??= 0;
  const info = (status.nodeInfo ??= {});
  for (const key of NODE_INFO) info[key] ??= "";
}

function defaults(object: Node): void {
  const spec = (object.spec ??= {});
  // The list is what counts, the older single member mirrors its first (pkg/apis/core/v1/conversion.go).
  if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  const first = spec.podCIDRs?.[0];
  if (first === undefined) delete spec.podCIDR;
  else spec.podCIDR = first;
  if (spec.unschedulable === false) delete spec.unschedulable;
  defaultStatus((object.status ??= {}));
}

function validatePodCIDRs(cidrs: readonly string[]): FieldError[] {
  const field = "spec.podCIDRs";
  const errors = cidrs.flatMap((cidr, index) => validateCIDR(`${field}[${index}]`, cidr));
  if (cidrs.length < 2) return errors;
  const parsed = cidrs.map(parseCIDR);
  const bad = parsed.indexOf(undefined);
  if (bad >= 0) {
    const why = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${bad}]: <nil> (invalid CIDR address: ${cidrs[bad] ?? ""})`;
    errors.push({ type: "InternalError", field, message: `Internal error: ${why}` });
  }
  const families = new Set(parsed.map((cidr) => cidr?.family));
  if (bad >= 0 || families.size < 2 || cidrs.length > 2) {
    errors.push(invalid(field, [...cidrs], "may specify no more than one CIDR for each IP family"));
  }
  return errors;
}

function validateResources(object: Node): FieldError[] {
  return (["capacity", "allocatable"] as const).flatMap((member) =>
    Object.entries(object.status?.[member] ?? {})
      .sort(([a], [b]) => compareText(a, b))
      .flatMap(([name, value]) => validateResourceQuantity(name, value, `status.${member}.${name}`)),
  );
}

const validate = (object: Node): FieldError[] => [
  ...validateTaints(object.spec?.taints ?? [], "metadata.taints"),
  ...validateResources(object),
  ...validatePodCIDRs(object.spec?.podCIDRs ?? []),
];

function validateStep(next: Node, stored: Node): FieldError[] {
  const errors = validateResources(next);
  const seen = new Set<string>();
  (next.status?.addresses ?? []).forEach((address, index) => {
    const { address: value = "", type = "" } = address;
    if (seen.has(`${type} ${value}`)) errors.push(duplicate(`status.addresses[${index}]`, { Type: type, Address: value }));
    seen.add(`${type} ${value}`);
  });
  const before = stored.spec?.podCIDRs ?? [];
  const after = next.spec?.podCIDRs ?? [];
  if (before.length > 0) {
    const detail = 'node updates may not change podCIDR except from "" to valid';
    if (before.length !== after.length) errors.push(forbidden("spec.podCIDRs", detail));
    else before.forEach((cidr, index) => (cidr === after[index] ? 0 : errors.push(forbidden("spec.podCIDRs", detail))));
  }
  if (stored.spec?.providerID && stored.spec.providerID !== next.spec?.providerID) {
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
  errors.push(...validateTaints(next.spec?.taints ?? [], "metadata.taints"));
  if ((next.spec?.externalID ?? "") !== (stored.spec?.externalID ?? "")) errors.push(forbidden("spec.externalID", "may not be updated"));
  return errors;
}

function roles(object: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(object.metadata?.labels ?? {})) {
    const role = key.startsWith("node-role.kubernetes.io/") ? key.slice("node-role.kubernetes.io/".length) : "";
    if (role !== "") found.add(role);
    if (key === "kubernetes.io/role" && value !== "") found.add(value);
  }
  return [...found].sort(compareText).join(",") || "<none>";
}

function statusText(object: Node): string {
  const ready = object.status?.conditions?.find((condition) => condition.type === "Ready");
  const parts = [ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady"];
  if (object.spec?.unschedulable) parts.push("SchedulingDisabled");
  return parts.join(",");
}

function row(object: Node, now: number): Json[] {
  const info = object.status?.nodeInfo ?? {};
  const address = (type: string): string => object.status?.addresses?.find((one) => one.type === type)?.address ?? "<none>";
  const kernel = info.kernelVersion || "<unknown>";
  return [
    nameOf(object),
    statusText(object),
    roles(object),
    ageOf(object, now),
    info.kubeletVersion ?? "",
    address("InternalIP"),
    address("ExternalIP"),
    info.osImage || "<unknown>",
    info.architecture ? `${kernel} (${info.architecture})` : kernel,
    info.containerRuntimeVersion || "<unknown>",
  ];
}

function warnings(object: Node): string[] {
  const found: string[] = [];
  if (object.spec?.configSource) found.push("spec.configSource: the feature is no longer supported");
  if (object.spec?.externalID) found.push("spec.externalID: this field is deprecated, and is unused by Kubernetes");
  return found;
}

const definition: KindDefinition<Node> = {
  defaults,
  nameRule: nameIsDNSSubdomain,
  validate,
  update: { validate: (next, stored) => [...validate(next), ...validateStep(next, stored)] },
  subresources: { status: statusStrategy<Node>(validateStep) },
  warnings,
  selectableFields: { "spec.unschedulable": (object) => String(object.spec?.unschedulable ?? false) },
  table: {
    columns: [
      NAME_COLUMN,
      textColumn("Status"),
      textColumn("Roles"),
      AGE_COLUMN,
      textColumn("Version"),
      ...["Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"].map((name) => textColumn(name, 1)),
    ],
    row,
  },
};

const defined = defineKind<Node>("v1/nodes", definition);
/** A kubelet registers its node together with its status: create keeps it, unlike most kinds. */
export const nodeKind: typeof defined = { ...defined, prepareForCreate: () => {} };
