// Validation of a new Pod, and what every write of a Pod checks (upstream: validation.go, ValidatePodCreate).
import { forbidden } from "../../errors/field-error.ts";
import type { Pod } from "../_generated/types.ts";
import type { Errors } from "./check.ts";
import { checkPodAnnotations, checkProfilesMatch } from "./pod-annotations.ts";
import { POD_RULES, type PodRules, rulesBeside } from "./pod-rules.ts";
import { checkImageSpace } from "./validate-container.ts";
import { checkPodSpec } from "./validate-pod-spec.ts";

export const podRulesBeside = (stored: Pod): PodRules => rulesBeside(stored.spec ?? {}, stored.metadata, POD_RULES);

/** As upstream validatePodMetadataAndSpec, but for metadata itself. */
export function checkPod(errors: Errors, pod: Pod, rules: PodRules): void {
  const { spec = {}, metadata } = pod;
  checkPodAnnotations(errors, "metadata.annotations", metadata, spec, rules);
  checkPodSpec(errors, "spec", spec, rules, metadata);
  if (!spec.serviceAccountName) {
    spec.volumes?.forEach((volume, i) =>
      volume.projected?.sources?.forEach((source, j) => {
        const path = `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`;
        if (source.serviceAccountToken) errors.push(forbidden(path, "must not be specified when serviceAccountName is not set"));
      }),
    );
  }
  spec.containers?.forEach((container, i) => checkImageSpace(errors, `spec.containers[${i}]`, container.image));
  spec.initContainers?.forEach((container, i) => checkImageSpace(errors, `spec.initContainers[${i}]`, container.image));
}
export function newPodErrors(pod: Pod): Errors {
  const errors: Errors = [];
  const { spec = {}, metadata } = pod;
  checkPod(errors, pod, POD_RULES);
  if (spec.ephemeralContainers?.length) errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
  checkProfilesMatch(errors, "spec", metadata, spec);
  return errors;
}
