// LimitRange of v1. As upstream: pkg/registry/core/limitrange/strategy.go, validation.go ValidateLimitRange.
import { duplicate, forbidden, invalid, required, type FieldError } from "../../errors/field-error.ts";
import type { LimitRange, LimitRangeItem } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { isQualifiedName, nameIsDNSSubdomain } from "../../meta/names.ts";
import { compareQuantity, milliValue } from "../../meta/quantity.ts";
import { compareText } from "../../meta/text.ts";
import { isOvercommitAllowed, quantityText, validateContainerResourceName, validateResourceName, type ResourceList } from "../_core/resource-names.ts";

const TYPES = ["Pod", "Container", "PersistentVolumeClaim"];

/** Container limits: default follows max, defaultRequest follows default, then min (pkg/apis/core/v1/defaults.go). */
function defaultItem(item: LimitRangeItem): void {
  if (item.type !== "Container") return;
  const fill = (target: Record<string, string | number>, source: ResourceList | undefined): void => {
    for (const [name, value] of Object.entries(source ?? {})) target[name] ??= value;
  };
  const limit = (item.default ??= {});
  const request = (item.defaultRequest ??= {});
  fill(limit, item.max);
  fill(request, limit);
  fill(request, item.min);
  if (Object.keys(limit).length === 0) delete item.default;
  if (Object.keys(request).length === 0) delete item.defaultRequest;
}

function validateType(type: string, field: string): FieldError[] {
  const errors = isQualifiedName(type).map((message) => invalid(field, type, message));
  if (errors.length > 0 || type.includes("/") || TYPES.includes(type)) return errors;
  return [invalid(field, type, "must be a standard limit type or fully qualified")];
}

/** Names of all resources of an item, and what is wrong with them. */
function validateNames(item: LimitRangeItem, path: string): { errors: FieldError[]; names: string[] } {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const check = item.type === "Pod" || item.type === "Container" ? validateContainerResourceName : validateResourceName;
  for (const member of ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const) {
    const list = item[member];
    if (item.type === "Pod" && (member === "default" || member === "defaultRequest")) {
      if (Object.keys(list ?? {}).length > 0) errors.push(forbidden(`${path}.${member}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    if (member === "maxLimitRequestRatio" && item.type === "PersistentVolumeClaim") {
      const given = item.min?.storage !== undefined || item.max?.storage !== undefined;
      if (!given) errors.push(required(`${path}.limits`, "either minimum or maximum storage value is required, but neither was provided"));
    }
    for (const name of Object.keys(list ?? {}).sort(compareText)) {
      errors.push(...check(name, `${path}.${member}[${name}]`));
      names.add(name);
    }
  }
  return { errors, names: [...names].sort(compareText) };
}

function validateRatio(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const field = `${path}.maxLimitRequestRatio[${name}]`;
  const text = quantityText(ratio);
  const errors: FieldError[] = [];
  if (compareQuantity(ratio, 1) < 0) errors.push(invalid(field, text, `ratio ${text} is less than 1`));
  const min = item.min?.[name];
  const max = item.max?.[name];
  if (min === undefined || max === undefined) return errors;
  const limit = Number(milliValue(max)) / Number(milliValue(min));
  if (Number(milliValue(ratio)) / 1000 > limit) {
    errors.push(invalid(field, text, `ratio ${text} is greater than max/min = ${limit.toFixed(6)}`));
  }
  return errors;
}

/** The order among min, request, default and max of one resource. */
function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const min = item.min?.[name];
  const max = item.max?.[name];
  const limit = item.type === "Pod" ? undefined : item.default?.[name];
  const request = item.type === "Pod" ? undefined : item.defaultRequest?.[name];
  const errors: FieldError[] = [];
  const above = (a: string | number | undefined, b: string | number | undefined): a is string | number =>
    a !== undefined && b !== undefined && compareQuantity(a, b) > 0;
  const say = (member: string, value: string | number | undefined, small: string, low: string | number, large: string, high: unknown): void => {
    const detail = `${small} value ${quantityText(low)} is greater than ${large} value ${quantityText(high as string | number)}`;
    errors.push(invalid(`${path}.${member}[${name}]`, quantityText(value ?? ""), detail));
  };
  if (above(min, max)) say("min", min, "min", min, "max", max);
  if (above(min, request)) say("defaultRequest", request, "min", min, "default request", request);
  if (above(request, max)) say("defaultRequest", request, "default request", request, "max", max);
  if (above(request, limit)) say("defaultRequest", request, "default request", request, "default limit", limit);
  if (above(min, limit)) say("default", min, "min", min, "default", limit);
  if (above(limit, max)) say("default", max, "default", limit, "max", max);
  errors.push(...validateRatio(item, name, path));
  if (!isOvercommitAllowed(name) && limit !== undefined && request !== undefined && compareQuantity(limit, request) !== 0) {
    const detail = `default value ${quantityText(limit)} must equal to defaultRequest value ${quantityText(request)} in ${name}`;
    errors.push(invalid(`${path}.defaultRequest[${name}]`, quantityText(request), detail));
  }
  return errors;
}

function validate(object: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return (object.spec?.limits ?? []).flatMap((item, index) => {
    const path = `spec.limits[${index}]`;
    const type = item.type ?? "";
    const errors = validateType(type, `${path}.type`);
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
    const checked = validateNames(item, path);
    errors.push(...checked.errors);
    for (const name of checked.names) errors.push(...validateOrder(item, name, path));
    return errors;
  });
}

export const limitRangeKind = defineKind<LimitRange>("v1/limitranges", {
  defaults(object) {
    const spec = (object.spec ??= {});
    // Not omitted upstream when absent: null is on the wire.
    spec.limits ??= null as never;
    for (const item of spec.limits ?? []) defaultItem(item);
  },
  nameRule: nameIsDNSSubdomain,
  validate,
  allowCreateOnUpdate: true,
});
