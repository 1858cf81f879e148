// ValidatingWebhookConfiguration of admissionregistration.k8s.io/v1.
import type { ValidatingWebhookConfiguration } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const validatingWebhookConfigurationKind = defineKind<ValidatingWebhookConfiguration>("admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {});
