// ClusterRoleBinding of rbac.authorization.k8s.io/v1. As upstream: pkg/apis/rbac/validation/validation.go ValidateClusterRoleBinding.
import { nameIsPathSegment } from "../../meta/names.ts";
import type { ClusterRoleBinding } from "../_generated/types.ts";
import { AGE, NAME, text, wide } from "../_workload/columns.ts";
import { bindingCells, defaultBinding, validateBinding, validateBindingUpdate } from "../_workload/rbac.ts";
import { defineKind } from "../define-kind.ts";

export const clusterRoleBindingKind = defineKind<ClusterRoleBinding>("rbac.authorization.k8s.io/v1/clusterrolebindings", {
  nameRule: nameIsPathSegment,
  defaults: defaultBinding,
  validate: (object) => validateBinding(object, "cluster"),
  update: { validate: (next, stored) => validateBindingUpdate(next, stored, "cluster") },
  allowCreateOnUpdate: true,
  table: {
    columns: [NAME, text("Role"), AGE, wide("Users"), wide("Groups"), wide("ServiceAccounts")],
    row: bindingCells,
  },
});
