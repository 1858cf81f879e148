// Composition root: the only file that sees everything. It hands bricks to the actors and the API worker.
import { clusterActor } from "../durable-objects/actors/cluster.ts";
import { controllerActor } from "../durable-objects/actors/controller.ts";
import { nodeActor } from "../durable-objects/actors/node.ts";
import { schedulerActor } from "../durable-objects/actors/scheduler.ts";
import { resourceStoreActor } from "../durable-objects/actors/resource-store.ts";
import type { ActorEnv } from "../durable-objects/env.ts";
import { Stores } from "../durable-objects/client/stores.ts";
import { Newborns } from "../durable-objects/store/newborn.ts";
import { meters } from "../durable-objects/platform/meter.ts";
import { metricsText } from "../durable-objects/platform/metrics.ts";
import { platformPorts } from "../durable-objects/platform/ports.ts";
import { ADMISSION } from "../shared/admission/index.ts";
import { KINDS } from "../shared/kinds/index.ts";
import { ROOT_KINDS } from "../shared/kinds/paperplane/index.ts";
import { apiApp } from "./api/app.ts";
import { releaseRecord } from "./api/cluster-record.ts";
import { birth } from "./birth.ts";
import { ALL_CONTROLLERS } from "./controllers.ts";
import { IMAGES } from "./node-agent/images/index.ts";
import { kubelet } from "./node-agent/kubelet.ts";
import { nodeConfig } from "./node-agent/node-object.ts";
import { PLUGINS } from "./scheduler/plugins/index.ts";
import { WATCHED } from "./scheduler/watched.ts";
import { Sweep } from "./sweep.ts";
import { SUBSCRIPTIONS, VIEWS } from "./subscriptions.ts";

const newborns = new Newborns({ kinds: [...KINDS, ...ROOT_KINDS], views: VIEWS, ports: platformPorts, bootstrap: birth });

export class ResourceStore extends resourceStoreActor({
  kinds: [...KINDS, ...ROOT_KINDS],
  subscriptions: SUBSCRIPTIONS,
  views: VIEWS,
  admission: ADMISSION,
  bootstrap: birth,
}) {}
export class Controller extends controllerActor({ controllers: ALL_CONTROLLERS, kinds: KINDS, plugins: ADMISSION, newborns }) {}
export class Scheduler extends schedulerActor({ plugins: PLUGINS, kinds: KINDS, admission: ADMISSION, watched: WATCHED, newborns }) {}
export class Node extends nodeActor({ kinds: KINDS, admission: ADMISSION, newborns, kubelet: (config) => kubelet(IMAGES, config), config: nodeConfig }) {}
export class Cluster extends clusterActor({ release: (env, home, cluster) => releaseRecord(new Stores(env, home, { newborns }), cluster) }) {}

const sweep = new Sweep();
const app = apiApp({
  kinds: KINDS,
  rootKinds: ROOT_KINDS,
  plugins: ADMISSION,
  ports: platformPorts,
  newborns,
  asked: ({ uid }) => void meters.of(uid, "api", "").requests++,
  metrics: ({ uid }) => metricsText(meters.all(uid)),
  wrote: (cluster, resource) => sweep.note(cluster, resource),
});
export default {
  fetch: (request: Request, env: ActorEnv): Promise<Response> => app.fetch(request, env),
  scheduled: (_controller: ScheduledController, env: ActorEnv): Promise<void> => sweep.run(env, newborns),
};
