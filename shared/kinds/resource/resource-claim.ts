// ResourceClaim of resource.k8s.io/v1.
import type { ResourceV1ResourceClaim } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const resourceClaimKind = defineKind<ResourceV1ResourceClaim>("resource.k8s.io/v1/resourceclaims", {});
