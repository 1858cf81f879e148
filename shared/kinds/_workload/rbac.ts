// Checks and cells that the four kinds of rbac.authorization.k8s.io share.
// As upstream: pkg/apis/rbac/validation/validation.go, pkg/apis/rbac/v1/defaults.go.
import { equalJson, type Json } from "../../base/json.ts";
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isDNS1123Subdomain, isValidPathSegmentName } from "../../meta/names.ts";
import type { ClusterRoleBinding, PolicyRule, RbacV1Subject as Subject, RoleRef } from "../_generated/types.ts";
import { messages } from "./checks.ts";
import { ageCell, nameCell } from "./columns.ts";
import type { EpochMs } from "../../base/ports.ts";

const GROUP = "rbac.authorization.k8s.io";

/** Go prints the required list of rules as null when there is none. */
export function defaultRules(object: { rules?: PolicyRule[] }): void {
  if (object.rules === undefined) (object as { rules: PolicyRule[] | null }).rules = null;
}
function validateRule(rule: PolicyRule, namespaced: "namespaced" | "cluster", field: string): FieldError[] {
  const verbs = rule.verbs ?? [];
  const { nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  const errors = verbs.length === 0 ? [required(`${field}.verbs`, "verbs must contain at least one value")] : [];
  const path = `${field}.nonResourceURLs`;
  if (nonResourceURLs.length > 0) {
    if (namespaced === "namespaced") errors.push(invalid(path, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      errors.push(invalid(path, nonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return errors;
  }
  if (apiGroups.length === 0) errors.push(required(`${field}.apiGroups`, "resource rules must supply at least one api group"));
  if (resources.length === 0) errors.push(required(`${field}.resources`, "resource rules must supply at least one resource"));
  return errors;
}
export const validateRules = (rules: readonly PolicyRule[] | null | undefined, namespaced: "namespaced" | "cluster"): FieldError[] =>
  (rules ?? []).flatMap((rule, index) => validateRule(rule, namespaced, `rules[${index}]`));

/** RoleBinding and ClusterRoleBinding have the same form. */
type Binding = ClusterRoleBinding;
export function defaultBinding(object: Binding): void {
  const reference = (object.roleRef ??= {});
  reference.apiGroup ||= GROUP;
  reference.kind ??= "";
  reference.name ??= "";
  for (const subject of object.subjects ?? []) {
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ||= GROUP;
  }
}
function validateSubject(subject: Subject, namespaced: "namespaced" | "cluster", field: string): FieldError[] {
  const { kind = "", name = "", apiGroup = "", namespace = "" } = subject;
  const errors = name === "" ? [required(`${field}.name`)] : [];
  if (kind === "ServiceAccount") {
    if (name !== "") errors.push(...messages(isDNS1123Subdomain(name), `${field}.name`, name));
    if (apiGroup !== "") errors.push(notSupported(`${field}.apiGroup`, apiGroup, [""]));
    if (namespaced === "cluster" && namespace === "") errors.push(required(`${field}.namespace`));
  } else if (kind === "User" || kind === "Group") {
    if (apiGroup !== GROUP) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [GROUP]));
  } else errors.push(notSupported(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"]));
  return errors;
}
export function validateBinding(object: Binding, namespaced: "namespaced" | "cluster"): FieldError[] {
  const { apiGroup = "", kind = "", name = "" } = object.roleRef ?? {};
  const kinds = namespaced === "cluster" ? ["ClusterRole"] : ["Role", "ClusterRole"];
  const errors = apiGroup === GROUP ? [] : [notSupported("roleRef.apiGroup", apiGroup, [GROUP])];
  if (!kinds.includes(kind)) errors.push(notSupported("roleRef.kind", kind, kinds));
  if (name === "") errors.push(required("roleRef.name"));
  else errors.push(...messages(isValidPathSegmentName(name), "roleRef.name", name));
  return [...errors, ...(object.subjects ?? []).flatMap((subject, index) => validateSubject(subject, namespaced, `subjects[${index}]`))];
}
const shown = ({ apiGroup = "", kind = "", name = "" }: RoleRef): Json => ({ APIGroup: apiGroup, Kind: kind, Name: name });
export function validateBindingUpdate(next: Binding, stored: Binding, namespaced: "namespaced" | "cluster"): FieldError[] {
  const errors = validateBinding(next, namespaced);
  const same = equalJson(shown(next.roleRef ?? {}), shown(stored.roleRef ?? {}));
  return same ? errors : [...errors, invalid("roleRef", shown(next.roleRef ?? {}), "cannot change roleRef")];
}

export function bindingCells(object: Binding, now: EpochMs): Json[] {
  const of = (kind: string): Subject[] => (object.subjects ?? []).filter((subject) => subject.kind === kind);
  const names = (kind: string): string =>
    of(kind)
      .map((subject) => subject.name ?? "")
      .join(", ");
  const accounts = of("ServiceAccount").map(({ namespace = "", name = "" }) => (namespace === "" ? name : `${namespace}/${name}`));
  const { kind = "", name = "" } = object.roleRef ?? {};
  return [nameCell(object), `${kind}/${name}`, ageCell(object, now), names("User"), names("Group"), accounts.join(", ")];
}
