// What the validation of a pod tolerates because the stored pod has it already (upstream: pkg/api/pod/util.go,
// GetValidationOptionsFromPodSpecAndMeta, with the feature gates of a 1.36 server at their defaults).
import { validateLabelSelector } from "../../meta/labels.ts";
import { isValidLabelValue } from "../../meta/names.ts";
import { milliValue, quantityValue } from "../../meta/quantity.ts";
import type { ObjectMeta, PodSpec } from "../_generated/types.ts";
import { checkLocalPath, type Errors } from "./check.ts";
import { everyContainer, isRestartableInit } from "./containers.ts";
import { hugePageSize, isHugePages } from "./resource-names.ts";
import { type AffinityRules, affinityTermSelectorErrors, checkMatchLabelKeys } from "./validate-affinity.ts";
import type { ContainerRules } from "./validate-container.ts";
import type { SchedulingRules } from "./validate-scheduling.ts";
import { hostSysctl, type HostUsersRules, type PodSecurityRules } from "./validate-security.ts";
import type { VolumeRules } from "./validate-key-to-path.ts";

export interface PodRules
  extends AffinityRules, SchedulingRules, PodSecurityRules, HostUsersRules, Omit<ContainerRules, "claimNames">, Omit<VolumeRules, "podName"> {
  readonly anyDeletionCost: boolean;
}
const STRICT: PodRules = {
  isPod: false,
  anyDeletionCost: false,
  anySelectorValues: false,
  anyRequiredNodeValues: false,
  comparisons: false,
  anySpreadSelector: false,
  anySpreadLabelKeys: false,
  hostSysctls: false,
  anySELinuxChangePolicy: false,
  blockDevices: false,
  hostNetwork: false,
  indivisibleHugePages: false,
  restartingInitResize: false,
  nonLocalTokenPath: false,
};
export const TEMPLATE_RULES: PodRules = STRICT;
export const POD_RULES: PodRules = { ...STRICT, isPod: true };

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const INT32 = /^(?:0|[1-9][0-9]*|-[0-9]+)$/;
/** The annotation's text when it is not a number as upstream wants it: int32, no plus sign, no leading zeros. */
export function badDeletionCost(metadata: ObjectMeta | undefined): string | undefined {
  const text = metadata?.annotations?.[DELETION_COST];
  if (text === undefined) return undefined;
  const value = Number(text);
  return INT32.test(text) && value >= -(2 ** 31) && value < 2 ** 31 ? undefined : text;
}

const finds = (check: (errors: Errors) => void): boolean => {
  const errors: Errors = [];
  check(errors);
  return errors.length > 0;
};
function anySelectorValues({ affinity }: PodSpec): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((group) => [
    ...(group?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(group?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm ?? {}),
  ]);
  return terms.some((term) => affinityTermSelectorErrors(term, "", { anyValues: false }).length > 0);
}
function anyRequiredNodeValues({ affinity }: PodSpec): boolean {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.some((term) => term.matchExpressions?.some((requirement) => requirement.values?.some((value) => isValidLabelValue(value).length > 0)));
}
const indivisibleHugePages = (spec: PodSpec): boolean =>
  everyContainer(spec).some(({ resources }) =>
    [...Object.entries(resources?.limits ?? {}), ...Object.entries(resources?.requests ?? {})].some(([name, value]) => {
      if (!isHugePages(name)) return false;
      const size = hugePageSize(name);
      return milliValue(size) <= 0n || quantityValue(size) === 0n || quantityValue(value) % quantityValue(size) !== 0n;
    }),
  );
const nonLocalTokenPath = (spec: PodSpec): boolean =>
  (spec.volumes ?? []).some((volume) =>
    volume.projected?.sources?.some(({ serviceAccountToken }) =>
      finds((errors) => serviceAccountToken && checkLocalPath(errors, "", serviceAccountToken.path ?? "")),
    ),
  );
const restartingInitResize = (spec: PodSpec): boolean =>
  (spec.initContainers ?? []).some(
    (container) => !isRestartableInit(container) && container.resizePolicy?.some(({ restartPolicy }) => restartPolicy === "RestartContainer"),
  );

/** Rules for a spec that replaces a stored one. */
export function rulesBeside(stored: PodSpec, metadata: ObjectMeta | undefined, base: PodRules): PodRules {
  const ownUsers = stored.hostUsers === false;
  return {
    ...base,
    anyDeletionCost: badDeletionCost(metadata) !== undefined,
    anySelectorValues: anySelectorValues(stored),
    anyRequiredNodeValues: anyRequiredNodeValues(stored),
    comparisons: stored.tolerations?.some(({ operator }) => operator === "Lt" || operator === "Gt") ?? false,
    anySpreadSelector: stored.topologySpreadConstraints?.some(({ labelSelector }) => validateLabelSelector(labelSelector, {}, "").length > 0) ?? false,
    anySpreadLabelKeys:
      stored.topologySpreadConstraints?.some(({ labelSelector, matchLabelKeys }) =>
        finds((errors) => checkMatchLabelKeys(errors, "", { labelSelector, matchLabelKeys })),
      ) ?? false,
    hostSysctls: stored.securityContext?.sysctls?.some(({ name = "" }) => hostSysctl(name, stored, "") !== undefined) ?? false,
    anySELinuxChangePolicy: stored.securityContext?.seLinuxChangePolicy !== undefined,
    blockDevices: ownUsers && everyContainer(stored).some((container) => (container.volumeDevices?.length ?? 0) > 0),
    hostNetwork: ownUsers && stored.hostNetwork === true,
    indivisibleHugePages: indivisibleHugePages(stored),
    restartingInitResize: restartingInitResize(stored),
    nonLocalTokenPath: nonLocalTokenPath(stored),
  };
}
