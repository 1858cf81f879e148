// What a claim asks of devices: defaults and checks that ResourceClaim and ResourceClaimTemplate share.
// As upstream: pkg/apis/resource/validation/validation.go, pkg/apis/resource/v1/defaults.go.
import { isObject } from "../../base/json.ts";
import { type FieldError, duplicate, invalid, notSupported, required, tooLong, tooMany } from "../../errors/field-error.ts";
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidLabelValue } from "../../meta/names.ts";
import { byteLength } from "../../meta/text.ts";
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
  ResourceClaimSpec,
} from "../_generated/types.ts";
import { validateDriverName } from "../storage/csi-driver.ts";
import { messages } from "./checks.ts";
import { validateFullName } from "./device-names.ts";

const REQUESTS_MAX = 32;
const SUBREQUESTS_MAX = 8;
const LIST_MAX = 32;
const EXPRESSION_BYTES_MAX = 10 * 1024;
const PARAMETERS_BYTES_MAX = 10 * 1024;
const TAINT_EFFECTS = ["NoExecute", "NoSchedule", "None"];
const NOT_A_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

function defaultRequest(request: ExactDeviceRequest): void {
  request.allocationMode ||= "ExactCount";
  if (request.allocationMode === "ExactCount") request.count ||= 1;
}
export function defaultClaimSpec(spec: ResourceClaimSpec): void {
  const devices = (spec.devices ??= {});
  // Go prints the list of requests, which is not optional there, as null.
  if (devices.requests === undefined) (devices as { requests: DeviceRequest[] | null }).requests = null;
  for (const request of devices.requests ?? []) {
    if (request.exactly) defaultRequest(request.exactly);
    for (const sub of request.firstAvailable ?? []) defaultRequest(sub);
  }
}

/** Each item by itself, then those whose key came before. */
export function validateSet<T>(
  items: readonly T[],
  max: number,
  check: (item: T, field: string) => FieldError[],
  key: (item: T) => string,
  field: string,
): FieldError[] {
  if (items.length > max) return [tooMany(field, items.length, max)];
  const seen = new Set<string>();
  const errors = items.flatMap((item, index) => check(item, `${field}[${index}]`));
  items.forEach((item, index) => {
    if (seen.has(key(item))) errors.push(duplicate(`${field}[${index}]`, key(item)));
    seen.add(key(item));
  });
  return errors;
}

function validateSelector({ cel }: DeviceSelector, field: string): FieldError[] {
  if (!cel) return [required(`${field}.cel`)];
  // Expressions are compiled elsewhere.
  return byteLength(cel.expression ?? "") > EXPRESSION_BYTES_MAX ? [tooLong(`${field}.cel.expression`, EXPRESSION_BYTES_MAX)] : [];
}
export function validateSelectors(selectors: readonly DeviceSelector[], field: string): FieldError[] {
  if (selectors.length > LIST_MAX) return [tooMany(field, selectors.length, LIST_MAX)];
  return selectors.flatMap((selector, index) => validateSelector(selector, `${field}[${index}]`));
}
function validateToleration(toleration: DeviceToleration, field: string): FieldError[] {
  const { key = "", operator = "", value = "", effect = "" } = toleration;
  const errors = key === "" ? [] : messages(isQualifiedName(key), `${field}.key`, key);
  if (operator === "") errors.push(required(`${field}.operator`));
  else if (operator === "Equal") errors.push(...messages(isValidLabelValue(value), `${field}.value`, value));
  else if (operator !== "Exists") errors.push(notSupported(`${field}.operator`, operator, ["Equal", "Exists"]));
  else if (value !== "") errors.push(invalid(`${field}.value`, value, "must be empty for operator `Exists`"));
  return effect === "" || TAINT_EFFECTS.includes(effect) ? errors : [...errors, notSupported(`${field}.effect`, effect, TAINT_EFFECTS)];
}
function validateExact(request: ExactDeviceRequest, field: string): FieldError[] {
  const { deviceClassName: name = "", allocationMode: mode = "", count = 0 } = request;
  const path = `${field}.deviceClassName`;
  const errors = name === "" ? [required(path)] : messages(isDNS1123Subdomain(name), path, name);
  errors.push(...validateSelectors(request.selectors ?? [], `${field}.selectors`));
  if (mode === "All" && count !== 0) errors.push(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  if (mode === "ExactCount" && count <= 0) errors.push(invalid(`${field}.count`, count, "must be greater than zero"));
  if (mode !== "All" && mode !== "ExactCount") errors.push(notSupported(`${field}.allocationMode`, mode, ["All", "ExactCount"]));
  return [...errors, ...(request.tolerations ?? []).flatMap((one, index) => validateToleration(one, `${field}.tolerations[${index}]`))];
}
function validateRequest(request: DeviceRequest, field: string): FieldError[] {
  const { name = "", exactly, firstAvailable = [] } = request;
  const errors = messages(isDNS1123Label(name), `${field}.name`, name);
  const kinds = "exactly one of `exactly` or `firstAvailable` is required";
  if (!exactly && firstAvailable.length === 0) return [...errors, required(field, kinds)];
  if (exactly && firstAvailable.length > 0) return [...errors, invalid(field, undefined, `${kinds}, but multiple fields are set`)];
  if (exactly) return [...errors, ...validateExact(exactly, `${field}.exactly`)];
  const sub = (one: (typeof firstAvailable)[number], path: string): FieldError[] => [
    ...messages(isDNS1123Label(one.name ?? ""), `${path}.name`, one.name ?? ""),
    ...validateExact(one, path),
  ];
  return [...errors, ...validateSet(firstAvailable, SUBREQUESTS_MAX, sub, (one) => one.name ?? "", `${field}.firstAvailable`)];
}

/** Names of requests, and `request/subrequest`. */
export function requestNames(claim: DeviceClaim): ReadonlySet<string> {
  const requests = claim.requests ?? [];
  return new Set(requests.flatMap(({ name = "", firstAvailable = [] }) => [name, ...firstAvailable.map((sub) => `${name}/${sub.name ?? ""}`)]));
}
export function validateRequestReference(name: string, names: ReadonlySet<string>, field: string): FieldError[] {
  const segments = name.split("/");
  if (segments.length > 2) return [invalid(field, name, NOT_A_REQUEST)];
  const errors = segments.flatMap((segment) => messages(isDNS1123Label(segment), field, segment));
  return names.has(name) ? errors : [...errors, invalid(field, name, NOT_A_REQUEST)];
}
const validateReferences = (requests: readonly string[] | undefined, names: ReadonlySet<string>, field: string): FieldError[] =>
  validateSet(
    requests ?? [],
    REQUESTS_MAX,
    (name, path) => validateRequestReference(name, names, path),
    (name) => name,
    field,
  );
function validateConstraint(constraint: DeviceConstraint, names: ReadonlySet<string>, field: string): FieldError[] {
  const { matchAttribute, distinctAttribute } = constraint;
  const errors = validateReferences(constraint.requests, names, `${field}.requests`);
  if (matchAttribute !== undefined) return [...errors, ...validateFullName(matchAttribute, `${field}.matchAttribute`)];
  if (distinctAttribute !== undefined) return [...errors, ...validateFullName(distinctAttribute, `${field}.distinctAttribute`)];
  // The end of the text is upstream's own.
  return [...errors, required(field, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')];
}

/** Parameters that only a driver understands. */
export function validateOpaque(opaque: OpaqueDeviceConfiguration | undefined, field: string): FieldError[] {
  if (!opaque) return [required(field)];
  const parameters = opaque.parameters as unknown;
  const path = `${field}.parameters`;
  const errors = validateDriverName(opaque.driver ?? "", `${field}.driver`);
  if (parameters === undefined || parameters === null) errors.push(required(path));
  else if (!isObject(parameters)) errors.push(invalid(path, "<value omitted>", "must be a valid JSON object"));
  else if (byteLength(JSON.stringify(parameters)) > PARAMETERS_BYTES_MAX) errors.push(tooLong(path, PARAMETERS_BYTES_MAX));
  return errors;
}
export function validateClaimSpec(spec: ResourceClaimSpec, field: string): FieldError[] {
  const claim = spec.devices ?? {};
  const names = requestNames(claim);
  const constraints = claim.constraints ?? [];
  const config = claim.config ?? [];
  const path = `${field}.devices`;
  const errors = validateSet(claim.requests ?? [], REQUESTS_MAX, validateRequest, (request) => request.name ?? "", `${path}.requests`);
  if (constraints.length > LIST_MAX) errors.push(tooMany(`${path}.constraints`, constraints.length, LIST_MAX));
  else errors.push(...constraints.flatMap((one, index) => validateConstraint(one, names, `${path}.constraints[${index}]`)));
  if (config.length > LIST_MAX) return [...errors, tooMany(`${path}.config`, config.length, LIST_MAX)];
  const configured = config.flatMap((one, index) => [
    ...validateReferences(one.requests, names, `${path}.config[${index}].requests`),
    ...validateOpaque(one.opaque, `${path}.config[${index}].opaque`),
  ]);
  return [...errors, ...configured];
}
