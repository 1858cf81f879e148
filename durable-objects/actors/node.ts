// Node: one Durable Object for each (cluster, node). Told of its pods in the alarm of their store, it lets the kubelet live up to
// now and carries out what comes of it before it answers; its own alarm is for what comes later. A shell around the kubelet it is handed.
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { Node as NodeKind } from "../../shared/kinds/_generated/types.ts";
import type { Effect, Kubelet, NodeConfig, NodeState, NodeStep, Profile } from "../../shared/sim/node.ts";
import { resourceIdOf, splitActorName } from "../client/names.ts";
import { type NewbornStores, Stores } from "../client/stores.ts";
import type { ClusterRef, NotifiedRpc } from "../env.ts";
import { recordEvents, writePods } from "../node/effects.ts";
import { Followers } from "../node/followers.ts";
import { gather, podsOf, wake, type Notice, type Silence } from "../node/node-news.ts";
import { NodeStorage } from "../node/node-storage.ts";
import { servePod } from "../node/pod-server.ts";
import { refuse } from "../node/pod-place.ts";
import { failure } from "../../shared/errors/status.ts";
import { loadWorld } from "../node/world-loader.ts";
import { after, platformPorts } from "../platform/ports.ts";
import { metered, MeteredActor } from "./metered-actor.ts";
import { EventRecorder } from "../runtime/event-recorder.ts";

export interface NodeBricks {
  readonly kinds: readonly AnyKind[];
  readonly admission: readonly AdmissionPlugin[];
  readonly newborns: NewbornStores;
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
  /** Statuses or deletions may be unwritten. */
  owes: boolean;
}
/** What a node keeps of itself. */
const CLUSTER = "cluster";
const SILENT = "silent";
const RETRY_MS = 2_000;
/** Steps that one alarm does before it gives others a turn. */
const ROUNDS_MAX = 20;

// oxlint-disable-next-line max-lines-per-function -- a factory of a class: its methods are the functions
export function nodeActor(bricks: NodeBricks) {
  class Node extends MeteredActor implements NotifiedRpc {
    static override readonly family = "node";
    readonly #followers: Followers = new Followers({
      now: platformPorts.now,
      after,
      node: () => (this.#silence?.silent ? undefined : this.#loaded),
      stored: (id, from) => this.#storage.lines(id, from, Infinity),
    });
    readonly #storage: NodeStorage = new NodeStorage(this.storage, (id, lines) => this.#followers.stored(id, lines));
    /** What was told and not yet lived through. Lost with memory: the store is asked for everything then. */
    #news: Notice[] = [];
    /** Some of it is out of there and not yet in the state. */
    #isHearing = false;
    #lives = 0;
    #cluster = this.#storage.fact<ClusterRef>(CLUSTER);
    #silence = this.#storage.fact<Silence>(SILENT);
    #remembers = this.#cluster !== undefined;
    #loaded: Loaded | undefined;
    #disturbed = new Set<string>();
    #armed: number | undefined;
    #working: Promise<void> | undefined;

    async notify(cluster: ClusterRef, items: readonly string[]): Promise<void> {
      this.#cluster = cluster;
      for (const heard of items.map((item) => JSON.parse(item) as Notice | Silence)) {
        if ("silent" in heard) this.#hush(heard);
        // A silent node keeps nothing of what it is told: it asks the store when it speaks again.
        else if (!this.#silence?.silent) this.#news.push(heard);
      }
      await this.#work(cluster);
    }

    override async alarm(): Promise<void> {
      this.#armed = undefined;
      if (this.#cluster) await this.#work(this.#cluster);
    }

    /** Whoever comes while others are served is served right after; that is for all who came meanwhile. */
    async #work(cluster: ClusterRef): Promise<void> {
      if (this.#working) await this.#working;
      await (this.#working ??= this.#live(cluster).finally(() => (this.#working = undefined)));
    }
    async #live(cluster: ClusterRef): Promise<void> {
      // A silent node lives on nothing but what it wrote down; it goes on when it is told to speak again.
      if (this.#silence?.silent) return;
      try {
        const loaded = await this.#load(cluster);
        for (let round = 0; round < ROUNDS_MAX && this.#loaded === loaded; round++) if (!(await this.#round(loaded))) break;
        if (this.#loaded === loaded) this.#rest(loaded);
      } catch (error) {
        // One alarm of our own: the platform gives up after six.
        this.#forget();
        this.#report(error instanceof Error ? error.message : String(error));
        this.#arm(platformPorts.now() + RETRY_MS);
      }
    }

    /** Logs, exec, attach, HTTP to a pod: see ../node/pod-server.ts. The cluster comes as JSON in a header. */
    override async fetch(request: Request): Promise<Response> {
      const cluster = JSON.parse(request.headers.get("x-cluster") ?? "null") as ClusterRef | null;
      if (!cluster) return new Response("no cluster", { status: 400 });
      if (this.#silence?.silent) return refuse(failure(500, "InternalError", `error dialing backend: dial tcp: connect to node ${this.#name}: i/o timeout`));
      const loaded = await this.#load(cluster);
      // Whoever asks about a pod that was told of a moment ago shall find it.
      if (this.#news.length > 0 || this.#isHearing) await this.#work(cluster);
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

    /** Notices may come late: an older one than what is known says nothing. */
    #hush(heard: Silence): void {
      if (this.#silence && this.#silence.version >= heard.version) return;
      this.#silence = heard;
      this.#storage.setFact(SILENT, heard);
      this.#forget();
    }
    /** A life ends: what happened until now is found out when the store is asked again, and need not wait in memory until then. */
    #forget(): void {
      this.#loaded = undefined;
      this.#news = [];
      this.#isHearing = false;
      this.#lives++;
    }
    /** Whoever calls says whose node it is; only an alarm has nobody to ask. */
    #remember(): void {
      if (!this.#remembers) this.#storage.setFact(CLUSTER, this.#cluster);
      this.#remembers = true;
    }
    get #name(): string {
      return splitActorName(this.ctx.id.name ?? "").name;
    }

    /** One physical alarm: only ever moved earlier, or set anew after it rang. */
    #arm(due: number): void {
      if (this.#armed !== undefined && this.#armed <= due) return;
      this.#armed = due;
      this.#remember();
      void this.storage.setAlarm(due);
    }

    async #load(cluster: ClusterRef): Promise<Loaded> {
      if (this.#loaded) return this.#loaded;
      const life = this.#lives;
      const stores = new Stores(this.env, cluster, bricks);
      const config = await this.#config(stores, cluster);
      const kubelet = bricks.kubelet(config);
      const woken = wake(this.#storage.load(), await podsOf(stores, this.#name), kubelet);
      if (this.#loaded) return this.#loaded;
      // What was told and forgotten meanwhile may be missing in the answers.
      if (this.#lives !== life) return this.#load(cluster);
      this.#storage.keepLinesOf(woken.state);
      const events = bricks.kinds.find((kind) => resourceIdOf(kind) === "/events" && !kind.conversion);
      if (!events) throw new Error("no kind for events");
      const submitter = { stores, ports: platformPorts, username: `system:node:${config.name}`, manager: "kubelet", plugins: bricks.admission };
      // What was told since comes behind what the store said.
      this.#news.unshift(...woken.input.changed.map((pod) => ({ pod })), ...woken.input.gone.map((uid) => ({ gone: uid })));
      this.#loaded = { config, kubelet, stores, recorder: new EventRecorder(submitter, events), state: woken.state, owes: true };
      this.#followers.back();
      return this.#loaded;
    }
    async #config(stores: Stores, cluster: ClusterRef): Promise<NodeConfig> {
      const [text] = await stores.readFrom("/nodes", { group: "", version: "v1" }, [{ namespace: "", name: this.#name }]);
      const node = text === undefined ? undefined : (JSON.parse(text) as NodeKind);
      const { podCIDR } = node?.spec ?? {};
      const ip = node?.status?.addresses?.find((one) => one.type === "InternalIP")?.address;
      const uid = node?.metadata?.uid;
      return bricks.config(this.#name, { profile: cluster.timing, ...(podCIDR ? { podCIDR } : {}), ...(uid ? { uid } : {}), ...(ip ? { ip } : {}) });
    }

    /** Lives up to now once. False: nothing more is due. */
    async #round(loaded: Loaded): Promise<boolean> {
      if (loaded.owes) await this.#carryOut(loaded, loaded.kubelet.pending(loaded.state));
      // Out at once: others may come, or all be loaded anew, before these are lived through.
      const heard = this.#news.splice(0);
      const { changed, gone } = gather(heard, loaded.state);
      const now = platformPorts.now();
      const disturbed = [...this.#disturbed];
      this.#disturbed.clear();
      const stirring = new Set(disturbed);
      for (const [uid, at] of loaded.kubelet.dues(loaded.state)) if (at <= now) stirring.add(uid);
      if (heard.length === 0 && stirring.size === 0) return false;
      this.#isHearing = heard.length > 0;
      const known = [...stirring].flatMap((uid) => loaded.state.pods.get(uid)?.pod ?? []);
      const world = await loadWorld(loaded.stores, loaded.kubelet, [...changed.values(), ...known]);
      this.#isHearing = false;
      // It fell silent meanwhile: the next life asks the store for all of this.
      if (this.#loaded !== loaded) return false;
      const before = loaded.state;
      const step = loaded.kubelet.stepNode(before, { changed: [...changed.values()], gone, disturbed }, world, platformPorts.now(), platformPorts);
      loaded.state = step.state;
      this.#keep(step, before, loaded.kubelet);
      this.#followers.moved(step.touched, world);
      await this.#carryOut(loaded, step.effects);
      return true;
    }
    #keep({ state, effects, touched }: NodeStep, before: NodeState, kubelet: Kubelet): void {
      this.#storage.keep(state, before, touched, kubelet);
      for (const effect of effects) if (effect.do === "log") this.#storage.appendLines(effect.id, effect.lines);
      for (const uid of touched) {
        const left = state.pods.has(uid) ? undefined : before.pods.get(uid);
        if (left) this.#storage.dropLines(Object.values(left.record.containers).flatMap((one) => (one.id === undefined ? [] : [one.id])));
      }
    }
    async #carryOut(loaded: Loaded, effects: readonly Effect[]): Promise<void> {
      loaded.owes = true;
      const { written, gone, again } = await writePods(loaded.stores, loaded.config.name, effects, (message) => this.#report(message));
      loaded.state = loaded.kubelet.acknowledge(loaded.state, written);
      if (this.#loaded === loaded) for (const uid of gone) if (loaded.state.pods.has(uid)) this.#news.push({ gone: uid });
      loaded.owes = again;
      if (again) this.#arm(platformPorts.now() + RETRY_MS);
      await recordEvents(loaded.recorder, effects, loaded.config.name);
    }
    #rest(loaded: Loaded): void {
      let next = this.#news.length > 0 || this.#disturbed.size > 0 ? platformPorts.now() : Infinity;
      for (const at of loaded.kubelet.dues(loaded.state).values()) next = Math.min(next, at);
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
  }
  return metered(Node);
}
