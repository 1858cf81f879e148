// What may stand in metadata, of a new object and of a changed one.
// As upstream: k8s.io/apimachinery pkg/api/validation/objectmeta.go, apiserver pkg/registry/rest/{create,update}.go.
import { equalJson } from "../base/json.ts";
import type { FieldError } from "../errors/field-error.ts";
import { forbidden, invalid, required, tooLong } from "../errors/field-error.ts";
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from "../kinds/_generated/types.ts";
import { validateAnnotations, validateLabels } from "./labels.ts";
import { isDNS1123Label, isQualifiedName, nameIsPathSegment } from "./name-checks.ts";
import { byteLength, compareText } from "./text.ts";

/** What is asked of a kind. */
export interface MetaKind {
  readonly group: string;
  readonly namespaced: boolean;
  nameRule(name: string, prefix: boolean): string[];
}
interface WithMeta {
  metadata?: ObjectMeta;
}

const STANDARD_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);
/** Groups whose kinds are checked by pkg/apis/core/validation; all others accept any qualified name as a finalizer. */
const CORE_VALIDATED_GROUPS = new Set([
  "",
  "apps",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "discovery.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);
const checksFinalizerNames = (group: string): boolean => CORE_VALIDATED_GROUPS.has(group);

/** Go prints the members of a struct in their own order. */
const printedRef = (ref: OwnerReference): Record<string, string | boolean> => ({
  apiVersion: ref.apiVersion ?? "",
  kind: ref.kind ?? "",
  name: ref.name ?? "",
  uid: ref.uid ?? "",
  ...(ref.controller === undefined ? {} : { controller: ref.controller }),
  ...(ref.blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion: ref.blockOwnerDeletion }),
});

export function validateOwnerReferences(refs: readonly OwnerReference[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const ref of refs) {
    const { apiVersion = "", kind = "", name = "", uid = "" } = ref;
    const parts = apiVersion.split("/");
    const version = parts.length > 2 ? "" : (parts.at(-1) ?? "");
    if (version === "") errors.push(invalid(`${field}.apiVersion`, apiVersion, "version must not be empty"));
    if (kind === "") errors.push(invalid(`${field}.kind`, kind, "must not be empty"));
    if (name === "") errors.push(invalid(`${field}.name`, name, "must not be empty"));
    if (uid === "") errors.push(invalid(`${field}.uid`, uid, "must not be empty"));
    if (apiVersion === "v1" && kind === "Event") {
      errors.push(invalid(field, printedRef(ref), "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (ref.controller !== true) continue;
    const text = `${kind}/${name}`;
    if (controller === undefined) controller = text;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${text}`;
      errors.push(invalid(field, refs.map(printedRef), detail));
    }
  }
  return errors;
}

export function validateFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  const errors = finalizers.flatMap((name) => isQualifiedName(name).map((message) => invalid(field, name, message)));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid(field, [...finalizers], "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  return errors;
}
/** Names without a domain are reserved: `metadata.finalizers[0]`. */
function standardFinalizers(metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  metadata.finalizers?.forEach((name, index) => {
    if (name.includes("/") || STANDARD_FINALIZERS.has(name)) return;
    errors.push(invalid(`metadata.finalizers[${index}]`, name, "name is neither a standard finalizer name nor is it fully qualified"));
  });
  return errors;
}

const MANAGER_BYTES_MAX = 128;
/** Nothing is wrong with such a name, and it is checked with every write. */
const ORDINARY = /^[ -~]*$/;
/** A field manager's name: at most 128 bytes, printable. */
export function validateFieldManager(manager: string, field: string): FieldError[] {
  if (manager.length <= MANAGER_BYTES_MAX && ORDINARY.test(manager)) return [];
  const errors: FieldError[] = [];
  if (byteLength(manager) > MANAGER_BYTES_MAX) errors.push(tooLong(field, MANAGER_BYTES_MAX));
  let position = 0;
  for (const character of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      errors.push(invalid(field, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += byteLength(character);
  }
  return errors;
}
function validateManagedFields(entries: readonly ManagedFieldsEntry[], field: string): FieldError[] {
  return entries.flatMap(({ operation = "", fieldsType = "", manager = "", subresource = "" }, index) => {
    const here = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (operation !== "Apply" && operation !== "Update") {
      errors.push(invalid(`${here}.operation`, operation, "must be `Apply` or `Update`"));
    }
    if (fieldsType !== "" && fieldsType !== "FieldsV1") {
      errors.push(invalid(`${here}.fieldsType`, fieldsType, "must be `FieldsV1`"));
    }
    errors.push(...validateFieldManager(manager, `${here}.manager`));
    if (byteLength(subresource) > 256) errors.push(tooLong(`${here}.subresource`, 256));
    return errors;
  });
}

type NameRule = MetaKind["nameRule"];
/** As upstream: ValidateObjectMetaAccessor. */
function validateAccessor(metadata: ObjectMeta, namespaced: boolean, nameRule: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  const { name = "", generateName = "", namespace = "", generation = 0 } = metadata;
  if (generateName !== "") {
    for (const message of nameRule(generateName, true)) errors.push(invalid("metadata.generateName", generateName, message));
  }
  if (name === "") errors.push(required("metadata.name", "name or generateName is required"));
  else for (const message of nameRule(name, false)) errors.push(invalid("metadata.name", name, message));
  if (!namespaced && namespace !== "") errors.push(forbidden("metadata.namespace", "not allowed on this type"));
  if (namespaced && namespace === "") errors.push(required("metadata.namespace"));
  if (namespaced && namespace !== "") {
    for (const message of isDNS1123Label(namespace)) errors.push(invalid("metadata.namespace", namespace, message));
  }
  if (generation < 0) errors.push(invalid("metadata.generation", generation, "must be greater than or equal to 0"));
  errors.push(...validateContents(metadata));
  if (metadata.finalizers) errors.push(...validateFinalizers(metadata.finalizers, "metadata.finalizers"));
  if (metadata.managedFields) errors.push(...validateManagedFields(metadata.managedFields, "metadata.managedFields"));
  return errors;
}
function validateContents(metadata: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(metadata.labels, "metadata.labels"),
    ...validateAnnotations(metadata.annotations, "metadata.annotations"),
    ...validateOwnerReferences(metadata.ownerReferences ?? [], "metadata.ownerReferences"),
  ];
}

/** Of a new object. The kind's own name rule comes first; only a metadata that passes is checked as a path segment. */
export function validateMeta(kind: MetaKind, object: WithMeta): FieldError[] {
  const metadata = object.metadata ?? {};
  const errors = validateAccessor(metadata, kind.namespaced, (name, prefix) => kind.nameRule(name, prefix));
  if (checksFinalizerNames(kind.group)) errors.push(...standardFinalizers(metadata));
  return errors.length > 0 ? errors : validateAccessor(metadata, kind.namespaced, nameIsPathSegment);
}

const IMMUTABLE = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const;

/** As upstream: ValidateObjectMetaAccessorUpdate. */
function validateStep(next: ObjectMeta, stored: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (stored.deletionTimestamp) {
    const known = new Set(stored.finalizers);
    const added = [...new Set(next.finalizers)].filter((name) => !known.has(name)).sort(compareText);
    if (added.length > 0) {
      const list = added.map((name) => JSON.stringify(name)).join(", ");
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
      errors.push(forbidden("metadata.finalizers", detail));
    }
  }
  if (!next.resourceVersion) errors.push(invalid("metadata.resourceVersion", "", "must be specified for an update"));
  const { generation = 0 } = next;
  if (generation < (stored.generation ?? 0)) errors.push(invalid("metadata.generation", generation, "must not be decremented"));
  for (const key of IMMUTABLE) {
    if (equalJson(next[key], stored[key])) continue;
    const absent = key === "name" || key === "namespace" || key === "uid" ? "" : null;
    errors.push(invalid(`metadata.${key}`, next[key] ?? absent, "field is immutable"));
  }
  errors.push(...validateContents(next));
  if (next.managedFields) errors.push(...validateManagedFields(next.managedFields, "metadata.managedFields"));
  return errors;
}

/**
 * Of a changed object: first what every resource is checked for, then what kinds check again (so immutable metadata is
 * reported twice in causes). `next` has its resourceVersion. As upstream: rest.BeforeUpdate, then the kind's ValidateUpdate.
 */
export function validateMetaUpdate(next: WithMeta, stored: WithMeta, kind?: Pick<MetaKind, "group" | "namespaced">): FieldError[] {
  const metadata = next.metadata ?? {};
  const step = validateStep(metadata, stored.metadata ?? {});
  const namespaced = kind?.namespaced ?? metadata.namespace !== undefined;
  const errors = [...validateAccessor(metadata, namespaced, nameIsPathSegment), ...step, ...step];
  if (kind === undefined || checksFinalizerNames(kind.group)) errors.push(...standardFinalizers(metadata));
  return errors;
}
