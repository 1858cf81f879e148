// ResourceClaimTemplate of resource.k8s.io/v1.
import type { ResourceClaimTemplate } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const resourceClaimTemplateKind = defineKind<ResourceClaimTemplate>("resource.k8s.io/v1/resourceclaimtemplates", {});
