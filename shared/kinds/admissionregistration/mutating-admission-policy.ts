// MutatingAdmissionPolicy of admissionregistration.k8s.io/v1. As upstream: pkg/apis/admissionregistration/validation.
import { equalJson } from "../../base/json.ts";
import { type FieldError, invalid, notSupported, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { MutatingAdmissionPolicy, Mutation } from "../_generated/types.ts";
import { paramKindCell, validateParamKind, validateVariables } from "../_workload/admission-policy.ts";
import {
  defaultMatchResources,
  FAILURE_POLICIES,
  REINVOCATION_POLICIES,
  validateMatchConditions,
  validateMatchResources,
  validateMutatingOperations,
} from "../_workload/admission-rules.ts";
import { oneOf, oneOfRequired } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, integer, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

/** The member that holds the expression, by type of patch. */
const MEMBERS = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;
const TYPES = ["ApplyConfiguration", "JSONPatch"] as const;

function validateMutation(mutation: Mutation, field: string): FieldError[] {
  const type = TYPES.find((one) => one === mutation.patchType);
  if (!mutation.patchType) return [required(`${field}.patchType`)];
  if (type === undefined) return [notSupported(`${field}.patchType`, mutation.patchType, TYPES)];
  const member = MEMBERS[type];
  const other = type === "JSONPatch" ? "applyConfiguration" : "jsonPatch";
  const errors: FieldError[] = [];
  const source = mutation[member];
  if (!source) errors.push(required(`${field}.${member}`, `must be specified when patchType is ${type}`));
  else if ((source.expression ?? "").trim() === "") errors.push(required(`${field}.${member}.expression`));
  if (mutation[other]) errors.push(invalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`));
  return errors;
}
function validate(object: MutatingAdmissionPolicy, stored?: MutatingAdmissionPolicy): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [], mutations = [] } = object.spec ?? {};
  const errors = failurePolicy === undefined ? [required("spec.failurePolicy")] : oneOf(failurePolicy, FAILURE_POLICIES, "spec.failurePolicy");
  errors.push(...validateParamKind(paramKind, "spec.paramKind"));
  if (!matchConstraints) errors.push(required("spec.matchConstraints"));
  else {
    errors.push(...validateMatchResources(matchConstraints, "spec.matchConstraints"));
    if (!matchConstraints.resourceRules?.length) errors.push(required("spec.matchConstraints.resourceRules"));
    errors.push(...validateMutatingOperations(matchConstraints, "spec.matchConstraints"));
  }
  const same = stored && equalJson(stored.spec?.matchConditions, matchConditions) && equalJson(stored.spec?.paramKind, paramKind);
  if (same !== true) errors.push(...validateMatchConditions(matchConditions, "spec.matchConditions"));
  errors.push(...validateVariables(variables, "spec.variables"));
  if (mutations.length === 0) errors.push(required("spec.mutations", "mutations must contain at least one item"));
  errors.push(...mutations.flatMap((mutation, index) => validateMutation(mutation, `spec.mutations[${index}]`)));
  return [...errors, ...oneOfRequired(object.spec?.reinvocationPolicy, REINVOCATION_POLICIES, "spec.reinvocationPolicy")];
}

export const mutatingAdmissionPolicyKind = defineKind<MutatingAdmissionPolicy>("admissionregistration.k8s.io/v1/mutatingadmissionpolicies", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.failurePolicy ??= "Fail";
    defaultMatchResources(spec.matchConstraints);
  },
  validate: (object) => validate(object),
  update: { validate: (next, stored) => validate(next, stored) },
  allowUnconditionalUpdate: false,
  table: {
    columns: [NAME, integer("Mutations"), text("ParamKind"), AGE],
    row: (object, now) => [nameCell(object), object.spec?.mutations?.length ?? 0, paramKindCell(object.spec?.paramKind), ageCell(object, now)],
  },
});
