// Validation of containers, init containers and ephemeral containers (upstream: validation.go, validateContainerCommon).
import { duplicate, forbidden, invalid, notFound, required, tooMany } from "../../errors/field-error.ts";
import { isValidPortName, isValidPortNum } from "../../meta/names.ts";
import type { Container, ContainerPort, ContainerResizePolicy, EphemeralContainer, PodSpec } from "../_generated/types.ts";
import { checkDNSLabel, checkOneOf, checkRequiredOneOf, type Errors, invalidEach } from "./check.ts";
import { type AnyContainer, isRestartableInit } from "./containers.ts";
import { checkEnv, checkEnvFrom } from "./validate-env.ts";
import { checkVolumeDevices, checkVolumeMounts, type Volumes } from "./validate-mounts.ts";
import { checkLifecycle, checkProbes } from "./validate-probe.ts";
import { checkContainerResources, type ResourceRules } from "./validate-resources.ts";
import { checkSecurityContext } from "./validate-security.ts";

export interface ContainerRules extends ResourceRules {
  /** Init containers that are no sidecars keep the resize policy RestartContainer where a stored pod has such. */
  readonly restartingInitResize: boolean;
}
interface Place {
  readonly spec: PodSpec;
  readonly volumes: Volumes;
  readonly rules: ContainerRules;
}
const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const RESTART_POLICIES = ["Always", "Never", "OnFailure"];
const RESTART_ACTIONS = ["Restart", "RestartAllContainers"];

function checkPorts(errors: Errors, field: string, ports: readonly ContainerPort[]): void {
  const names = new Set<string>();
  ports.forEach(({ name = "", containerPort = 0, hostPort = 0, protocol = "" }, i) => {
    const path = `${field}[${i}]`;
    if (name !== "") {
      const messages = isValidPortName(name);
      invalidEach(errors, `${path}.name`, name, messages);
      if (messages.length === 0 && names.has(name)) errors.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(required(`${path}.containerPort`));
    else invalidEach(errors, `${path}.containerPort`, containerPort, isValidPortNum(containerPort));
    if (hostPort !== 0) invalidEach(errors, `${path}.hostPort`, hostPort, isValidPortNum(hostPort));
    checkRequiredOneOf(errors, `${path}.protocol`, protocol, PROTOCOLS);
  });
}
function checkHostPorts(errors: Errors, field: string, containers: readonly Container[]): void {
  let taken: Set<string> | undefined;
  containers.forEach((container, i) => {
    container.ports?.forEach(({ hostPort = 0, hostIP = "", protocol = "" }, j) => {
      if (hostPort === 0) return;
      taken ??= new Set();
      const claim = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(claim)) errors.push(duplicate(`${field}[${i}].ports[${j}].hostPort`, claim));
      taken.add(claim);
    });
  });
}
function checkResizePolicy(errors: Errors, field: string, policies: readonly ContainerResizePolicy[], podRestarts: string | undefined): void {
  const seen = new Set<string>();
  policies.forEach(({ resourceName = "", restartPolicy = "" }, i) => {
    if (seen.has(resourceName)) errors.push(duplicate(`${field}[${i}]`, resourceName));
    seen.add(resourceName);
    checkRequiredOneOf(errors, field, resourceName, ["cpu", "memory"]);
    checkRequiredOneOf(errors, field, restartPolicy, ["NotRequired", "RestartContainer"]);
    if (podRestarts === "Never" && restartPolicy !== "NotRequired") {
      errors.push(invalid(field, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
  });
}
/** As upstream validateContainerRestartPolicy, with all its feature gates on. */
function checkRestartPolicy(errors: Errors, field: string, { restartPolicy, restartPolicyRules = [] }: Container): void {
  if (restartPolicy !== undefined) checkOneOf(errors, `${field}.restartPolicy`, restartPolicy, RESTART_POLICIES);
  else if (restartPolicyRules.length > 0) {
    errors.push(required(`${field}.restartPolicy`, "must specify restartPolicy when restart rules are used"));
  }
  if (restartPolicyRules.length > 20) errors.push(tooMany(`${field}.restartPolicyRules`, restartPolicyRules.length, 20));
  restartPolicyRules.forEach(({ action = "", exitCodes }, i) => {
    const path = `${field}.restartPolicyRules[${i}]`;
    checkOneOf(errors, `${path}.action`, action, RESTART_ACTIONS);
    if (!exitCodes) return void errors.push(required(`${path}.exitCodes`, "must be specified"));
    checkOneOf(errors, `${path}.exitCodes.operator`, exitCodes.operator ?? "", ["In", "NotIn"]);
    const count = exitCodes.values?.length ?? 0;
    if (count > 255) errors.push(tooMany(`${path}.exitCodes.values`, count, 255));
    return undefined;
  });
}

function checkCommon(errors: Errors, field: string, container: AnyContainer, { spec, volumes, rules }: Place): void {
  const { name = "", image = "", terminationMessagePolicy: messages = "" } = container;
  if (name === "") errors.push(required(`${field}.name`));
  else checkDNSLabel(errors, `${field}.name`, name);
  if (image === "") errors.push(required(`${field}.image`));
  checkRequiredOneOf(errors, `${field}.terminationMessagePolicy`, messages, MESSAGE_POLICIES);
  if (container.ports) checkPorts(errors, `${field}.ports`, container.ports);
  if (container.env) checkEnv(errors, `${field}.env`, container.env);
  if (container.envFrom) checkEnvFrom(errors, `${field}.envFrom`, container.envFrom);
  checkVolumeMounts(errors, `${field}.volumeMounts`, container, volumes);
  checkVolumeDevices(errors, `${field}.volumeDevices`, container, volumes);
  checkRequiredOneOf(errors, `${field}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES);
  checkContainerResources(errors, `${field}.resources`, container.resources, rules);
  if (container.resizePolicy) checkResizePolicy(errors, `${field}.resizePolicy`, container.resizePolicy, spec.restartPolicy);
  if (container.securityContext) {
    checkSecurityContext(errors, `${field}.securityContext`, container.securityContext, { hostUsers: spec.hostUsers !== false });
  }
}

export function checkContainers(errors: Errors, field: string, place: Place): void {
  const containers = place.spec.containers ?? [];
  const grace = place.spec.terminationGracePeriodSeconds;
  if (containers.length === 0) return void errors.push(required(field));
  const names = new Set<string>();
  containers.forEach((container, i) => {
    const path = `${field}[${i}]`;
    const { name = "", lifecycle } = container;
    checkCommon(errors, path, container, place);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (lifecycle) checkLifecycle(errors, `${path}.lifecycle`, lifecycle, grace);
    checkProbes(errors, path, container, grace);
    checkRestartPolicy(errors, path, container);
  });
  checkHostPorts(errors, field, containers);
  return undefined;
}

const ONLY_SIDECARS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;
export function checkInitContainers(errors: Errors, field: string, place: Place): void {
  const grace = place.spec.terminationGracePeriodSeconds;
  const names = new Set(place.spec.containers?.map((container) => container.name ?? ""));
  place.spec.initContainers?.forEach((container, i) => {
    const path = `${field}[${i}]`;
    const { name = "", lifecycle } = container;
    const sidecar = isRestartableInit(container);
    checkCommon(errors, path, container, place);
    checkRestartPolicy(errors, path, container);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    else if (name !== "") names.add(name);
    checkHostPorts(errors, field, [container]);
    if (sidecar) {
      if (lifecycle) checkLifecycle(errors, `${path}.lifecycle`, lifecycle, grace);
      checkProbes(errors, path, container, grace);
      return;
    }
    for (const key of ONLY_SIDECARS) {
      const detail = "may not be set for init containers without restartPolicy=Always";
      if (container[key]) errors.push(forbidden(`${path}.${key}`, detail));
    }
    if (place.rules.restartingInitResize) return;
    container.resizePolicy?.forEach(({ restartPolicy }, j) => {
      if (restartPolicy !== "RestartContainer") return;
      const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
      errors.push(invalid(`${path}.resizePolicy[${j}].restartPolicy`, restartPolicy, detail));
    });
  });
}

/** In the order of the Go struct, as upstream looks for them. */
const NOT_EPHEMERAL = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;
const isEmpty = (value: object | string): boolean => typeof value === "object" && Object.keys(value).length === 0;
function checkEphemeralOnly(errors: Errors, field: string, container: EphemeralContainer): void {
  const detail = "cannot be set for an Ephemeral Container";
  for (const key of NOT_EPHEMERAL) {
    const value = container[key];
    if (value !== undefined && !(key === "resources" && isEmpty(value))) errors.push(forbidden(`${field}.${key}`, detail));
  }
  container.volumeMounts?.forEach(({ subPath, subPathExpr }, i) => {
    if (subPath) errors.push(forbidden(`${field}.volumeMounts[${i}].subPath`, detail));
    if (subPathExpr) errors.push(forbidden(`${field}.volumeMounts[${i}].subPathExpr`, detail));
  });
}
export function checkImageSpace(errors: Errors, field: string, image = ""): void {
  if (image.trim() !== image) errors.push(invalid(`${field}.image`, image, "must not have leading or trailing whitespace"));
}
export function checkEphemeralContainers(errors: Errors, field: string, place: Place): void {
  const { spec } = place;
  if (!spec.ephemeralContainers) return;
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.name ?? ""));
  const names = new Set(others);
  spec.ephemeralContainers.forEach((container, i) => {
    const path = `${field}[${i}]`;
    const { name = "", targetContainerName: target = "" } = container;
    checkCommon(errors, path, container, place);
    checkImageSpace(errors, path, container.image);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (target !== "" && !others.has(target)) errors.push(notFound(`${path}.targetContainerName`, target));
    checkEphemeralOnly(errors, path, container);
  });
}
