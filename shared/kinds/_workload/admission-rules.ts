// What admission webhooks and policies apply to: rules, match resources, match conditions.
// As upstream: pkg/apis/admissionregistration/validation/validation.go, pkg/apis/admissionregistration/v1/defaults.go.
import { type FieldError, duplicate, invalid, notSupported, required, tooMany } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { isQualifiedName, isValidPathSegmentName } from "../../meta/names.ts";
import type { MatchCondition, MatchResources, NamedRuleWithOperations, RuleWithOperations } from "../_generated/types.ts";
import { messages, oneOf } from "./checks.ts";

const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES = ["*", "Cluster", "Namespaced"];
const CONDITIONS_MAX = 64;
export const FAILURE_POLICIES = ["Fail", "Ignore"];
export const MATCH_POLICIES = ["Equivalent", "Exact"];
export const REINVOCATION_POLICIES = ["IfNeeded", "Never"];

export function defaultRules(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= "*";
}
/** Members that a webhook and MatchResources have in common. */
export function defaultMatch(match: Pick<MatchResources, "matchPolicy" | "namespaceSelector" | "objectSelector">): void {
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
}
export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return;
  defaultMatch(match);
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

/** `*` stands alone. */
function loneWildcard(list: readonly string[], what: string, field: string): FieldError[] {
  return list.length > 1 && list.includes("*") ? [invalid(field, [...list], `if '*' is present, must not specify other ${what}`)] : [];
}
function validateResources(resources: readonly string[], field: string): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [required(field)] : [];
  const wildSubresources = new Set<string>();
  const wildResources = new Set<string>();
  let plain = false;
  resources.forEach((text, index) => {
    const path = `${field}[${index}]`;
    if (text === "") {
      errors.push(required(path));
      return;
    }
    const slash = text.indexOf("/");
    if (slash < 0) {
      plain = text !== "*";
      return;
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    if (wildSubresources.has(resource)) errors.push(invalid(path, text, `if '${resource}/*' is present, must not specify ${text}`));
    if (wildResources.has(subresource)) errors.push(invalid(path, text, `if '*/${subresource}' is present, must not specify ${text}`));
    if (subresource === "*") wildSubresources.add(resource);
    if (resource === "*") wildResources.add(subresource);
  });
  if (resources.length > 1 && resources.includes("*/*")) {
    errors.push(invalid(field, [...resources], "if '*/*' is present, must not specify other resources"));
  }
  if (plain && resources.includes("*")) {
    errors.push(invalid(field, [...resources], "if '*' is present, must not specify other resources without subresources"));
  }
  return errors;
}
export function validateRuleWithOperations(rule: RuleWithOperations, field: string): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [] } = rule;
  const errors: FieldError[] = operations.length === 0 ? [required(`${field}.operations`)] : [];
  errors.push(...loneWildcard(operations, "operations", `${field}.operations`));
  errors.push(...operations.flatMap((operation, index) => oneOf(operation, OPERATIONS, `${field}.operations[${index}]`)));
  if (apiGroups.length === 0) errors.push(required(`${field}.apiGroups`));
  errors.push(...loneWildcard(apiGroups, "API groups", `${field}.apiGroups`));
  if (apiVersions.length === 0) errors.push(required(`${field}.apiVersions`));
  errors.push(...loneWildcard(apiVersions, "API versions", `${field}.apiVersions`));
  apiVersions.forEach((version, index) => {
    if (version === "") errors.push(required(`${field}.apiVersions[${index}]`));
  });
  errors.push(...validateResources(rule.resources ?? [], `${field}.resources`));
  return rule.scope === undefined ? errors : [...errors, ...oneOf(rule.scope, SCOPES, `${field}.scope`)];
}
function validateNamedRule(rule: NamedRuleWithOperations, field: string): FieldError[] {
  const seen = new Set<string>();
  const errors = (rule.resourceNames ?? []).flatMap((name, index) => {
    const path = `${field}.resourceNames[${index}]`;
    const wrong = messages(isValidPathSegmentName(name), path, name);
    if (seen.has(name)) wrong.push(duplicate(path, name));
    seen.add(name);
    return wrong;
  });
  return [...errors, ...validateRuleWithOperations(rule, field)];
}
export function validateMatchResources(match: MatchResources | undefined, field: string): FieldError[] {
  if (!match) return [];
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  const errors = matchPolicy === undefined ? [required(`${field}.matchPolicy`)] : oneOf(matchPolicy, MATCH_POLICIES, `${field}.matchPolicy`);
  for (const [name, selector] of Object.entries({ namespaceSelector, objectSelector })) {
    if (selector === undefined) errors.push(required(`${field}.${name}`));
    else errors.push(...validateLabelSelector(selector, {}, `${field}.${name}`));
  }
  for (const name of ["resourceRules", "excludeResourceRules"] as const) {
    errors.push(...(match[name] ?? []).flatMap((rule, index) => validateNamedRule(rule, `${field}.${name}[${index}]`)));
  }
  return errors;
}
const MUTATING_OPERATIONS = OPERATIONS.filter((operation) => operation !== "DELETE");
/** Nothing can be changed in an object that goes away. */
export function validateMutatingOperations(match: MatchResources | undefined, field: string): FieldError[] {
  const operations = (match?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  return operations
    .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
    .map((operation) => notSupported(`${field}.resourceRules.operations`, operation, MUTATING_OPERATIONS));
}

/** Names and presence; expressions are compiled elsewhere. */
export function validateMatchConditions(conditions: readonly MatchCondition[], field: string): FieldError[] {
  const errors = conditions.length > CONDITIONS_MAX ? [tooMany(field, conditions.length, CONDITIONS_MAX)] : [];
  const seen = new Set<string>();
  conditions.forEach(({ name = "", expression = "" }, index) => {
    const path = `${field}[${index}]`;
    if (expression.trim() === "") errors.push(required(`${path}.expression`));
    if (name === "") {
      errors.push(required(`${path}.name`));
      return;
    }
    errors.push(...messages(isQualifiedName(name), `${path}.name`, name));
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
  });
  return errors;
}
