// The ReplicaSet that has a Deployment's template: finding it, numbering it, making it.
// As upstream: pkg/controller/deployment/sync.go getNewReplicaSet, util/deployment_util.go SetNewReplicaSetAnnotations.
import { cloneJson, isObject } from "../../../shared/base/json.ts";
import type { Deployment, PodTemplateSpec, ReplicaSet } from "../../../shared/kinds/_generated/types.ts";
import { podTemplateHash, stableJson } from "../../../shared/meta/hash.ts";
import { ownerRef } from "../../../shared/meta/owner-refs.ts";
import {
  byAge,
  copyOfSet,
  DEPLOYMENT,
  DESIRED,
  findProgressing,
  hasDeadline,
  isRolling,
  MAX,
  maxSurge,
  newCondition,
  putCondition,
  replicasOf,
  REVISION,
  type Rollout,
  scalingEvent,
  type SetCopy,
  sum,
  wanted,
} from "./rollout.ts";
import { nameOf, namespaceOf, safeMap } from "./world.ts";

export const HASH_LABEL = "pod-template-hash";
const HISTORY = "deployment.kubernetes.io/revision-history";
const HISTORY_CHARACTERS_MAX = 2000;
const SUBDOMAIN_MAX = 253;
const NOT_COPIED: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  HISTORY,
  DESIRED,
  MAX,
]);

/** Maps whose emptiness means the same as their absence. */
const OPTIONAL_MAPS: ReadonlySet<string> = new Set(["labels", "annotations", "nodeSelector"]);
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isObject(value)) return value;
  const kept: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || member === null) continue;
    if (Array.isArray(member) && member.length === 0) continue;
    if (OPTIONAL_MAPS.has(key) && isObject(member) && Object.keys(member).length === 0) continue;
    kept.push([key, withoutEmpty(member)]);
  }
  return Object.fromEntries(kept);
}
/** A template without the label that tells its hash, in a form that is equal for equal templates. */
export function templateText(template: PodTemplateSpec | undefined): string {
  const { [HASH_LABEL]: _hash, ...labels } = template?.metadata?.labels ?? {};
  return stableJson(withoutEmpty({ ...template, metadata: { ...template?.metadata, labels } }));
}

export const hashOf = (d: Deployment): string => podTemplateHash(d.spec?.template ?? {}, d.status?.collisionCount);
/** The name of the set of the present template. As upstream: sync.go generateReplicaSetName. */
export function newSetName(d: Deployment): string {
  const hash = hashOf(d);
  return `${nameOf(d).slice(0, SUBDOMAIN_MAX - 1 - hash.length)}-${hash}`;
}

/** Divides the sets into the one of the present template (the oldest, should there be several) and the others. */
export function divide(d: Deployment, sets: readonly ReplicaSet[]): Pick<Rollout, "newSet" | "oldSets"> {
  const copies = sets.map(copyOfSet).sort(byAge);
  const text = templateText(d.spec?.template);
  const newSet = copies.find((set) => templateText(set.object.spec?.template) === text);
  return { newSet, oldSets: copies.filter((set) => set !== newSet) };
}

/** Revisions are 64-bit numbers upstream, more than a number holds here; an unreadable one counts as none. */
function parseRevision(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}
const revisionOf = (set: SetCopy): bigint => parseRevision(set.annotations[REVISION]) ?? 0n;
const maxRevision = (sets: readonly SetCopy[]): bigint => sets.reduce((most, set) => (revisionOf(set) > most ? revisionOf(set) : most), 0n);
/** As upstream: deployment_util.go ReplicaSetsByRevision. */
export const byRevision = (a: SetCopy, b: SetCopy): number => {
  const [left, right] = [revisionOf(a), revisionOf(b)];
  return left < right ? -1 : left > right ? 1 : byAge(a, b);
};

/** Adds a number to the list of those that a set had before, dropping the oldest when it gets long. */
function appendHistory(history: string | undefined, revision: string): string | undefined {
  if (history === undefined || history === "") return revision;
  const known = history.split(",");
  let length = history.length + revision.length + 1;
  let start = 0;
  while (length > HISTORY_CHARACTERS_MAX && start < known.length) {
    length -= (known[start] ?? "").length + 1;
    start++;
  }
  return length <= HISTORY_CHARACTERS_MAX ? [...known.slice(start), revision].join(",") : history;
}

export function annotateReplicas(d: Deployment, set: SetCopy): void {
  set.annotations[DESIRED] = String(wanted(d));
  set.annotations[MAX] = String(wanted(d) + maxSurge(d));
}

function annotate(rollout: Rollout, set: SetCopy, revision: bigint): void {
  for (const [key, value] of Object.entries(rollout.annotations)) {
    if (!NOT_COPIED.has(key)) set.annotations[key] = value;
  }
  const text = set.annotations[REVISION];
  const old = parseRevision(text);
  if (text !== undefined && text !== "" && old === undefined) return;
  if ((old ?? 0n) < revision) {
    set.annotations[REVISION] = String(revision);
    // A set that had a number is being rolled back to.
    if (text !== undefined) {
      const history = appendHistory(set.annotations[HISTORY], text);
      if (history !== undefined) set.annotations[HISTORY] = history;
    }
  }
}

/** How large the new set may be now. As upstream: deployment_util.go NewRSNewReplicas. */
export function newSetReplicas(d: Deployment, sets: readonly SetCopy[], newReplicas: number): number {
  if (!isRolling(d)) return wanted(d);
  const room = wanted(d) + maxSurge(d) - sum(sets, replicasOf);
  return room <= 0 ? newReplicas : newReplicas + Math.min(room, wanted(d) - newReplicas);
}

function makeSet(rollout: Rollout): SetCopy {
  const d = rollout.root;
  const hash = hashOf(d);
  const template = cloneJson(d.spec?.template ?? {});
  const labels = { ...safeMap(template.metadata?.labels), [HASH_LABEL]: hash };
  const selector = cloneJson(d.spec?.selector ?? {});
  const object: ReplicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: newSetName(d), namespace: namespaceOf(d), labels, ownerReferences: [ownerRef(d, DEPLOYMENT)] },
    spec: {
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  return { stored: undefined, object, annotations: {}, replicas: 0, minReadySeconds: d.spec?.minReadySeconds ?? 0 };
}

/** Brings the new set's notes up to date; makes it when `create` asks for it and there is none. */
export function syncNewSet(rollout: Rollout, options: { readonly create: boolean }): void {
  const d = rollout.root;
  const revision = maxRevision(rollout.oldSets) + 1n;
  const known = rollout.newSet;
  if (known !== undefined) {
    annotate(rollout, known, revision);
    known.minReadySeconds = d.spec?.minReadySeconds ?? 0;
    rollout.annotations[REVISION] = known.annotations[REVISION] ?? "";
    if (hasDeadline(d) && findProgressing(rollout) === undefined) progress(rollout, "FoundNewReplicaSet", "Found new", known);
    return;
  }
  if (!options.create) return;
  const made = makeSet(rollout);
  made.replicas = newSetReplicas(d, rollout.oldSets, 0);
  annotate(rollout, made, revision);
  annotateReplicas(d, made);
  rollout.newSet = made;
  if (made.replicas > 0) scalingEvent(rollout, made, 0, made.replicas);
  rollout.annotations[REVISION] = String(revision);
  if (hasDeadline(d)) progress(rollout, "NewReplicaSetCreated", "Created new", made);
}

function progress(rollout: Rollout, reason: string, what: string, set: SetCopy): void {
  const message = `${what} replica set "${nameOf(set.object)}"`;
  const condition = newCondition(rollout, { type: "Progressing", status: "True", reason, message });
  rollout.conditions = putCondition(rollout.conditions, condition);
}
