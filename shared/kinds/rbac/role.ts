// Role of rbac.authorization.k8s.io/v1. As upstream: pkg/apis/rbac/validation/validation.go ValidateRole.
import { nameIsPathSegment } from "../../meta/names.ts";
import type { Role } from "../_generated/types.ts";
import { defaultRules, validateRules } from "../_workload/rbac.ts";
import { defineKind } from "../define-kind.ts";

export const roleKind = defineKind<Role>("rbac.authorization.k8s.io/v1/roles", {
  nameRule: nameIsPathSegment,
  defaults: defaultRules,
  validate: (object) => validateRules(object.rules, "namespaced"),
  allowCreateOnUpdate: true,
});
