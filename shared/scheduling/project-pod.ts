// The small form of a pod: only what scheduling needs, with everything that pods of one class share in one text.
import type { KubeObject } from "../kinds/define-kind.ts";
import type {
  LabelSelector,
  LabelSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  PodSpec,
  PodStatus,
  TopologySpreadConstraint,
} from "../kinds/_generated/types.ts";
import { equalJson } from "../base/json.ts";
import { parseTime } from "../meta/time.ts";
import { podRequests } from "./requests.ts";
import type { ClaimUse, HostPort, NodeTerm, PodShape, PodTerm, PodView, SpreadConstraint } from "./views.ts";

/** What a silent container counts in scores: 0.1 CPU, 200 MiB (upstream: pkg/scheduler/util/pod_resources.go). */
const SCORED_WHEN_MISSING = { cpu: 100, memory: 200 * 1024 * 1024 };
const SPREAD_OWNERS = new Set(["v1/ReplicationController", "apps/v1/ReplicaSet", "apps/v1/StatefulSet"]);

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Labels = Readonly<Record<string, string>>;

const filled = <T>(list: readonly T[] | undefined): readonly T[] | undefined => (list && list.length > 0 ? list : undefined);

/** The selector, narrowed to the pod's own values of some labels (and away from those of others). */
function withOwnValues(
  selector: LabelSelector | undefined,
  labels: Labels,
  match: readonly string[] | undefined,
  mismatch: readonly string[] | undefined,
): LabelSelector | undefined {
  if (!selector) return undefined;
  const own = (keys: readonly string[] | undefined, operator: string): LabelSelectorRequirement[] =>
    (keys ?? []).flatMap((key) => {
      const value = labels[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const more = [...own(match, "In"), ...own(mismatch, "NotIn")];
  if (more.length === 0) return selector;
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...more] };
}

const podTerm = (term: PodAffinityTerm | undefined, weight: number, labels: Labels): PodTerm => {
  const selector = withOwnValues(term?.labelSelector, labels, term?.matchLabelKeys, term?.mismatchLabelKeys);
  return {
    topologyKey: term?.topologyKey ?? "",
    ...(selector && { selector }),
    namespaces: term?.namespaces ?? [],
    ...(term?.namespaceSelector && { namespaceSelector: term.namespaceSelector }),
    weight,
  };
};

const spreadConstraint = (from: TopologySpreadConstraint, labels: Labels): SpreadConstraint => {
  const selector = withOwnValues(from.labelSelector, labels, from.matchLabelKeys, undefined);
  return {
    topologyKey: from.topologyKey ?? "",
    maxSkew: from.maxSkew ?? 1,
    minDomains: from.minDomains ?? 1,
    hard: from.whenUnsatisfiable === "DoNotSchedule",
    ...(selector && { selector }),
    honorAffinity: from.nodeAffinityPolicy !== "Ignore",
    honorTaints: from.nodeTaintsPolicy === "Honor",
  };
};

function hostPorts(spec: PodSpec): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  return [...(spec.containers ?? []), ...sidecars].flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map((port) => ({ ip: port.hostIP || "0.0.0.0", protocol: port.protocol || "TCP", port: port.hostPort ?? 0 })),
  );
}

function images(spec: PodSpec): string[] {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((container) => container.image ?? "");
  const volumes = (spec.volumes ?? []).flatMap((volume) => (volume.image ? [volume.image.reference ?? ""] : []));
  return [...containers, ...volumes];
}

function claims(pod: Pod): ClaimUse[] {
  return (pod.spec?.volumes ?? []).flatMap((volume): ClaimUse[] => {
    if (volume.persistentVolumeClaim) return [{ name: volume.persistentVolumeClaim.claimName ?? "" }];
    if (volume.ephemeral) return [{ name: `${pod.metadata?.name ?? ""}-${volume.name ?? ""}`, ephemeral: true }];
    return [];
  });
}

/** The nodes named by the only term, as every DaemonSet pod has it, and what remains of the term. */
function unpin(terms: readonly NodeSelectorTerm[] | undefined): { pinned?: readonly string[]; rest?: readonly NodeTerm[] } {
  const [term, ...others] = terms ?? [];
  const [field, ...fields] = term?.matchFields ?? [];
  if (!terms || !term || others.length > 0 || !field || fields.length > 0) return terms ? { rest: terms } : {};
  if (field.key !== "metadata.name" || field.operator !== "In" || !field.values?.length) return { rest: terms };
  const rest = filled(term.matchExpressions);
  return { pinned: field.values, ...(rest && { rest: [{ matchExpressions: rest }] }) };
}

function addResources(shape: Writable<PodShape>, pod: Pod): void {
  const requests = podRequests(pod);
  const scalars: [string, number][] = [];
  for (const [name, value] of requests) {
    if (value <= 0) continue;
    if (name === "cpu") shape.cpuMilli = value;
    else if (name === "memory") shape.memory = value;
    else if (name === "ephemeral-storage") shape.ephemeralStorage = value;
    else if (name.includes("/") || name.startsWith("hugepages-") || name.startsWith("attachable-volumes-")) scalars.push([name, value]);
  }
  if (scalars.length > 0) shape.scalars = scalars;
  const scored = podRequests(pod, SCORED_WHEN_MISSING);
  shape.scoreCpuMilli = scored.get("cpu") ?? 0;
  shape.scoreMemory = scored.get("memory") ?? 0;
}

function addTerms(shape: Writable<PodShape>, spec: PodSpec, labels: Labels): void {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const required = (terms: readonly PodAffinityTerm[] | undefined): readonly PodTerm[] | undefined => filled(terms)?.map((term) => podTerm(term, 0, labels));
  const affinity = required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const antiAffinity = required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const preferred = filled(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
  const avoided = filled(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
  if (affinity) shape.affinity = affinity;
  if (antiAffinity) shape.antiAffinity = antiAffinity;
  if (preferred) shape.preferredAffinity = preferred.map((one) => podTerm(one.podAffinityTerm, one.weight ?? 0, labels));
  if (avoided) shape.preferredAntiAffinity = avoided.map((one) => podTerm(one.podAffinityTerm, one.weight ?? 0, labels));
  const spread = filled(spec.topologySpreadConstraints);
  if (spread) shape.spread = spread.map((one) => spreadConstraint(one, labels));
}

function shapeOf(pod: Pod, requiredNodes: readonly NodeTerm[] | undefined): PodShape {
  const { metadata = {}, spec = {} } = pod;
  const labels = metadata.labels ?? {};
  const shape: Writable<PodShape> = {
    namespace: metadata.namespace ?? "",
    containers: (spec.containers?.length ?? 0) + (spec.initContainers?.length ?? 0),
  };
  if (Object.keys(labels).length > 0) shape.labels = labels;
  const owner = metadata.ownerReferences?.find((one) => one.controller === true);
  if (owner?.uid && SPREAD_OWNERS.has(`${owner.apiVersion}/${owner.kind}`)) shape.owner = owner.uid;
  if (spec.priority) shape.priority = spec.priority;
  addResources(shape, pod);
  const ports = filled(hostPorts(spec));
  if (ports) shape.hostPorts = ports;
  if (spec.nodeSelector && Object.keys(spec.nodeSelector).length > 0) shape.nodeSelector = spec.nodeSelector;
  if (requiredNodes) shape.requiredNodes = requiredNodes;
  const preferred = filled(spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
  if (preferred) shape.preferredNodes = preferred.map((one) => ({ weight: one.weight ?? 0, term: one.preference ?? {} }));
  addTerms(shape, spec, labels);
  if (filled(spec.tolerations)) shape.tolerations = spec.tolerations ?? [];
  shape.images = images(spec);
  const used = filled(claims(pod));
  if (used) shape.claims = used;
  return shape;
}

/** The shape that was made last. A pod's old and new form share what was not changed, and are looked at together. */
let latest: { readonly pod: Pod; readonly text: string } | undefined;
function shapeText(pod: Pod, requiredNodes: readonly NodeTerm[] | undefined): string {
  const [a, b] = [pod.metadata, latest?.pod.metadata];
  const same = a?.namespace === b?.namespace && a?.labels === b?.labels && a?.ownerReferences === b?.ownerReferences && a?.name === b?.name;
  if (latest && same && pod.spec === latest.pod.spec) return latest.text;
  const text = JSON.stringify(shapeOf(pod, requiredNodes));
  latest = { pod, text };
  return text;
}

const time = (text: string | undefined | null): number | undefined => (text ? parseTime(text) : undefined);

/** The projection of `/pods` for the scheduler. */
export function projectPod(object: KubeObject): PodView {
  const pod = object as Pod;
  const { metadata = {}, spec = {}, status = {} } = pod;
  const { pinned, rest } = unpin(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms);
  const view: Writable<PodView> = {
    uid: metadata.uid ?? "",
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    schedulerName: spec.schedulerName ?? "default-scheduler",
    created: time(metadata.creationTimestamp) ?? 0,
    shape: shapeText(pod, rest),
  };
  const started = time(status.startTime);
  if (started !== undefined) view.started = started;
  if (metadata.generation !== undefined) view.generation = metadata.generation;
  if (spec.nodeName) view.nodeName = spec.nodeName;
  if (metadata.deletionTimestamp) view.terminating = true;
  const gates = filled(spec.schedulingGates);
  if (gates) view.gates = gates.map((gate) => gate.name ?? "");
  if (spec.preemptionPolicy === "Never") view.neverPreempts = true;
  if (pinned) view.pinned = pinned;
  const refused = status.conditions?.find((condition) => condition.type === "PodScheduled" && condition.status === "False");
  if (refused) view.refusal = refused.message ?? "";
  return Object.assign(view, decided(status));
}
type Decided = Pick<PodView, "nominatedNodeName" | "finished" | "preempted">;
/** What of a status matters to others than the pod itself. */
function decided({ nominatedNodeName, phase, conditions = [] }: PodStatus): Decided {
  const preempted = conditions.some(({ type, status, reason }) => type === "DisruptionTarget" && status === "True" && reason === "PreemptionByScheduler");
  return {
    ...(nominatedNodeName && { nominatedNodeName }),
    ...((phase === "Succeeded" || phase === "Failed") && { finished: true }),
    ...(preempted && { preempted: true }),
  };
}

/** Whether a change of a pod is none for whoever schedules. Most are of the status alone; objects share what was not changed. */
export function schedulesAlike(next: KubeObject, old: KubeObject): boolean {
  const [now, then] = [next as Pod, old as Pod];
  const [a, b] = [now.metadata ?? {}, then.metadata ?? {}];
  const same = a.uid === b.uid && a.labels === b.labels && a.ownerReferences === b.ownerReferences && a.deletionTimestamp === b.deletionTimestamp;
  if (same && now.spec === then.spec) return equalJson(decided(now.status ?? {}), decided(then.status ?? {}));
  return equalJson(lasting(now), lasting(then));
}
/** A pod without what changes while it runs and matters to nobody who schedules. */
function lasting(pod: Pod): unknown {
  const { started: _started, refusal: _refusal, generation: _generation, ...rest } = projectPod(pod);
  return rest;
}
