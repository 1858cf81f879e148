// replication-controller: keeps as many pods as each ReplicationController wants. As upstream: pkg/controller/replication, which
// is the ReplicaSet controller behind an adapter.
import type { ReplicationController } from "../../shared/kinds/_generated/types.ts";
import { defineController, NOTHING } from "../../shared/reconcile/controller.ts";
import { podView } from "./_parts/pod-view.ts";
import { orphanTakers, podQueries, podTriggers, rootTrigger } from "./_parts/replica-triggers.ts";
import { reconcileReplicas } from "./_parts/replicas.ts";

const KIND = { apiVersion: "v1", kind: "ReplicationController", resource: "/replicationcontrollers", countsTerminating: false };

type Labels = Readonly<Record<string, string>>;
/** An empty selector selects nothing here. */
const selects = (selector: Labels | undefined, labels: Labels): boolean => {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
};

const takers = orphanTakers(KIND.resource, selects);

export const replicationController = defineController<ReplicationController>({
  name: "replication-controller",
  root: KIND.resource,
  triggers: [rootTrigger(KIND.resource), ...podTriggers({ ...KIND, group: "" })],
  views: {
    pods: podView,
    sets: takers.view,
  },
  expand: takers.expand,
  needs: (_key, rc) => (rc === undefined ? {} : podQueries(rc, rc.spec?.selector)),
  reconcile(_key, rc, world, now) {
    if (rc === undefined) return NOTHING;
    return reconcileReplicas({ kind: KIND, root: rc, world, now, selects: (labels) => selects(rc.spec?.selector, labels) });
  },
});
