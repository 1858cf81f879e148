// CustomResourceDefinition of apiextensions.k8s.io/v1. As upstream: k8s.io/apiextensions-apiserver
// pkg/apis/apiextensions/validation/validation.go, pkg/registry/customresourcedefinition/strategy.go.
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isConditionTrue } from "../../meta/conditions.ts";
import { isDNS1123Subdomain, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from "../_generated/types.ts";
import { immutable } from "../_workload/checks.ts";
import { validateNames } from "../_workload/crd-names.ts";
import { validateConversion, validateHoisted, validateVersions } from "../_workload/crd-versions.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const PORT = 443;
const APPROVAL = "api-approved.kubernetes.io";
const SCOPES = ["Cluster", "Namespaced"];

function defaults(object: CustomResourceDefinition): void {
  const spec = (object.spec ??= {});
  const names = (spec.names ??= {});
  spec.group ??= "";
  spec.scope ??= "";
  names.plural ??= "";
  names.kind ??= "";
  names.singular ||= names.kind.toLowerCase();
  if (names.kind !== "") names.listKind ||= `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= PORT;
  for (const version of spec.versions ?? []) {
    version.name ??= "";
    version.served ??= false;
    version.storage ??= false;
  }
}
/** A version once stored stays listed, until someone has moved its objects. */
function noteStorageVersion(object: CustomResourceDefinition): void {
  const name = object.spec?.versions?.find((version) => version.storage === true)?.name;
  const status = (object.status ??= {});
  if (name !== undefined && !status.storedVersions?.includes(name)) status.storedVersions = [...(status.storedVersions ?? []), name];
}

function validateSpec(spec: CustomResourceDefinitionSpec): FieldError[] {
  const { group = "", scope = "", names = {} } = spec;
  const errors: FieldError[] = [];
  const problems = isDNS1123Subdomain(group);
  if (group === "") errors.push(required("spec.group"));
  else if (problems.length > 0) errors.push(invalid("spec.group", group, problems.join(",")));
  else if (!group.includes(".")) errors.push(invalid("spec.group", group, "should be a domain with at least one dot"));
  if (scope === "") errors.push(required("spec.scope"));
  else if (!SCOPES.includes(scope)) errors.push(notSupported("spec.scope", scope, SCOPES));
  errors.push(...validateVersions(spec, "spec"));
  for (const name of ["plural", "singular", "kind", "listKind"] as const) if (!names[name]) errors.push(required(`spec.names.${name}`));
  return [...errors, ...validateNames(names, "spec.names"), ...validateHoisted(spec, "spec"), ...validateConversion(spec.conversion, "spec.conversion")];
}
function validateStoredVersions(object: CustomResourceDefinition): FieldError[] {
  const field = "status.storedVersions";
  const stored = object.status?.storedVersions ?? [];
  const versions = object.spec?.versions ?? [];
  if (stored.length === 0) return [invalid(field, object.status?.storedVersions, "must have at least one stored version")];
  const errors: FieldError[] = [];
  // A name counts once: of two versions that share it, the second is not stored.
  const left = new Set(stored);
  for (const { storage, name = "" } of versions) {
    if (!left.delete(name) && storage === true) errors.push(invalid(field, stored, `must have the storage version ${name}`));
  }
  stored.forEach((name, index) => {
    if (versions.some((version) => version.name === name)) return;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`${field}[${index}]`, name, detail));
  });
  return errors;
}
/** Groups of the community ask for a review of their interfaces. */
function validateApproval(object: CustomResourceDefinition): FieldError[] {
  const group = object.spec?.group ?? "";
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return [];
  const approval = object.metadata?.annotations?.[APPROVAL];
  const field = `metadata.annotations[${APPROVAL}]`;
  if (approval === undefined || approval === "") {
    return [required(field, `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`)];
  }
  if (approval.startsWith("unapproved") || /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(approval)) return [];
  return [
    invalid(
      field,
      approval,
      `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
    ),
  ];
}
function validate(object: CustomResourceDefinition): FieldError[] {
  const { names, group = "" } = object.spec ?? {};
  const name = object.metadata?.name ?? "";
  const errors = name === `${names?.plural ?? ""}.${group}` ? [] : [invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];
  return [...errors, ...validateSpec(object.spec ?? {}), ...validateStoredVersions(object), ...validateApproval(object)];
}
function validateUpdate(next: CustomResourceDefinition, stored: CustomResourceDefinition): FieldError[] {
  const [spec, before] = [next.spec ?? {}, stored.spec ?? {}];
  const errors = validateSpec(spec);
  if (isConditionTrue(stored.status?.conditions, "Established")) {
    errors.push(...immutable(spec.scope ?? "", before.scope ?? "", "spec.scope"));
    errors.push(...immutable(spec.names?.kind ?? "", before.names?.kind ?? "", "spec.names.kind"));
  }
  errors.push(...immutable(spec.group ?? "", before.group ?? "", "spec.group"));
  errors.push(...immutable(spec.names?.plural ?? "", before.names?.plural ?? "", "spec.names.plural"));
  return [...errors, ...validateStoredVersions(next)];
}

/** Go prints the names and conditions of a new status, which are not optional there. */
const newStatus = (): object => ({ conditions: null, acceptedNames: { plural: "", kind: "" } });

export const customResourceDefinitionKind = defineKind<CustomResourceDefinition>("apiextensions.k8s.io/v1/customresourcedefinitions", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults,
  prepareForCreate(object) {
    object.status = newStatus();
    noteStorageVersion(object);
  },
  validate,
  update: { prepare: (next) => noteStorageVersion(next), validate: validateUpdate },
  subresources: {
    status: statusStrategy((next) => [...validateNames(next.status?.acceptedNames ?? {}, "status.acceptedNames"), ...validateStoredVersions(next)]),
  },
  allowUnconditionalUpdate: false,
  deleteReturnsObject: true,
});
