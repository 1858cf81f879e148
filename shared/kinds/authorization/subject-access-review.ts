// SubjectAccessReview of authorization.k8s.io/v1.
import type { SubjectAccessReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const subjectAccessReviewKind = defineKind<SubjectAccessReview>("authorization.k8s.io/v1/subjectaccessreviews", {});
