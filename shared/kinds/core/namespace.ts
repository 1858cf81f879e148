// Namespace of v1. As upstream: pkg/registry/core/namespace/strategy.go and storage/storage.go.
import { invalid, type FieldError } from "../../errors/field-error.ts";
import type { Namespace } from "../_generated/types.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import { isQualifiedName, nameIsDNSLabel } from "../../meta/names.ts";
import { AGE_COLUMN, ageOf, NAME_COLUMN, nameOf, textColumn } from "../_core/table.ts";

/** The finalizer that stands for the namespace controller's emptying. */
const KUBERNETES = "kubernetes";
const NAME_LABEL = "kubernetes.io/metadata.name";
const STANDARD_FINALIZERS = [KUBERNETES, "orphan", "foregroundDeletion"];

function labelName(object: Namespace): void {
  const name = object.metadata?.name;
  if (!name) return;
  ((object.metadata ??= {}).labels ??= {})[NAME_LABEL] = name;
}

function validateFinalizers(object: Namespace): FieldError[] {
  return (object.spec?.finalizers ?? []).flatMap((finalizer, index) => {
    const field = `spec.finalizers[${index}]`;
    const errors = isQualifiedName(finalizer).map((message) => invalid(field, finalizer, message));
    if (!finalizer.includes("/") && !STANDARD_FINALIZERS.includes(finalizer)) {
      errors.push(invalid(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
    }
    return errors;
  });
}

function validatePhase(next: Namespace): FieldError[] {
  const phase = next.status?.phase ?? "";
  if (next.metadata?.deletionTimestamp === undefined) {
    return phase === "Active" ? [] : [invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty")];
  }
  return phase === "Terminating" ? [] : [invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
}

export const namespaceKind = defineKind<Namespace>("v1/namespaces", {
  defaults(object) {
    object.spec ??= {};
    (object.status ??= {}).phase ||= "Active";
    labelName(object);
  },
  nameRule: nameIsDNSLabel,
  prepareForCreate(object) {
    // Again: a generated name was not known when defaults ran.
    labelName(object);
    object.status = { phase: "Active" };
    const finalizers = ((object.spec ??= {}).finalizers ??= []);
    if (!finalizers.includes(KUBERNETES)) finalizers.push(KUBERNETES);
  },
  validate: validateFinalizers,
  update: {
    prepare(next, stored) {
      const finalizers = stored.spec?.finalizers;
      if (finalizers === undefined) delete next.spec?.finalizers;
      else (next.spec ??= {}).finalizers = finalizers;
      labelName(next);
    },
    validate: () => [],
  },
  subresources: {
    status: statusStrategy<Namespace>(validatePhase),
    finalize: {
      prepare(next, stored) {
        if (stored.status === undefined) delete next.status;
        else next.status = stored.status;
      },
      validate: validateFinalizers,
    },
  },
  blocksDeletion: (object) => (object.spec?.finalizers ?? []).length > 0,
  markDeleting(object) {
    (object.status ??= {}).phase = "Terminating";
    // Namespaces have a deletion of their own upstream, which knows no grace period (pkg/registry/core/namespace/storage).
    delete object.metadata?.deletionGracePeriodSeconds;
  },
  selectableFields: { "status.phase": (object) => object.status?.phase ?? "" },
  table: {
    columns: [NAME_COLUMN, textColumn("Status"), AGE_COLUMN],
    row: (object, now) => [nameOf(object), object.status?.phase ?? "", ageOf(object, now)],
  },
});
