// Who hears of which changes: controllers by their triggers, the end of clusters, schedulers and nodes.
import type { Change, Subscription } from "../durable-objects/store/outbox.ts";
import type { Cluster } from "../shared/kinds/paperplane/cluster.ts";
import type { View } from "../shared/reconcile/controller.ts";
import { clusterOfRecord, keepsSomething } from "./api/cluster-record.ts";
import { ALL_CONTROLLERS } from "./controllers.ts";
import { NODE_SUBSCRIPTIONS } from "./node-agent/subscriptions.ts";
import { SCHEDULER_SUBSCRIPTIONS } from "./scheduler/subscriptions.ts";
import { SCHEDULER_VIEWS } from "./scheduler/watched.ts";

/** A controller hears the hints of its triggers. */
const controllers: readonly Subscription[] = ALL_CONTROLLERS.flatMap((controller) =>
  controller.triggers.map((trigger) => ({
    family: "controller" as const,
    resource: trigger.resource,
    ...(trigger.patient ? { patient: true } : {}),
    ...(trigger.dormantWithout === undefined ? {} : { dormantWithout: trigger.dormantWithout }),
    items: ({ next, old, resource }: Change) => trigger.hints(next, old, resource).map((item) => ({ actor: controller.name, item })),
  })),
);

/** The actor of a cluster that keeps something hears that its record is being deleted, and removes everything. */
const ends: Subscription = {
  family: "cluster",
  resource: "paperplane.dev/clusters",
  items({ next }) {
    const record = next as Cluster | undefined;
    if (!record?.metadata?.deletionTimestamp || !keepsSomething(record)) return [];
    const cluster = clusterOfRecord(record);
    return [{ actor: cluster.uid, item: JSON.stringify(cluster) }];
  },
};

export const SUBSCRIPTIONS: readonly Subscription[] = [...controllers, ...SCHEDULER_SUBSCRIPTIONS, ...NODE_SUBSCRIPTIONS, ends];

/** Views are asked for as `controller-name/view`. */
export const VIEWS: Readonly<Record<string, View>> = {
  ...Object.fromEntries(
    ALL_CONTROLLERS.flatMap((controller) => Object.entries(controller.views).map(([name, view]) => [`${controller.name}/${name}`, view] as const)),
  ),
  ...SCHEDULER_VIEWS,
};
