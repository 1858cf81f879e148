// RoleBinding of rbac.authorization.k8s.io/v1. As upstream: pkg/apis/rbac/validation/validation.go ValidateRoleBinding.
import { nameIsPathSegment } from "../../meta/names.ts";
import type { RoleBinding } from "../_generated/types.ts";
import { AGE, NAME, text, wide } from "../_workload/columns.ts";
import { bindingCells, defaultBinding, validateBinding, validateBindingUpdate } from "../_workload/rbac.ts";
import { defineKind } from "../define-kind.ts";

export const roleBindingKind = defineKind<RoleBinding>("rbac.authorization.k8s.io/v1/rolebindings", {
  nameRule: nameIsPathSegment,
  defaults: defaultBinding,
  validate: (object) => validateBinding(object, "namespaced"),
  update: { validate: (next, stored) => validateBindingUpdate(next, stored, "namespaced") },
  allowCreateOnUpdate: true,
  table: {
    columns: [NAME, text("Role"), AGE, wide("Users"), wide("Groups"), wide("ServiceAccounts")],
    row: bindingCells,
  },
});
