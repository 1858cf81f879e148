// Node: one Durable Object for each (cluster, node). Told of its pods, it writes them down and arms its alarm; the alarm lets
// the kubelet live up to now and carries out what comes of it. A shell around the kubelet it is handed.
import { DurableObject } from "cloudflare:workers";
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { Node as NodeKind } from "../../shared/kinds/_generated/types.ts";
import type { Effect, Kubelet, NodeConfig, NodeState, NodeStep, Profile } from "../../shared/sim/node.ts";
import { DESTROYED, resourceIdOf, splitActorName } from "../client/names.ts";
import { Stores } from "../client/stores.ts";
import type { ActorEnv, ClusterRef, NotifiedRpc } from "../env.ts";
import { recordEvents, writePods } from "../node/effects.ts";
import { Followers } from "../node/followers.ts";
import { NodeStorage, type Notice } from "../node/node-storage.ts";
import { servePod } from "../node/pod-server.ts";
import { refuse } from "../node/pod-place.ts";
import { failure } from "../../shared/errors/status.ts";
import { loadWorld } from "../node/world-loader.ts";
import { after, platformPorts } from "../platform/ports.ts";
import { EventRecorder } from "../runtime/event-recorder.ts";

export interface NodeBricks {
  readonly kinds: readonly AnyKind[];
  readonly admission: readonly AdmissionPlugin[];
  kubelet(config: NodeConfig): Kubelet;
  /** What is fixed about a node by its name and its object. */
  config(name: string, facts: { readonly profile: Profile; readonly podCIDR?: string; readonly uid?: string; readonly ip?: string }): NodeConfig;
}
interface Loaded {
  readonly config: NodeConfig;
  readonly kubelet: Kubelet;
  readonly stores: Stores;
  readonly recorder: EventRecorder;
  state: NodeState;
}
/** Whether the node's agent has fallen silent, as of a version of the Node. */
interface Silence {
  readonly silent: boolean;
  readonly version: number;
}
const RETRY_MS = 2_000;
/** Steps that one alarm does before it gives others a turn. */
const ROUNDS_MAX = 20;

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function nodeActor(bricks: NodeBricks) {
  return class Node extends DurableObject<ActorEnv> implements NotifiedRpc {
    readonly #followers: Followers = new Followers({
      now: platformPorts.now,
      after,
      node: () => (this.#silent ? undefined : this.#loaded),
      stored: (id, from) => this.#storage.lines(id, from, Infinity),
    });
    readonly #storage: NodeStorage = new NodeStorage(this.ctx.storage, (id, lines) => this.#followers.stored(id, lines));
    readonly #fresh: Notice[] = [];
    #cluster: ClusterRef | undefined;
    #loaded: Loaded | undefined;
    #disturbed = new Set<string>();
    #armed: number | undefined;
    #running = false;

    async notify(cluster: ClusterRef, items: readonly string[]): Promise<void> {
      await this.#know(cluster);
      const heard = items.map((item) => JSON.parse(item) as Notice | Silence);
      const notices = this.#storage.note(heard.flatMap((one) => ("silent" in one ? [] : [one])));
      for (const one of heard) if ("silent" in one) this.#hush(one);
      // While nothing is loaded the rows say it all.
      if (this.#loaded || this.#running) this.#fresh.push(...notices);
      this.#arm(platformPorts.now());
    }

    override async alarm(): Promise<void> {
      this.#armed = undefined;
      const cluster = this.#cluster ?? this.ctx.storage.kv.get<ClusterRef>("cluster");
      // A silent node lives on nothing but what it wrote down; it goes on when it is told to speak again.
      if (!cluster || this.#running || this.#silent) return;
      this.#running = true;
      try {
        const loaded = await this.#load(cluster);
        for (let round = 0; round < ROUNDS_MAX; round++) if (!(await this.#round(loaded))) break;
        this.#rest(loaded);
      } catch (error) {
        // One alarm of our own: the platform gives up after six.
        this.#loaded = undefined;
        this.#report(error instanceof Error ? error.message : String(error));
        this.#arm(platformPorts.now() + RETRY_MS);
      } finally {
        this.#running = false;
      }
    }

    /** Logs, exec, attach, HTTP to a pod: see ../node/pod-server.ts. The cluster comes as JSON in a header. */
    override async fetch(request: Request): Promise<Response> {
      const cluster = JSON.parse(request.headers.get("x-cluster") ?? "null") as ClusterRef | null;
      if (!cluster) return new Response("no cluster", { status: 400 });
      if (this.#silent) return refuse(failure(500, "InternalError", `error dialing backend: dial tcp: connect to node ${this.#name}: i/o timeout`));
      await this.#know(cluster);
      const loaded = await this.#load(cluster);
      // Whoever asks about a pod that was told of a moment ago shall find it.
      if (this.#fresh.length > 0) await this.alarm();
      return servePod(request, {
        config: loaded.config,
        kubelet: loaded.kubelet,
        storage: this.#storage,
        followers: this.#followers,
        state: () => (this.#loaded ?? loaded).state,
        now: platformPorts.now,
        world: (pods) => loadWorld(loaded.stores, loaded.kubelet, pods, { everything: true }),
        disturb: (uid, container, files) => this.#disturb(this.#loaded ?? loaded, uid, container, files),
      });
    }

    async destroy(): Promise<void> {
      await this.ctx.storage.deleteAll();
      this.ctx.abort(DESTROYED);
    }

    async #know(cluster: ClusterRef): Promise<void> {
      if (this.#cluster) return;
      const { kv } = this.ctx.storage;
      if (!kv.get<ClusterRef>("cluster")) {
        await this.env.CLUSTER.getByName(cluster.uid).register(cluster, "node", this.#name);
        kv.put("cluster", cluster);
      }
      this.#cluster = cluster;
    }
    get #silent(): boolean {
      return this.ctx.storage.kv.get<Silence>("silent")?.silent === true;
    }
    /** Notices may come late: an older one than what is known says nothing. */
    #hush(heard: Silence): void {
      const known = this.ctx.storage.kv.get<Silence>("silent");
      if (known && known.version >= heard.version) return;
      this.ctx.storage.kv.put("silent", heard);
      if (!heard.silent) this.#followers.back();
    }
    get #name(): string {
      return splitActorName(this.ctx.id.name ?? "").name;
    }

    /** One physical alarm: only ever moved earlier, or set anew after it rang. */
    #arm(due: number): void {
      if (this.#armed !== undefined && this.#armed <= due) return;
      this.#armed = due;
      void this.ctx.storage.setAlarm(due);
    }

    async #load(cluster: ClusterRef): Promise<Loaded> {
      if (this.#loaded) return this.#loaded;
      const stores = new Stores(this.env, cluster);
      const config = await this.#config(stores, cluster);
      if (this.#loaded) return this.#loaded;
      const events = bricks.kinds.find((kind) => resourceIdOf(kind) === "/events" && !kind.conversion);
      if (!events) throw new Error("no kind for events");
      const submitter = { stores, ports: platformPorts, username: `system:node:${config.name}`, manager: "kubelet", plugins: bricks.admission };
      const { state, changed, gone } = this.#storage.load();
      this.#fresh.splice(0, Infinity, ...changed.map((pod) => ({ pod })), ...gone.map((uid) => ({ gone: uid })));
      this.#loaded = { config, kubelet: bricks.kubelet(config), stores, recorder: new EventRecorder(submitter, events), state };
      this.#followers.back();
      return this.#loaded;
    }
    async #config(stores: Stores, cluster: ClusterRef): Promise<NodeConfig> {
      const { kv } = this.ctx.storage;
      const known = kv.get<NodeConfig>("config");
      if (known) return known;
      const [text] = await stores.stub("/nodes").read(cluster, { group: "", version: "v1" }, [{ namespace: "", name: this.#name }]);
      const node = text === undefined ? undefined : (JSON.parse(text) as NodeKind);
      const { podCIDR } = node?.spec ?? {};
      const ip = node?.status?.addresses?.find((one) => one.type === "InternalIP")?.address;
      const uid = node?.metadata?.uid;
      const config = bricks.config(this.#name, { profile: cluster.timing, ...(podCIDR ? { podCIDR } : {}), ...(uid ? { uid } : {}), ...(ip ? { ip } : {}) });
      kv.put("config", config);
      return config;
    }

    /** Lives up to now once. False: nothing more is due. */
    async #round(loaded: Loaded): Promise<boolean> {
      if (this.#storage.owes) await this.#carryOut(loaded, loaded.kubelet.pending(loaded.state));
      const news = this.#fresh.splice(0);
      const changed = new Map(news.flatMap((one) => ("pod" in one ? [[one.pod.metadata?.uid ?? "", one.pod] as const] : [])));
      const gone = news.flatMap((one) => ("gone" in one ? [one.gone] : []));
      for (const uid of gone) changed.delete(uid);
      const now = platformPorts.now();
      const disturbed = [...this.#disturbed];
      this.#disturbed.clear();
      const due = [...loaded.state.pods].filter(([uid, { record }]) => disturbed.includes(uid) || (record.next ?? Infinity) <= now).map(([, { pod }]) => pod);
      if (news.length === 0 && due.length === 0) return false;
      const world = await loadWorld(loaded.stores, loaded.kubelet, [...changed.values(), ...due]);
      const before = loaded.state;
      const step = loaded.kubelet.stepNode(before, { changed: [...changed.values()], gone, disturbed }, world, platformPorts.now(), platformPorts);
      loaded.state = step.state;
      // What was told meanwhile is still to be lived through.
      const later = new Set(this.#fresh.map((one) => ("pod" in one ? one.pod.metadata?.uid : one.gone)));
      this.#keep(step, before, new Set([...changed.keys(), ...gone].filter((uid) => !later.has(uid))));
      this.#followers.moved(step.touched, world);
      await this.#carryOut(loaded, step.effects);
      return true;
    }
    #keep({ state, effects, touched }: NodeStep, before: NodeState, lived: ReadonlySet<string>): void {
      const owes = { effects: effects.some((one) => one.do === "status" || one.do === "delete") };
      this.#storage.keep(state, before, touched, lived, owes);
      for (const effect of effects) if (effect.do === "log") this.#storage.appendLines(effect.id, effect.lines);
      for (const uid of touched) {
        const left = state.pods.has(uid) ? undefined : before.pods.get(uid);
        if (left) this.#storage.dropLines(Object.values(left.record.containers).flatMap((one) => (one.id === undefined ? [] : [one.id])));
      }
    }
    async #carryOut(loaded: Loaded, effects: readonly Effect[]): Promise<void> {
      const { written, gone, again } = await writePods(loaded.stores, loaded.config.name, effects, (message) => this.#report(message));
      loaded.state = loaded.kubelet.acknowledge(loaded.state, written);
      for (const uid of gone) if (loaded.state.pods.has(uid)) this.#fresh.push({ gone: uid });
      if (again) this.#arm(platformPorts.now() + RETRY_MS);
      else this.#storage.settled();
      await recordEvents(loaded.recorder, effects, loaded.config.name);
    }
    #rest(loaded: Loaded): void {
      let next = this.#fresh.length > 0 || this.#disturbed.size > 0 ? platformPorts.now() : Infinity;
      for (const { record } of loaded.state.pods.values()) next = Math.min(next, record.next ?? Infinity);
      if (next !== Infinity) this.#arm(next);
    }
    #disturb(loaded: Loaded, uid: string, container: string, files: Readonly<Record<string, string>>): void {
      const entry = loaded.state.pods.get(uid);
      const one = entry?.record.containers[container];
      if (!entry || !one) return;
      const record = { ...entry.record, containers: { ...entry.record.containers, [container]: { ...one, overlay: { ...one.overlay, ...files } } } };
      loaded.state = { ...loaded.state, pods: new Map(loaded.state.pods).set(uid, { pod: entry.pod, record }) };
      this.#disturbed.add(uid);
      this.#arm(platformPorts.now());
    }
    #report(message: string): void {
      // oxlint-disable-next-line no-console -- the log of the Worker is where operators look
      console.error(JSON.stringify({ level: "error", node: this.#name, message }));
    }
  };
}
