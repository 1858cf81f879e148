// What a node is told of: pods that are its own, whole, when they come, change in what concerns a kubelet, or go.
import { equalJson } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { Pod, PodCondition } from "../../shared/kinds/_generated/types.ts";
import { isKubeletCondition } from "./conditions.ts";
import { isSilent } from "./heartbeat.ts";

interface Change {
  readonly next: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}
interface Item {
  readonly actor: string;
  readonly item: string;
  readonly distinct?: true;
}
const others = (pod: Pod): PodCondition[] => (pod.status?.conditions ?? []).filter((one) => !isKubeletCondition(one.type));

/** A kubelet's own status writes do not concern it again. */
function concerns(next: Pod, old: Pod | undefined): boolean {
  if (old?.spec?.nodeName !== next.spec?.nodeName) return true;
  const [a, b] = [next.metadata ?? {}, old?.metadata ?? {}];
  return (
    a.uid !== b.uid ||
    a.generation !== b.generation ||
    a.deletionTimestamp !== b.deletionTimestamp ||
    a.deletionGracePeriodSeconds !== b.deletionGracePeriodSeconds ||
    !equalJson(a.labels, b.labels) ||
    !equalJson(a.annotations, b.annotations) ||
    !equalJson(others(next), others(old ?? {}))
  );
}

/** Notices are JSON: `{"pod": ...}`, `{"gone": uid}` or, of the node itself, `{"silent": true, "version": N}`. */
export const NODE_SUBSCRIPTIONS = [
  {
    family: "node" as const,
    resource: "/pods",
    gathers: { few: 2, enough: 32, ms: 500 },
    items({ next, old, text }: Change & { readonly text: string }): readonly Item[] {
      const [pod, before] = [next as Pod | undefined, old as Pod | undefined];
      const node = pod?.spec?.nodeName ?? before?.spec?.nodeName;
      if (!node) return [];
      if (!pod) return [{ actor: node, item: JSON.stringify({ gone: before?.metadata?.uid }) }];
      return concerns(pod, before) ? [{ actor: node, item: `{"pod":${text}}`, distinct: true }] : [];
    },
  },
  {
    family: "node" as const,
    resource: "/nodes",
    items({ next, old }: Change): readonly Item[] {
      const silent = next !== undefined && isSilent(next);
      if (!next || silent === (old !== undefined && isSilent(old))) return [];
      return [{ actor: next.metadata?.name ?? "", item: JSON.stringify({ silent, version: Number(next.metadata?.resourceVersion ?? "0") }) }];
    },
  },
];
