// HorizontalPodAutoscaler of autoscaling/v2, the form in which it is stored. As upstream: pkg/apis/autoscaling/validation,
// pkg/apis/autoscaling/v2/defaults.go.
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import { canonicalQuantity, isNegativeQuantity } from "../../meta/quantity.ts";
import type {
  AutoscalingV2HorizontalPodAutoscaler as HorizontalPodAutoscaler,
  AutoscalingV2HorizontalPodAutoscalerSpec as Spec,
  HPAScalingPolicy,
  HPAScalingRules,
} from "../_generated/types.ts";
import { nonnegativeFields } from "../_workload/checks.ts";
import { validateMetric, validateObjectReference } from "../_workload/hpa-metrics.ts";
import { hpaTable } from "../_workload/hpa-table.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";

const CPU_UTILIZATION = 80;
const STABILIZATION_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;
const SELECT_POLICIES = ["Disabled", "Max", "Min"];
const POLICY_TYPES = ["Percent", "Pods"];

const withRules = (rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules => ({ ...defaults, ...rules });
export function defaultHorizontalPodAutoscaler(object: HorizontalPodAutoscaler): void {
  const spec = (object.spec ??= {});
  spec.scaleTargetRef ??= {};
  spec.maxReplicas ??= 0;
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    spec.metrics = [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: CPU_UTILIZATION } } }];
  }
  if (!spec.behavior) return;
  const percent: HPAScalingPolicy = { type: "Percent", value: 100, periodSeconds: 15 };
  const pods: HPAScalingPolicy = { type: "Pods", value: 4, periodSeconds: 15 };
  spec.behavior = {
    scaleUp: withRules(spec.behavior.scaleUp, { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [pods, percent] }),
    scaleDown: withRules(spec.behavior.scaleDown, { selectPolicy: "Max", policies: [percent] }),
  };
}

function validatePolicy(policy: HPAScalingPolicy, field: string): FieldError[] {
  const { type = "", value = 0, periodSeconds = 0 } = policy;
  const errors = POLICY_TYPES.includes(type) ? [] : [notSupported(`${field}.type`, type, POLICY_TYPES)];
  if (value <= 0) errors.push(invalid(`${field}.value`, value, "must be greater than zero"));
  if (periodSeconds <= 0) errors.push(invalid(`${field}.periodSeconds`, periodSeconds, "must be greater than zero"));
  if (periodSeconds > PERIOD_SECONDS_MAX) {
    errors.push(invalid(`${field}.periodSeconds`, periodSeconds, `must be less than or equal to ${PERIOD_SECONDS_MAX}`));
  }
  return errors;
}
function validateRules(rules: HPAScalingRules | undefined, field: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  if (window !== undefined && window < 0) errors.push(invalid(`${field}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero"));
  if (window !== undefined && window > STABILIZATION_SECONDS_MAX) {
    errors.push(invalid(`${field}.stabilizationWindowSeconds`, window, `must be less than or equal to ${STABILIZATION_SECONDS_MAX}`));
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    errors.push(notSupported(`${field}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  }
  if (policies.length === 0) errors.push(required(`${field}.policies`, "must specify at least one Policy"));
  errors.push(...policies.flatMap((policy, index) => validatePolicy(policy, `${field}.policies[${index}]`)));
  if (tolerance !== undefined && isNegativeQuantity(tolerance)) {
    errors.push(invalid(`${field}.tolerance`, canonicalQuantity(tolerance) ?? tolerance, "must be greater than or equal to 0"));
  }
  return errors;
}

function validateSpec(spec: Spec): FieldError[] {
  const { minReplicas, maxReplicas = 0, metrics = [] } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) errors.push(invalid("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  if (maxReplicas === 0) errors.push(required("spec.maxReplicas", "must be set and greater than 0"));
  if (maxReplicas < 0) errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to 1"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"));
  }
  const target = spec.scaleTargetRef ?? {};
  // Only the core group's ReplicationController is scaled without naming a group.
  const group = !(target.kind === "ReplicationController" && target.apiVersion === "v1");
  errors.push(...validateObjectReference(target, { group }, "spec.scaleTargetRef"));
  errors.push(...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === "Object" || type === "External")) {
    errors.push(forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas"));
  }
  errors.push(...validateRules(spec.behavior?.scaleUp, "spec.behavior.scaleUp"));
  return [...errors, ...validateRules(spec.behavior?.scaleDown, "spec.behavior.scaleDown")];
}
export const validateHorizontalPodAutoscaler = (object: HorizontalPodAutoscaler): FieldError[] => validateSpec(object.spec ?? {});

/** Go prints the list of current metrics, which is not optional there, as null. */
const EMPTY_STATUS = { currentMetrics: null, desiredReplicas: 0 };

export const horizontalPodAutoscalerKind = defineKind<HorizontalPodAutoscaler>("autoscaling/v2/horizontalpodautoscalers", {
  nameRule: nameIsDNSSubdomain,
  defaults: defaultHorizontalPodAutoscaler,
  prepareForCreate(object) {
    (object as { status: unknown }).status = { ...EMPTY_STATUS };
  },
  validate: validateHorizontalPodAutoscaler,
  subresources: { status: statusStrategy((next) => nonnegativeFields(next.status, "status", ["currentReplicas", "desiredReplicas"])) },
  storedIn: "autoscaling/horizontalpodautoscalers",
  table: hpaTable,
});
