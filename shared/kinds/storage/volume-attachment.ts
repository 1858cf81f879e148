// VolumeAttachment of storage.k8s.io/v1. As upstream: pkg/apis/storage/validation/validation.go ValidateVolumeAttachment.
import type { Json } from "../../base/json.ts";
import { type FieldError, required } from "../../errors/field-error.ts";
import { isDNS1123Subdomain, nameIsDNSSubdomain } from "../../meta/names.ts";
import type { ColumnDefinition } from "../define-kind.ts";
import type { VolumeAttachment, VolumeAttachmentSource, VolumeAttachmentSpec } from "../_generated/types.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, flag, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateDriverName } from "./csi-driver.ts";

const ATTACHER: ColumnDefinition = { name: "Attacher", type: "string", format: "name", priority: 0 };

function validateSource(source: VolumeAttachmentSource, field: string): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName: name } = source;
  if ((inlineVolumeSpec === undefined) === (name === undefined)) {
    return [required(field, "must specify exactly one of inlineVolumeSpec and persistentVolumeName")];
  }
  return name === "" ? [required(`${field}.persistentVolumeName`, "must specify non empty persistentVolumeName")] : [];
}
function validateSpec(spec: VolumeAttachmentSpec): FieldError[] {
  const node = spec.nodeName ?? "";
  const volume = spec.source?.persistentVolumeName;
  return [
    ...validateDriverName(spec.attacher ?? "", "spec.attacher"),
    ...validateSource(spec.source ?? {}, "spec.source"),
    ...messages(isDNS1123Subdomain(node), "spec.nodeName", node),
    ...(volume === undefined ? [] : messages(isDNS1123Subdomain(volume), "spec.source.persistentVolumeName", volume)),
  ];
}
const shown = (spec: VolumeAttachmentSpec | undefined): Json => ({
  Attacher: spec?.attacher ?? "",
  Source: {
    PersistentVolumeName: spec?.source?.persistentVolumeName ?? null,
    InlineVolumeSpec: (spec?.source?.inlineVolumeSpec as Json | undefined) ?? null,
  },
  NodeName: spec?.nodeName ?? "",
});

export const volumeAttachmentKind = defineKind<VolumeAttachment>("storage.k8s.io/v1/volumeattachments", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.source ??= {};
    spec.attacher ??= "";
    spec.nodeName ??= "";
  },
  prepareForCreate(object) {
    object.status = { attached: false };
  },
  validate: (object) => validateSpec(object.spec ?? {}),
  update: {
    validate: (next, stored) => [...validateSpec(next.spec ?? {}), ...immutable(next.spec, stored.spec, "spec", shown(next.spec))],
  },
  allowUnconditionalUpdate: false,
  deleteReturnsObject: true,
  table: {
    columns: [NAME, ATTACHER, text("PV"), text("Node"), flag("Attached"), AGE],
    row: (object, now) => [
      nameCell(object),
      object.spec?.attacher ?? "",
      object.spec?.source?.persistentVolumeName ?? "",
      object.spec?.nodeName ?? "",
      object.status?.attached ?? false,
      ageCell(object, now),
    ],
  },
});
