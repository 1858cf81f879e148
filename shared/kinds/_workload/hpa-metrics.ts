// Checks of the metrics of a HorizontalPodAutoscaler. As upstream: validateMetricSpec, pkg/apis/autoscaling/validation.
import { type FieldError, forbidden, invalid, notSupported, required } from "../../errors/field-error.ts";
import { isDNS1123Label, isValidPathSegmentName } from "../../meta/names.ts";
import { canonicalQuantity, isNegativeQuantity, isZeroQuantity } from "../../meta/quantity.ts";
import type { AutoscalingV2CrossVersionObjectReference as ObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from "../_generated/types.ts";
import { checkContainerResourceName } from "../_parts/resource-names.ts";
import { messages } from "./checks.ts";

const SOURCE_TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const TARGET_TYPES = ["Utilization", "Value", "AverageValue"];
/** The member of a metric that each type fills, in the order in which they are looked at. */
const MEMBERS = { Object: "object", External: "external", Pods: "pods", Resource: "resource", ContainerResource: "containerResource" } as const;

function segment(value: string, field: string, absent = ""): FieldError[] {
  return value === "" ? [required(field, absent)] : messages(isValidPathSegmentName(value), field, value);
}
/** `group`: the API version must name a group. */
export function validateObjectReference(reference: ObjectReference, options: { group: boolean }, field: string): FieldError[] {
  const { kind = "", name = "", apiVersion = "" } = reference;
  const errors = [...segment(kind, `${field}.kind`), ...segment(name, `${field}.name`)];
  const slashes = apiVersion.split("/").length - 1;
  if (slashes > 1) errors.push(invalid(`${field}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else if (options.group && (slashes === 0 || apiVersion.startsWith("/"))) {
    errors.push(invalid(`${field}.apiVersion`, apiVersion, "apiVersion must specify API group"));
  }
  return errors;
}
const validateIdentifier = (metric: MetricIdentifier | undefined, field: string): FieldError[] =>
  segment(metric?.name ?? "", `${field}.name`, "must specify a metric name");

function validateTarget(target: MetricTarget, field: string): FieldError[] {
  const { type = "", averageUtilization } = target;
  const errors = type === "" ? [required(`${field}.type`, "must specify a metric target type")] : [];
  if (!TARGET_TYPES.includes(type)) errors.push(invalid(`${field}.type`, type, "must be either Utilization, Value, or AverageValue"));
  for (const name of ["value", "averageValue"] as const) {
    const value = target[name];
    if (value === undefined || !(isZeroQuantity(value) || isNegativeQuantity(value))) continue;
    errors.push(invalid(`${field}.${name}`, canonicalQuantity(value) ?? value, "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(`${field}.averageUtilization`, averageUtilization, "must be greater than 0"));
  }
  return errors;
}
function validateUtilization(target: MetricTarget, field: string): FieldError[] {
  const { averageUtilization, averageValue } = target;
  const errors = validateTarget(target, field);
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(required(`${field}.averageUtilization`, "must set either a target raw value or a target utilization"));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbidden(`${field}.averageValue`, "may not set both a target raw value and a target utilization"));
  }
  return errors;
}

function validateObject({ object = {} }: MetricSpec, field: string): FieldError[] {
  const target = object.target ?? {};
  const errors = [
    ...validateObjectReference(object.describedObject ?? {}, { group: false }, `${field}.describedObject`),
    ...validateIdentifier(object.metric, `${field}.metric`),
    ...validateTarget(target, `${field}.target`),
  ];
  const none = target.value === undefined && target.averageValue === undefined;
  return none ? [...errors, required(`${field}.target.averageValue`, "must set either a target value or averageValue")] : errors;
}
function validateExternal({ external = {} }: MetricSpec, field: string): FieldError[] {
  const target = external.target ?? {};
  const errors = [...validateIdentifier(external.metric, `${field}.metric`), ...validateTarget(target, `${field}.target`)];
  if (target.value === undefined && target.averageValue === undefined) {
    errors.push(required(`${field}.target.averageValue`, "must set either a target value for metric or a per-pod target"));
  }
  if (target.value !== undefined && target.averageValue !== undefined) {
    errors.push(forbidden(`${field}.target.value`, "may not set both a target value for metric and a per-pod target"));
  }
  return errors;
}
function validatePods({ pods = {} }: MetricSpec, field: string): FieldError[] {
  const target = pods.target ?? {};
  const errors = [...validateIdentifier(pods.metric, `${field}.metric`), ...validateTarget(target, `${field}.target`)];
  if (target.averageValue === undefined) errors.push(required(`${field}.target.averageValue`, "must specify a positive target averageValue"));
  return errors;
}
function validateResource({ resource = {} }: MetricSpec, field: string): FieldError[] {
  const errors = (resource.name ?? "") === "" ? [required(`${field}.name`, "must specify a resource name")] : [];
  return [...errors, ...validateUtilization(resource.target ?? {}, `${field}.target`)];
}
function validateContainerResource({ containerResource = {} }: MetricSpec, field: string): FieldError[] {
  const { name = "", container = "", target = {} } = containerResource;
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${field}.name`, "must specify a resource name"));
  else checkContainerResourceName(errors, `${field}.name`, name);
  if (container === "") errors.push(required(`${field}.container`, "must specify a container"));
  else errors.push(...messages(isDNS1123Label(container), `${field}.container`, container));
  return [...errors, ...validateUtilization(target, `${field}.target`)];
}
const VALIDATORS = {
  object: validateObject,
  external: validateExternal,
  pods: validatePods,
  resource: validateResource,
  containerResource: validateContainerResource,
} as const;

export function validateMetric(metric: MetricSpec, field: string): FieldError[] {
  const { type = "" } = metric;
  const errors = type === "" ? [required(`${field}.type`, "must specify a metric source type")] : [];
  if (!SOURCE_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, SOURCE_TYPES));
  const present = Object.values(MEMBERS).filter((name) => metric[name] !== undefined);
  const [first] = present;
  if (first !== undefined) errors.push(...VALIDATORS[first](metric, `${field}.${first}`));
  const expected = Object.hasOwn(MEMBERS, type) ? MEMBERS[type as keyof typeof MEMBERS] : undefined;
  if (expected === undefined) errors.push(notSupported(`${field}.type`, type, SOURCE_TYPES));
  else if (metric[expected] === undefined) {
    errors.push(required(`${field}.${expected}`, "must populate information for the given metric source"));
  }
  if (present.length === 1) return errors;
  const others = present.filter((name) => name !== expected);
  return [...errors, ...others.map((name) => forbidden(`${field}.${name}`, "must populate the given metric source only"))];
}
