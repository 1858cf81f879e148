// ValidatingAdmissionPolicyBinding of admissionregistration.k8s.io/v1.
import type { ValidatingAdmissionPolicyBinding } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const validatingAdmissionPolicyBindingKind = defineKind<ValidatingAdmissionPolicyBinding>("admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", {});
