// What becomes of a Pod when it is made (upstream: pkg/registry/core/pod/strategy.go, PrepareForCreate).
import { equalJson } from "../../base/json.ts";
import { rfc3339 } from "../../meta/time.ts";
import type { WriteContext } from "../define-kind.ts";
import type { LabelSelector, Pod, PodAffinityTerm } from "../_generated/types.ts";
import { APPARMOR_PREFIX, appArmorOfAnnotation } from "./pod-annotations.ts";
import { everyContainer } from "./containers.ts";
import { podQOSClass } from "./qos.ts";

type PodLabels = Readonly<Record<string, string>>;

/** Pods that agree with this one in the labels named: written into the selector once, with this pod's values. */
function addRequirements(selector: LabelSelector, keys: readonly string[], operator: "In" | "NotIn", labels: PodLabels): void {
  for (const key of keys) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] });
  }
}
function mergeLabelKeys(pod: Pod): void {
  const labels: PodLabels = pod.metadata?.labels ?? {};
  const { affinity, topologySpreadConstraints = [] } = pod.spec ?? {};
  const merge = (term: PodAffinityTerm | undefined): void => {
    if (!term?.labelSelector) return;
    addRequirements(term.labelSelector, term.matchLabelKeys ?? [], "In", labels);
    addRequirements(term.labelSelector, term.mismatchLabelKeys ?? [], "NotIn", labels);
  };
  for (const group of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of group?.preferredDuringSchedulingIgnoredDuringExecution ?? []) merge(podAffinityTerm);
    for (const term of group?.requiredDuringSchedulingIgnoredDuringExecution ?? []) merge(term);
  }
  for (const { labelSelector, matchLabelKeys } of topologySpreadConstraints) {
    if (labelSelector) addRequirements(labelSelector, matchLabelKeys ?? [], "In", labels);
  }
}
/** Profiles that old annotations name become fields. */
function adoptAppArmorAnnotations(pod: Pod): void {
  const { spec, metadata } = pod;
  if (!metadata?.annotations || !spec || spec.os?.name === "windows") return;
  for (const container of everyContainer(spec)) {
    const text = metadata.annotations[APPARMOR_PREFIX + (container.name ?? "")];
    const profile = text === undefined || container.securityContext?.appArmorProfile ? undefined : appArmorOfAnnotation(text);
    if (profile && !equalJson(profile, spec.securityContext?.appArmorProfile)) {
      (container.securityContext ??= {}).appArmorProfile = profile;
    }
  }
}
export function preparePod(pod: Pod, context: WriteContext): void {
  (pod.metadata ??= {}).generation = 1;
  pod.status = { phase: "Pending", qosClass: podQOSClass(pod) };
  if (pod.spec?.schedulingGates?.length) {
    pod.status.conditions = [
      {
        type: "PodScheduled",
        status: "False",
        lastTransitionTime: rfc3339(context.ports.now()),
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ];
  }
  mergeLabelKeys(pod);
  adoptAppArmorAnnotations(pod);
}
