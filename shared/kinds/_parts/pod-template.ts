// Pod templates of workload kinds: defaults, validation and warnings.
import { forbidden, type FieldError } from "../../errors/field-error.ts";
import { validateAnnotations, validateLabels } from "../../meta/labels.ts";
import type { PodTemplateSpec } from "../_generated/types.ts";
import type { Errors } from "./check.ts";
import { checkPodAnnotations, checkProfilesMatch } from "./pod-annotations.ts";
import { defaultPodSpec } from "./pod-defaults.ts";
import { rulesBeside, TEMPLATE_RULES } from "./pod-rules.ts";
import { podSpecWarnings } from "./pod-warnings.ts";
import { checkPodSpec } from "./validate-pod-spec.ts";

export { defaultPodSpec } from "./pod-defaults.ts";

export interface PodTemplateRules {
  /** The template as stored before an update; some values are tolerated when they were already there. */
  readonly stored?: PodTemplateSpec | undefined;
}

/** Mutates; a template that is absent stays so, its spec does not. */
export function defaultPodTemplate(template: PodTemplateSpec | undefined): void {
  if (template) defaultPodSpec((template.spec ??= {}));
}
/** As upstream ValidatePodTemplateSpec. */
export function validatePodTemplate(template: PodTemplateSpec | undefined, field: string, options: PodTemplateRules = {}): FieldError[] {
  const errors: Errors = [];
  const { metadata, spec = {} } = template ?? {};
  const { stored } = options;
  const rules = stored ? rulesBeside(stored.spec ?? {}, stored.metadata, TEMPLATE_RULES) : TEMPLATE_RULES;
  if (metadata?.labels) errors.push(...validateLabels(metadata.labels, `${field}.labels`));
  if (metadata?.annotations) errors.push(...validateAnnotations(metadata.annotations, `${field}.annotations`));
  checkPodAnnotations(errors, `${field}.annotations`, metadata, spec, rules);
  checkPodSpec(errors, `${field}.spec`, spec, rules);
  checkProfilesMatch(errors, `${field}.spec`, metadata, spec);
  if (spec.ephemeralContainers?.length) {
    errors.push(forbidden(`${field}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template"));
  }
  return errors;
}
/** Texts of Warning headers; `field` is that of the template, as `spec.template`. */
export function podTemplateWarnings(template: PodTemplateSpec | undefined, field: string): string[] {
  return template ? podSpecWarnings(template.spec ?? {}, template.metadata, field) : [];
}
