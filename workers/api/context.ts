// What a request carries through the API worker: who asks, which cluster, what it may use. Made once in app.ts.
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { RequestInfo, ResourceRequest } from "../../shared/api/request-info.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { Ports } from "../../shared/base/ports.ts";
import type { AnyKind, WriteContext } from "../../shared/kinds/define-kind.ts";
import type { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import type { NewbornStores, Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../../durable-objects/env.ts";
import type { Registry } from "./registry.ts";
import type { RequestUrl } from "./request-url.ts";

/** What the composition root hands to the worker. */
export interface ApiBricks {
  readonly kinds: readonly AnyKind[];
  /** Kinds that only the root cluster serves. */
  readonly rootKinds: readonly AnyKind[];
  readonly plugins: readonly AdmissionPlugin[];
  readonly ports: Ports;
  readonly newborns: NewbornStores;
  /** Hears of every request that is answered for a cluster, but for those for its metrics. */
  asked(cluster: ClusterRef): void;
  /** What a cluster has used so far, as text for Prometheus. */
  metrics(cluster: ClusterRef): string;
  /** Hears of every write, for the cron. */
  wrote(cluster: ClusterRef, resource: ResourceId): void;
}
export interface User {
  readonly username: string;
  readonly groups: readonly string[];
}
export interface ApiContext {
  readonly env: ActorEnv;
  readonly request: Request;
  readonly url: RequestUrl;
  readonly info: RequestInfo;
  readonly user: User;
  readonly cluster: ClusterRef;
  /** What stands before the path in URLs of this cluster: "" or `/clusters/<name>`. */
  readonly base: string;
  readonly stores: Stores;
  readonly policy: PolicySnapshot;
  readonly registry: Registry;
  readonly bricks: ApiBricks;
}
export interface ResourceContext extends ApiContext {
  readonly info: ResourceRequest;
  readonly kind: AnyKind;
}

export const writeContext = (context: ApiContext, options: { readonly dryRun: boolean; readonly subresource?: string }): WriteContext => ({
  ports: context.bricks.ports,
  user: context.user,
  dryRun: options.dryRun,
  serverUrl: () => context.url.origin,
  ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
});
