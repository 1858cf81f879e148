// TokenReview of authentication.k8s.io/v1: whose token is this? Answered, never stored.
import type { TokenReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const tokenReviewKind = defineKind<TokenReview>("authentication.k8s.io/v1/tokenreviews", {
  virtual: true,
  defaults(object) {
    object.spec ??= {};
  },
});
