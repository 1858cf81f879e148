// What the parts of the kubelet share while they look at one pod, and the programs of its containers.
import type { Result } from "../../shared/base/result.ts";
import type { EpochMs, Ports } from "../../shared/base/ports.ts";
import type { Container, Pod } from "../../shared/kinds/_generated/types.ts";
import type { ContainerView, LogLine, Program, SimImage } from "../../shared/sim/image.ts";
import { startProgram } from "../../shared/sim/start.ts";
import { makeEnvironment } from "./environment.ts";
import { expandVariables } from "./expansion.ts";
import type { ContainerRecord, Effect, NodeConfig, NodeWorld, PodEvent, PodRecord } from "../../shared/sim/node.ts";
import type { Resolved } from "./registry.ts";
import { mountedFiles } from "./volumes.ts";

const PROGRAMS_MAX = 500;

export interface PodContext {
  readonly config: NodeConfig;
  /** As last told; replaced while it is looked at. */
  pod: Pod;
  /** A copy of this step: may be changed. */
  readonly record: PodRecord;
  readonly world: NodeWorld;
  readonly ports: Pick<Ports, "dice">;
  readonly resolve: (image: string) => Resolved;
  readonly programs: Programs;
  /** Images on the node; grows. */
  readonly images: Set<string>;
  readonly events: Map<string, PodEvent>;
  readonly effects: Effect[];
}

export function tell(
  context: PodContext,
  at: EpochMs,
  event: {
    readonly container?: string;
    readonly init?: boolean;
    readonly type?: "Warning";
    readonly reason: string;
    readonly message: string;
    readonly count?: number;
    readonly since?: EpochMs;
  },
): void {
  const { record, events } = context;
  const section = context.pod.spec?.initContainers?.some((one) => one.name === event.container)
    ? "initContainers"
    : context.pod.spec?.ephemeralContainers?.some((one) => one.name === event.container)
      ? "ephemeralContainers"
      : "containers";
  const fieldPath = event.container === undefined ? "" : `spec.${section}{${event.container}}`;
  const key = `${fieldPath} ${event.reason} ${event.message}`;
  const known = events.get(key);
  events.set(key, {
    namespace: record.namespace,
    pod: record.name,
    uid: record.uid,
    fieldPath,
    type: event.type ?? "Normal",
    reason: event.reason,
    message: event.message,
    first: known?.first ?? event.since ?? at,
    last: at,
    count: (known?.count ?? 0) + (event.count ?? 1),
  });
}
export function appendLog(context: PodContext, container: string, lines: readonly LogLine[]): void {
  const id = context.record.containers[container]?.id;
  if (lines.length > 0 && id !== undefined) context.effects.push({ do: "log", uid: context.record.uid, container, id, lines });
}

export const podIPOf = (context: Pick<PodContext, "record" | "config" | "pod">): string =>
  context.pod.spec?.hostNetwork ? context.config.ip : (context.record.ip ?? "");
export const allContainers = (pod: Pod): Container[] => [
  ...(pod.spec?.initContainers ?? []),
  ...(pod.spec?.containers ?? []),
  ...(pod.spec?.ephemeralContainers ?? []),
];
export const isSidecar = (container: Container): boolean => container.restartPolicy === "Always";
export const recordOf = (record: PodRecord, name: string | undefined): ContainerRecord => (record.containers[name ?? ""] ??= { phase: "waiting", attempt: 0 });

/** Programs of running containers: remembered, because working them out again costs time; never persisted. */
export type Programs = Map<string, Program>;

/** The environment: what was read at the start, over what can be worked out again. */
export function environmentOf(context: PodContext, container: Container, one: ContainerRecord, image: SimImage): Result<Record<string, string>, string> {
  const made = makeEnvironment({ pod: context.pod, container, config: context.config, podIP: podIPOf(context), world: context.world });
  if (one.env) return { ok: true, value: { ...image.env, ...(made.ok ? made.value : {}), ...one.env } };
  return made.ok ? { ok: true, value: { ...image.env, ...made.value } } : made;
}
export function argvOf(container: Container, image: SimImage, env: () => Readonly<Record<string, string>>): string[] {
  const command = container.command?.length ? container.command : image.entrypoint;
  const args = container.args?.length ? container.args : container.command?.length ? [] : image.cmd;
  return [...command, ...args].map((text) => (text.includes("$(") || text.includes("$$") ? expandVariables(text, (name) => env()[name]) : text));
}
const resolveName = (context: PodContext, name: string): string | undefined => {
  const [service = "", namespace = context.record.namespace, kind] = name
    .replace(/\.$/, "")
    .replace(/\.cluster\.local$/, "")
    .split(".");
  if (kind !== undefined && kind !== "svc") return undefined;
  const found = context.world.services(namespace).find((one) => one.metadata?.name === service);
  return found?.spec?.clusterIP === "None" ? "10.244.0.1" : found?.spec?.clusterIP;
};

export function viewOf(context: PodContext, container: Container, one: ContainerRecord, image: SimImage): ContainerView {
  let env: Record<string, string> | undefined;
  const environment = (): Record<string, string> => {
    if (env === undefined) {
      const made = environmentOf(context, container, one, image);
      env = { HOSTNAME: hostnameOf(context), ...(made.ok ? made.value : {}) };
    }
    return env;
  };
  let argv: readonly string[] | undefined;
  let files: ReadonlyMap<string, string> | undefined;
  return {
    get argv() {
      return (argv ??= argvOf(container, image, environment));
    },
    get env() {
      return environment();
    },
    workingDir: container.workingDir || image.workingDir,
    hostname: hostnameOf(context),
    startedAt: one.startedAt ?? 0,
    containerID: one.id ?? "",
    podName: context.record.name,
    namespace: context.record.namespace,
    nodeName: context.config.name,
    podIP: podIPOf(context),
    image: container.image ?? "",
    ports: (container.ports ?? []).filter((port) => (port.protocol ?? "TCP") === "TCP").map((port) => port.containerPort ?? 0),
    stdin: container.stdin ?? false,
    defaultTerm: context.config.profile === "instant" ? "exit" : "ignore",
    files: () => (files ??= new Map([...mountedFiles(container, { ...context, podIP: podIPOf(context) }), ...Object.entries(one.overlay ?? {})])),
    resolve: (name) => resolveName(context, name),
  };
}
export const hostnameOf = (context: Pick<PodContext, "pod" | "record" | "config">): string =>
  context.pod.spec?.hostNetwork ? context.config.name : (context.pod.spec?.hostname || context.record.name).slice(0, 63);

/** The program of a started container. */
export function programOf(context: PodContext, container: Container, one: ContainerRecord): Program | undefined {
  const { programs } = context;
  const known = one.id === undefined ? undefined : programs.get(one.id);
  if (known) return known;
  const found = context.resolve(one.image ?? container.image ?? "");
  if (found.kind !== "found" || one.id === undefined) return undefined;
  const program = startProgram(found.image, viewOf(context, container, one, found.image));
  if (programs.size >= PROGRAMS_MAX) programs.clear();
  programs.set(one.id, program);
  return program;
}
