// Checks of access reviews. As upstream: pkg/apis/authorization/validation/validation.go.
import type { Json } from "../../base/json.ts";
import { type FieldError, invalid, required } from "../../errors/field-error.ts";
import type { SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec } from "../_generated/types.ts";
import type { KubeObject } from "../define-kind.ts";

const SELECTORS = [
  ["fieldSelector", "spec.resourceAttributes.fieldSelector"],
  ["labelSelector", "spec.resourceAttributes.labelSelector"],
] as const;

/** As Go prints the internal struct. */
const nonResourceValue = (attributes: { path?: string; verb?: string } | undefined): Json | undefined =>
  attributes && { Path: attributes.path ?? "", Verb: attributes.verb ?? "" };

export function validateAttributes(spec: SelfSubjectAccessReviewSpec): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors: FieldError[] = [];
  if (resourceAttributes && nonResourceAttributes) {
    const detail = "cannot be specified in combination with resourceAttributes";
    errors.push(invalid("spec.nonResourceAttributes", nonResourceValue(nonResourceAttributes), detail));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalid("spec.resourceAttributes", undefined, detail));
  }
  return errors;
}
export function validateSelectors(spec: SelfSubjectAccessReviewSpec): FieldError[] {
  return SELECTORS.flatMap(([name, field]) => {
    const selector = spec.resourceAttributes?.[name];
    if (!selector) return [];
    const { rawSelector = "", requirements = [] } = selector;
    if (rawSelector !== "" && requirements.length > 0) {
      return [invalid(`${field}.rawSelector`, rawSelector, "may not specified at the same time as requirements")];
    }
    const none = rawSelector === "" && requirements.length === 0;
    return none ? [required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`)] : [];
  });
}
export function validateSubject(spec: SubjectAccessReviewSpec): FieldError[] {
  const errors = validateAttributes(spec);
  if (!spec.user && !spec.groups?.length) errors.push(invalid("spec.user", spec.user ?? "", "at least one of user or group must be specified"));
  return [...errors, ...validateSelectors(spec)];
}
/** A review is no object of the cluster; `allowed` members are those that say where it is asked. */
export function emptyMetadata(object: KubeObject, allowed: readonly string[], detail: string): FieldError[] {
  const ignored = ["managedFields", "creationTimestamp", "uid", ...allowed];
  const members = Object.entries(object.metadata ?? {}).filter(([key, value]) => !ignored.includes(key) && value !== undefined);
  return members.length === 0 ? [] : [invalid("metadata", Object.fromEntries(members) as Json, detail)];
}
