// A HorizontalPodAutoscaler between autoscaling/v1 and v2: what v1 cannot say is kept in annotations.
// As upstream: pkg/apis/autoscaling/v1/conversion.go.
import { equalJson, isObject, type Json, type JsonObject } from "../../base/json.ts";
import { isZeroQuantity } from "../../meta/quantity.ts";
import { isTooDeep } from "../../schema/json-text.ts";
import type {
  AutoscalingV2HorizontalPodAutoscaler as V2,
  AutoscalingV2HorizontalPodAutoscalerSpec as V2Spec,
  HPAScalingRules,
  HorizontalPodAutoscaler as V1,
  MetricSpec,
  MetricStatus,
  ObjectMeta,
} from "../_generated/types.ts";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const KEPT = { metrics: "metrics", statuses: "current-metrics", conditions: "conditions", behavior: "behavior" } as const;
const ALL = [...Object.values(KEPT), "scale-down-tolerance", "scale-up-tolerance"];
/** Renames between the two forms of a metric source or status; a nested path of v2 on the right. */
type Names = readonly (readonly [v1: string, ...v2: string[]])[];
const IDENTIFIED: Names = [["metricName", "metric", "name"]];
const SOURCES: Readonly<Record<string, Names>> = {
  object: [
    ["target", "describedObject"],
    ...IDENTIFIED,
    ["targetValue", "target", "value"],
    ["selector", "metric", "selector"],
    ["averageValue", "target", "averageValue"],
  ],
  pods: [...IDENTIFIED, ["targetAverageValue", "target", "averageValue"], ["selector", "metric", "selector"]],
  resource: [
    ["name", "name"],
    ["targetAverageUtilization", "target", "averageUtilization"],
    ["targetAverageValue", "target", "averageValue"],
  ],
  containerResource: [
    ["name", "name"],
    ["targetAverageUtilization", "target", "averageUtilization"],
    ["targetAverageValue", "target", "averageValue"],
    ["container", "container"],
  ],
  external: [...IDENTIFIED, ["metricSelector", "metric", "selector"], ["targetValue", "target", "value"], ["targetAverageValue", "target", "averageValue"]],
};
const STATUSES: Readonly<Record<string, Names>> = {
  object: [
    ["target", "describedObject"],
    ...IDENTIFIED,
    ["currentValue", "current", "value"],
    ["selector", "metric", "selector"],
    ["averageValue", "current", "averageValue"],
  ],
  pods: [...IDENTIFIED, ["currentAverageValue", "current", "averageValue"], ["selector", "metric", "selector"]],
  resource: [
    ["name", "name"],
    ["currentAverageUtilization", "current", "averageUtilization"],
    ["currentAverageValue", "current", "averageValue"],
  ],
  containerResource: [
    ["name", "name"],
    ["currentAverageUtilization", "current", "averageUtilization"],
    ["currentAverageValue", "current", "averageValue"],
    ["container", "container"],
  ],
  external: [...IDENTIFIED, ["metricSelector", "metric", "selector"], ["currentValue", "current", "value"], ["currentAverageValue", "current", "averageValue"]],
};
/** Quantities that v1 cannot leave out. */
const NEVER_ABSENT: Readonly<Record<string, string>> = {
  "object.targetValue": "0",
  "object.currentValue": "0",
  "external.currentValue": "0",
  "pods.targetAverageValue": "0",
  "pods.currentAverageValue": "0",
  "resource.currentAverageValue": "0",
  "containerResource.currentAverageValue": "0",
};

const memberOf = (type: string): string => type.slice(0, 1).toLowerCase() + type.slice(1);
function toV1(metric: MetricSpec | MetricStatus, names: Readonly<Record<string, Names>>): JsonObject {
  const type = metric.type ?? "";
  const member = memberOf(type);
  const source = (metric as unknown as JsonObject)[member];
  const out: JsonObject = {};
  for (const [name, outer = "", inner] of names[member] ?? []) {
    const whole = isObject(source) ? source[outer] : undefined;
    const value = inner === undefined ? whole : isObject(whole) ? whole[inner] : undefined;
    const filled = value ?? NEVER_ABSENT[`${member}.${name}`];
    if (filled !== undefined) out[name] = filled;
  }
  return { type, [member]: out };
}
function targetType(member: string, target: JsonObject): string {
  if (member === "pods") return "AverageValue";
  if (member === "object") return target["averageValue"] === undefined ? "Value" : "AverageValue";
  if (member === "external") return target["value"] === undefined ? "AverageValue" : "Value";
  return target["averageUtilization"] === undefined ? "AverageValue" : "Utilization";
}
function toV2(metric: Json, names: Readonly<Record<string, Names>>): JsonObject {
  const type = isObject(metric) && typeof metric["type"] === "string" ? metric["type"] : "";
  const member = memberOf(type);
  const source = isObject(metric) ? metric[member] : undefined;
  const out: Record<string, JsonObject | Json> = {};
  for (const [name, outer = "", inner] of names[member] ?? []) {
    const value = isObject(source) ? source[name] : undefined;
    if (value === undefined) continue;
    if (inner === undefined) out[outer] = value;
    else out[outer] = { ...(isObject(out[outer]) ? out[outer] : {}), [inner]: value };
  }
  const target = out["target"];
  if (isObject(target)) {
    const { value, ...rest } = target;
    const meaningless = member === "object" && rest["averageValue"] !== undefined && isZeroQuantity(value as string | number | undefined);
    out["target"] = { type: targetType(member, target), ...(meaningless ? rest : target) };
  }
  return { type, [member]: out };
}

const parsed = (text: string | undefined): Json | undefined => {
  if (text === undefined || isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};
const listOf = (text: string | undefined): Json[] | undefined => {
  const value = parsed(text);
  return Array.isArray(value) ? value : undefined;
};
function withAnnotations(metadata: ObjectMeta | undefined, added: Readonly<Record<string, Json | undefined>>): ObjectMeta {
  const annotations = Object.fromEntries(Object.entries(metadata?.annotations ?? {}).filter(([key]) => !ALL.some((name) => key === PREFIX + name)));
  for (const [name, value] of Object.entries(added)) if (value !== undefined) annotations[PREFIX + name] = JSON.stringify(value);
  const { annotations: _, ...rest } = metadata ?? {};
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}

/** The behavior annotation holds the server's internal struct, with Go's field names. */
const rulesToGo = (rules: HPAScalingRules | undefined): Json =>
  rules
    ? {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies: rules.policies?.map((p) => ({ Type: p.type ?? "", Value: p.value ?? 0, PeriodSeconds: p.periodSeconds ?? 0 })) ?? null,
        Tolerance: rules.tolerance ?? null,
      }
    : null;
function rulesFromGo(value: Json | undefined): HPAScalingRules | undefined {
  if (!isObject(value)) return undefined;
  const { StabilizationWindowSeconds: window, SelectPolicy: select, Policies: policies, Tolerance: tolerance } = value;
  return {
    ...(typeof window === "number" ? { stabilizationWindowSeconds: window } : {}),
    ...(typeof select === "string" ? { selectPolicy: select } : {}),
    ...(typeof tolerance === "string" ? { tolerance } : {}),
    ...(Array.isArray(policies)
      ? {
          policies: policies.filter(isObject).map((p) => ({
            type: String(p["Type"] ?? ""),
            value: Number(p["Value"] ?? 0),
            periodSeconds: Number(p["PeriodSeconds"] ?? 0),
          })),
        }
      : {}),
  };
}

const isCpu = (metric: MetricSpec): boolean =>
  metric.type === "Resource" && metric.resource?.name === "cpu" && metric.resource.target?.averageUtilization !== undefined;
const cpuMetric = (averageUtilization: number): MetricSpec => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
});
const CPU_UTILIZATION = 80;

function specToV2(object: V1): V2Spec {
  const { targetCPUUtilizationPercentage: percentage, ...spec } = object.spec ?? {};
  const kept = (name: string): string | undefined => object.metadata?.annotations?.[PREFIX + name];
  const metrics = (listOf(kept(KEPT.metrics)) ?? []).map((metric) => toV2(metric, SOURCES) as MetricSpec);
  if (percentage !== undefined) metrics.push(cpuMetric(percentage));
  if (metrics.length === 0) metrics.push(cpuMetric(CPU_UTILIZATION));
  const behavior = parsed(kept(KEPT.behavior));
  const scaleUp = isObject(behavior) ? rulesFromGo(behavior["ScaleUp"]) : undefined;
  const scaleDown = isObject(behavior) ? rulesFromGo(behavior["ScaleDown"]) : undefined;
  const rules = { ...(scaleUp ? { scaleUp } : {}), ...(scaleDown ? { scaleDown } : {}) };
  return { ...spec, metrics, ...(equalJson(rules, {}) ? {} : { behavior: rules }) };
}
export function toStored(object: V1): V2 {
  const { currentCPUUtilizationPercentage: percentage, ...status } = object.status ?? {};
  const kept = (name: string): string | undefined => object.metadata?.annotations?.[PREFIX + name];
  const cpu: MetricStatus[] | undefined =
    percentage === undefined ? undefined : [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: percentage } } }];
  const statuses = listOf(kept(KEPT.statuses))?.map((metric) => toV2(metric, STATUSES) as MetricStatus) ?? cpu;
  const conditions = listOf(kept(KEPT.conditions));
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: withAnnotations(object.metadata, {}),
    spec: specToV2(object),
    status: { ...status, currentMetrics: statuses ?? null, ...(conditions ? { conditions } : {}) } as NonNullable<V2["status"]>,
  };
}
export function fromStored(object: V2): V1 {
  const { metrics = [], behavior, ...spec } = object.spec ?? {};
  const { currentMetrics, conditions, ...status } = object.status ?? {};
  const cpu = metrics.find(isCpu)?.resource?.target?.averageUtilization;
  const others = metrics.filter((metric) => !isCpu(metric)).map((metric) => toV1(metric, SOURCES));
  const current = (currentMetrics ?? []).findLast((metric) => metric.type === "Resource" && metric.resource?.name === "cpu");
  const used = current?.resource?.current?.averageUtilization;
  return {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: withAnnotations(object.metadata, {
      [KEPT.metrics]: others.length > 0 ? others : undefined,
      [KEPT.statuses]: currentMetrics?.length ? currentMetrics.map((metric) => toV1(metric, STATUSES)) : undefined,
      [KEPT.behavior]: behavior ? { ScaleUp: rulesToGo(behavior.scaleUp), ScaleDown: rulesToGo(behavior.scaleDown) } : undefined,
      [KEPT.conditions]: conditions?.length ? (conditions as Json) : undefined,
    }),
    spec: { ...spec, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas ?? 0,
      ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }),
    },
  };
}
