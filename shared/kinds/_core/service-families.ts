// Cluster IPs and families of a Service: what the one field says of the other, and which families it gets.
// This cluster is IPv4 only. As upstream: pkg/registry/core/service/storage/alloc.go initIPFamilyFields,
// validation.go ValidateServiceClusterIPsRelatedFields.
import { equalJson } from "../../base/json.ts";
import { duplicate, invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { ipFamily, validateIP } from "../../meta/ip.ts";
import type { Service, ServiceSpec } from "../_generated/types.ts";
import { isHeadless, typeOf } from "./service-rules.ts";

const FAMILIES = ["IPv4", "IPv6"];
const POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const CLUSTER_FAMILY = "IPv4";

/** clusterIP and clusterIPs[0] are one value: whichever the client wrote wins. Mutates `next`. */
export function normalizeClusterIPs(next: ServiceSpec, stored: ServiceSpec | undefined): void {
  const ip = next.clusterIP ?? "";
  if (stored === undefined) {
    if (ip !== "" && (next.clusterIPs ?? []).length === 0) next.clusterIPs = [ip];
    return;
  }
  const sameList = equalJson(next.clusterIPs ?? [], stored.clusterIPs ?? []);
  if (ip !== (stored.clusterIP ?? "") && (sameList || next.clusterIPs === undefined)) {
    if (ip === "") delete next.clusterIPs;
    else next.clusterIPs = [ip];
  } else if (ip === (stored.clusterIP ?? "") && (next.clusterIPs ?? []).length === 0) {
    delete next.clusterIP;
  }
}

function validateAddresses(spec: ServiceSpec): { errors: FieldError[]; broken: boolean } {
  const ips = spec.clusterIPs ?? [];
  const errors: FieldError[] = [];
  let broken = false;
  ips.forEach((ip, index) => {
    if (index === 0 && ip === "None") {
      if (ips.length > 1) errors.push(invalid("spec.clusterIPs", ips, "'None' must be the first and only value"));
      broken ||= ips.length > 1;
      return;
    }
    const wrong = validateIP(`spec.clusterIPs[${index}]`, ip);
    errors.push(...wrong);
    broken ||= wrong.length > 0;
  });
  if (ips.length > 2) errors.push(invalid("spec.clusterIPs", ips, "may only hold up to 2 values"));
  return { errors, broken };
}

function validateFamilyValues(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  (spec.ipFamilies ?? []).forEach((family, index) => {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES));
    if (seen.has(family)) errors.push(duplicate(`spec.ipFamilies[${index}]`, family));
    seen.add(family);
  });
  if (spec.ipFamilyPolicy !== undefined && !POLICIES.includes(spec.ipFamilyPolicy)) {
    errors.push(notSupported("spec.ipFamilyPolicy", spec.ipFamilyPolicy, POLICIES));
  }
  return errors;
}

/** The checks of clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy against each other. */
export function validateRelated(service: Service): FieldError[] {
  if (typeOf(service) === "ExternalName") return [];
  const spec = service.spec ?? {};
  const ips = spec.clusterIPs ?? [];
  const errors: FieldError[] = [];
  if (spec.clusterIP) {
    if (ips.length === 0) errors.push(required("spec.clusterIPs"));
    else if (ips[0] !== spec.clusterIP) errors.push(invalid("spec.clusterIPs", ips, "first value must match `clusterIP`"));
  } else if (ips.length > 0) errors.push(invalid("spec.clusterIPs", ips, "must be empty when `clusterIP` is not specified"));
  errors.push(...validateFamilyValues(spec));
  const addresses = validateAddresses(spec);
  errors.push(...addresses.errors);
  if (addresses.broken) return errors;
  if (ips.length > 1 && new Set(ips.map(ipFamily)).size < 2) {
    errors.push(invalid("spec.clusterIPs", ips, "may specify no more than one IP for each IP family"));
  }
  if (isHeadless(service) || errors.length > 0) return errors;
  ips.forEach((ip, index) => {
    const family = spec.ipFamilies?.[index];
    if (family === undefined || family === familyName(ip)) return;
    errors.push(invalid(`spec.clusterIPs[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``));
  });
  return errors;
}

const familyName = (ip: string): string => (ipFamily(ip) === 6 ? "IPv6" : "IPv4");

/** What a cluster of one family refuses. */
function refusals(spec: ServiceSpec): FieldError[] {
  const policy = spec.ipFamilyPolicy ?? "";
  const field = "spec.ipFamilyPolicy";
  const errors: FieldError[] = [];
  const tooMany = policy === "SingleStack" && (spec.ipFamilies ?? []).length > 1;
  if (policy === "SingleStack") {
    const many = (what: string): FieldError => invalid(field, policy, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`);
    if ((spec.clusterIPs ?? []).length > 1) errors.push(many("cluster IPs"));
    if (tooMany) errors.push(many("IP families"));
  }
  if (policy === "RequireDualStack") errors.push(invalid(field, policy, "this cluster is not configured for dual-stack services"));
  (spec.ipFamilies ?? []).forEach((family, index) => {
    if (family !== CLUSTER_FAMILY && !tooMany) errors.push(invalid(`spec.ipFamilies[${index}]`, family, "not configured on this cluster"));
  });
  (spec.clusterIPs ?? []).forEach((ip, index) => {
    if (ip === "None" || index < (spec.ipFamilies ?? []).length || familyName(ip) === CLUSTER_FAMILY) return;
    errors.push(invalid(`spec.clusterIPs[${index}]`, spec.clusterIPs, `${familyName(ip)} is not configured on this cluster`));
  });
  return errors;
}

/**
 * Gives a Service its policy and families; mutates it. The errors are those that a real server answers before it
 * validates anything else.
 */
export function initFamilies(service: Service, stored: Service | undefined): FieldError[] {
  if (typeOf(service) === "ExternalName") return [];
  const spec = (service.spec ??= {});
  const headlessAlone = spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= stored?.spec?.ipFamilyPolicy ?? (headlessAlone ? "RequireDualStack" : "SingleStack");
  const errors = validateRelated(service);
  if (errors.length > 0) return errors;
  if (headlessAlone) {
    const families = (spec.ipFamilies ??= []);
    if (families.length === 0) families.push(CLUSTER_FAMILY);
    if (families.length === 1 && spec.ipFamilyPolicy !== "SingleStack") families.push(families[0] === "IPv4" ? "IPv6" : "IPv4");
    return [];
  }
  errors.push(...refusals(spec));
  if (errors.length > 0) return errors;
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = [CLUSTER_FAMILY];
  return [];
}
