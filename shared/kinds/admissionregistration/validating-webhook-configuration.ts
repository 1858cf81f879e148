// ValidatingWebhookConfiguration of admissionregistration.k8s.io/v1. As upstream: pkg/apis/admissionregistration/validation.
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { ValidatingWebhookConfiguration } from "../_generated/types.ts";
import { AGE, NAME, ageCell, integer, nameCell } from "../_workload/columns.ts";
import { defaultWebhook, validateWebhooks } from "../_workload/webhooks.ts";
import { defineKind } from "../define-kind.ts";

export const validatingWebhookConfigurationKind = defineKind<ValidatingWebhookConfiguration>(
  "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  {
    generation: true,
    nameRule: nameIsDNSSubdomain,
    defaults(object) {
      for (const hook of object.webhooks ?? []) {
        defaultWebhook(hook);
      }
    },
    validate: (object) => validateWebhooks(object.webhooks ?? []),
    update: { validate: (next, stored) => validateWebhooks(next.webhooks ?? [], stored.webhooks ?? []) },
    allowUnconditionalUpdate: false,
    table: {
      columns: [NAME, integer("Webhooks"), AGE],
      row: (object, now) => [nameCell(object), object.webhooks?.length ?? 0, ageCell(object, now)],
    },
  },
);
