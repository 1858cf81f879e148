// From a stored object and a patch to the object it should become: the three patch types, then the checks of a decoded body.
import type { Json, JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { notImplemented, type Status } from "../errors/status.ts";
import type { AnyKind, KubeObject } from "../kinds/define-kind.ts";
import { applyJsonPatch } from "../patch/json-patch.ts";
import { applyMergePatch } from "../patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../patch/strategic-merge-patch.ts";
import { checkObject } from "../schema/decode.ts";
import type { FieldValidation, PatchType } from "./write-request.ts";

export interface PatchRequest {
  readonly patchType: PatchType;
  /** The patch as JSON text. */
  readonly text: string;
  readonly options: { readonly fieldValidation?: FieldValidation };
}

function applied(before: KubeObject, request: PatchRequest, schema: string): Result<Json, Status> {
  const document = before as unknown as JsonObject;
  const patch = JSON.parse(request.text) as Json;
  switch (request.patchType) {
    case "json":
      return applyJsonPatch(document, patch);
    case "merge":
      return ok(applyMergePatch(document, patch));
    case "strategic":
      return applyStrategicMergePatch(document, patch as JsonObject, schema);
    case "apply":
      return err(notImplemented("server-side apply"));
  }
}

/**
 * The patched object, type-checked, without unknown fields, defaulted. `before` carries kind and apiVersion and is not mutated.
 * `kind` undefined: the object is a Scale.
 */
export function patchedObject(
  kind: AnyKind | undefined,
  before: KubeObject,
  request: PatchRequest,
): Result<{ readonly object: KubeObject; readonly warnings: readonly string[] }, Status> {
  const schema = kind?.schema ?? "autoscaling.v1.Scale";
  const patched = applied(before, request, schema);
  if (!patched.ok) return patched;
  const checked = checkObject(patched.value, schema, request.options.fieldValidation ?? "Warn");
  if (!checked.ok) return checked;
  kind?.defaults(checked.value.object);
  return ok(checked.value);
}
