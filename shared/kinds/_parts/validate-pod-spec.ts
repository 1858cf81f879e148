// Validation of a pod spec, in a Pod or in a template (upstream: validation.go, ValidatePodSpec).
import { duplicate, forbidden, invalid, notFound, required, tooLong } from "../../errors/field-error.ts";
import { validateIP } from "../../meta/ip.ts";
import { validateLabels } from "../../meta/labels.ts";
import { isInRange, patternText } from "../../meta/names.ts";
import type { ObjectMeta, PodDNSConfig, PodResourceClaim, PodSpec } from "../_generated/types.ts";
import { checkDNSLabel, checkDNSSubdomain, checkOneOf, checkRequiredOneOf, type Errors, invalidEach } from "./check.ts";
import { eachContainer } from "./containers.ts";
import { internalJson } from "./internal-json.ts";
import type { PodRules } from "./pod-rules.ts";
import { checkAffinity } from "./validate-affinity.ts";
import { checkContainers, checkEphemeralContainers, checkInitContainers } from "./validate-container.ts";
import { checkOverhead, checkPodResources } from "./validate-resources.ts";
import { checkReadinessGates, checkSchedulingGates, checkSpreadConstraints, checkTolerations } from "./validate-scheduling.ts";
import { checkHostUsers, checkPodSecurityContext } from "./validate-security.ts";
import { checkVolumes } from "./validate-volume.ts";
import { checkHostProcess, checkOS } from "./validate-windows.ts";

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const INT32_MAX = 2 ** 31 - 1;
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_LENGTH_MAX = 2048;
const HOSTNAME_LENGTH_MAX = 64;

function checkResourceClaims(errors: Errors, field: string, claims: readonly PodResourceClaim[]): void {
  const names = new Set<string>();
  claims.forEach((claim, i) => {
    const path = `${field}[${i}]`;
    const { name = "", resourceClaimName: claimName, resourceClaimTemplateName: template } = claim;
    const shown = internalJson("PodResourceClaim", claim);
    if (name === "") errors.push(required(`${path}.name`));
    else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    else checkDNSLabel(errors, `${path}.name`, name);
    names.add(name);
    if (claimName !== undefined && template !== undefined) {
      errors.push(invalid(path, shown, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"));
    }
    if (claimName === undefined && template === undefined) {
      errors.push(invalid(path, shown, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"));
    }
    if (claimName !== undefined) checkDNSSubdomain(errors, `${path}.resourceClaimName`, claimName);
    if (template !== undefined) checkDNSSubdomain(errors, `${path}.resourceClaimTemplateName`, template);
  });
}

const UNDERSCORED = /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const UNDERSCORED_TEXT = patternText(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*",
  "example.com",
);
function checkSearch(errors: Errors, field: string, given: string): void {
  if (given === ".") return;
  const search = given.endsWith(".") ? given.slice(0, -1) : given;
  if (search.length > 253) errors.push(invalid(field, search, "must be no more than 253 characters"));
  if (!search.split(".").every((label) => UNDERSCORED.test(label))) errors.push(invalid(field, search, UNDERSCORED_TEXT));
}
function checkDNSConfig(errors: Errors, field: string, config: PodDNSConfig | undefined, policy: string | undefined): void {
  const { nameservers = [], searches = [], options = [] } = config ?? {};
  if (policy === "None" && !config) return void errors.push(required(field, "must provide `dnsConfig` when `dnsPolicy` is None"));
  if (policy === "None" && nameservers.length === 0) {
    return void errors.push(required(`${field}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"));
  }
  if (nameservers.length > NAMESERVERS_MAX) {
    errors.push(invalid(`${field}.nameservers`, nameservers, `must not have more than ${NAMESERVERS_MAX} nameservers`));
  }
  nameservers.forEach((server, i) => errors.push(...validateIP(`${field}.nameservers[${i}]`, server)));
  if (searches.length > SEARCHES_MAX) {
    errors.push(invalid(`${field}.searches`, searches, `must not have more than ${SEARCHES_MAX} search paths`));
  }
  if (searches.join(" ").length > SEARCH_LENGTH_MAX) {
    const detail = `must not have more than ${SEARCH_LENGTH_MAX} characters (including spaces) in the search list`;
    errors.push(invalid(`${field}.searches`, searches, detail));
  }
  searches.forEach((search, i) => checkSearch(errors, `${field}.searches[${i}]`, search));
  options.forEach(({ name }, i) => {
    if (!name) errors.push(required(`${field}.options[${i}]`, "must not be empty"));
  });
  return undefined;
}
function checkHostNetworkPorts(errors: Errors, field: string, spec: PodSpec, rules: PodRules): void {
  if (!spec.hostNetwork) return;
  spec.containers?.forEach((container, i) => {
    container.ports?.forEach(({ hostPort = 0, containerPort = 0 }, j) => {
      if (hostPort === containerPort || (hostPort === 0 && !rules.isPod)) return;
      const detail = "must match `containerPort` when `hostNetwork` is true";
      errors.push(invalid(`${field}.containers[${i}].ports[${j}].hostPort`, hostPort, detail));
    });
  });
}
function checkHostnameOverride(errors: Errors, field: string, spec: PodSpec): void {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return;
  if (spec.setHostnameAsFQDN) errors.push(forbidden(field, "may not be specified when setHostnameAsFQDN is true"));
  if (spec.hostNetwork) errors.push(forbidden(field, "may not be specified when hostNetwork is true"));
  if (name.length > HOSTNAME_LENGTH_MAX) errors.push(tooLong(field, HOSTNAME_LENGTH_MAX));
  checkDNSSubdomain(errors, field, name);
}
function checkFileKeyVolumes(errors: Errors, field: string, spec: PodSpec): void {
  eachContainer(spec, field, (container, path) => {
    container.env?.forEach(({ valueFrom }, i) => {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (!valueFrom?.fileKeyRef) return;
      const at = `${path}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = spec.volumes?.findLast((candidate) => candidate.name === name);
      if (!volume) errors.push(notFound(at, name ?? ""));
      else if (!volume.emptyDir) errors.push(invalid(at, name ?? "", "referenced volume must be of type emptyDir"));
    });
  });
}

/** Names and small members, in upstream's order. */
function checkNames(errors: Errors, field: string, spec: PodSpec): void {
  if (spec.serviceAccountName) checkDNSSubdomain(errors, `${field}.serviceAccountName`, spec.serviceAccountName);
  if (spec.nodeName) checkDNSSubdomain(errors, `${field}.nodeName`, spec.nodeName);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined) invalidEach(errors, `${field}.activeDeadlineSeconds`, deadline, isInRange(deadline, 1, INT32_MAX));
  if (spec.hostname) checkDNSLabel(errors, `${field}.hostname`, spec.hostname);
  if (spec.subdomain) checkDNSLabel(errors, `${field}.subdomain`, spec.subdomain);
}
function checkHostAliases(errors: Errors, field: string, spec: PodSpec): void {
  spec.hostAliases?.forEach(({ ip = "", hostnames }, i) => {
    errors.push(...validateIP(`${field}[${i}].ip`, ip));
    hostnames?.forEach((hostname, j) => checkDNSSubdomain(errors, `${field}[${i}].hostnames[${j}]`, hostname));
  });
}

const NO_NAMES: ReadonlySet<string> = new Set();
/** `metadata` is that of the Pod, undefined for a template. */
export function checkPodSpec(errors: Errors, field: string, spec: PodSpec, rules: PodRules, metadata?: ObjectMeta): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.push(required(`${field}.terminationGracePeriodSeconds`));
  const volumes = checkVolumes(errors, `${field}.volumes`, spec.volumes ?? [], { ...rules, podName: metadata?.name ?? "" });
  const claimNames = spec.resourceClaims ? new Set(spec.resourceClaims.flatMap(({ name }) => name || [])) : NO_NAMES;
  if (spec.resourceClaims) checkResourceClaims(errors, `${field}.resourceClaims`, spec.resourceClaims);
  const resourceRules = { ...rules, claimNames };
  const place = { spec, volumes, rules: resourceRules };
  checkContainers(errors, `${field}.containers`, place);
  checkInitContainers(errors, `${field}.initContainers`, place);
  checkEphemeralContainers(errors, `${field}.ephemeralContainers`, place);
  checkPodResources(errors, `${field}.resources`, spec, resourceRules);
  checkHostNetworkPorts(errors, field, spec, rules);
  checkRequiredOneOf(errors, `${field}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  checkRequiredOneOf(errors, `${field}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, `${field}.nodeSelector`));
  checkPodSecurityContext(errors, `${field}.securityContext`, spec, rules);
  if (spec.affinity) checkAffinity(errors, `${field}.affinity`, spec.affinity, rules);
  checkDNSConfig(errors, `${field}.dnsConfig`, spec.dnsConfig, spec.dnsPolicy);
  if (spec.readinessGates) checkReadinessGates(errors, `${field}.readinessGates`, spec.readinessGates);
  if (spec.schedulingGates) checkSchedulingGates(errors, `${field}.schedulingGates`, spec.schedulingGates);
  if (spec.topologySpreadConstraints) {
    checkSpreadConstraints(errors, `${field}.topologySpreadConstraints`, spec.topologySpreadConstraints, rules);
  }
  checkHostProcess(errors, field, spec);
  checkHostUsers(errors, field, spec, rules);
  checkHostnameOverride(errors, `${field}.hostnameOverride`, spec);
  checkNames(errors, field, spec);
  if (spec.tolerations) checkTolerations(errors, `${field}.tolerations`, spec.tolerations, rules);
  checkHostAliases(errors, `${field}.hostAliases`, spec);
  checkClasses(errors, field, spec);
  if (spec.overhead) checkOverhead(errors, `${field}.overhead`, spec.overhead, resourceRules);
  checkOS(errors, field, spec);
  checkFileKeyVolumes(errors, field, spec);
}
function checkClasses(errors: Errors, field: string, spec: PodSpec): void {
  for (const key of ["priorityClassName", "runtimeClassName"] as const) {
    const value = spec[key];
    if (value || (key === "runtimeClassName" && value === "")) checkDNSSubdomain(errors, `${field}.${key}`, value);
  }
  const { preemptionPolicy } = spec;
  if (preemptionPolicy === "") errors.push(required(`${field}.preemptionPolicy`));
  else checkOneOf(errors, `${field}.preemptionPolicy`, preemptionPolicy, ["PreemptLowerPriority", "Never"]);
}
