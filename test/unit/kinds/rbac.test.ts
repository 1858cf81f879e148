// Kinds of group rbac.authorization.k8s.io against the recorded answers of a real server.
import { clusterRoleBindingKind } from "../../../shared/kinds/rbac/cluster-role-binding.ts";
import { clusterRoleKind } from "../../../shared/kinds/rbac/cluster-role.ts";
import { roleBindingKind } from "../../../shared/kinds/rbac/role-binding.ts";
import { roleKind } from "../../../shared/kinds/rbac/role.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(roleKind, { bases: ["role", "role-min"] });
describeKind(clusterRoleKind, { bases: ["clusterrole", "clusterrole-aggregate"] });
describeKind(roleBindingKind, { bases: ["rolebinding"] });
describeKind(clusterRoleBindingKind, { bases: ["clusterrolebinding"] });
