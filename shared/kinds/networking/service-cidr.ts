// ServiceCIDR of networking.k8s.io/v1: a range of cluster IPs. As upstream: pkg/apis/networking/validation/validation.go.
import { type FieldError, invalid, required } from "../../errors/field-error.ts";
import { parseCIDR, validateCanonicalCIDR } from "../../meta/ip.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { equalJson } from "../../base/json.ts";
import type { ServiceCIDR } from "../_generated/types.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const FIELD = "spec.cidrs";
const ONE_OF_EACH = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
const IMMUTABLE = "field is immutable";

function dualStackErrors(cidrs: readonly string[]): FieldError[] {
  const families = new Set(cidrs.map((cidr) => parseCIDR(cidr)?.family));
  return cidrs.length === 2 && (families.size !== 2 || families.has(undefined)) ? [invalid(FIELD, [...cidrs], ONE_OF_EACH)] : [];
}
function validate(object: ServiceCIDR): FieldError[] {
  const cidrs = object.spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(FIELD, "at least one CIDR required")];
  if (cidrs.length > 2) return [invalid(FIELD, cidrs, "may only hold up to 2 values")];
  const dual = dualStackErrors(cidrs);
  return dual.length > 0 ? dual : cidrs.flatMap((cidr, index) => validateCanonicalCIDR(`${FIELD}[${index}]`, cidr));
}
/** A range stays what it is, but a second one, of the other family, may be added. */
function validateUpdate(next: ServiceCIDR, stored: ServiceCIDR): FieldError[] {
  const cidrs = next.spec?.cidrs ?? [];
  const before = stored.spec?.cidrs ?? [];
  if (equalJson(cidrs, before)) return [];
  const added = before.length === 1 && cidrs.length === 2;
  if (cidrs.length !== before.length && !added) return [invalid(FIELD, next.spec?.cidrs, IMMUTABLE)];
  const changed = before.flatMap((cidr, index) => (cidrs[index] === cidr ? [] : [invalid(`${FIELD}[${index}]`, cidrs[index], IMMUTABLE)]));
  if (!added) return changed;
  const dual = dualStackErrors(cidrs);
  return [...changed, ...(dual.length > 0 ? dual : validateCanonicalCIDR(`${FIELD}[1]`, cidrs[1] ?? ""))];
}

export const serviceCIDRKind = defineKind<ServiceCIDR>("networking.k8s.io/v1/servicecidrs", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate,
  update: { validate: validateUpdate },
  table: {
    columns: [NAME, text("CIDRs"), AGE],
    row: (object, now) => [nameCell(object), (object.spec?.cidrs ?? []).join(","), ageCell(object, now)],
  },
});
