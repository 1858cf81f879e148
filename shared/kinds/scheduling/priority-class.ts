// PriorityClass of scheduling.k8s.io/v1. As upstream: pkg/apis/scheduling/validation/validation.go.
import { type FieldError, forbidden, notSupported, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { PriorityClass } from "../_generated/types.ts";
import { dropZeros, immutable } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, flag, integer, nameCell, text } from "../_workload/columns.ts";
import { defineKind } from "../define-kind.ts";

const USER_VALUE_MAX = 1_000_000_000;
const SYSTEM_PREFIX = "system-";
/** The classes that only the system may make, with their values (pkg/apis/scheduling/v1/helpers.go). */
const SYSTEM_VALUES: ReadonlyMap<string, number> = new Map([
  ["system-node-critical", 2_000_001_000],
  ["system-cluster-critical", 2_000_000_000],
]);

function systemProblem(object: PriorityClass, name: string): string | undefined {
  const value = SYSTEM_VALUES.get(name);
  if (value === undefined) return `${name} is not a known system priority class`;
  if (object.value !== value) return `value of ${name} PriorityClass must be ${value}`;
  return object.globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
function validate(object: PriorityClass): FieldError[] {
  const name = object.metadata?.name ?? "";
  const errors: FieldError[] = [];
  if (name.startsWith(SYSTEM_PREFIX)) {
    const problem = systemProblem(object, name);
    if (problem !== undefined) {
      const text = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${problem}`;
      errors.push(forbidden("metadata.name", text));
    }
  } else if ((object.value ?? 0) > USER_VALUE_MAX) {
    errors.push(forbidden("value", `maximum allowed value of a user defined priority is ${USER_VALUE_MAX}`));
  }
  const policy = object.preemptionPolicy;
  if (policy === "") errors.push(required("preemptionPolicy"));
  else if (policy !== undefined && policy !== "PreemptLowerPriority" && policy !== "Never") {
    errors.push(notSupported("preemptionPolicy", policy, ["PreemptLowerPriority", "Never"]));
  }
  return errors;
}

export const priorityClassKind = defineKind<PriorityClass>("scheduling.k8s.io/v1/priorityclasses", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    dropZeros(object, ["globalDefault", "description"]);
    object.value ??= 0;
    object.preemptionPolicy ??= "PreemptLowerPriority";
  },
  prepareForCreate(object) {
    (object.metadata ??= {}).generation = 1;
  },
  validate,
  update: {
    prepare(next, stored) {
      const generation = stored.metadata?.generation;
      if (generation !== undefined) (next.metadata ??= {}).generation = generation;
    },
    validate: (next, stored) => [
      ...((next.value ?? 0) === (stored.value ?? 0) ? [] : [forbidden("value", "may not be changed in an update.")]),
      ...immutable(next.preemptionPolicy, stored.preemptionPolicy, "preemptionPolicy"),
    ],
  },
  table: {
    columns: [NAME, integer("Value"), flag("Global-Default"), AGE, text("PreemptionPolicy")],
    row: (object, now) => [nameCell(object), object.value ?? 0, object.globalDefault ?? false, ageCell(object, now), object.preemptionPolicy ?? ""],
  },
});
