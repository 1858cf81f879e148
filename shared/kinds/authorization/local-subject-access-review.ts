// LocalSubjectAccessReview of authorization.k8s.io/v1: may someone do something in this namespace? Answered, never stored.
import { type FieldError, invalid } from "../../errors/field-error.ts";
import type { LocalSubjectAccessReview } from "../_generated/types.ts";
import { emptyMetadata, validateSubject } from "../_workload/access-review.ts";
import { defineKind } from "../define-kind.ts";

function validate(object: LocalSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = object.spec ?? {};
  const errors = [...validateSubject(object.spec ?? {}), ...emptyMetadata(object, ["namespace"], "must be empty except for namespace")];
  const namespace = resourceAttributes?.namespace ?? "";
  if (resourceAttributes && namespace !== (object.metadata?.namespace ?? "")) {
    errors.push(invalid("spec.resourceAttributes.namespace", namespace, "must match metadata.namespace"));
  }
  if (nonResourceAttributes) {
    const shown = { Path: nonResourceAttributes.path ?? "", Verb: nonResourceAttributes.verb ?? "" };
    errors.push(invalid("spec.nonResourceAttributes", shown, "disallowed on this kind of request"));
  }
  return errors;
}

export const localSubjectAccessReviewKind = defineKind<LocalSubjectAccessReview>("authorization.k8s.io/v1/localsubjectaccessreviews", {
  virtual: true,
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = { allowed: false };
  },
  validate,
});
