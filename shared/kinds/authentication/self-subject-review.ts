// SelfSubjectReview of authentication.k8s.io/v1: who am I? Answered, never stored.
import type { SelfSubjectReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const selfSubjectReviewKind = defineKind<SelfSubjectReview>("authentication.k8s.io/v1/selfsubjectreviews", { virtual: true });
