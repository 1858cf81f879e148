// MutatingAdmissionPolicyBinding of admissionregistration.k8s.io/v1.
import type { MutatingAdmissionPolicyBinding } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const mutatingAdmissionPolicyBindingKind = defineKind<MutatingAdmissionPolicyBinding>("admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings", {});
