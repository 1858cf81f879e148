// StorageClass of storage.k8s.io/v1. As upstream: pkg/apis/storage/validation/validation.go ValidateStorageClass.
import { equalJson } from "../../base/json.ts";
import { type FieldError, duplicate, required, tooLong } from "../../errors/field-error.ts";
import { isQualifiedName, nameIsDNSSubdomain } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type { StorageClass, TopologySelectorTerm } from "../_generated/types.ts";
import { nodeLabelDeprecation } from "../_parts/pod-warnings.ts";
import { immutable, messages, oneOf, sortedMap } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const DEFAULT_ANNOTATIONS = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const PARAMETERS_MAX = 512;
const PARAMETERS_BYTES_MAX = 256 * 1024;

/** A provisioner or driver name: a qualified name in which case does not matter; the lower-case form is shown. */
export function validateProvisioner(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const lower = name.toLowerCase();
  return messages(isQualifiedName(lower), field, lower);
}
export function validateParameters(parameters: Readonly<Record<string, string>>, field: string): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) return [tooLong(field, PARAMETERS_MAX)];
  const errors = entries.flatMap(([key]) => (key === "" ? [required(field, "field can not be empty.")] : []));
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return bytes > PARAMETERS_BYTES_MAX ? [...errors, tooLong(field, PARAMETERS_BYTES_MAX)] : errors;
}

/** A term as the set of values of each key, for telling whether two terms say the same. */
const termSets = (term: TopologySelectorTerm): Record<string, string[]> =>
  Object.fromEntries((term.matchLabelExpressions ?? []).map(({ key = "", values }) => [key, [...new Set(values)].sort()]));
function validateTerm(term: TopologySelectorTerm, field: string): FieldError[] {
  const keys = new Set<string>();
  return (term.matchLabelExpressions ?? []).flatMap(({ key = "", ...term }, index) => {
    const path = `${field}.matchLabelExpressions[${index}]`;
    const values = term.values ?? [];
    const seen = new Set<string>();
    const errors = values.length === 0 ? [required(`${path}.values`)] : [];
    values.forEach((value, at) => {
      if (seen.has(value)) errors.push(duplicate(`${path}.values[${at}]`, value));
      seen.add(value);
    });
    errors.push(...messages(isQualifiedName(key), `${path}.key`, key));
    if (keys.has(key)) errors.push(duplicate(`${path}.key`, key));
    keys.add(key);
    return errors;
  });
}
function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  return terms.flatMap((term, index) => {
    const field = `allowedTopologies[${index}]`;
    const errors = validateTerm(term, field);
    // Once for each term before that says the same. Upstream's list of those starts out with as many empty terms as there
    // are terms at all, so that a term without expressions is held against each of them.
    const same = terms.slice(0, index).filter((other) => equalJson(termSets(other), termSets(term))).length;
    const empty = (term.matchLabelExpressions ?? []).length === 0 ? terms.length : 0;
    return [...errors, ...Array.from({ length: same + empty }, () => duplicate(`${field}.matchLabelExpressions`, ""))];
  });
}
const validate = (object: StorageClass): FieldError[] => [
  ...validateProvisioner(object.provisioner ?? "", "provisioner"),
  ...validateParameters(object.parameters ?? {}, "parameters"),
  ...(object.reclaimPolicy ? oneOf(object.reclaimPolicy, ["Delete", "Retain"], "reclaimPolicy") : []),
  ...oneOf(object.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"], "volumeBindingMode"),
  ...validateTopologies(object.allowedTopologies ?? []),
];
const isDefault = (object: StorageClass): boolean => DEFAULT_ANNOTATIONS.some((name) => object.metadata?.annotations?.[name] === "true");

export const storageClassKind = defineKind<StorageClass>("storage.k8s.io/v1/storageclasses", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    object.provisioner ??= "";
    object.reclaimPolicy ??= "Delete";
    object.volumeBindingMode ??= "Immediate";
  },
  validate,
  update: {
    validate: (next, stored) => [
      ...validate(next),
      ...immutable(next.parameters, stored.parameters, "parameters", sortedMap(next.parameters)),
      ...immutable(next.provisioner, stored.provisioner, "provisioner"),
      ...immutable(next.reclaimPolicy, stored.reclaimPolicy, "reclaimPolicy"),
      ...immutable(next.volumeBindingMode, stored.volumeBindingMode, "volumeBindingMode"),
    ],
  },
  warnings: (object) =>
    (object.allowedTopologies ?? []).flatMap((term, index) =>
      (term.matchLabelExpressions ?? []).flatMap(({ key = "" }, at) => {
        const message = nodeLabelDeprecation(key);
        return message === undefined ? [] : [`allowedTopologies[${index}].matchLabelExpressions[${at}].key: ${message}`];
      }),
    ),
  deleteReturnsObject: true,
  table: {
    columns: [NAME, text("Provisioner"), text("ReclaimPolicy"), text("VolumeBindingMode"), text("AllowVolumeExpansion"), AGE],
    row: (object, now) => [
      isDefault(object) ? `${nameCell(object)} (default)` : nameCell(object),
      object.provisioner ?? "",
      object.reclaimPolicy ?? "Delete",
      object.volumeBindingMode ?? "<unset>",
      object.allowVolumeExpansion ?? false,
      ageCell(object, now),
    ],
  },
});
