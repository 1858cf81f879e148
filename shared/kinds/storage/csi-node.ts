// CSINode of storage.k8s.io/v1: which CSI drivers a node has. As upstream: pkg/apis/storage/validation/validation.go.
import { equalJson, type Json } from "../../base/json.ts";
import { type FieldError, duplicate, invalid, required } from "../../errors/field-error.ts";
import { isQualifiedName, nameIsDNSSubdomain } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type { CSINode, CSINodeDriver } from "../_generated/types.ts";
import { messages, nonnegative } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, integer, nameCell } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateDriverName } from "./csi-driver.ts";

const NODE_ID_BYTES_MAX = 256;

/** `names`: of the drivers before; this one's is added. */
function validateDriver(driver: CSINodeDriver, names: Set<string>, field: string): FieldError[] {
  const { name = "", nodeID = "", allocatable } = driver;
  const topologyKeys = driver.topologyKeys ?? [];
  const errors = validateDriverName(name, `${field}.name`);
  if (nodeID === "") errors.push(required(`${field}.nodeID`));
  else if (byteLength(nodeID) > NODE_ID_BYTES_MAX) {
    errors.push(invalid(`${field}.nodeID`, nodeID, `nodeID must be ${NODE_ID_BYTES_MAX} characters or less`));
  }
  errors.push(...nonnegative(allocatable?.count, `${field}.allocatable.count`));
  if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
  names.add(name);
  const seen = new Set<string>();
  for (const key of topologyKeys) {
    if (key === "") errors.push(required(field));
    if (seen.has(key)) errors.push(duplicate(field, key));
    seen.add(key);
    errors.push(...messages(isQualifiedName(key), field, key));
  }
  return errors;
}
function validate(object: CSINode): FieldError[] {
  const names = new Set<string>();
  return (object.spec?.drivers ?? []).flatMap((driver, index) => validateDriver(driver, names, `spec.drivers[${index}]`));
}
/** Drivers come and go, but one that stays keeps what it said, except how many volumes it can take. */
function validateUpdate(next: CSINode, stored: CSINode): FieldError[] {
  const errors = validate(next);
  for (const driver of next.spec?.drivers ?? []) {
    const before = stored.spec?.drivers?.find((other) => other.name === driver.name);
    const shown = (one: CSINodeDriver): Json => ({
      Name: one.name ?? "",
      NodeID: one.nodeID ?? "",
      TopologyKeys: one.topologyKeys ?? null,
      Allocatable: null,
    });
    if (before && !equalJson(shown(driver), shown(before))) errors.push(invalid("spec.drivers", shown(driver), "field is immutable"));
  }
  return errors;
}

export const csiNodeKind = defineKind<CSINode>("storage.k8s.io/v1/csinodes", {
  nameRule: nameIsDNSSubdomain,
  validate,
  update: { validate: validateUpdate },
  allowUnconditionalUpdate: false,
  deleteReturnsObject: true,
  table: {
    columns: [NAME, integer("Drivers"), AGE],
    row: (object, now) => [nameCell(object), object.spec?.drivers?.length ?? 0, ageCell(object, now)],
  },
});
