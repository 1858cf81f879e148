// MutatingWebhookConfiguration of admissionregistration.k8s.io/v1.
import type { MutatingWebhookConfiguration } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const mutatingWebhookConfigurationKind = defineKind<MutatingWebhookConfiguration>("admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", {});
