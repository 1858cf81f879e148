// ValidatingAdmissionPolicyBinding of admissionregistration.k8s.io/v1. As upstream: pkg/apis/admissionregistration/validation.
import { type FieldError, duplicate, invalid, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { ValidatingAdmissionPolicyBinding } from "../_generated/types.ts";
import { paramRefCell, validateBindingTarget } from "../_workload/admission-policy.ts";
import { defaultMatchResources, validateMatchResources } from "../_workload/admission-rules.ts";
import { oneOf } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const ACTIONS = ["Audit", "Deny", "Warn"];
const DENY_AND_WARN =
  "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";

function validateActions(actions: readonly string[], field: string): FieldError[] {
  const seen = new Set<string>();
  const errors = actions.flatMap((action, index) => {
    const path = `${field}[${index}]`;
    const wrong = oneOf(action, ACTIONS, path);
    if (seen.has(action)) wrong.push(duplicate(path, action));
    seen.add(action);
    return wrong;
  });
  if (seen.has("Deny") && seen.has("Warn")) errors.push(invalid(field, [...actions], DENY_AND_WARN));
  return seen.size === 0 ? [...errors, required(field, "at least one validation action is required")] : errors;
}

export const validatingAdmissionPolicyBindingKind = defineKind<ValidatingAdmissionPolicyBinding>(
  "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
  {
    generation: true,
    nameRule: nameIsDNSSubdomain,
    defaults(object) {
      object.spec ??= {};
      defaultMatchResources(object.spec.matchResources);
    },
    validate: ({ spec = {} }) => [
      ...validateBindingTarget(spec),
      ...validateMatchResources(spec.matchResources, "spec.matchResources"),
      ...validateActions(spec.validationActions ?? [], "spec.validationActions"),
    ],
    allowUnconditionalUpdate: false,
    table: {
      columns: [NAME, text("PolicyName"), text("ParamRef"), AGE],
      row: (object, now) => [nameCell(object), object.spec?.policyName ?? "", paramRefCell(object.spec?.paramRef), ageCell(object, now)],
    },
  },
);
