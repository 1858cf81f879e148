// ResourceClaimTemplate of resource.k8s.io/v1. As upstream: pkg/apis/resource/validation/validation.go.
import { validateAnnotations, validateLabels } from "../../meta/labels.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { ResourceClaimTemplate } from "../_generated/types.ts";
import { immutable } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell } from "../_workload/columns.ts";
import { claimSpecValue } from "../_workload/device-claim-value.ts";
import { defaultClaimSpec, validateClaimSpec } from "../_workload/device-claim.ts";
import { defineKind } from "../define-kind.ts";

export const resourceClaimTemplateKind = defineKind<ResourceClaimTemplate>("resource.k8s.io/v1/resourceclaimtemplates", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const template = (object.spec ??= {});
    template.metadata ??= {};
    defaultClaimSpec((template.spec ??= {}));
  },
  validate: ({ spec = {} }) => [
    ...validateLabels(spec.metadata?.labels, "spec.metadata.labels"),
    ...validateAnnotations(spec.metadata?.annotations, "spec.metadata.annotations"),
    ...validateClaimSpec(spec.spec ?? {}, "spec.spec"),
  ],
  update: {
    validate: (next, stored) => immutable(next.spec, stored.spec, "spec", { Spec: claimSpecValue(next.spec?.spec) }),
  },
  deleteReturnsObject: true,
  table: { columns: [NAME, AGE], row: (object, now) => [nameCell(object), ageCell(object, now)] },
});
