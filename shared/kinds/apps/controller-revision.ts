// ControllerRevision of apps/v1: a snapshot of a workload's template. As upstream: ValidateControllerRevision.
import { invalid, required } from "../../errors/field-error.ts";
import { nonnegative, immutable } from "../_workload/checks.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { controllerOf } from "../../meta/owner-refs.ts";
import type { Json } from "../../base/json.ts";
import { isObject } from "../../base/json.ts";
import type { FieldError } from "../../errors/field-error.ts";
import type { ControllerRevision } from "../_generated/types.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

function validate(object: ControllerRevision): FieldError[] {
  const revision = nonnegative(object.revision, "revision");
  const snapshot = (object as { data?: Json }).data;
  if (snapshot === undefined || snapshot === null) return [...revision, required("data", "data is mandatory")];
  if (!isObject(snapshot)) return [...revision, invalid("data", JSON.stringify(snapshot), "data must be a valid JSON object")];
  return revision;
}
/** `daemonset.apps/name`, as upstream formatResourceName. */
function controllerCell(object: ControllerRevision): string {
  const owner = controllerOf(object);
  if (!owner) return "<none>";
  const [group = "", version] = (owner.apiVersion ?? "").split("/");
  const kind = (owner.kind ?? "").toLowerCase();
  return `${version === undefined ? kind : `${kind}.${group}`}/${owner.name ?? ""}`;
}

export const controllerRevisionKind = defineKind<ControllerRevision>("apps/v1/controllerrevisions", {
  nameRule: nameIsDNSSubdomain,
  validate,
  update: {
    validate: (next, stored) => {
      const data = (object: ControllerRevision): unknown => (object as { data?: unknown }).data;
      return [...nonnegative(next.revision, "revision"), ...immutable(data(next), data(stored), "data")];
    },
  },
  table: {
    columns: [NAME, text("Controller"), text("Revision"), AGE],
    row: (object, now) => [nameCell(object), controllerCell(object), object.revision ?? 0, ageCell(object, now)],
  },
});
