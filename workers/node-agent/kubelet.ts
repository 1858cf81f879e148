// The kubelet of a simulated node: one pure step over the state of its pods.
import type { EpochMs, Ports } from "../../shared/base/ports.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import { fnv32a } from "../../shared/meta/hash.ts";
import type { SimImage } from "../../shared/sim/image.ts";
import type { PodContext, Programs } from "./context.ts";
import { allContainers, argvOf, programOf, viewOf } from "./context.ts";
import { baseName } from "../../shared/sim/start.ts";
import { PodIndexes } from "./pod-index.ts";
import { type AddressRange, addressRange } from "./pod-ip.ts";
import { advancePod } from "./pod-step.ts";
import { replanProbes } from "./probes.ts";
import { isTold, recalled, roundTimes } from "./recall.ts";
import type {
  ContainerLook,
  ContainerRecord,
  Effect,
  Kubelet,
  NodeConfig,
  NodeInput,
  NodeState,
  NodeStep,
  NodeWorld,
  PodEntry,
  PodEvent,
  PodNeeds,
  PodRecord,
} from "../../shared/sim/node.ts";
import { copyRecord } from "../../shared/sim/node.ts";
import type { Resolved } from "./registry.ts";
import { imageRegistry } from "./registry.ts";
import { generateStatus } from "./status.ts";
import { podNeeds } from "./volumes.ts";

const PENDING = { phase: "Pending", version: 0, acked: 0, hash: 0, done: false, mounted: false } as const;
const newRecord = (pod: Pod, now: EpochMs): PodRecord => ({
  uid: pod.metadata?.uid ?? "",
  namespace: pod.metadata?.namespace ?? "",
  name: pod.metadata?.name ?? "",
  startTime: now,
  containers: {},
  conditions: {},
  ...PENDING,
});
const NO_WORLD: NodeWorld = { configMap: () => undefined, secret: () => undefined, services: () => [] };
const isTerminal = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

/** What a changed pod asks of the kubelet: to stop, sooner or later. */
function heed(context: PodContext, pod: Pod, now: EpochMs): void {
  context.pod = pod;
  const { record } = context;
  const deleted = pod.metadata?.deletionTimestamp !== undefined;
  if (!deleted && !isTerminal(pod)) return;
  const grace = pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
  if (!record.stopping) record.stopping = { since: now, grace };
  else if (deleted && now + grace * 1000 < record.stopping.since + record.stopping.grace * 1000) record.stopping = { since: now, grace };
}

type StepPlace = Pick<PodContext, "images" | "effects" | "ports">;
const deleteEffect = ({ namespace, name, uid }: PodRecord): Effect => ({ do: "delete", namespace, name, uid });
const mayDelete = ({ pod, record }: PodEntry): boolean => record.done && pod.metadata?.deletionTimestamp !== undefined;

/** Pure but for memories of programs and of where to find pods, which are functions of what is stored anyway. */
class SimKubelet implements Kubelet {
  readonly #config: NodeConfig;
  readonly #resolve: (image: string) => Resolved;
  readonly #addresses: AddressRange;
  readonly #programs: Programs = new Map();
  readonly #indexes = new PodIndexes();
  #outer: NodeWorld = NO_WORLD;
  /** Programs keep this one; what lies behind it is the world of the latest call. */
  readonly #world: NodeWorld = {
    configMap: (namespace, name) => this.#outer.configMap(namespace, name),
    secret: (namespace, name) => this.#outer.secret(namespace, name),
    services: (namespace) => this.#outer.services(namespace),
  };

  constructor(images: readonly SimImage[], config: NodeConfig) {
    this.#config = config;
    this.#addresses = addressRange(config.podCIDR);
    this.#resolve = imageRegistry(images);
  }

  stepNode(state: NodeState, input: NodeInput, world: NodeWorld, now: EpochMs, ports: Pick<Ports, "dice">): NodeStep {
    this.#outer = world;
    const pods = new Map(state.pods);
    const images = new Set(state.images);
    const effects: Effect[] = [];
    const place: StepPlace = { images, effects, ports };
    const touched = new Set<string>();
    const index = this.#indexes.handOn(state.pods, pods);
    const enter = (uid: string, entry: PodEntry | undefined): void => {
      index.change(uid, pods.get(uid), entry);
      if (entry) pods.set(uid, entry);
      else if (pods.delete(uid)) touched.add(uid);
    };
    for (const uid of input.gone) enter(uid, undefined);
    const disturbed = new Set(input.disturbed ?? []);
    const changed = new Map(input.changed.map((pod) => [pod.metadata?.uid ?? "", pod]));
    for (const [uid, pod] of changed) {
      if (pods.has(uid) || (isTerminal(pod) && pod.metadata?.deletionTimestamp === undefined)) continue;
      const record = newRecord(pod, now);
      const ip = pod.spec?.hostNetwork ? undefined : index.freeAddress(this.#addresses);
      if (ip !== undefined) record.ip = ip;
      enter(uid, { pod, record });
    }
    const due = [...index.dues].flatMap(([uid, at]) => (at <= now ? [uid] : []));
    for (const uid of new Set([...due, ...changed.keys(), ...disturbed])) {
      const entry = pods.get(uid);
      if (!entry) continue;
      enter(uid, this.#stepPod(entry, { pod: changed.get(uid), disturbed: disturbed.has(uid) }, now, place));
      touched.add(uid);
    }
    return { state: { pods, images }, effects, nextAt: index.nextAt, touched: [...touched] };
  }
  dues(state: NodeState): ReadonlyMap<string, EpochMs> {
    return this.#indexes.of(state.pods).dues;
  }

  pending(state: NodeState): Effect[] {
    const effects: Effect[] = [];
    for (const entry of state.pods.values()) {
      if (entry.record.version !== entry.record.acked) effects.push(this.#statusEffect(entry));
      if (mayDelete(entry)) effects.push(deleteEffect(entry.record));
    }
    return effects;
  }

  acknowledge(state: NodeState, written: readonly { readonly uid: string; readonly version: number }[]): NodeState {
    if (written.length === 0) return state;
    const pods = new Map(state.pods);
    this.#indexes.handOn(state.pods, pods);
    for (const { uid, version } of written) {
      const entry = pods.get(uid);
      if (entry && entry.record.acked < version) pods.set(uid, { pod: entry.pod, record: { ...entry.record, acked: version } });
    }
    return { ...state, pods };
  }

  readonly isTold = isTold;
  recall(pod: Pod): PodRecord | undefined {
    const record = recalled(pod, this.#resolve);
    if (!record) return undefined;
    // What the status said was said of another generation, perhaps.
    const generation = pod.status?.observedGeneration;
    const then: Pod = { ...pod, metadata: { ...pod.metadata, ...(generation === undefined ? {} : { generation }) } };
    record.hash = fnv32a(JSON.stringify(this.#statusEffect({ pod: then, record }).status));
    return record;
  }
  imagesOf(pods: Iterable<PodEntry>): ReadonlySet<string> {
    const images = new Set<string>();
    for (const { record } of pods) {
      for (const { id, image } of Object.values(record.containers)) {
        const found = id === undefined ? undefined : this.#resolve(image ?? "");
        if (found?.kind === "found") images.add(found.canonical);
      }
    }
    return images;
  }

  needs(pod: Pod): PodNeeds {
    const looksAround = allContainers(pod).some((container) => {
      const found = this.#resolve(container.image ?? "");
      if (found.kind !== "found") return false;
      const text = [...(container.command ?? []), ...(container.args ?? [])].join(" ") + (container.env ?? []).map((one) => one.value ?? "").join(" ");
      const [command = ""] = argvOf(container, found.image, () => ({}));
      return text.includes("$(") || found.image.executable(baseName(command)) !== "server";
    });
    return { ...podNeeds(pod), services: looksAround };
  }

  look(state: NodeState, uid: string, name: string, which: "current" | "previous", world: NodeWorld): ContainerLook | undefined {
    this.#outer = world;
    const entry = state.pods.get(uid);
    const container = entry && allContainers(entry.pod).find((one) => one.name === name);
    const now = entry?.record.containers[name];
    if (!entry || !container || now?.id === undefined) return undefined;
    const life = lifeOf(now, which);
    const found = this.#resolve(now.image ?? "");
    if (life === undefined || found.kind !== "found") return undefined;
    const context = this.#context(entry.pod, entry.record, { images: new Set(), effects: [], ports: { dice: () => 0 } });
    const program = programOf(context, container, life.one);
    return (
      program && { program, view: viewOf(context, container, life.one, found.image), image: found.image, id: life.one.id ?? "", finishedAt: life.finishedAt }
    );
  }

  /** Lets one pod live up to now and collects what came of it. */
  #stepPod(entry: PodEntry, change: { readonly pod: Pod | undefined; readonly disturbed: boolean }, now: EpochMs, place: StepPlace): PodEntry {
    const record = copyRecord(entry.record);
    const context = this.#context(entry.pod, record, place);
    const { pod, disturbed } = change;
    const news = (): void => {
      if (pod) heed(context, pod, now);
      if (disturbed) this.#disturb(context, now);
    };
    advancePod(context, now, pod || disturbed || record.version === 0 ? news : undefined);
    const next: PodEntry = { pod: context.pod, record };
    if (isTold(next)) roundTimes(record, this.#programs);
    const status = this.#statusEffect(next);
    const hash = fnv32a(JSON.stringify(status.status));
    for (const event of context.events.values()) place.effects.push({ do: "event", event });
    if (hash !== record.hash) {
      record.hash = hash;
      record.version++;
      place.effects.push({ ...status, version: record.version });
    }
    if (mayDelete(next)) place.effects.push(deleteEffect(record));
    return next;
  }
  #statusEffect({ pod, record }: PodEntry): Effect & { readonly do: "status" } {
    const { namespace, name, uid, version } = record;
    return { do: "status", namespace, name, uid, version, status: generateStatus({ pod, record, config: this.#config, resolve: this.#resolve }) };
  }
  #disturb(context: PodContext, now: EpochMs): void {
    for (const container of allContainers(context.pod)) {
      const one = context.record.containers[container.name ?? ""];
      if (one?.phase !== "running" || one.overlay === undefined) continue;
      if (one.id !== undefined) this.#programs.delete(one.id);
      replanProbes(context, container, one, now);
    }
  }
  #context(pod: Pod, record: PodRecord, place: StepPlace): PodContext {
    return {
      config: this.#config,
      pod,
      record,
      world: this.#world,
      resolve: this.#resolve,
      programs: this.#programs,
      events: new Map<string, PodEvent>(),
      ...place,
    };
  }
}
export const kubelet = (images: readonly SimImage[], config: NodeConfig): Kubelet => new SimKubelet(images, config);

/** The record as it was in the life that is asked for. Without a present one the last that ended is the current. */
function lifeOf(now: ContainerRecord, which: "current" | "previous"): { readonly one: ContainerRecord; readonly finishedAt: EpochMs | undefined } | undefined {
  const ended = which === "previous" ? (now.phase === "running" || now.reason === undefined ? now.last : (now.exit ?? now.last)) : now.exit;
  if (which === "current" && now.phase === "running") return { one: now, finishedAt: undefined };
  return ended && { one: { ...now, id: ended.id, startedAt: ended.startedAt }, finishedAt: ended.finishedAt };
}
