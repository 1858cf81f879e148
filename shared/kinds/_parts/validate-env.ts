// Validation of a container's environment (upstream: validation.go, ValidateEnv and ValidateEnvFrom).
import { invalid, notSupported, required } from "../../errors/field-error.ts";
import { isConfigMapKey, isRelaxedEnvVarName, nameIsDNSSubdomain } from "../../meta/names.ts";
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from "../_generated/types.ts";
import { checkDNSLabel, checkNoBacksteps, checkQualifiedName, checkRequired, type Errors, invalidEach } from "./check.ts";
import { canonical, milli } from "./quantities.ts";

const ENV_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** Fields of a pod that the downward API can name at all (upstream: ConvertDownwardAPIFieldLabel). */
const KNOWN_FIELDS = new Set([...ENV_FIELDS, "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase"]);
const RESOURCE_FIELDS = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
const BYTE_DIVISORS = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
const BYTES_NAMES: Readonly<Record<string, string>> = { memory: "memory", "ephemeral-storage": "local ephemeral storage" };
const isHugePagesField = (resource: string): boolean => resource.startsWith("requests.hugepages-") || resource.startsWith("limits.hugepages-");

/** `metadata.labels['x']` as its path and subscript. */
function subscripted(path: string): { path: string; subscript: string } | undefined {
  if (!path.endsWith("']")) return undefined;
  const open = path.indexOf("['");
  if (open <= 0) return undefined;
  return { path: path.slice(0, open), subscript: path.slice(open + 2, -2) };
}

export function checkFieldRef(errors: Errors, field: string, ref: ObjectFieldSelector, supported: readonly string[]): void {
  const { apiVersion = "", fieldPath = "" } = ref;
  if (apiVersion === "") return void errors.push(required(`${field}.apiVersion`));
  if (fieldPath === "") return void errors.push(required(`${field}.fieldPath`));
  const broken = (why: string): void => void errors.push(invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`));
  if (apiVersion !== "v1") return broken(`unsupported pod version: ${apiVersion}`);
  const parts = subscripted(fieldPath);
  if (parts) {
    if (parts.path === "metadata.annotations") checkQualifiedName(errors, field, parts.subscript.toLowerCase());
    else if (parts.path === "metadata.labels") checkQualifiedName(errors, field, parts.subscript);
    else broken(`field label does not support subscript: ${fieldPath}`);
    return undefined;
  }
  const path = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  if (!KNOWN_FIELDS.has(path)) return broken(`field label not supported: ${fieldPath}`);
  if (!supported.includes(path)) errors.push(notSupported(`${field}.fieldPath`, path, supported));
  return undefined;
}

function checkDivisor(errors: Errors, field: string, resource: string, divisor: string | number | undefined): void {
  if (divisor === undefined || milli(divisor) === 0) return;
  const text = canonical(divisor);
  const wrong = (detail: string): void => void errors.push(invalid(`${field}.divisor`, resource, detail));
  const name = resource.slice(resource.indexOf(".") + 1);
  const bytes = isHugePagesField(resource) ? "hugepages" : RESOURCE_FIELDS.includes(resource) ? BYTES_NAMES[name] : undefined;
  if (RESOURCE_FIELDS.includes(resource) && name === "cpu") {
    if (text !== "1m" && text !== "1") wrong("only divisor's values 1m and 1 are supported with the cpu resource");
  } else if (bytes !== undefined && !BYTE_DIVISORS.includes(text)) {
    wrong(`only divisor's values ${BYTE_DIVISORS.join(", ")} are supported with the ${bytes} resource`);
  }
}
export function checkResourceFieldRef(errors: Errors, field: string, ref: ResourceFieldSelector, where: { readonly inVolume: boolean }): void {
  const { resource = "", containerName = "" } = ref;
  if (where.inVolume && containerName === "") errors.push(required(`${field}.containerName`));
  else if (resource === "") errors.push(required(`${field}.resource`));
  else if (!RESOURCE_FIELDS.includes(resource) && !isHugePagesField(resource)) {
    errors.push(notSupported(`${field}.resource`, resource, RESOURCE_FIELDS));
  }
  checkDivisor(errors, field, resource, ref.divisor);
}
function checkKeyRef(errors: Errors, field: string, { name = "", key = "" }: ConfigMapKeySelector): void {
  invalidEach(errors, `${field}.name`, name, nameIsDNSSubdomain(name, false));
  if (key === "") errors.push(required(`${field}.key`));
  else invalidEach(errors, `${field}.key`, key, isConfigMapKey(key));
}
function checkFileKeyRef(errors: Errors, field: string, { key = "", volumeName = "", path = "" }: FileKeySelector): void {
  if (key === "") errors.push(required(`${field}.key`));
  else invalidEach(errors, `${field}.key`, key, isRelaxedEnvVarName(key));
  if (volumeName === "") errors.push(required(`${field}.volumeName`));
  else checkDNSLabel(errors, `${field}.volumeName`, volumeName);
  if (path === "") errors.push(required(`${field}.path`));
  else checkNoBacksteps(errors, `${field}.path`, path);
}

function checkValueFrom(errors: Errors, field: string, from: EnvVarSource, value: string): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from;
  if (fieldRef) checkFieldRef(errors, `${field}.fieldRef`, fieldRef, ENV_FIELDS);
  if (resourceFieldRef) checkResourceFieldRef(errors, `${field}.resourceFieldRef`, resourceFieldRef, { inVolume: false });
  if (configMapKeyRef) checkKeyRef(errors, `${field}.configMapKeyRef`, configMapKeyRef);
  if (secretKeyRef) checkKeyRef(errors, `${field}.secretKeyRef`, secretKeyRef);
  if (fileKeyRef) checkFileKeyRef(errors, `${field}.fileKeyRef`, fileKeyRef);
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) {
    const one = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalid(field, "", one));
  } else if (value !== "") errors.push(invalid(field, "", "may not be specified when `value` is not empty"));
  else if (sources > 1) errors.push(invalid(field, "", "may not have more than one field specified at a time"));
}
export function checkEnv(errors: Errors, field: string, env: readonly EnvVar[]): void {
  env.forEach(({ name = "", value = "", valueFrom }, i) => {
    if (name === "") errors.push(required(`${field}[${i}].name`));
    else invalidEach(errors, `${field}[${i}].name`, name, isRelaxedEnvVarName(name));
    if (valueFrom) checkValueFrom(errors, `${field}[${i}].valueFrom`, valueFrom, value);
  });
}
export function checkEnvFrom(errors: Errors, field: string, sources: readonly EnvFromSource[]): void {
  sources.forEach(({ prefix = "", configMapRef, secretRef }, i) => {
    if (prefix !== "") invalidEach(errors, `${field}[${i}].prefix`, prefix, isRelaxedEnvVarName(prefix));
    for (const [key, ref] of [["configMapRef", configMapRef] as const, ["secretRef", secretRef] as const]) {
      if (!ref) continue;
      checkRequired(errors, `${field}[${i}].${key}.name`, ref.name);
      if (ref.name) invalidEach(errors, `${field}[${i}].${key}.name`, ref.name, nameIsDNSSubdomain(ref.name, true));
    }
    if (!configMapRef && !secretRef) errors.push(invalid(field, "", "must specify one of: `configMapRef` or `secretRef`"));
    else if (configMapRef && secretRef) errors.push(invalid(field, "", "may not have more than one field specified at a time"));
  });
}
