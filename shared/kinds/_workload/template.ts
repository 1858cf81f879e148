// Pod templates of workloads that keep pods running: what they may not ask for.
import { type FieldError, forbidden, invalid, notSupported } from "../../errors/field-error.ts";
import { isDNS1123Label } from "../../meta/names.ts";
import type { PodTemplateSpec } from "../_generated/types.ts";
import { defaultPodTemplate, validatePodTemplate } from "../_parts/pod-template.ts";
import type { KubeObject } from "../define-kind.ts";

/** Makes the template and its parts, which Go always has and prints, and fills in their defaults. */
export function defaultTemplate(holder: { template?: PodTemplateSpec }): void {
  const template = (holder.template ??= {});
  template.metadata ??= {};
  template.spec ??= {};
  defaultPodTemplate(template);
}

/** As upstream: ValidateReadOnlyPersistentDisks. */
function readOnlyDisks(template: PodTemplateSpec, field: string): FieldError[] {
  return (template.spec?.volumes ?? []).flatMap((volume, index) =>
    volume.gcePersistentDisk && volume.gcePersistentDisk.readOnly !== true
      ? [
          invalid(
            `${field}.spec.volumes[${index}].gcePersistentDisk.readOnly`,
            false,
            "must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is read-only",
          ),
        ]
      : [],
  );
}

/** `owner` stands in the message about activeDeadlineSeconds; `replicated`: several pods may share the volumes. */
export function alwaysRunningTemplate(template: PodTemplateSpec | undefined, options: { owner: string; replicated: boolean }, field: string): FieldError[] {
  const checked = template ?? {};
  const errors = validatePodTemplate(checked, field);
  if (options.replicated) errors.push(...readOnlyDisks(checked, field));
  return [...errors, ...restartsAlways(checked, options.owner, field)];
}
export function restartsAlways(template: PodTemplateSpec, owner: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const policy = template.spec?.restartPolicy ?? "";
  if (policy !== "Always") errors.push(notSupported(`${field}.spec.restartPolicy`, policy, ["Always"]));
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`));
  }
  return errors;
}

/** The warning about names that make poor pod host names. */
export function nameWarnings(object: KubeObject): string[] {
  const messages = isDNS1123Label(object.metadata?.name ?? "");
  return messages.length === 0
    ? []
    : [`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(" ")}]`];
}
/** Warnings are given again only where the object's generation moved, as upstream WarningsOnUpdate. */
export const changedSince = (object: KubeObject, stored: KubeObject | undefined): boolean =>
  stored === undefined || object.metadata?.generation !== stored.metadata?.generation;
