// Validation of the security contexts of pods and containers (upstream: validation.go, ValidateSecurityContext).
import type { Json } from "../../base/json.ts";
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from "../../errors/field-error.ts";
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from "../_generated/types.ts";
import { checkDescendingPath, checkId, checkOneOf, type Errors } from "./check.ts";
import { eachContainer } from "./containers.ts";
import { internalJson } from "./internal-json.ts";
import { checkWindowsOptions } from "./validate-windows.ts";

const PROFILE_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];
const PROC_MOUNTS = ["Default", "Unmasked"];
const PATH_BYTES_MAX = 4095;

function checkSeccomp(errors: Errors, field: string, profile: SeccompProfile | undefined): void {
  if (!profile) return;
  const { type = "", localhostProfile } = profile;
  if (type === "") errors.push(required(`${field}.type`, "type is required when seccompProfile is set"));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, PROFILE_TYPES));
  const path = `${field}.localhostProfile`;
  if (type !== "Localhost") {
    const shown = internalJson("SeccompProfile", profile) as Json;
    if (localhostProfile !== undefined) errors.push(invalid(path, shown, "can only be set when seccomp type is Localhost"));
  } else if (localhostProfile === undefined) errors.push(required(path, "must be set when seccomp type is Localhost"));
  else checkDescendingPath(errors, path, localhostProfile);
}
export function checkAppArmor(errors: Errors, field: string, profile: AppArmorProfile | undefined): void {
  if (!profile) return;
  const { type = "", localhostProfile: name } = profile;
  const path = `${field}.localhostProfile`;
  if (type === "") errors.push(required(`${field}.type`, "type is required when appArmorProfile is set"));
  else if (!PROFILE_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, PROFILE_TYPES));
  else if (type !== "Localhost") {
    if (name !== undefined) errors.push(invalid(path, name, "can only be set when AppArmor type is Localhost"));
  } else if (name === undefined) errors.push(required(path, "must be set when AppArmor type is Localhost"));
  else {
    if (name.trim() !== name) errors.push(invalid(path, name, "must not be padded with whitespace"));
    else if (name === "") errors.push(required(path, "must be set when AppArmor type is Localhost"));
    if (name.length > PATH_BYTES_MAX) errors.push(tooLong(path, PATH_BYTES_MAX));
  }
}

/** `hostUsers`: the pod shares the node's user namespace. */
export function checkSecurityContext(errors: Errors, field: string, context: SecurityContext, pod: { readonly hostUsers: boolean }): void {
  checkId(errors, `${field}.runAsUser`, context.runAsUser);
  checkId(errors, `${field}.runAsGroup`, context.runAsGroup);
  const { procMount } = context;
  checkOneOf(errors, `${field}.procMount`, procMount, PROC_MOUNTS);
  if (pod.hostUsers && procMount === "Unmasked") {
    errors.push(invalid(`${field}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`"));
  }
  checkSeccomp(errors, `${field}.seccompProfile`, context.seccompProfile);
  if (context.allowPrivilegeEscalation === false) {
    const wrong = (what: string): void =>
      void errors.push(invalid(field, internalJson("SecurityContext", context) as Json, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`));
    if (context.privileged === true) wrong("`privileged` to true");
    for (const added of context.capabilities?.add ?? []) if (added === "CAP_SYS_ADMIN") wrong("`capabilities.Add` CAP_SYS_ADMIN");
  }
  checkWindowsOptions(errors, `${field}.windowsOptions`, context.windowsOptions);
  checkAppArmor(errors, `${field}.appArmorProfile`, context.appArmorProfile);
}

const SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SYSCTL_PATTERN = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL_LETTERS = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const SYSCTL_LENGTH_MAX = 253;
const isSysctl = (name: string): boolean => name.length <= SYSCTL_LENGTH_MAX && name.split(/[./]/).every((part) => SYSCTL_LETTERS.test(part));

const IPC_SYSCTLS = new Set("sem shmall shmmax shmmni shm_rmid_forced shm msgmax msgmnb msgmni msg".split(" ").map((name) => `kernel.${name}`));
/** Which namespace of the kernel a sysctl belongs to (upstream: component-helpers/node/util/sysctl). */
function sysctlNamespace(name: string): "net" | "ipc" | undefined {
  // With a slash as its first separator the two separators have changed places.
  const swapped = /^[^./]*\//.test(name);
  const dotted = swapped ? name.replaceAll(/[./]/g, (separator) => (separator === "/" ? "." : "/")) : name;
  const base = dotted.split("*", 1)[0] ?? "";
  if (base.startsWith("net.")) return "net";
  return IPC_SYSCTLS.has(base) || base.startsWith("fs.mqueue.") ? "ipc" : undefined;
}
/** A sysctl of a namespace that the pod shares with its node, as an error at the field; undefined when it is its own. */
export function hostSysctl(name: string, spec: PodSpec, field: string): Errors[number] | undefined {
  const namespace = sysctlNamespace(name);
  if (spec.hostNetwork && namespace === "net") return invalid(field, name, "may not be specified when 'hostNetwork' is true");
  if (spec.hostIPC && namespace === "ipc") return invalid(field, name, "may not be specified when 'hostIPC' is true");
  return undefined;
}
function checkSysctls(errors: Errors, field: string, spec: PodSpec, rules: PodSecurityRules): void {
  const names = new Set<string>();
  spec.securityContext?.sysctls?.forEach(({ name = "" }, i) => {
    const path = `${field}[${i}].name`;
    if (name === "") errors.push(required(path));
    else if (!isSysctl(name)) {
      errors.push(invalid(path, name, `must have at most ${SYSCTL_LENGTH_MAX} characters and match regex ${SYSCTL_PATTERN}`));
    } else if (names.has(name)) errors.push(duplicate(path, name));
    const shared = rules.hostSysctls ? undefined : hostSysctl(name, spec, path);
    if (shared) errors.push(shared);
    names.add(name);
  });
}

export interface PodSecurityRules {
  /** Sysctls of the node's own namespaces are kept where a stored pod has such. */
  readonly hostSysctls: boolean;
  /** MountOption is only taken from pods that have a policy already: the feature gate SELinuxMount is off. */
  readonly anySELinuxChangePolicy: boolean;
}
export function checkPodSecurityContext(errors: Errors, field: string, spec: PodSpec, rules: PodSecurityRules): void {
  const context: PodSecurityContext = spec.securityContext ?? {};
  checkId(errors, `${field}.fsGroup`, context.fsGroup);
  checkId(errors, `${field}.runAsUser`, context.runAsUser);
  checkId(errors, `${field}.runAsGroup`, context.runAsGroup);
  context.supplementalGroups?.forEach((group, i) => checkId(errors, `${field}.supplementalGroups[${i}]`, group));
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.push(invalid(`${field}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled"));
  }
  checkSysctls(errors, `${field}.sysctls`, spec, rules);
  checkOneOf(errors, `${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ["Always", "OnRootMismatch"]);
  checkSeccomp(errors, `${field}.seccompProfile`, context.seccompProfile);
  checkWindowsOptions(errors, `${field}.windowsOptions`, context.windowsOptions);
  checkAppArmor(errors, `${field}.appArmorProfile`, context.appArmorProfile);
  checkOneOf(errors, `${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ["Merge", "Strict"]);
  const policies = rules.anySELinuxChangePolicy ? ["MountOption", "Recursive"] : ["Recursive"];
  checkOneOf(errors, `${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, policies);
}

export interface HostUsersRules {
  readonly blockDevices: boolean;
  readonly hostNetwork: boolean;
}
/**
 * A pod with its own user namespace shares no other with the node (upstream: validateHostUsers); `rules` name what a stored
 * pod has nevertheless.
 */
export function checkHostUsers(errors: Errors, field: string, spec: PodSpec, rules: HostUsersRules): void {
  if (spec.hostUsers !== false) return;
  const detail = "when `hostUsers` is false";
  if (spec.hostNetwork && !rules.hostNetwork) errors.push(forbidden(`${field}.hostNetwork`, detail));
  if (spec.hostPID) errors.push(forbidden(`${field}.HostPID`, detail));
  if (spec.hostIPC) errors.push(forbidden(`${field}.HostIPC`, detail));
  if (rules.blockDevices) return;
  eachContainer(spec, field, (container, path) => {
    if (container.volumeDevices?.length) errors.push(forbidden(`${path}.volumeDevices`, detail));
  });
}
