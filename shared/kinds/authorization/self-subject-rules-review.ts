// SelfSubjectRulesReview of authorization.k8s.io/v1: what may the asker do in a namespace? Answered, never stored.
import type { SelfSubjectRulesReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const selfSubjectRulesReviewKind = defineKind<SelfSubjectRulesReview>("authorization.k8s.io/v1/selfsubjectrulesreviews", {
  virtual: true,
  defaults(object) {
    object.spec ??= {};
  },
});
