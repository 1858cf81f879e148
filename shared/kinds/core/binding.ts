// Binding: assigns a pod to a node (upstream: pkg/registry/core/pod/storage, validation.go ValidatePodBinding).
import { notSupported, required, type FieldError } from "../../errors/field-error.ts";
import { nameIsPathSegment } from "../../meta/names.ts";
import type { Binding } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

function targetErrors({ target = {} }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  const { kind = "", name = "" } = target;
  if (kind !== "" && kind !== "Node") errors.push(notSupported("target.kind", kind, ["Node", "<empty>"]));
  if (name === "") errors.push(required("target.name"));
  return errors;
}
/** Never stored: writing one writes the pod that it names. */
export const bindingKind = defineKind<Binding>("v1/bindings", { virtual: true, nameRule: nameIsPathSegment, validate: targetErrors });
