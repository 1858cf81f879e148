// ResourceSlice of resource.k8s.io/v1: the devices of one pool. As upstream: pkg/apis/resource/validation/validation.go.
import { type FieldError, invalid, notSupported, printValue, required, tooLong } from "../../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, nameIsDNSSubdomain } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import { rfc3339 } from "../../meta/time.ts";
import type { Device, DeviceAttribute, DeviceTaint, ResourceSlice, ResourceSliceSpec } from "../_generated/types.ts";
import { checkNodeSelector } from "../_parts/validate-affinity.ts";
import { immutable, messages } from "../_workload/checks.ts";
import { AGE, NAME, ageCell, nameCell, text } from "../_workload/columns.ts";
import { validateSet } from "../_workload/device-claim.ts";
import { validateName, validatePoolName } from "../_workload/device-names.ts";
import { defineKind, type WriteContext } from "../define-kind.ts";
import { validateDriverName } from "../storage/csi-driver.ts";

const DEVICES_MAX = 128;
const DEVICES_MAX_ADVANCED = 64;
const PROPERTIES_MAX = 32;
const VALUE_BYTES_MAX = 64;
const EFFECTS = ["NoExecute", "NoSchedule", "None"];
const ONE_OF = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

function validateAttribute(attribute: DeviceAttribute, field: string): FieldError[] {
  const errors = (["string", "version"] as const).flatMap((name) => {
    const value = attribute[name];
    return value !== undefined && byteLength(value) > VALUE_BYTES_MAX ? [tooLong(`${field}.${name}`, VALUE_BYTES_MAX)] : [];
  });
  if (Object.keys(attribute).length === 0) errors.push(invalid(field, "", "exactly one value must be specified"));
  return errors;
}
function validateTaint({ key = "", effect = "" }: DeviceTaint, field: string): FieldError[] {
  const errors = messages(isQualifiedName(key), `${field}.key`, key);
  if (effect === "") return [...errors, required(`${field}.effect`)];
  return EFFECTS.includes(effect) ? errors : [...errors, notSupported(`${field}.effect`, effect, EFFECTS)];
}
function validateDevice(device: Device, field: string): FieldError[] {
  const { name = "", attributes = {}, capacity = {}, taints = [] } = device;
  const errors = messages(isDNS1123Label(name), `${field}.name`, name);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > PROPERTIES_MAX) {
    errors.push(invalid(field, count, `the total number of attributes and capacities must not exceed ${PROPERTIES_MAX}`));
  }
  for (const [key, attribute] of Object.entries(attributes)) {
    errors.push(...validateName(key, `${field}.attributes`), ...validateAttribute(attribute, `${field}.attributes[${key}]`));
  }
  for (const key of Object.keys(capacity)) errors.push(...validateName(key, `${field}.capacity`));
  return [...errors, ...taints.flatMap((taint, index) => validateTaint(taint, `${field}.taints[${index}]`))];
}

function validateNodes(spec: ResourceSliceSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (spec.nodeName === "") errors.push(invalid(`${field}.nodeName`, "", "must be either unset or set to a non-empty string"));
  else if (spec.nodeName !== undefined) {
    set.push("`nodeName`");
    errors.push(...messages(isDNS1123Subdomain(spec.nodeName), `${field}.nodeName`, spec.nodeName));
  }
  if (spec.nodeSelector) {
    set.push("`nodeSelector`");
    checkNodeSelector(errors, `${field}.nodeSelector`, spec.nodeSelector, { anyValues: false });
  }
  for (const name of ["allNodes", "perDeviceNodeSelection"] as const) {
    if (spec[name] === true) set.push(`\`${name}\``);
    else if (spec[name] === false) errors.push(invalid(`${field}.${name}`, false, "must be either unset or set to true"));
  }
  if (set.length === 0) errors.push(required(field, ONE_OF));
  if (set.length > 1) errors.push(invalid(field, `{${set.join(", ")}}`, `${ONE_OF}, but multiple fields are set`));
  return errors;
}
function validate(object: ResourceSlice, stored?: ResourceSlice): FieldError[] {
  const spec = object.spec ?? {};
  const { name = "", resourceSliceCount = 0, generation = 0 } = spec.pool ?? {};
  const errors = [...validateDriverName(spec.driver ?? "", "spec.driver"), ...validatePoolName(name, "spec.pool.name")];
  if (resourceSliceCount <= 0) errors.push(invalid("spec.pool.resourceSliceCount", resourceSliceCount, "must be greater than zero"));
  if (generation < 0) errors.push(invalid("spec.pool.generation", generation, "must be greater than or equal to zero"));
  if (stored) {
    const before = stored.spec ?? {};
    errors.push(...immutable(name, before.pool?.name ?? "", "spec.pool.name"));
    errors.push(...immutable(spec.driver ?? "", before.driver ?? "", "spec.driver"));
    errors.push(...immutable(spec.nodeName, before.nodeName, "spec.nodeName"));
  }
  errors.push(...validateNodes(spec, "spec"));
  const devices = spec.devices ?? [];
  if (spec.sharedCounters && spec.devices) errors.push(invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed"));
  const advanced = devices.some((device) => device.taints?.length || device.consumesCounters?.length);
  const max = advanced ? DEVICES_MAX_ADVANCED : DEVICES_MAX;
  return [...errors, ...validateSet(devices, max, validateDevice, (device) => device.name ?? "", "spec.devices")];
}
function stampTaints(object: ResourceSlice, context: WriteContext): void {
  for (const device of object.spec?.devices ?? []) {
    for (const taint of device.taints ?? []) taint.timeAdded ??= rfc3339(context.ports.now());
  }
}

export const resourceSliceKind = defineKind<ResourceSlice>("resource.k8s.io/v1/resourceslices", {
  generation: true,
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.driver ??= "";
    const pool = (spec.pool ??= {});
    pool.name ??= "";
    pool.generation ??= 0;
    pool.resourceSliceCount ??= 0;
  },
  prepareForCreate: stampTaints,
  validate: (object) => validate(object),
  update: { prepare: (next, _stored, context) => stampTaints(next, context), validate: (next, stored) => validate(next, stored) },
  warnings: ({ spec: { driver = "" } = {} }) =>
    driver === driver.toLowerCase() ? [] : [`spec.driver: driver names should be lowercase; ${printValue(driver)} contains uppercase characters`],
  deleteReturnsObject: true,
  selectableFields: {
    "spec.nodeName": (object) => object.spec?.nodeName ?? "",
    "spec.driver": (object) => object.spec?.driver ?? "",
  },
  table: {
    columns: [NAME, text("Node"), text("Driver"), text("Pool"), AGE],
    row: (object, now) => [nameCell(object), object.spec?.nodeName ?? "", object.spec?.driver ?? "", object.spec?.pool?.name ?? "", ageCell(object, now)],
  },
});
