// The taints that a node's state calls for. As upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go.
import type { EpochMs } from "../../../shared/base/ports.ts";
import type { Node, Taint, Toleration } from "../../../shared/kinds/_generated/types.ts";
import { rfc3339 } from "../../../shared/meta/time.ts";

export const NOT_READY = "node.kubernetes.io/not-ready";
export const UNREACHABLE = "node.kubernetes.io/unreachable";
export const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** By condition and status. */
const KEYS: Readonly<Record<string, string>> = {
  "Ready/False": NOT_READY,
  "Ready/Unknown": UNREACHABLE,
  "MemoryPressure/True": "node.kubernetes.io/memory-pressure",
  "DiskPressure/True": "node.kubernetes.io/disk-pressure",
  "NetworkUnavailable/True": "node.kubernetes.io/network-unavailable",
  "PIDPressure/True": "node.kubernetes.io/pid-pressure",
};
const OURS: ReadonlySet<string> = new Set([...Object.values(KEYS), UNSCHEDULABLE]);

/** "True", "False", "Unknown", or undefined while the node has not said. */
export const readyStatus = (node: Node): string | undefined => node.status?.conditions?.find((condition) => condition.type === "Ready")?.status;
export const isUnready = (status: string | undefined): boolean => status === "False" || status === "Unknown";

function wantedTaints(node: Node, options: { readonly evict: boolean }): Taint[] {
  const conditions = node.status?.conditions ?? [];
  const keys = conditions.map((condition) => KEYS[`${condition.type}/${condition.status}`]).filter((key) => key !== undefined);
  if (node.spec?.unschedulable === true) keys.push(UNSCHEDULABLE);
  const taints: Taint[] = keys.map((key) => ({ key, effect: "NoSchedule" }));
  const ready = readyStatus(node);
  if (options.evict && isUnready(ready)) taints.push({ key: ready === "False" ? NOT_READY : UNREACHABLE, effect: "NoExecute" });
  return taints;
}

const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
/** Taints that this controller sets and removes; all others are the users'. */
const isOurs = (taint: Taint): boolean =>
  (taint.effect === "NoSchedule" && OURS.has(taint.key ?? "")) || (taint.effect === "NoExecute" && (taint.key === NOT_READY || taint.key === UNREACHABLE));

/** The node's taints as they should be, or undefined when they are so. `evict`: pods are to leave a node that is not ready. */
export function correctedTaints(node: Node, options: { readonly evict: boolean }, now: EpochMs): Taint[] | undefined {
  const wanted = wantedTaints(node, options);
  const present = node.spec?.taints ?? [];
  const kept = present.filter((taint) => !isOurs(taint) || wanted.some((other) => same(taint, other)));
  const added = wanted.filter((taint) => !present.some((other) => same(taint, other)));
  if (added.length === 0 && kept.length === present.length) return undefined;
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: rfc3339(now) }))];
}

/** As upstream: k8s.io/api core/v1 toleration.go ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if ((toleration.effect ?? "") !== "" && toleration.effect !== taint.effect) return false;
  if ((toleration.key ?? "") !== "" && toleration.key !== taint.key) return false;
  if (toleration.operator === "Exists") return true;
  if ((toleration.key ?? "") === "") return false;
  const value = toleration.value ?? "";
  const [mine, other] = [Number(value), Number(taint.value ?? "")];
  if (toleration.operator === "Gt") return other > mine;
  if (toleration.operator === "Lt") return other < mine;
  return value === (taint.value ?? "");
}

/**
 * Seconds that a pod with these tolerations may stay: 0 at once, undefined for ever.
 * As upstream: pkg/controller/tainteviction/taint_eviction.go getMinTolerationTime.
 */
export function toleratedSeconds(tolerations: readonly Toleration[], taints: readonly Taint[]): number | undefined {
  const used: Toleration[] = [];
  for (const taint of taints) {
    const matching = tolerations.find((toleration) => tolerates(toleration, taint));
    if (matching === undefined) return 0;
    used.push(matching);
  }
  const limits = used.map((toleration) => toleration.tolerationSeconds).filter((seconds) => seconds !== undefined);
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits));
}
