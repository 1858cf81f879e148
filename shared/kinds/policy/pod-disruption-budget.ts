// PodDisruptionBudget of policy/v1. As upstream: pkg/apis/policy/validation/validation.go.
import { type FieldError, invalid, notSupported } from "../../errors/field-error.ts";
import { validateLabelSelector } from "../../meta/labels.ts";
import { nameIsPathSegment } from "../../meta/names.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from "../_generated/types.ts";
import { nonnegativeFields, notMoreThan100Percent, positiveIntOrPercent } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, integer, nameCell, text } from "../_workload/columns.ts";
import { selectorValue } from "../_workload/selector.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const EVICTION_POLICIES = ["AlwaysAllow", "IfHealthyBudget"];

function validateSpec(spec: PodDisruptionBudgetSpec): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: selectorValue(selector) ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
    };
    errors.push(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const name of ["minAvailable", "maxUnavailable"] as const) {
    errors.push(...positiveIntOrPercent(spec[name], `spec.${name}`), ...notMoreThan100Percent(spec[name], `spec.${name}`));
  }
  errors.push(...validateLabelSelector(selector, {}, "spec.selector"));
  if (unhealthyPodEvictionPolicy !== undefined && !EVICTION_POLICIES.includes(unhealthyPodEvictionPolicy)) {
    errors.push(notSupported("spec.unhealthyPodEvictionPolicy", unhealthyPodEvictionPolicy, EVICTION_POLICIES));
  }
  return errors;
}
const COUNTS = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"];
const orNone = (value: number | string | undefined): string => (value === undefined ? "N/A" : String(value));

export const podDisruptionBudgetKind = defineKind<PodDisruptionBudget>("policy/v1/poddisruptionbudgets", {
  generation: true,
  nameRule: nameIsPathSegment,
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  },
  validate: (object) => validateSpec(object.spec ?? {}),
  subresources: { status: statusStrategy((next) => nonnegativeFields(next.status, "status", COUNTS)) },
  allowUnconditionalUpdate: false,
  table: {
    columns: [NAME, text("Min Available"), text("Max Unavailable"), integer("Allowed Disruptions"), AGE],
    row: (object, now) => [
      nameCell(object),
      orNone(object.spec?.minAvailable),
      orNone(object.spec?.maxUnavailable),
      object.status?.disruptionsAllowed ?? 0,
      ageCell(object, now),
    ],
  },
});
