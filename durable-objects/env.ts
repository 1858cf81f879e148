// What actors are called, what they can be asked, and the bindings through which they are reached. Types only.
import type { Json } from "../shared/base/json.ts";
import type { Status } from "../shared/errors/status.ts";
import type { ResourceId } from "../shared/reconcile/controller.ts";
import type { WriteRequest, WriteResult } from "../shared/verbs/write-request.ts";

export type TimingProfile = "instant" | "realistic";

/** All that a cluster's first objects depend on besides its size: derived from it, they are the same whenever and wherever. */
export interface Birth {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Unlike that of any other cluster; their uids come from it. */
  readonly seed: string;
}

/** What every actor of a cluster has to know of it; travels with each call, so that an actor that wakes needs to ask nobody. */
export interface ClusterRef {
  readonly uid: string;
  readonly name: string;
  /** Simulated nodes that the cluster is born with. */
  readonly nodes: number;
  readonly timing: TimingProfile;
  readonly birth: Birth;
}

/** An object's place. `namespace` is "" for cluster-scoped ones. */
export interface Key {
  readonly namespace: string;
  readonly name: string;
}
/** Answers with `view.project(object)` of every object that meets all conditions; see Query in shared/reconcile/controller.ts. */
export interface StoreQuery {
  /** `controller-name/view`; `text`: the objects themselves. */
  readonly view: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly ownerUids?: readonly string[];
  readonly orphans?: true;
  readonly labels?: Readonly<Record<string, string>>;
  readonly field?: { readonly path: string; readonly value: string };
  /** Only what comes behind this key: how an answer goes on that is given in parts. */
  readonly after?: Key;
  /** Who asks remembers the answer, and so many views of it as they were at a version (of none at 0): what has changed since then will do. */
  readonly known?: Known;
}
export interface Known {
  readonly at: number;
  readonly count: number;
}
/** For each query a JSON array, as far as they fit into a message: what is missing is to be asked for. */
export interface QueryAnswer {
  readonly texts: readonly string[];
  /** The last of them ends behind this key: it goes on with `after`. */
  readonly next?: Key;
  /** For each query that said what is known: its array holds keys and views by turns. */
  readonly news?: readonly (News | undefined)[];
}
export interface News {
  /** The version at which it is so. */
  readonly at: number;
  /** Keys that are not found any more, or never were; absent: this is the whole answer, not what has changed. */
  readonly gone?: readonly string[];
}
export interface ListOptions {
  readonly group: string;
  readonly version: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}
export type ListAnswer =
  | { readonly ok: true; readonly head: string; readonly text: string }
  | { readonly ok: true; readonly head: string; readonly stream: ReadableStream<Uint8Array> }
  | { readonly ok: false; readonly status: Status };

export interface ResourceStoreRpc {
  write(cluster: ClusterRef, requests: readonly WriteRequest[]): Promise<WriteResult[]>;
  /** Whole JSON texts in the version asked for; undefined where there is no such object. Fewer than keys: the rest is to be asked for. */
  read(cluster: ClusterRef, version: { readonly group: string; readonly version: string }, keys: readonly Key[]): Promise<(string | undefined)[]>;
  /** Items in the form of a real list: without kind and apiVersion. `head` is the list's own metadata. */
  list(cluster: ClusterRef, options: ListOptions): Promise<ListAnswer>;
  query(cluster: ClusterRef, queries: readonly StoreQuery[]): Promise<QueryAnswer>;
  destroy(): Promise<void>;
}
/** Controllers, schedulers and nodes are told things; they record them, arm their alarm, and return. */
export interface NotifiedRpc {
  notify(cluster: ClusterRef, items: readonly string[]): Promise<void>;
  destroy(): Promise<void>;
}
/** Stores of a cluster, as `group/resource`. */
export interface StoresThere {
  /** Those that were written to. Of every other resource there is what a cluster is born with. */
  readonly written: readonly ResourceId[];
  /** Those that are there because somebody watches. */
  readonly watched: readonly ResourceId[];
}
export interface ClusterRpc extends NotifiedRpc {
  /** Actors that are about to store something for the first time are made known, that they can be removed with the cluster. */
  register(cluster: ClusterRef, family: ActorFamily | "watched", actors: readonly string[]): Promise<void>;
  stores(): Promise<StoresThere>;
  /** For a cluster without a record: its birth and its nodes are settled when this is first asked. */
  settle(cluster: Omit<ClusterRef, "birth">): Promise<ClusterRef>;
}
export type ActorFamily = "store" | "controller" | "scheduler" | "node";

type Stub<R> = { [M in keyof R]: R[M] } & { fetch(request: Request | string, init?: RequestInit): Promise<Response> };
interface Namespace<R> {
  getByName(name: string): Stub<R>;
}
export interface ActorEnv {
  readonly STORE: Namespace<ResourceStoreRpc>;
  readonly CONTROLLER: Namespace<NotifiedRpc>;
  readonly SCHEDULER: Namespace<NotifiedRpc>;
  readonly NODE: Namespace<NotifiedRpc>;
  readonly CLUSTER: Namespace<ClusterRpc>;
  /** `stream` or `socket`: how watches leave a store. */
  readonly WATCH_TRANSPORT?: string;
  readonly NODES?: string;
  readonly TIMING?: string;
  /** SHA-256 of the admin token, hexadecimal; or the token itself as a secret of a deployment. */
  readonly ADMIN_TOKEN_HASH?: string;
  readonly ADMIN_TOKEN?: string;
  readonly [key: string]: unknown;
}
export type { Json };
