// Who hears of which changes: controllers by their triggers, the end of clusters, schedulers and nodes.
import type { Change, Subscription } from "../durable-objects/store/outbox.ts";
import type { Cluster } from "../shared/kinds/paperplane/cluster.ts";
import type { View } from "../shared/reconcile/controller.ts";
import { ALL_CONTROLLERS } from "./controllers.ts";
import { NODE_SUBSCRIPTIONS } from "./node-agent/subscriptions.ts";
import { SCHEDULER_SUBSCRIPTIONS } from "./scheduler/subscriptions.ts";
import { SCHEDULER_VIEWS } from "./scheduler/watched.ts";

/** A controller hears the hints of its triggers. */
const controllers: readonly Subscription[] = ALL_CONTROLLERS.flatMap((controller) =>
  controller.triggers.map((trigger) => ({
    family: "controller" as const,
    resource: trigger.resource,
    items: ({ next, old, resource }: Change) => trigger.hints(next, old, resource).map((item) => ({ actor: controller.name, item })),
  })),
);

/** The actor of a cluster hears that its record is being deleted, and removes everything. */
const ends: Subscription = {
  family: "cluster",
  resource: "paperplane.dev/clusters",
  items({ next }) {
    const cluster = next as Cluster | undefined;
    const { uid, name, deletionTimestamp } = cluster?.metadata ?? {};
    if (!uid || !deletionTimestamp) return [];
    return [{ actor: uid, item: JSON.stringify({ uid, name, nodes: cluster?.spec?.nodes ?? 0, timing: cluster?.spec?.timing ?? "instant" }) }];
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
