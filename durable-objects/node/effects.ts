// Carries out what a kubelet's step asks for: statuses and deletions to the store of pods, events to theirs.
import type { EventFact } from "../../shared/reconcile/event-object.ts";
import type { Effect } from "../../shared/sim/node.ts";
import type { WriteRequest } from "../../shared/verbs/write-request.ts";
import type { Stores } from "../client/stores.ts";
import type { EventRecorder } from "../runtime/event-recorder.ts";

const PODS = "/pods";
/** Members of a pod's status that the kubelet takes away again when it no longer says them. */
const OPTIONAL = ["reason", "message", "ephemeralContainerStatuses", "initContainerStatuses", "allocatedResources"] as const;
export const nodeUser = (node: string): WriteRequest["user"] => ({ username: `system:node:${node}`, groups: ["system:nodes", "system:authenticated"] });

function statusPatch(effect: Effect & { readonly do: "status" }): string {
  const status: Record<string, unknown> = { ...effect.status };
  for (const name of OPTIONAL) status[name] ??= null;
  return JSON.stringify({ metadata: { uid: effect.uid }, status });
}
function requestOf(effect: Effect & { readonly do: "status" | "delete" }, node: string): WriteRequest {
  const common = {
    group: "",
    version: "v1",
    namespace: effect.namespace,
    name: effect.name,
    user: nodeUser(node),
    options: { fieldManager: "kubelet", brief: true },
  };
  return effect.do === "status"
    ? { ...common, verb: "patch", patchType: "strategic", subresource: "status", text: statusPatch(effect) }
    : { ...common, verb: "delete", delete: { gracePeriodSeconds: 0, uid: effect.uid } };
}

export interface Written {
  /** Statuses that are stored, or whose pod is no longer there to have one. */
  readonly written: { readonly uid: string; readonly version: number }[];
  /** uids of pods that turned out to be gone. */
  readonly gone: string[];
  /** Something was refused for a reason that may pass. */
  readonly again: boolean;
}

/** Writes statuses and deletions in order. */
export async function writePods(stores: Stores, node: string, effects: readonly Effect[], report: (message: string) => void): Promise<Written> {
  const wanted = effects.filter((one) => one.do === "status" || one.do === "delete");
  const written: Written["written"] = [];
  const gone: string[] = [];
  let again = false;
  if (wanted.length === 0) return { written, gone, again };
  const results = await stores.write(
    PODS,
    wanted.map((one) => requestOf(one, node)),
  );
  wanted.forEach((one, i) => {
    const result = results[i];
    const code = result && !result.ok ? result.status.code : 200;
    if (code === 404 || code === 409) gone.push(one.uid);
    else if (result && !result.ok) {
      report(`${one.do} ${one.namespace}/${one.name}: ${result.status.message ?? code}`);
      if (code >= 500) again = true;
    }
    if (one.do === "status" && code < 500) written.push({ uid: one.uid, version: one.version });
  });
  return { written, gone, again };
}

export function eventFacts(effects: readonly Effect[], node: string): EventFact[] {
  return effects.flatMap((effect) => {
    if (effect.do !== "event") return [];
    const { event } = effect;
    return [
      {
        about: { apiVersion: "v1", kind: "Pod", metadata: { namespace: event.namespace, name: event.pod, uid: event.uid } },
        type: event.type,
        reason: event.reason,
        message: event.message,
        component: "kubelet",
        host: node,
        ...(event.fieldPath === "" ? {} : { fieldPath: event.fieldPath }),
      },
    ];
  });
}
export const recordEvents = (recorder: EventRecorder, effects: readonly Effect[], node: string): Promise<void> => recorder.record(eventFacts(effects, node));
