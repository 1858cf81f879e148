// SelfSubjectAccessReview of authorization.k8s.io/v1: may the asker do something? Answered, never stored.
import type { SelfSubjectAccessReview } from "../_generated/types.ts";
import { emptyMetadata, validateAttributes, validateSelectors } from "../_workload/access-review.ts";
import { defineKind } from "../define-kind.ts";

export const selfSubjectAccessReviewKind = defineKind<SelfSubjectAccessReview>("authorization.k8s.io/v1/selfsubjectaccessreviews", {
  virtual: true,
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = { allowed: false };
  },
  validate: (object) => [...validateAttributes(object.spec ?? {}), ...validateSelectors(object.spec ?? {}), ...emptyMetadata(object, [], "must be empty")],
});
