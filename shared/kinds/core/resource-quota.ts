// ResourceQuota of v1. As upstream: pkg/registry/core/resourcequota/strategy.go, validation.go ValidateResourceQuotaSpec.
import { invalid, required, type FieldError } from "../../errors/field-error.ts";
import type { Json } from "../../base/json.ts";
import type { ResourceQuota, ResourceQuotaSpec } from "../_generated/types.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { compareText } from "../../meta/text.ts";
import { isStandardQuotaResource, quantityText, validateQuotaResourceName, validateResourceQuantity, type ResourceList } from "../_core/resource-names.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

const SCOPES = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass"];
/** Scopes that only exist or not; they take no values. */
const EXIST_ONLY = ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];
const POD_COMPUTE = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

function scopeFits(scope: string, resource: string): boolean {
  if (scope === "VolumeAttributesClass") return resource === "persistentvolumeclaims" || resource === "requests.storage";
  if (scope === "BestEffort") return resource === "pods";
  return resource === "pods" || POD_COMPUTE.includes(resource) || !SCOPES.includes(scope);
}
const misfits = (spec: ResourceQuotaSpec, scope: string): boolean =>
  Object.keys(spec.hard ?? {}).some((resource) => isStandardQuotaResource(resource) && !scopeFits(scope, resource));

const conflicting = (scopes: readonly string[]): boolean =>
  (scopes.includes("BestEffort") && scopes.includes("NotBestEffort")) || (scopes.includes("Terminating") && scopes.includes("NotTerminating"));

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const scopes = spec.scopes ?? [];
  const errors: FieldError[] = [];
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(invalid("spec.scopes", scopes, "unsupported scope"));
    if (misfits(spec, scope)) errors.push(invalid("spec.scopes", scopes, "unsupported scope applied to resource"));
  }
  if (conflicting(scopes)) errors.push(invalid("spec.scopes", scopes, "conflicting scopes"));
  return errors;
}

const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** The selector as upstream prints its internal form. */
const selectorForm = (spec: ResourceQuotaSpec): Json => ({
  MatchExpressions: (spec.scopeSelector?.matchExpressions ?? []).map((one) => ({
    ScopeName: one.scopeName ?? "",
    Operator: one.operator ?? "",
    Values: one.values ?? null,
  })),
});

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  const path = "spec.scopeSelector.matchExpressions";
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  const errors: FieldError[] = [];
  for (const { scopeName = "", operator = "", values = [] } of expressions) {
    if (!SCOPES.includes(scopeName)) errors.push(invalid(`${path}.scopeName`, scopeName, "unsupported scope"));
    if (misfits(spec, scopeName)) {
      errors.push(invalid(path, selectorForm(spec), "unsupported scope applied to resource"));
    }
    if (EXIST_ONLY.includes(scopeName) && operator !== "Exists") errors.push(invalid(`${path}.operator`, operator, MUST_EXIST));
    if (operator === "In" || operator === "NotIn") {
      const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      if (values.length === 0) errors.push(required(`${path}.values`, detail));
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      if (values.length > 0) errors.push(invalid(`${path}.values`, values, detail));
    } else {
      errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
    }
  }
  if (conflicting(expressions.map((one) => one.scopeName ?? ""))) {
    errors.push(invalid(path, spec.scopes ?? null, "conflicting scopes"));
  }
  return errors;
}

const validateList = (list: ResourceList | undefined, path: string): FieldError[] =>
  Object.entries(list ?? {})
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([name, value]) => [...validateQuotaResourceName(name, `${path}[${name}]`), ...validateResourceQuantity(name, value, `${path}[${name}]`)]);

function validate(object: ResourceQuota): FieldError[] {
  const spec = object.spec ?? {};
  return [...validateList(spec.hard, "spec.hard"), ...validateScopes(spec), ...validateScopeSelector(spec)];
}

function validateUpdate(next: ResourceQuota, stored: ResourceQuota): FieldError[] {
  const scopes = next.spec?.scopes ?? [];
  const before = new Set(stored.spec?.scopes);
  const same = before.size === new Set(scopes).size && scopes.every((scope) => before.has(scope));
  return [...validate(next), ...(same ? [] : [invalid("spec.scopes", scopes, "field is immutable")])];
}

const validateStatus = (next: ResourceQuota): FieldError[] => [
  ...validateList(next.status?.hard, "status.hard"),
  ...validateList(next.status?.used, "status.used"),
];

/** `name: used/hard` of the resources that the quota's status counts, those of limits or the others. */
function usageText(object: ResourceQuota, options: { readonly limits: boolean }): string {
  const hard = object.status?.hard ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith("limits.") === options.limits)
    .sort(compareText)
    .map((name) => `${name}: ${quantityText(object.status?.used?.[name] ?? "0")}/${quantityText(hard[name] ?? "0")}`)
    .join(", ");
}

export const resourceQuotaKind = defineKind<ResourceQuota>("v1/resourcequotas", {
  defaults(object) {
    object.spec ??= {};
    object.status ??= {};
  },
  nameRule: nameIsDNSSubdomain,
  prepareForCreate(object) {
    object.status = {};
  },
  validate,
  update: { validate: validateUpdate },
  subresources: { status: statusStrategy<ResourceQuota>(validateStatus) },
  deleteReturnsObject: true,
  table: {
    columns: [NAME_COLUMN, textColumn("Request"), textColumn("Limit"), AGE_COLUMN],
    row: (object, now) => [nameOf(object), usageText(object, { limits: false }), usageText(object, { limits: true }), ageOf(object, now)],
  },
});
