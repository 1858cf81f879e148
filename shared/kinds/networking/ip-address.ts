// IPAddress of networking.k8s.io/v1: who holds a cluster IP. As upstream: pkg/apis/networking/validation/validation.go.
import { type FieldError, required } from "../../errors/field-error.ts";
import { validateCanonicalIP } from "../../meta/ip.ts";
import { isDNS1123Subdomain, isValidPathSegmentName } from "../../meta/names.ts";
import type { Json } from "../../base/json.ts";
import type { IPAddress, ParentReference } from "../_generated/types.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const INVALID_VALUE = /^Invalid value: "(?:[^"\\]|\\.)*": /;
const nameIsIP = (name: string): string[] => validateCanonicalIP("", name).map(({ message }) => message.replace(INVALID_VALUE, ""));

function validate(object: IPAddress): FieldError[] {
  const field = "spec.parentRef";
  const reference = object.spec?.parentRef;
  if (!reference) return [required(field)];
  const { group = "", resource = "", namespace = "", name = "" } = reference;
  const errors = group === "" ? [] : messages(isDNS1123Subdomain(group), `${field}.group`, group);
  for (const [key, value] of [
    ["resource", resource],
    ["name", name],
  ] as const) {
    if (value === "") errors.push(required(`${field}.${key}`));
    else errors.push(...messages(isValidPathSegmentName(value), `${field}.${key}`, value));
  }
  return namespace === "" ? errors : [...errors, ...messages(isValidPathSegmentName(namespace), `${field}.namespace`, namespace)];
}
const shown = (reference: ParentReference | undefined): Json | undefined =>
  reference && {
    Group: reference.group ?? "",
    Resource: reference.resource ?? "",
    Namespace: reference.namespace ?? "",
    Name: reference.name ?? "",
  };
function parentCell(reference: ParentReference): string {
  const { group, resource = "", namespace, name = "" } = reference;
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join("/");
}

export const ipAddressKind = defineKind<IPAddress>("networking.k8s.io/v1/ipaddresses", {
  nameRule: nameIsIP,
  validate,
  update: {
    validate: (next, stored) => [...validate(next), ...immutable(next.spec?.parentRef, stored.spec?.parentRef, "spec.parentRef", shown(next.spec?.parentRef))],
  },
  table: {
    // A real server prints an age as well, for which it declares no column.
    columns: [NAME, text("ParentRef")],
    row: (object, now) => [nameCell(object), parentCell(object.spec?.parentRef ?? {}), ageCell(object, now)],
  },
});
