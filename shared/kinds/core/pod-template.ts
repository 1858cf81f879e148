// PodTemplate: a template kept for others to use (upstream: pkg/registry/core/podtemplate/strategy.go).
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { PodTemplate } from "../_generated/types.ts";
import { containerNamesAndImages } from "../_parts/containers.ts";
import { defaultPodTemplate, podTemplateWarnings, validatePodTemplate } from "../_parts/pod-template.ts";
import { formatLabels, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";
import { defineKind } from "../define-kind.ts";

export const podTemplateKind = defineKind<PodTemplate>("v1/podtemplates", {
  defaults(object) {
    const template = (object.template ??= {});
    template.metadata ??= {};
    defaultPodTemplate(template);
  },
  nameRule: nameIsDNSSubdomain,
  generation: true,
  validate: ({ template }) => validatePodTemplate(template, "template"),
  update: { validate: ({ template }, stored) => validatePodTemplate(template, "template", { stored: stored.template }) },
  warnings({ template, metadata }, stored) {
    if (stored && stored.metadata?.generation === metadata?.generation) return [];
    return podTemplateWarnings(template, "template");
  },
  table: {
    columns: [NAME_COLUMN, textColumn("Containers"), textColumn("Images"), textColumn("Pod Labels")],
    row: (object) => [nameOf(object), ...containerNamesAndImages(object.template?.spec), formatLabels(object.template?.metadata?.labels)],
  },
});
