// clusterrole-aggregation-controller: fills ClusterRoles that are sums of others. As upstream: pkg/controller/clusterroleaggregation.
import { equalJson, type Json } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ClusterRole, PolicyRule } from "../../shared/kinds/_generated/types.ts";
import { stableJson } from "../../shared/meta/hash.ts";
import { matchesLabelSelector } from "../../shared/meta/labels.ts";
import { compareText } from "../../shared/meta/text.ts";
import { defineController, NOTHING } from "../../shared/reconcile/controller.ts";
import { labelsOf, nameOf, plan, type Queries, seen, uidOf } from "./_parts/world.ts";

const ROLES = "rbac.authorization.k8s.io/clusterroles";
const EVERY_SUM = "*";

interface RoleView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly PolicyRule[];
  readonly isSum: boolean;
}
const viewRole = (object: KubeObject): RoleView => ({
  name: nameOf(object),
  labels: labelsOf(object),
  rules: (object as ClusterRole).rules ?? [],
  isSum: (object as ClusterRole).aggregationRule !== undefined,
});

function sumOf(role: ClusterRole, roles: readonly RoleView[]): PolicyRule[] {
  const sorted = [...roles].sort((a, b) => compareText(a.name, b.name));
  const rules = new Map<string, PolicyRule>();
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of sorted) {
      if (other.name === nameOf(role) || !matchesLabelSelector(selector, other.labels)) continue;
      for (const rule of other.rules) if (!rules.has(stableJson(rule))) rules.set(stableJson(rule), rule);
    }
  }
  return [...rules.values()];
}

export const clusterRoleAggregationController = defineController<ClusterRole>({
  name: "clusterrole-aggregation-controller",
  root: ROLES,
  triggers: [{ resource: ROLES, hints: () => [EVERY_SUM] }],
  views: { roles: { resource: ROLES, project: viewRole } },
  expand: {
    needs: (hint): Queries | undefined => (hint === EVERY_SUM ? { roles: { view: "roles" } } : undefined),
    keys: (_hint, world) => seen<RoleView>(world, "roles").flatMap((role) => (role.isSum ? [`/${role.name}`] : [])),
  },
  needs: (_key, role): Queries => (role?.aggregationRule === undefined ? {} : { roles: { view: "roles" } }),
  reconcile(_key, role, world) {
    if (role?.aggregationRule === undefined) return NOTHING;
    const rules = sumOf(role, seen<RoleView>(world, "roles"));
    if (equalJson(rules, role.rules ?? [])) return NOTHING;
    const patch = { metadata: { uid: uidOf(role) }, rules: rules as unknown as Json };
    return plan([{ do: "patch", resource: ROLES, namespace: "", name: nameOf(role), type: "merge", patch }]);
  },
});
