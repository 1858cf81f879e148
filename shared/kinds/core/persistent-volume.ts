// PersistentVolume of v1. As upstream: pkg/registry/core/persistentvolume/strategy.go, validation.go ValidatePersistentVolume.
import { cloneJson, equalJson, type Json } from "../../base/json.ts";
import { forbidden, invalid, notSupported, required, type FieldError } from "../../errors/field-error.ts";
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from "../_generated/types.ts";
import { defineKind, statusStrategy, type UpdateStrategy } from "../define-kind.ts";
import { isDNS1123Subdomain, nameIsDNSSubdomain } from "../../meta/names.ts";
import { rfc3339 } from "../../meta/time.ts";
import { validateAccessModes, validateBasicQuantity, validatePositive, VOLUME_MODES } from "../_core/storage-rules.ts";
import { goDiff, goForm } from "../_core/go-form.ts";
import { quantityText } from "../_core/resource-names.ts";
import { AGE_COLUMN, accessModesText, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";
import { SOURCE_SHAPE, SOURCES } from "../_core/volume-shapes.ts";
import { validateVolumeSources } from "../_core/volume-sources.ts";
import { internalJson } from "../_parts/internal-json.ts";
import { checkNodeSelector } from "../_parts/validate-affinity.ts";

const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";
const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];

/** As upstream: pkg/apis/core/v1/defaults.go. */
function defaults(object: PersistentVolume): void {
  const spec = (object.spec ??= {});
  spec.persistentVolumeReclaimPolicy ||= "Retain";
  spec.volumeMode ??= "Filesystem";
  if (spec.hostPath) spec.hostPath.type ??= "";
  if (spec.iscsi) spec.iscsi.iscsiInterface ||= "default";
  if (spec.rbd) Object.assign(spec.rbd, { pool: spec.rbd.pool || "rbd", user: spec.rbd.user || "admin", keyring: spec.rbd.keyring || "/etc/ceph/keyring" });
  if (spec.scaleIO) Object.assign(spec.scaleIO, { storageMode: spec.scaleIO.storageMode || "ThinProvisioned", fsType: spec.scaleIO.fsType || "xfs" });
  const disk = spec.azureDisk;
  if (disk) {
    disk.cachingMode ??= "ReadWrite";
    disk.kind ??= "Shared";
    disk.fsType ??= "ext4";
    disk.readOnly ??= false;
  }
  (object.status ??= {}).phase ||= "Pending";
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined): FieldError[] {
  if (affinity === undefined) return [];
  const field = "spec.nodeAffinity.required";
  if (affinity.required === undefined) return [required(field, "must specify required node constraints")];
  const errors: FieldError[] = [];
  checkNodeSelector(errors, field, affinity.required, { anyValues: false });
  return errors;
}

function validateCapacity(spec: PersistentVolumeSpec): FieldError[] {
  const capacity = spec.capacity;
  const names = Object.keys(capacity ?? {});
  const errors: FieldError[] = [];
  if (names.length === 0) errors.push(required("spec.capacity"));
  if (capacity?.storage === undefined || names.length > 1) errors.push(notSupported("spec.capacity", capacity ?? null, ["storage"]));
  return errors;
}

const classErrors = (name: string | undefined, field: string): FieldError[] =>
  name ? isDNS1123Subdomain(name).map((message) => invalid(field, name, message)) : [];

function validate(object: PersistentVolume): FieldError[] {
  const spec = object.spec ?? {};
  const policy = spec.persistentVolumeReclaimPolicy ?? "";
  const errors: FieldError[] = [];
  if ((spec.accessModes ?? []).length === 0) errors.push(required("spec.accessModes"));
  errors.push(...validateCapacity(spec), ...validateAccessModes(spec.accessModes ?? [], "spec.accessModes"));
  for (const [name, value] of Object.entries(spec.capacity ?? {})) {
    errors.push(...validateBasicQuantity(value, `spec.capacity[${name}]`), ...validatePositive(value, `spec.capacity[${name}]`));
  }
  if (policy !== "" && !RECLAIM_POLICIES.includes(policy)) errors.push(notSupported("spec.persistentVolumeReclaimPolicy", policy, RECLAIM_POLICIES));
  errors.push(...validateAffinity(spec.nodeAffinity), ...validateVolumeSources(spec, { placed: spec.nodeAffinity !== undefined }));
  if (spec.hostPath && policy === "Recycle" && /^\/+\.?\/*$/.test(spec.hostPath.path ?? "")) {
    errors.push(forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"));
  }
  errors.push(...classErrors(spec.storageClassName, "spec.storageClassName"));
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    errors.push(notSupported("spec.volumeMode", spec.volumeMode, VOLUME_MODES));
  }
  if (spec.volumeAttributesClassName !== undefined) {
    const field = "spec.volumeAttributesClassName";
    if (spec.volumeAttributesClassName === "") errors.push(required(field, "an empty string is disallowed"));
    errors.push(...classErrors(spec.volumeAttributesClassName, field));
    if (spec.csi === undefined) errors.push(required("spec.csi", "has to be specified when using volumeAttributesClassName"));
  }
  return errors;
}

const sourceOf = (spec: PersistentVolumeSpec | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(spec ?? {}).filter(([key, value]) => SOURCES.includes(key) && value !== undefined));

/** The affinity as upstream prints its internal form. */
const affinityForm = (affinity: VolumeNodeAffinity | undefined): Json =>
  affinity === undefined ? null : { Required: affinity.required === undefined ? null : internalJson("NodeSelector", affinity.required) };

/** Keys of old and what they are called now. */
const KEY_MOVES: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
};
/** Whether only keys moved from their beta names. Upstream takes an emptied key for such a move, too. */
function sameAffinity(next: VolumeNodeAffinity | undefined, stored: VolumeNodeAffinity): boolean {
  if (next?.required === undefined || stored.required === undefined) return equalJson(next, stored);
  const moved = cloneJson(stored.required);
  moved.nodeSelectorTerms?.forEach((term, t) =>
    term.matchExpressions?.forEach((expression, e) => {
      const key = next.required?.nodeSelectorTerms?.[t]?.matchExpressions?.[e]?.key ?? "";
      if (key === (KEY_MOVES[expression.key ?? ""] ?? "")) expression.key = key;
    }),
  );
  const form = (affinity: object): Json => internalJson("NodeSelector", affinity);
  return equalJson(form(next.required), form(moved));
}

function validateUpdate(next: PersistentVolume, stored: PersistentVolume): FieldError[] {
  // Upstream checks the new object twice: in the strategy and again in ValidatePersistentVolumeUpdate.
  const errors = [...validate(next), ...validate(next)];
  const before = sourceOf(stored.spec);
  const after = sourceOf(next.spec);
  const expandable = stored.spec?.csi !== undefined && stored.spec.csi.controllerExpandSecretRef === undefined && next.spec?.csi !== undefined;
  if (expandable) before.csi = { ...stored.spec?.csi, controllerExpandSecretRef: next.spec?.csi?.controllerExpandSecretRef };
  if (!equalJson(before, after)) {
    const text = goDiff(goForm(SOURCE_SHAPE, before), goForm(SOURCE_SHAPE, after));
    errors.push(forbidden("spec.persistentvolumesource", `spec.persistentvolumesource is immutable after creation\n${text}`));
  }
  if (next.spec?.volumeMode !== stored.spec?.volumeMode) errors.push(invalid("volumeMode", next.spec?.volumeMode, "field is immutable"));
  if (stored.spec?.nodeAffinity !== undefined && !sameAffinity(next.spec?.nodeAffinity, stored.spec.nodeAffinity)) {
    errors.push(invalid("nodeAffinity", affinityForm(next.spec?.nodeAffinity), "field is immutable, except for updating from beta label to GA"));
  }
  return errors;
}

const plainStatus = statusStrategy<PersistentVolume>();
const status: UpdateStrategy<PersistentVolume> = {
  prepare(next, stored, context) {
    plainStatus.prepare(next, stored, context);
    const said = next.status?.lastPhaseTransitionTime;
    const moved = next.status?.phase !== stored.status?.phase;
    if (moved && (said === undefined || said === stored.status?.lastPhaseTransitionTime)) {
      (next.status ??= {}).lastPhaseTransitionTime = rfc3339(context.ports.now());
    }
  },
  validate: () => [],
};

function warnings(object: PersistentVolume): string[] {
  const found: string[] = [];
  const { persistentVolumeReclaimPolicy } = object.spec ?? {};
  if (object.metadata?.annotations?.[BETA_CLASS] !== undefined) {
    found.push(`metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  }
  if (persistentVolumeReclaimPolicy === "Recycle") {
    found.push(
      "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
    );
  }
  return found;
}

export const persistentVolumeKind = defineKind<PersistentVolume>("v1/persistentvolumes", {
  defaults,
  nameRule: nameIsDNSSubdomain,
  prepareForCreate(object, context) {
    object.status = { phase: "Pending", lastPhaseTransitionTime: rfc3339(context.ports.now()) };
  },
  validate,
  update: { validate: validateUpdate },
  subresources: { status },
  warnings,
  deleteReturnsObject: true,
  table: {
    columns: [
      NAME_COLUMN,
      ...["Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass", "VolumeAttributesClass", "Reason"].map((name) => textColumn(name)),
      AGE_COLUMN,
      textColumn("VolumeMode", 1),
    ],
    row(object, now) {
      const spec = object.spec ?? {};
      return [
        nameOf(object),
        quantityText(spec.capacity?.storage ?? "0"),
        accessModesText(spec.accessModes),
        spec.persistentVolumeReclaimPolicy ?? "",
        object.metadata?.deletionTimestamp === undefined ? (object.status?.phase ?? "") : "Terminating",
        spec.claimRef ? `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}` : "",
        object.metadata?.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? "",
        spec.volumeAttributesClassName ?? "<unset>",
        object.status?.reason ?? "",
        ageOf(object, now),
        spec.volumeMode ?? "<unset>",
      ];
    },
  },
});
