// FlowSchema of flowcontrol.apiserver.k8s.io/v1. As upstream: pkg/apis/flowcontrol/validation/validation.go.
import { compareText } from "../../meta/text.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { FlowSchema, FlowSchemaSpec, NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from "../_generated/types.ts";
import { messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { validateConditionTypes } from "../_workload/flow-conditions.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const PRECEDENCE = 1000;
const PRECEDENCE_MAX = 10_000;
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
const METHODS = ["ByNamespace", "ByUser"];
const SUBJECT_MEMBERS = { User: "user", Group: "group", ServiceAccount: "serviceAccount" } as const;
type SubjectKind = keyof typeof SUBJECT_MEMBERS;
const SUBJECT_KINDS: readonly SubjectKind[] = ["Group", "ServiceAccount", "User"];

function validateSubject(subject: Subject, field: string): FieldError[] {
  const kind = SUBJECT_KINDS.find((one) => one === subject.kind);
  if (kind === undefined) return [notSupported(`${field}.kind`, subject.kind ?? "", SUBJECT_KINDS)];
  const member = SUBJECT_MEMBERS[kind];
  const named = subject[member];
  const errors: FieldError[] = [];
  if (!named) errors.push(required(`${field}.${member}`, `${member} is required when subject kind is '${kind}'`));
  else if ((named.name ?? "") === "") errors.push(required(`${field}.${member}.name`));
  const account = subject.serviceAccount;
  if (kind === "ServiceAccount" && account) {
    const { name = "", namespace = "" } = account;
    if (name !== "" && name !== "*") errors.push(...messages(isDNS1123Subdomain(name), `${field}.serviceAccount.name`, name));
    if (namespace === "") errors.push(required(`${field}.serviceAccount.namespace`, "must specify namespace for service account"));
    else errors.push(...messages(isDNS1123Label(namespace), `${field}.serviceAccount.namespace`, namespace));
  }
  for (const other of ["ServiceAccount", "User", "Group"] as const) {
    const otherMember = SUBJECT_MEMBERS[other];
    if (other === kind || subject[otherMember] === undefined) continue;
    errors.push(forbidden(`${field}.${otherMember}`, `${otherMember} is forbidden when subject kind is not '${other}'`));
  }
  return errors;
}

/** `*` stands alone. */
function loneWildcard(list: readonly string[], what: string, field: string): FieldError[] {
  return list.includes("*") && list.length > 1 ? [invalid(field, [...list], `if '*' is present, must not specify other ${what}`)] : [];
}
function validateVerbs(verbs: readonly string[], field: string): FieldError[] {
  if (verbs.length === 0) return [required(field, "verbs must contain at least one value")];
  if (verbs.includes("*")) return loneWildcard(verbs, "verbs", field);
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(field, [...verbs], VERBS)];
}
function urlProblem(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path === "/") return undefined;
  if (!path.startsWith("/")) return "must start with slash";
  if (path.includes(" ")) return "must not contain white-space";
  if (path.includes("//")) return "must not contain double slash";
  const stars = path.split("*").length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith("/*")) ? "wildcard can only do suffix matching" : undefined;
}
function validateNonResourceRule(rule: NonResourcePolicyRule, field: string): FieldError[] {
  const urls = rule.nonResourceURLs ?? [];
  const path = `${field}.nonResourceURLs`;
  const errors = validateVerbs(rule.verbs ?? [], `${field}.verbs`);
  if (urls.length === 0) return [...errors, required(path, "nonResourceURLs must contain at least one value")];
  if (urls.includes("*")) return [...errors, ...loneWildcard(urls, "non-resource URLs", path)];
  urls.forEach((url, index) => {
    const problem = urlProblem(url);
    if (problem !== undefined) errors.push(invalid(`${path}[${index}]`, url, problem));
  });
  return errors;
}
function validateResourceRule(rule: ResourcePolicyRule, field: string): FieldError[] {
  const apiGroups = rule.apiGroups ?? [];
  const resources = rule.resources ?? [];
  const namespaces = rule.namespaces ?? [];
  const errors = validateVerbs(rule.verbs ?? [], `${field}.verbs`);
  if (apiGroups.length === 0) errors.push(required(`${field}.apiGroups`, "resource rules must supply at least one api group"));
  errors.push(...loneWildcard(apiGroups, "api groups", `${field}.apiGroups`));
  if (resources.length === 0) errors.push(required(`${field}.resources`, "resource rules must supply at least one resource"));
  errors.push(...loneWildcard(resources, "resources", `${field}.resources`));
  const path = `${field}.namespaces`;
  if (namespaces.length === 0 && rule.clusterScope !== true) {
    errors.push(required(path, "resource rules that are not cluster scoped must supply at least one namespace"));
  }
  if (namespaces.includes("*")) return [...errors, ...loneWildcard(namespaces, "namespaces", path)];
  namespaces.forEach((namespace, index) => {
    for (const message of isDNS1123Label(namespace)) {
      errors.push(invalid(`${path}[${index}]`, namespace, `each member of this list must be '*' or a DNS-1123 label; ${message}`));
    }
  });
  return errors;
}
function validateRule(rule: PolicyRulesWithSubjects, field: string): FieldError[] {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  const subjects = rule.subjects ?? [];
  const errors = subjects.flatMap((subject, index) => validateSubject(subject, `${field}.subjects[${index}]`));
  if (subjects.length === 0) errors.push(required(`${field}.subjects`, "subjects must contain at least one value"));
  if (resourceRules.length + nonResourceRules.length === 0) {
    errors.push(required(field, "at least one of resourceRules and nonResourceRules has to be non-empty"));
  }
  return [
    ...errors,
    ...resourceRules.flatMap((one, index) => validateResourceRule(one, `${field}.resourceRules[${index}]`)),
    ...nonResourceRules.flatMap((one, index) => validateNonResourceRule(one, `${field}.nonResourceRules[${index}]`)),
  ];
}
function validateSpec(spec: FlowSchemaSpec, name: string): FieldError[] {
  const { matchingPrecedence = 0, distinguisherMethod: method, rules = [] } = spec;
  const errors: FieldError[] = [];
  const field = "spec.matchingPrecedence";
  if (matchingPrecedence <= 0) errors.push(invalid(field, matchingPrecedence, "must be a positive value"));
  if (matchingPrecedence > PRECEDENCE_MAX) errors.push(invalid(field, matchingPrecedence, `must not be greater than ${PRECEDENCE_MAX}`));
  if (matchingPrecedence === 1 && name !== "exempt") {
    errors.push(invalid(field, matchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  if (method && !METHODS.includes(method.type ?? "")) {
    errors.push(notSupported("spec.distinguisherMethod.type", { Type: method.type ?? "" }, METHODS));
  }
  const level = spec.priorityLevelConfiguration?.name ?? "";
  if (level === "") errors.push(required("spec.priorityLevelConfiguration.name", "must reference a priority level"));
  else errors.push(...messages(isDNS1123Subdomain(level), "spec.priorityLevelConfiguration.name", level));
  return [...errors, ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`))];
}

export const flowSchemaKind = defineKind<FlowSchema>("flowcontrol.apiserver.k8s.io/v1/flowschemas", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.matchingPrecedence ||= PRECEDENCE;
    spec.priorityLevelConfiguration ??= { name: "" };
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: (object) => validateSpec(object.spec ?? {}, object.metadata?.name ?? ""),
  subresources: { status: statusStrategy((next) => validateConditionTypes(next.status?.conditions)) },
  table: {
    columns: [NAME, text("PriorityLevel"), text("MatchingPrecedence"), text("DistinguisherMethod"), AGE, text("MissingPL")],
    row: (object, now) => [
      nameCell(object),
      object.spec?.priorityLevelConfiguration?.name ?? "",
      object.spec?.matchingPrecedence ?? 0,
      object.spec?.distinguisherMethod?.type ?? "<none>",
      ageCell(object, now),
      object.status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
    ],
    // As upstream: pkg/printers/internalversion/printers.go printFlowSchemaList.
    order: (a, b) => (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || compareText(a.metadata?.name ?? "", b.metadata?.name ?? ""),
  },
});
