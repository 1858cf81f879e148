// MutatingAdmissionPolicyBinding of admissionregistration.k8s.io/v1. As upstream: pkg/apis/admissionregistration/validation.
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { MutatingAdmissionPolicyBinding } from "../_generated/types.ts";
import { paramRefCell, validateBindingTarget } from "../_workload/admission-policy.ts";
import { defaultMatchResources, validateMatchResources, validateMutatingOperations } from "../_workload/admission-rules.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

export const mutatingAdmissionPolicyBindingKind = defineKind<MutatingAdmissionPolicyBinding>(
  "admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings",
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
      ...validateMutatingOperations(spec.matchResources, "spec.matchResources"),
    ],
    allowUnconditionalUpdate: false,
    table: {
      columns: [NAME, text("PolicyName"), text("ParamRef"), AGE],
      row: (object, now) => [nameCell(object), object.spec?.policyName ?? "", paramRefCell(object.spec?.paramRef), ageCell(object, now)],
    },
  },
);
