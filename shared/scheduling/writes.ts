// Decisions as bodies of requests: a Binding, a patch of a pod's status.
import type { Binding, PodCondition } from "../kinds/_generated/types.ts";
import { rfc3339 } from "../meta/time.ts";
import type { VolumeChoice } from "./framework.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Bind, Unschedulable } from "./schedule.ts";

export function bindingBody({ pod, nodeName }: Bind): Binding {
  return {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    target: { kind: "Node", name: nodeName },
  };
}
interface Patch {
  readonly place: { readonly namespace: string; readonly name: string };
  readonly body: object;
}
/** By resource: how a choice is told to the controllers of volumes (upstream: plugins/volumebinding/binder.go bindAPIUpdate). */
export const VOLUME_WRITES: readonly { readonly resource: string; patch(choice: VolumeChoice): Patch | undefined }[] = [
  {
    resource: "/persistentvolumes",
    patch: ({ claim: { namespace, name, uid }, volumeName }) =>
      volumeName === undefined
        ? undefined
        : {
            place: { namespace: "", name: volumeName },
            body: {
              metadata: { annotations: { "pv.kubernetes.io/bound-by-controller": "yes" } },
              spec: { claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name, uid } },
            },
          },
  },
  {
    resource: "/persistentvolumeclaims",
    patch: ({ claim: { namespace, name }, nodeName, volumeName }) =>
      volumeName !== undefined
        ? undefined
        : { place: { namespace, name }, body: { metadata: { annotations: { "volume.kubernetes.io/selected-node": nodeName } } } },
  },
];

export const scheduledMessage = ({ pod, nodeName }: Bind): string => `Successfully assigned ${pod.namespace}/${pod.name} to ${nodeName}`;

/** The condition as a strategic merge patch of the status; undefined when the pod says so already. */
export function refusalPatch(decision: Unschedulable, now: number): object | undefined {
  const { pod, message, nominatedNodeName } = decision;
  const nominated = nominatedNodeName === undefined || nominatedNodeName === (pod.nominatedNodeName ?? "") ? undefined : nominatedNodeName;
  if (pod.refusal === message && nominated === undefined) return undefined;
  return statusPatch(pod, { type: "PodScheduled", status: "False", reason: "Unschedulable", message }, now, {
    transition: pod.refusal === undefined,
    ...(nominated !== undefined && { nominatedNodeName: nominated }),
  });
}

/** The node is no longer kept for the pod. */
export const displacedPatch = (pod: PodInfo): object => ({ metadata: { uid: pod.uid }, status: { nominatedNodeName: null } });

export const preemptedMessage = (preemptor: PodInfo, nodeName: string): string => `Preempted by pod ${preemptor.uid} on node ${nodeName}`;
/** What is said of a pod before it is deleted to make room (upstream: framework/preemption/executor.go). */
export const victimPatch = (victim: PodInfo, profile: string, now: number): object => {
  const message = `${profile}: preempting to accommodate a higher priority pod`;
  const condition = { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler", message };
  return statusPatch(victim, condition, now, { transition: true });
};

/** Conditions merge by type, so one that does not change its status keeps its time by leaving it out. */
function statusPatch(
  pod: PodInfo,
  condition: PodCondition,
  now: number,
  { transition, nominatedNodeName }: { readonly transition: boolean; readonly nominatedNodeName?: string },
): object {
  return {
    metadata: { uid: pod.uid },
    status: {
      conditions: [
        {
          ...condition,
          ...(pod.generation !== undefined && { observedGeneration: pod.generation }),
          ...(transition && { lastTransitionTime: rfc3339(now) }),
        },
      ],
      ...(nominatedNodeName !== undefined && { nominatedNodeName: nominatedNodeName === "" ? null : nominatedNodeName }),
    },
  };
}
