// LocalSubjectAccessReview of authorization.k8s.io/v1.
import type { LocalSubjectAccessReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const localSubjectAccessReviewKind = defineKind<LocalSubjectAccessReview>("authorization.k8s.io/v1/localsubjectaccessreviews", {});
