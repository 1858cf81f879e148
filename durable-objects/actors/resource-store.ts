// ResourceStore: one Durable Object for each (cluster, resource). It is etcd, watch cache and concurrency control of that
// resource. A shell: decisions lie in ../store and shared/verbs.

import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ResourceId, View } from "../../shared/reconcile/controller.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import { Census } from "../client/census.ts";
import { actorName, splitActorName } from "../client/names.ts";
import { objectAnswer, objectWanted } from "../client/object-answer.ts";
import type { ActorEnv, ActorFamily, ClusterRef, Key, ListAnswer, ListOptions, NotifiedRpc, QueryAnswer, ResourceStoreRpc, StoreQuery } from "../env.ts";
import { after, platformPorts, soon } from "../platform/ports.ts";
import { metered, MeteredActor } from "./metered-actor.ts";
import { MeteredHub } from "./metered-hub.ts";
import { hasTables, sqliteTable } from "../storage/sqlite-table.ts";
import { answerTo } from "../store/brief.ts";
import { StoreEngine } from "../store/engine.ts";
import type { StoreEvent } from "../store/history.ts";
import { Introductions } from "../store/introductions.ts";
import { Outbox, type Family, type Subscription } from "../store/outbox.ts";
import { Reader } from "../store/reader.ts";
import { kindsByStore } from "../store/stored-kinds.ts";
import { tellAll } from "../store/telling.ts";
import type { WatchRequest } from "../store/watch-opening.ts";
import { write } from "../store/write.ts";
import { WatchSockets } from "../store/watch-sockets.ts";
import { streamWatch } from "../store/watch-stream.ts";

/** What the composition root hands to every store. */
export interface StoreBricks {
  readonly kinds: readonly AnyKind[];
  readonly subscriptions: readonly Subscription[];
  readonly views: Readonly<Record<string, View>>;
  readonly admission: readonly AdmissionPlugin[];
  /** Objects that a new cluster has of this resource. */
  bootstrap(resource: ResourceId, cluster: ClusterRef): readonly KubeObject[];
}
interface Opened {
  readonly engine: StoreEngine;
  readonly hub: MeteredHub;
  readonly sockets: WatchSockets;
  readonly outbox: Outbox;
  readonly reader: Reader;
}
interface Waiting {
  readonly requests: readonly WriteRequest[];
  readonly done: (results: WriteResult[]) => void;
  readonly failed: (error: unknown) => void;
}
/** A delivery that failed is tried again after so long. */
const RETRY_MS = 2000;
/** A fact of the table: the store has been written to, and the cluster knows. */
const WRITTEN = "written";
/** So a store is made known that exists for its watchers alone. */
const WATCHED = "watched";
/** Streams hear a bookmark so often; it also finds the dead ones. Only while there are streams: they keep the store awake anyway. */
const BOOKMARK_MS = 55_000;

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function resourceStoreActor(bricks: StoreBricks) {
  const stores = kindsByStore(bricks.kinds);
  class ResourceStore extends MeteredActor implements ResourceStoreRpc {
    static override readonly family = "store";
    #opened: Opened | undefined;
    #waiting: Waiting[] = [];
    #armed: number | undefined;
    #telling = false;
    #bookmarks = false;
    #cluster: ClusterRef | undefined;
    /** The cluster knows that this store may hold more than it was born with. */
    #isWritten = false;
    /** There are many nodes, which wake together: the store makes them known to the cluster, all at once. */
    readonly #nodes = new Introductions((nodes) => this.#register("node", nodes));

    async write(cluster: ClusterRef, requests: readonly WriteRequest[]): Promise<WriteResult[]> {
      const isAwake = this.#opened !== undefined;
      if (!this.#isWritten) await this.#beginWriting(cluster);
      await this.#open(cluster);
      return new Promise((done, failed) => {
        this.#waiting.push({ requests, done, failed });
        // What a store is born with and its first write are one commit.
        if (!isAwake) this.#commit();
        else if (this.#waiting.length === 1) soon(() => this.#commit());
      });
    }

    async read(cluster: ClusterRef, version: { readonly group: string; readonly version: string }, keys: readonly Key[]): Promise<(string | undefined)[]> {
      return (await this.#open(cluster)).reader.read(version, keys);
    }

    async list(cluster: ClusterRef, options: ListOptions): Promise<ListAnswer> {
      return (await this.#open(cluster)).reader.list(options);
    }

    async query(cluster: ClusterRef, queries: readonly StoreQuery[]): Promise<QueryAnswer> {
      return (await this.#open(cluster)).reader.query(queries);
    }

    /** One object, when the URL is that of one (../client/object-answer.ts); else a watch. */
    override async fetch(request: Request): Promise<Response> {
      const wanted = objectWanted(request.url);
      if (!wanted) return this.#watch(request);
      const { reader } = this.#opened ?? (await this.#open(wanted.cluster()));
      return objectAnswer(reader.read(wanted.version, [wanted.key])[0]);
    }

    /** `x-watch`: a WatchRequest and the cluster as JSON. Answers with a stream, or a socket when asked to upgrade. */
    async #watch(request: Request): Promise<Response> {
      const { watch, cluster, timeoutMs } = JSON.parse(request.headers.get("x-watch") ?? "{}") as {
        watch: WatchRequest;
        cluster: ClusterRef;
        timeoutMs: number;
      };
      const { hub, sockets } = await this.#open(cluster);
      const begun = hub.begin(watch);
      if (!begun.ok) return Response.json(begun.error, { status: begun.error.code });
      if (request.headers.get("upgrade") === "websocket") return sockets.open({ watch, opening: begun.value });
      this.#keepBookmarks();
      return streamWatch(hub, { watch, opening: begun.value, timeoutMs });
    }

    override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
      const cluster = this.#cluster ?? this.#knownCluster();
      if (cluster) (await this.#open(cluster)).sockets.heard(socket, message);
    }
    override async webSocketClose(socket: WebSocket): Promise<void> {
      if (this.#opened) this.#opened.sockets.gone(socket);
      else socket.close();
    }

    /** Tells subscribers what happened, in a chain of calls of its own; see ../store/telling.ts. */
    override async alarm(info?: AlarmInvocationInfo): Promise<void> {
      this.#armed = undefined;
      // An alarm that fails again and again is given up by the platform, and nothing else remembers what is to be told.
      if (info?.isRetry) this.#arm(platformPorts.now() + RETRY_MS);
      const cluster = this.#cluster ?? this.#knownCluster();
      if (!cluster) return;
      this.#telling = true;
      try {
        await tellAll((await this.#open(cluster)).outbox);
      } finally {
        this.#telling = false;
      }
      if (this.#opened && !this.#opened.outbox.isEmpty) this.#arm(platformPorts.now() + RETRY_MS);
    }

    override async destroy(): Promise<void> {
      for (const socket of this.ctx.getWebSockets()) socket.close(1001, "the cluster was deleted");
      await super.destroy();
    }

    async #open(cluster: ClusterRef): Promise<Opened> {
      this.#cluster = cluster;
      if (this.#opened) return this.#opened;
      const { name: resource } = splitActorName(this.ctx.id.name ?? "");
      if (!hasTables(this.storage)) {
        // The cluster has to know the store before the store keeps anything, or it could not be removed with it.
        await this.#register(WATCHED, [resource]);
        if (this.#opened) return this.#opened;
      }
      const table = sqliteTable(this.storage);
      const engine = new StoreEngine({
        kinds: stores.get(resource) ?? [],
        table,
        ports: platformPorts,
        admission: bricks.admission,
        write,
        bootstrap: () => bricks.bootstrap(resource, cluster),
      });
      const hub = new MeteredHub(engine, this.meter);
      const census = new Census(this.env, cluster.uid);
      const outbox = new Outbox(engine.kind, bricks.subscriptions, {
        deliver: (family, actor, items) => this.#deliver(family, actor, items),
        isWritten: (other) => census.isWritten(other),
      });
      if (engine.isBootstrapped) {
        // Rows say how far everybody had been told when they were written. That all is told by now nobody writes down: no alarm says so.
        if (engine.told < engine.history.last && !this.#telling && (await this.storage.getAlarm()) === null) engine.told = engine.history.last;
        if (this.#opened) return this.#opened;
        outbox.add(engine.history.since(engine.told) ?? []);
      } else {
        table.setFact("cluster", JSON.stringify(cluster));
        engine.bootstrap();
      }
      const sockets = new WatchSockets(this.ctx, hub);
      this.#opened = { engine, hub, sockets, outbox, reader: new Reader(engine, bricks.views) };
      sockets.restore(engine.history.last);
      this.#tell();
      return this.#opened;
    }

    /** Until the cluster knows of it, everybody answers for the store by himself; so it has to know before anything is written. */
    async #beginWriting(cluster: ClusterRef): Promise<void> {
      this.#cluster = cluster;
      if (!hasTables(this.storage) || sqliteTable(this.storage).fact(WRITTEN) === undefined) {
        await this.#register("store", [splitActorName(this.ctx.id.name ?? "").name]);
        sqliteTable(this.storage).setFact(WRITTEN, "1");
      }
      this.#isWritten = true;
    }

    async #register(family: ActorFamily | typeof WATCHED, actors: readonly string[]): Promise<void> {
      if (this.#cluster) await this.env.CLUSTER.getByName(this.#cluster.uid).register(this.#cluster, family, actors);
    }

    #knownCluster(): ClusterRef | undefined {
      const text = sqliteTable(this.storage).fact("cluster");
      return text === undefined ? undefined : (JSON.parse(text) as ClusterRef);
    }

    /** Everything that arrived since the last commit, in one transaction. */
    #commit(): void {
      const opened = this.#opened;
      const waiting = this.#waiting;
      this.#waiting = [];
      if (!opened || waiting.length === 0) return;
      let committed: { results: WriteResult[]; events: readonly StoreEvent[] };
      try {
        opened.engine.told = opened.outbox.told;
        committed = opened.engine.commit(waiting.flatMap(({ requests }) => requests));
      } catch (error) {
        for (const { failed } of waiting) failed(error);
        return;
      }
      let next = 0;
      for (const { requests, done } of waiting) done(requests.map(({ options }) => answerTo(options, committed.results[next++])));
      if (committed.events.length === 0) return;
      // A stream is not held back until what it tells of is durable; answers are.
      const tell = opened.hub.take(committed.events);
      this.ctx.waitUntil(this.storage.sync().then(tell));
      opened.reader.views.take(committed.events);
      opened.outbox.add(committed.events);
      this.#tell();
    }

    /** In the commit of what is to be told, or a crash would lose it. */
    #tell(): void {
      if (this.#opened && !this.#opened.outbox.isEmpty && !this.#telling) this.#arm(platformPorts.now());
    }

    /** One physical alarm: only ever moved earlier, or set anew after it rang. */
    #arm(due: number): void {
      if (this.#armed !== undefined && this.#armed <= due) return;
      this.#armed = due;
      void this.storage.setAlarm(due);
    }

    async #deliver(family: Family, actor: string, items: readonly string[]): Promise<void> {
      const cluster = this.#cluster;
      if (!cluster) return;
      if (family === "node") await this.#nodes.known(actor);
      await notified(this.env, family, cluster, actor).notify(cluster, items);
    }

    #keepBookmarks(): void {
      if (this.#bookmarks) return;
      this.#bookmarks = true;
      after(BOOKMARK_MS, () => {
        this.#bookmarks = false;
        const hub = this.#opened?.hub;
        if (!hub || hub.count === 0) return;
        hub.bookmark();
        this.#keepBookmarks();
      });
    }
  }
  return metered(ResourceStore);
}

function notified(env: ActorEnv, family: Family, cluster: ClusterRef, actor: string): NotifiedRpc {
  switch (family) {
    case "controller":
      return env.CONTROLLER.getByName(actorName(cluster.uid, actor));
    case "scheduler":
      return env.SCHEDULER.getByName(actorName(cluster.uid, actor));
    case "node":
      return env.NODE.getByName(actorName(cluster.uid, actor));
    case "cluster":
      return env.CLUSTER.getByName(actor);
  }
}
