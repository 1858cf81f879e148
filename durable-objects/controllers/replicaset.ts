// replicaset-controller: keeps as many pods as each ReplicaSet wants. As upstream: pkg/controller/replicaset/replica_set.go.
import type { ReplicaSet } from "../../shared/kinds/_generated/types.ts";
import { matchesLabelSelector } from "../../shared/meta/labels.ts";
import { controllerOf } from "../../shared/meta/owner-refs.ts";
import { defineController, NOTHING, type Query } from "../../shared/reconcile/controller.ts";
import { podView } from "./_parts/pod-view.ts";
import { orphanTakers, podQueries, podTriggers, rootTrigger } from "./_parts/replica-triggers.ts";
import { reconcileReplicas } from "./_parts/replicas.ts";
import { namespaceOf } from "./_parts/world.ts";

const KIND = { apiVersion: "apps/v1", kind: "ReplicaSet", resource: "apps/replicasets", countsTerminating: true };
const HASH_LABEL = "pod-template-hash";

/**
 * Before some pods are chosen to go, pods of sibling sets tell which nodes are crowded. Siblings select the same labels but
 * for the hash of their template.
 */
function relatedQuery(rs: ReplicaSet): Readonly<Record<string, Query>> {
  const controller = controllerOf(rs);
  const tooMany = (rs.status?.replicas ?? 0) > (rs.spec?.replicas ?? 1) && (rs.spec?.replicas ?? 1) > 0;
  if (controller === undefined || !tooMany) return {};
  const { [HASH_LABEL]: _hash, ...labels } = rs.spec?.selector?.matchLabels ?? {};
  return { related: { view: "pods", namespace: namespaceOf(rs), labels } };
}

const takers = orphanTakers(KIND.resource, matchesLabelSelector);

export const replicasetController = defineController<ReplicaSet>({
  name: "replicaset-controller",
  root: KIND.resource,
  triggers: [rootTrigger(KIND.resource), ...podTriggers({ ...KIND, group: "apps" })],
  views: {
    pods: podView,
    sets: takers.view,
  },
  expand: takers.expand,
  needs: (_key, rs) => (rs === undefined ? {} : { ...podQueries(rs, rs.spec?.selector?.matchLabels), ...relatedQuery(rs) }),
  reconcile(_key, rs, world, now) {
    if (rs === undefined) return NOTHING;
    const selects = (labels: Readonly<Record<string, string>>): boolean => matchesLabelSelector(rs.spec?.selector, labels);
    return reconcileReplicas({ kind: KIND, root: rs, world, now, selects });
  },
});
