// ClusterRole of rbac.authorization.k8s.io/v1. As upstream: pkg/apis/rbac/validation/validation.go ValidateClusterRole.
import { type FieldError, required } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { nameIsPathSegment } from "../../meta/names.ts";
import type { ClusterRole } from "../_generated/types.ts";
import { defaultRules, validateRules } from "../_workload/rbac.ts";
import { defineKind } from "../define-kind.ts";

function validateAggregation(object: ClusterRole): FieldError[] {
  if (!object.aggregationRule) return [];
  const field = "aggregationRule.clusterRoleSelectors";
  const selectors = object.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) return [required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, {}, `${field}[${index}]`));
}

export const clusterRoleKind = defineKind<ClusterRole>("rbac.authorization.k8s.io/v1/clusterroles", {
  nameRule: nameIsPathSegment,
  defaults: defaultRules,
  validate: (object) => [...validateRules(object.rules, "cluster"), ...validateAggregation(object)],
  allowCreateOnUpdate: true,
});
