// PersistentVolumeClaim of v1. As upstream: pkg/registry/core/persistentvolumeclaim/strategy.go, validation.go ValidatePersistentVolumeClaim.
import { cloneJson } from "../../base/json.ts";
import { forbidden, invalid, type FieldError } from "../../errors/field-error.ts";
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../_generated/types.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { compareQuantity } from "../../meta/quantity.ts";
import { validateClaimSpec, validateClaimStatus } from "../_core/claim-rules.ts";
import { quantityText } from "../_core/resource-names.ts";
import { AGE_COLUMN, accessModesText, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";
import { internalText, sameInternally } from "../_parts/internal-json.ts";
import { unifiedDiff } from "../_parts/unified-diff.ts";

const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";
const SPEC = "PersistentVolumeClaimSpec";
const IMMUTABLE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
const SNAPSHOT_GROUP = "snapshot.storage.k8s.io";

function defaults(object: PersistentVolumeClaim): void {
  const spec = (object.spec ??= {});
  spec.volumeMode ??= "Filesystem";
  spec.resources ??= {};
  // Pointers without omitempty upstream: null is on the wire.
  if (spec.dataSource) spec.dataSource.apiGroup ??= null as never;
  if (spec.dataSourceRef) spec.dataSourceRef.apiGroup ??= null as never;
  (object.status ??= {}).phase ||= "Pending";
}

/** dataSource and dataSourceRef mirror each other; a dataSource of another kind than the two of old is dropped. */
function normalizeDataSources(spec: PersistentVolumeClaimSpec): void {
  // References into other namespaces are an alpha feature that is off.
  if (spec.dataSourceRef?.namespace) delete spec.dataSourceRef;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource) {
    const group = dataSource.apiGroup ?? "";
    const known = (dataSource.kind === "PersistentVolumeClaim" && group === "") || (dataSource.kind === "VolumeSnapshot" && group === SNAPSHOT_GROUP);
    if (!known) delete spec.dataSource;
  }
  if (spec.dataSource && !dataSourceRef) spec.dataSourceRef = cloneJson(spec.dataSource);
  else if (!spec.dataSource && dataSourceRef) {
    const { kind, name } = dataSourceRef;
    const apiGroup = dataSourceRef.apiGroup ?? undefined;
    spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), ...(kind ? { kind } : {}), ...(name ? { name } : {}) };
  }
}

/** What of the spec may change at which time is taken over from `next` before the rest is compared. */
function immutablePart(next: PersistentVolumeClaim, stored: PersistentVolumeClaim): [PersistentVolumeClaimSpec, PersistentVolumeClaimSpec] {
  const after = cloneJson(next.spec ?? {});
  const before = cloneJson(stored.spec ?? {});
  // volumeName may be set once.
  if (!before.volumeName && after.volumeName !== undefined) before.volumeName = after.volumeName;
  const beta = stored.metadata?.annotations?.[BETA_CLASS];
  if (before.storageClassName === undefined && after.storageClassName !== undefined && (beta === undefined || beta === after.storageClassName)) {
    // A claim without a class may get one: the default class assigned later, or the move from the annotation.
    before.storageClassName = after.storageClassName;
  }
  if (next.status?.phase === "Bound") {
    const size = before.resources?.requests?.storage;
    if (after.resources?.requests && size !== undefined) after.resources.requests.storage = size;
    delete before.volumeAttributesClassName;
    delete after.volumeAttributesClassName;
  }
  return [before, after];
}

/** A claim may change its attributes class, but not leave it. */
function validateClassStep(next: PersistentVolumeClaim, stored: PersistentVolumeClaim): FieldError[] {
  const field = "spec.volumeAttributesClassName";
  const now = next.spec?.volumeAttributesClassName;
  if (stored.spec?.volumeAttributesClassName === undefined || next.status?.phase !== "Bound") return [];
  if (now === undefined) return [forbidden(field, "update from non-nil value to nil is forbidden")];
  return now === "" && stored.spec.volumeAttributesClassName !== "" ? [forbidden(field, "update from non-nil value to an empty string is forbidden")] : [];
}

function validateUpdate(next: PersistentVolumeClaim, stored: PersistentVolumeClaim): FieldError[] {
  const errors = validate(next);
  const [before, after] = immutablePart(next, stored);
  if (!sameInternally(SPEC, before, after)) {
    errors.push(forbidden("spec", `${IMMUTABLE}\n${unifiedDiff(internalText(SPEC, before), internalText(SPEC, after))}`));
  }
  const sizeOf = (claim: PersistentVolumeClaim): string | number => claim.spec?.resources?.requests?.storage ?? "0";
  if (compareQuantity(sizeOf(next), sizeOf(stored)) < 0 && compareQuantity(sizeOf(next), stored.status?.capacity?.storage ?? "0") <= 0) {
    errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  }
  if (next.spec?.volumeMode !== stored.spec?.volumeMode) errors.push(invalid("volumeMode", next.spec?.volumeMode, "field is immutable"));
  return [...errors, ...validateClassStep(next, stored)];
}

const validate = (object: PersistentVolumeClaim): FieldError[] => validateClaimSpec(object.spec ?? {}, "spec");

function warnings(object: PersistentVolumeClaim): string[] {
  const found: string[] = [];
  if (object.metadata?.annotations?.[BETA_CLASS] !== undefined) {
    found.push(`metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  }
  for (const member of ["requests", "limits"] as const) {
    const value = String(object.spec?.resources?.[member]?.storage ?? "");
    if (value.endsWith("m")) {
      found.push(`spec.resources.${member}[storage]: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`);
    }
  }
  return found;
}

export const persistentVolumeClaimKind = defineKind<PersistentVolumeClaim>("v1/persistentvolumeclaims", {
  defaults,
  nameRule: nameIsDNSSubdomain,
  prepareForCreate(object) {
    object.status = { phase: "Pending" };
    normalizeDataSources((object.spec ??= {}));
  },
  validate,
  update: {
    prepare(next, stored) {
      const spec = (next.spec ??= {});
      // Sources cannot change: one that the client left out is its mirror's.
      if (stored.spec?.dataSource && !spec.dataSource && spec.dataSourceRef) spec.dataSource = cloneJson(stored.spec.dataSource);
      if (stored.spec?.dataSourceRef && !spec.dataSourceRef && spec.dataSource) spec.dataSourceRef = cloneJson(stored.spec.dataSourceRef);
    },
    validate: validateUpdate,
  },
  subresources: { status: statusStrategy<PersistentVolumeClaim>((next) => validateClaimStatus(next.status ?? {})) },
  warnings,
  deleteReturnsObject: true,
  table: {
    columns: [
      NAME_COLUMN,
      ...["Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass"].map((name) => textColumn(name)),
      AGE_COLUMN,
      textColumn("VolumeMode", 1),
    ],
    row(object, now) {
      const spec = object.spec ?? {};
      const bound = Boolean(spec.volumeName);
      return [
        nameOf(object),
        object.metadata?.deletionTimestamp === undefined ? (object.status?.phase ?? "") : "Terminating",
        spec.volumeName ?? "",
        bound ? quantityText(object.status?.capacity?.storage ?? "0") : "",
        bound ? accessModesText(object.status?.accessModes) : "",
        object.metadata?.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? "",
        spec.volumeAttributesClassName ?? "<unset>",
        ageOf(object, now),
        spec.volumeMode ?? "<unset>",
      ];
    },
  },
});
