// SelfSubjectAccessReview of authorization.k8s.io/v1.
import type { SelfSubjectAccessReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const selfSubjectAccessReviewKind = defineKind<SelfSubjectAccessReview>("authorization.k8s.io/v1/selfsubjectaccessreviews", {});
