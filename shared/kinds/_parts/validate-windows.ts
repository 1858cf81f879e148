// Validation of what only Windows, or only Linux, knows in a pod (upstream: validation.go, validateWindows...).
import { invalid, notSupported, required } from "../../errors/field-error.ts";
import type { PodSpec, WindowsSecurityContextOptions } from "../_generated/types.ts";
import { checkAbsent, checkDNSSubdomain, type Errors } from "./check.ts";
import { eachContainer } from "./containers.ts";

const CREDENTIAL_KIB_MAX = 64;
const DOMAIN_LENGTH_MAX = 256;
const USER_LENGTH_MAX = 104;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DOMAIN_LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const USER_FORBIDDEN = /["/\\:;|=,+*?<>@[\]]/;
const DOTS_AND_SPACES = /^[. ]+$/;

function checkUserName(errors: Errors, field: string, name: string): void {
  const wrong = (detail: string): void => void errors.push(invalid(field, name, detail));
  const parts = name.split("\\");
  if (name === "") return wrong("runAsUserName cannot be an empty string");
  if (CONTROL.test(name)) return wrong("runAsUserName cannot contain control characters");
  if (parts.length > 2) return wrong("runAsUserName cannot contain more than one backslash");
  const domain = parts.length === 2 ? (parts[0] ?? "") : undefined;
  const user = parts.at(-1) ?? "";
  if (domain !== undefined) {
    if (domain.length >= DOMAIN_LENGTH_MAX) wrong(`runAsUserName's Domain length must be under ${DOMAIN_LENGTH_MAX} characters`);
    if (!NET_BIOS.test(domain) && !domain.split(".").every((label) => DOMAIN_LABEL.test(label))) {
      wrong("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === "") wrong("runAsUserName's User cannot be empty");
  else if (user.length > USER_LENGTH_MAX) wrong(`runAsUserName's User length must not be longer than ${USER_LENGTH_MAX} characters`);
  if (DOTS_AND_SPACES.test(user)) wrong("runAsUserName's User cannot contain only periods or spaces");
  if (USER_FORBIDDEN.test(user)) wrong(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return undefined;
}
export function checkWindowsOptions(errors: Errors, field: string, options: WindowsSecurityContextOptions | undefined): void {
  if (!options) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) checkDNSSubdomain(errors, `${field}.gmsaCredentialSpecName`, gmsaCredentialSpecName);
  if (gmsaCredentialSpec !== undefined) {
    const wrong = (detail: string): void => void errors.push(invalid(`${field}.gmsaCredentialSpec`, gmsaCredentialSpec, detail));
    if (gmsaCredentialSpec === "") wrong("gmsaCredentialSpec cannot be an empty string");
    else if (gmsaCredentialSpec.length > CREDENTIAL_KIB_MAX * 1024) wrong(`gmsaCredentialSpec size must be under ${CREDENTIAL_KIB_MAX} KiB`);
  }
  if (runAsUserName !== undefined) checkUserName(errors, `${field}.runAsUserName`, runAsUserName);
}

/** All containers of a pod are host processes, or none. */
export function checkHostProcess(errors: Errors, field: string, spec: PodSpec): void {
  const podValue = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  eachContainer(spec, field, (container, path) => {
    containers++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (podValue !== undefined && own !== undefined && podValue !== own) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${podValue}`;
      errors.push(invalid(`${path}.securityContext.windowsOptions.hostProcess`, own, detail));
    }
    if (own ?? podValue) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers) {
    errors.push(invalid(field, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers"));
  }
  if (!spec.hostNetwork) {
    errors.push(invalid(`${field}.hostNetwork`, false, "hostNetwork must be true if pod contains any hostProcess containers"));
  }
}

const ONLY_LINUX_IN_POD = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
  "seLinuxChangePolicy",
] as const;
const ONLY_LINUX_IN_CONTAINER = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;
function checkWindowsPod(errors: Errors, field: string, spec: PodSpec): void {
  const detail = "cannot be set for a windows pod";
  const pod = spec.securityContext ?? {};
  const inPod = (key: (typeof ONLY_LINUX_IN_POD)[number]): void => checkAbsent(errors, `${field}.securityContext.${key}`, pod[key], detail);
  const before = ONLY_LINUX_IN_POD.slice(0, 2);
  const middle = ONLY_LINUX_IN_POD.slice(2, 5);
  for (const key of before) inPod(key);
  checkAbsent(errors, `${field}.hostUsers`, spec.hostUsers, detail);
  checkAbsent(errors, `${field}.hostPID`, spec.hostPID || undefined, detail);
  checkAbsent(errors, `${field}.hostIPC`, spec.hostIPC || undefined, detail);
  for (const key of middle) inPod(key);
  checkAbsent(errors, `${field}.securityContext.sysctls`, pod.sysctls?.length ? pod.sysctls : undefined, detail);
  checkAbsent(errors, `${field}.shareProcessNamespace`, spec.shareProcessNamespace, detail);
  for (const key of ONLY_LINUX_IN_POD.slice(5)) inPod(key);
  eachContainer(spec, field, (container, path) => {
    for (const key of ONLY_LINUX_IN_CONTAINER) checkAbsent(errors, `${path}.securityContext.${key}`, container.securityContext?.[key], detail);
  });
}
function checkLinuxPod(errors: Errors, field: string, spec: PodSpec): void {
  const detail = "windows options cannot be set for a linux pod";
  checkAbsent(errors, `${field}.securityContext.windowsOptions`, spec.securityContext?.windowsOptions, detail);
  eachContainer(spec, field, (container, path) =>
    checkAbsent(errors, `${path}.securityContext.windowsOptions`, container.securityContext?.windowsOptions, detail),
  );
}
/** spec.os, and what the named system does not know. */
export function checkOS(errors: Errors, field: string, spec: PodSpec): void {
  if (!spec.os) return;
  const { name = "" } = spec.os;
  if (name === "") errors.push(required(`${field}.os.name`));
  else if (name === "linux") checkLinuxPod(errors, field, spec);
  else if (name === "windows") checkWindowsPod(errors, field, spec);
  else errors.push(notSupported(`${field}.os`, name, ["linux", "windows"]));
}
