// What a node is told, and what it makes of it when it wakes without memory: records on one side, the pods of the store on the other.
import { equalJson } from "../../shared/base/json.ts";
import type { Pod, PodStatus } from "../../shared/kinds/_generated/types.ts";
import type { Kubelet, NodeInput, NodeState, PodEntry, PodRecord } from "../../shared/sim/node.ts";
import type { Stores } from "../client/stores.ts";

/** A change that was told and is not yet lived through. */
export type Notice = { readonly pod: Pod } | { readonly gone: string };
/** Whether the node's agent has fallen silent, as of a version of the Node. */
export interface Silence {
  readonly silent: boolean;
  readonly version: number;
}
export interface News {
  readonly changed: ReadonlyMap<string, Pod>;
  readonly gone: readonly string[];
}
const uidOf = (pod: Pod): string => pod.metadata?.uid ?? "";
const versionOf = (pod: Pod): number => Number(pod.metadata?.resourceVersion ?? "0");

/** The last word about each pod. A word that comes late, overtaken by what is known, says nothing. */
export function gather(notices: readonly Notice[], state: NodeState): News {
  const changed = new Map<string, Pod>();
  const gone = new Set<string>();
  for (const notice of notices) {
    if ("gone" in notice) {
      gone.add(notice.gone);
      continue;
    }
    const known = changed.get(uidOf(notice.pod)) ?? state.pods.get(uidOf(notice.pod))?.pod;
    if (!known || versionOf(known) <= versionOf(notice.pod)) changed.set(uidOf(notice.pod), notice.pod);
  }
  for (const uid of gone) changed.delete(uid);
  return { changed, gone: [...gone] };
}

/** The pods that the store says are on this node. */
export async function podsOf(stores: Stores, node: string): Promise<Pod[]> {
  const [pods = []] = await stores.query<Pod>("/pods", [{ view: "text", field: { path: "spec.nodeName", value: node } }]);
  return pods;
}

/** Whether a pod's stored status already says what its node has to say; others may have added conditions. */
function carries(stored: PodStatus | undefined, said: PodStatus): boolean {
  for (const [name, value] of Object.entries(said)) {
    if (name !== "conditions" && !equalJson(stored?.[name as keyof PodStatus], value)) return false;
  }
  return (said.conditions ?? []).every((one) => stored?.conditions?.some((other) => equalJson(one, other)));
}

/** State of a node that wakes: what it recorded or can recall, over the pods as they are now. All of them are news, and some are gone. */
export function wake(
  kept: { readonly records: ReadonlyMap<string, PodRecord>; readonly images: ReadonlySet<string> },
  pods: readonly Pod[],
  kubelet: Kubelet,
): { readonly state: NodeState; readonly input: Pick<NodeInput, "changed" | "gone"> } {
  const now = new Map(pods.map((pod) => [uidOf(pod), pod]));
  const entries = new Map<string, PodEntry>();
  for (const [uid, pod] of now) {
    const record = kept.records.get(uid) ?? kubelet.recall(pod);
    if (record) entries.set(uid, { pod, record });
  }
  const state = { pods: entries, images: new Set([...kept.images, ...kubelet.imagesOf(entries.values())]) };
  const written = kubelet
    .pending(state)
    .flatMap((effect) => (effect.do === "status" && carries(now.get(effect.uid)?.status, effect.status) ? [{ uid: effect.uid, version: effect.version }] : []));
  const known = kubelet.acknowledge(state, written);
  // Nothing is to be said of those that are gone; their records name the containers whose lines go with them.
  const gone = [...kept.records]
    .filter(([uid]) => !now.has(uid))
    .map(([uid, record]): [string, PodEntry] => [uid, { pod: { metadata: { uid } }, record: { ...record, acked: record.version } }]);
  return { state: { ...known, pods: new Map([...known.pods, ...gone]) }, input: { changed: pods, gone: gone.map(([uid]) => uid) } };
}
