// Service of v1. As upstream: pkg/registry/core/service/strategy.go and storage/storage.go.
import { cloneJson } from "../../base/json.ts";
import type { FieldError } from "../../errors/field-error.ts";
import type { Service } from "../_generated/types.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import { nameIsDNSLabel } from "../../meta/names.ts";
import { compareText } from "../../meta/text.ts";
import { serviceAllocation } from "../_core/service-allocation.ts";
import { initFamilies, normalizeClusterIPs } from "../_core/service-families.ts";
import { defaultService, isHeadless, typeOf } from "../_core/service-rules.ts";
import { dropTypeDependent, keepAllocated } from "../_core/service-transitions.ts";
import { validateService, validateServiceStatus, validateServiceStep } from "../_core/service-validation.ts";
import { AGE_COLUMN, ageOf, formatLabels, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

/** A real server allocates before it validates: mistakes in families hide all others. */
function validate(service: Service, stored: Service | undefined): FieldError[] {
  const early = initFamilies(cloneJson(service), stored);
  if (early.length > 0) return early;
  return [...(stored === undefined ? [] : validateServiceStep(service, stored)), ...validateService(service)];
}

/** As upstream: pkg/api/service/warnings.go. */
function warnings(service: Service): string[] {
  const spec = service.spec ?? {};
  const found: string[] = [];
  if (isHeadless(service)) {
    if (spec.loadBalancerIP) found.push("spec.loadBalancerIP is ignored for headless services");
    if ((spec.externalIPs ?? []).length > 0) found.push("spec.externalIPs is ignored for headless services");
    if (spec.sessionAffinity !== "None") found.push("spec.SessionAffinity is ignored for headless services");
  } else if ((spec.externalIPs ?? []).length > 0) {
    found.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  }
  if (typeOf(service) !== "ExternalName" && spec.externalName) found.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === "PreferClose") found.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return found;
}

function externalIP(service: Service): string {
  const ips = service.spec?.externalIPs ?? [];
  switch (typeOf(service)) {
    case "ClusterIP":
    case "NodePort":
      return ips.join(",") || "<none>";
    case "LoadBalancer": {
      const ingress = (service.status?.loadBalancer?.ingress ?? []).map((one) => one.ip || one.hostname || "");
      return [...[...new Set(ingress)].filter(Boolean).sort(compareText), ...ips].join(",") || "<pending>";
    }
    case "ExternalName":
      return service.spec?.externalName ?? "";
    default:
      return "<unknown>";
  }
}

function portsText(service: Service): string {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0) return "<none>";
  return ports.map(({ port = 0, nodePort, protocol = "" }) => `${port}${nodePort ? `:${nodePort}` : ""}/${protocol}`).join(",");
}

export const serviceKind = defineKind<Service>("v1/services", {
  defaults: defaultService,
  nameRule: nameIsDNSLabel,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
    normalizeClusterIPs((service.spec ??= {}), undefined);
    initFamilies(service, undefined);
  },
  validate: (service) => validate(service, undefined),
  update: {
    prepare(next, stored) {
      keepAllocated(next, stored);
      normalizeClusterIPs((next.spec ??= {}), stored.spec ?? {});
      dropTypeDependent(next, stored);
      initFamilies(next, stored);
    },
    validate,
  },
  subresources: { status: statusStrategy<Service>(validateServiceStatus) },
  warnings,
  allowCreateOnUpdate: true,
  deleteReturnsObject: true,
  selectableFields: {
    "spec.clusterIP": (service) => service.spec?.clusterIP ?? "",
    "spec.type": (service) => typeOf(service),
  },
  allocation: serviceAllocation,
  table: {
    columns: [NAME_COLUMN, ...["Type", "Cluster-IP", "External-IP", "Port(s)"].map((name) => textColumn(name)), AGE_COLUMN, textColumn("Selector", 1)],
    row: (service, now) => [
      nameOf(service),
      typeOf(service),
      service.spec?.clusterIPs?.[0] ?? "<none>",
      externalIP(service),
      portsText(service),
      ageOf(service, now),
      formatLabels(service.spec?.selector),
    ],
  },
});
