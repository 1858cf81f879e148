// SelfSubjectReview of authentication.k8s.io/v1: who am I? Answered, never stored.
import type { SelfSubjectReview } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { rfc3339 } from "../../meta/time.ts";

export const selfSubjectReviewKind = defineKind<SelfSubjectReview>("authentication.k8s.io/v1/selfsubjectreviews", {
  virtual: true,
  // As upstream: pkg/registry/authentication/selfsubjectreview/rest.go; the other questions have no birthday.
  prepareForCreate(object, { ports }) {
    (object.metadata ??= {}).creationTimestamp = rfc3339(ports.now());
  },
});
