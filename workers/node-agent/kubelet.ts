// The kubelet of a simulated node: one pure step over the state of its pods.
import type { EpochMs } from "../../shared/base/ports.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import { fnv32a } from "../../shared/meta/hash.ts";
import type { SimImage } from "../../shared/sim/image.ts";
import type { PodContext, Programs } from "./context.ts";
import { allContainers, argvOf, programOf, viewOf } from "./context.ts";
import { baseName } from "../../shared/sim/start.ts";
import { firstFreeIP } from "./pod-ip.ts";
import { advancePod } from "./pod-step.ts";
import { replanProbes } from "./probes.ts";
import type { ContainerRecord, Effect, Kubelet, NodeConfig, NodeWorld, PodEntry, PodEvent, PodRecord } from "../../shared/sim/node.ts";
import { copyRecord } from "../../shared/sim/node.ts";
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

/** Pure but for a memory of programs, which are functions of what is stored anyway. */
export function kubelet(images: readonly SimImage[], config: NodeConfig): Kubelet {
  const resolve = imageRegistry(images);
  const programs: Programs = new Map();
  const holder: { world: NodeWorld } = { world: NO_WORLD };
  const world: NodeWorld = {
    configMap: (namespace, name) => holder.world.configMap(namespace, name),
    secret: (namespace, name) => holder.world.secret(namespace, name),
    services: (namespace) => holder.world.services(namespace),
  };
  const contextOf = (pod: Pod, record: PodRecord, more: Pick<PodContext, "images" | "effects" | "ports">): PodContext => ({ config, pod, record, world, resolve, programs, events: new Map<string, PodEvent>(), ...more });
  const statusEffect = ({ pod, record }: PodEntry): Effect => ({
    do: "status",
    namespace: record.namespace,
    name: record.name,
    uid: record.uid,
    version: record.version,
    status: generateStatus({ pod, record, config, resolve }),
  });
  const deleteEffect = ({ namespace, name, uid }: PodRecord): Effect => ({ do: "delete", namespace, name, uid });
  const mayDelete = ({ pod, record }: PodEntry): boolean => record.done && pod.metadata?.deletionTimestamp !== undefined;

  /** Lets one pod live up to now and collects what came of it. */
  const stepPod = (entry: PodEntry, change: { readonly pod?: Pod; readonly disturbed: boolean }, now: EpochMs, more: Pick<PodContext, "images" | "effects" | "ports">): PodEntry => {
    const record = copyRecord(entry.record);
    const context = contextOf(entry.pod, record, more);
    const { pod } = change;
    const news = pod === undefined && !change.disturbed && record.version > 0 ? undefined : () => {
      if (pod) heed(context, pod, now);
      if (change.disturbed) disturb(context, now);
    };
    advancePod(context, now, news);
    const next: PodEntry = { pod: context.pod, record };
    const status = statusEffect(next);
    const hash = status.do === "status" ? fnv32a(JSON.stringify(status.status)) : 0;
    for (const event of context.events.values()) more.effects.push({ do: "event", event });
    if (hash !== record.hash) {
      record.hash = hash;
      record.version++;
      more.effects.push({ ...status, version: record.version } as Effect);
    }
    if (mayDelete(next)) more.effects.push(deleteEffect(record));
    return next;
  };
  const disturb = (context: PodContext, now: EpochMs): void => {
    for (const container of allContainers(context.pod)) {
      const one = context.record.containers[container.name ?? ""];
      if (one?.phase !== "running" || one.overlay === undefined) continue;
      if (one.id !== undefined) programs.delete(one.id);
      replanProbes(context, container, one, now);
    }
  };

  return {
    stepNode(state, input, outer, now, ports) {
      holder.world = outer;
      const pods = new Map(state.pods);
      const known = new Set(state.images);
      const effects: Effect[] = [];
      const more = { images: known, effects, ports };
      const touched = new Set<string>();
      for (const uid of input.gone) if (pods.delete(uid)) touched.add(uid);
      const disturbed = new Set(input.disturbed ?? []);
      const changed = new Map(input.changed.map((pod) => [pod.metadata?.uid ?? "", pod]));
      const used = firstFreeIP(config.podCIDR, pods);
      for (const [uid, pod] of changed) {
        if (pods.has(uid) || (isTerminal(pod) && pod.metadata?.deletionTimestamp === undefined)) continue;
        const record = newRecord(pod, now);
        if (!pod.spec?.hostNetwork) record.ip = used();
        pods.set(uid, { pod, record });
      }
      for (const [uid, entry] of pods) {
        const pod = changed.get(uid);
        const due = entry.record.next !== undefined && entry.record.next <= now;
        if (pod === undefined && !due && !disturbed.has(uid)) continue;
        pods.set(uid, stepPod(entry, { ...(pod === undefined ? {} : { pod }), disturbed: disturbed.has(uid) }, now, more));
        touched.add(uid);
      }
      let nextAt = Infinity;
      for (const { record } of pods.values()) nextAt = Math.min(nextAt, record.next ?? Infinity);
      return { state: { pods, images: known }, effects, nextAt: nextAt === Infinity ? undefined : nextAt, touched: [...touched] };
    },
    pending(state) {
      const effects: Effect[] = [];
      for (const entry of state.pods.values()) {
        if (entry.record.version !== entry.record.acked) effects.push(statusEffect(entry));
        if (mayDelete(entry)) effects.push(deleteEffect(entry.record));
      }
      return effects;
    },
    acknowledge(state, written) {
      const pods = new Map(state.pods);
      for (const { uid, version } of written) {
        const entry = pods.get(uid);
        if (entry && entry.record.acked < version) pods.set(uid, { pod: entry.pod, record: { ...entry.record, acked: version } });
      }
      return { ...state, pods };
    },
    needs(pod) {
      const looksAround = allContainers(pod).some((container) => {
        const found = resolve(container.image ?? "");
        if (found.kind !== "found") return false;
        const text = [...(container.command ?? []), ...(container.args ?? [])].join(" ") + (container.env ?? []).map((one) => one.value ?? "").join(" ");
        const [command = ""] = argvOf(container, found.image, () => ({}));
        return text.includes("$(") || found.image.executable(baseName(command)) !== "server";
      });
      return { ...podNeeds(pod), services: looksAround };
    },
    look(state, uid, name, which, outer) {
      holder.world = outer;
      const entry = state.pods.get(uid);
      const container = entry && allContainers(entry.pod).find((one) => one.name === name);
      const now = entry?.record.containers[name];
      if (!entry || !container || now?.id === undefined) return undefined;
      const life = lifeOf(now, which);
      const found = resolve(now.image ?? "");
      if (life === undefined || found.kind !== "found") return undefined;
      const context = contextOf(entry.pod, entry.record, { images: new Set(), effects: [], ports: { dice: () => 0 } });
      const program = programOf(context, container, life.one);
      return program && { program, view: viewOf(context, container, life.one, found.image), image: found.image, id: life.one.id ?? "", finishedAt: life.finishedAt };
    },
  };
}
/** The record as it was in the life that is asked for. Without a present one the last that ended is the current. */
function lifeOf(now: ContainerRecord, which: "current" | "previous"): { readonly one: ContainerRecord; readonly finishedAt: EpochMs | undefined } | undefined {
  const ended = which === "previous" ? (now.phase === "running" || now.reason === undefined ? now.last : (now.exit ?? now.last)) : now.exit;
  if (which === "current" && now.phase === "running") return { one: now, finishedAt: undefined };
  return ended && { one: { ...now, id: ended.id, startedAt: ended.startedAt }, finishedAt: ended.finishedAt };
}
