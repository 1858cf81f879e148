// MutatingAdmissionPolicy of admissionregistration.k8s.io/v1.
import type { MutatingAdmissionPolicy } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const mutatingAdmissionPolicyKind = defineKind<MutatingAdmissionPolicy>("admissionregistration.k8s.io/v1/mutatingadmissionpolicies", {});
