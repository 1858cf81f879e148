// SelfSubjectReview of authentication.k8s.io/v1.
import type { SelfSubjectReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const selfSubjectReviewKind = defineKind<SelfSubjectReview>("authentication.k8s.io/v1/selfsubjectreviews", {});
