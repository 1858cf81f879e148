// ValidatingAdmissionPolicy of admissionregistration.k8s.io/v1.
import type { ValidatingAdmissionPolicy } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const validatingAdmissionPolicyKind = defineKind<ValidatingAdmissionPolicy>("admissionregistration.k8s.io/v1/validatingadmissionpolicies", {});
