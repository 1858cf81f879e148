// SubjectAccessReview of authorization.k8s.io/v1: may someone do something? Answered, never stored.
import type { SubjectAccessReview } from "../_generated/types.ts";
import { emptyMetadata, validateSubject } from "../_workload/access-review.ts";
import { defineKind } from "../define-kind.ts";

export const subjectAccessReviewKind = defineKind<SubjectAccessReview>("authorization.k8s.io/v1/subjectaccessreviews", {
  virtual: true,
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = { allowed: false };
  },
  validate: (object) => [...validateSubject(object.spec ?? {}), ...emptyMetadata(object, [], "must be empty")],
});
