// Texts of Warning headers about pods and templates (upstream: pkg/api/pod/warnings.go).
import { equalJson } from "../../base/json.ts";
import { bigIntToIP, parseIP } from "../../meta/ip.ts";
import { isValidLabelValue } from "../../meta/names.ts";
import type { NodeSelectorTerm, ObjectMeta, PodAffinityTerm, PodSpec } from "../_generated/types.ts";
import { eachContainer } from "./containers.ts";
import { APPARMOR_PREFIX, appArmorOfAnnotation, SECCOMP_POD, SECCOMP_PREFIX } from "./pod-annotations.ts";
import { overlapWarnings } from "./pod-warnings-paths.ts";
import { portWarnings } from "./pod-warnings-ports.ts";
import { canonical, milli, type ResourceList } from "./quantities.ts";

const DEPRECATED_NODE_LABELS: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};
export const nodeLabelDeprecation = (key: string): string | undefined => (Object.hasOwn(DEPRECATED_NODE_LABELS, key) ? DEPRECATED_NODE_LABELS[key] : undefined);

const DEPRECATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};
/** In upstream's order, by member of a volume; the last name is the one that the warning gives. */
const DEPRECATED_VOLUMES = [
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["ephemeral", "", ""],
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
] as const;
const NULL_SELECTOR = "a null labelSelector results in matching no pod";
const BYTES = ["memory", "ephemeral-storage"] as const;

function termWarnings(out: string[], field: string, term: NodeSelectorTerm, check: { readonly values: boolean }): void {
  term.matchExpressions?.forEach(({ key = "", values = [] }, i) => {
    const message = nodeLabelDeprecation(key);
    if (message) out.push(`${field}.matchExpressions[${i}].key: ${key} is ${message}`);
    if (!check.values) return;
    values.forEach((value, j) => {
      for (const why of isValidLabelValue(value)) out.push(`${field}.matchExpressions[${i}].values[${j}]: ${value} is invalid, ${why}`);
    });
  });
}
function placementWarnings(out: string[], field: string, spec: PodSpec): void {
  for (const key in spec.nodeSelector) {
    const message = nodeLabelDeprecation(key);
    if (message) out.push(`${field}.nodeSelector[${key}]: ${message}`);
  }
  const node = spec.affinity?.nodeAffinity;
  const path = `${field}.affinity.nodeAffinity`;
  node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.forEach((term, i) =>
    termWarnings(out, `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, term, { values: false }),
  );
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ preference }, i) =>
    termWarnings(out, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, preference ?? {}, { values: true }),
  );
  spec.topologySpreadConstraints?.forEach(({ topologyKey = "", labelSelector }, i) => {
    const at = `${field}.topologySpreadConstraints[${i}]`;
    const message = nodeLabelDeprecation(topologyKey);
    if (message) out.push(`${at}.topologyKey: ${topologyKey} is ${message}`);
    if (!labelSelector) out.push(`${at}.labelSelector: ${NULL_SELECTOR}`);
  });
}
function bytesWarnings(out: string[], field: string, list: ResourceList | undefined, names: readonly string[]): void {
  for (const name of names) {
    const value = list?.[name];
    if (value === undefined || milli(value) % 1000 === 0) continue;
    out.push(`${field}[${name}]: fractional byte value ${JSON.stringify(canonical(value))} is invalid, must be an integer`);
  }
}
function volumeWarnings(out: string[], field: string, spec: PodSpec): void {
  spec.volumes?.forEach((volume, i) => {
    for (const [source, name, message] of DEPRECATED_VOLUMES) {
      if (volume[source] === undefined) continue;
      if (message !== "") out.push(`${field}.volumes[${i}].${name}: ${message}`);
      else {
        const claim = volume.ephemeral?.volumeClaimTemplate?.spec?.resources;
        const path = `${field}.volumes[${i}].ephemeral.volumeClaimTemplate.spec.resources`;
        bytesWarnings(out, `${path}.requests`, claim?.requests, ["storage"]);
        bytesWarnings(out, `${path}.limits`, claim?.limits, ["storage"]);
      }
    }
  });
  if (spec.volumes) out.push(...overlapWarnings(spec.volumes));
}
function duplicates(out: string[], values: readonly string[], text: (value: string, i: number) => string): void {
  if (values.length < 2) return;
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (seen.has(value)) out.push(text(value, i));
    seen.add(value);
  });
}
function containerWarnings(out: string[], field: string, spec: PodSpec, annotations: Readonly<Record<string, string>>, path: string): void {
  const isTemplate = path !== "";
  const at = (key: string): string => `${path === "" ? "" : `${path}.`}metadata.annotations[${key}]`;
  eachContainer(spec, field, (container, place) => {
    const { name = "", securityContext, resources, env = [] } = container;
    const seccomp = SECCOMP_PREFIX + name;
    if (!securityContext?.seccompProfile && annotations[seccomp] !== undefined) {
      out.push(`${at(seccomp)}: non-functional in v1.27+; use the "seccompProfile" field instead`);
    }
    const profile = APPARMOR_PREFIX + name;
    const text = annotations[profile];
    if (text !== undefined) {
      const meant = appArmorOfAnnotation(text);
      const before = isTemplate
        ? !securityContext?.appArmorProfile && !(spec.securityContext?.appArmorProfile && equalJson(spec.securityContext.appArmorProfile, meant))
        : !meant || equalJson(securityContext?.appArmorProfile, meant);
      if (before) out.push(`${at(profile)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
    }
    for (const resource of BYTES) {
      bytesWarnings(out, `${place}.resources.limits`, resources?.limits, [resource]);
      bytesWarnings(out, `${place}.resources.requests`, resources?.requests, [resource]);
    }
    const seen = new Set<string>();
    env.forEach((item, i) => {
      const own = item.name ?? "";
      const reference = `$(${own})`;
      const bad = item.valueFrom !== undefined || item.value === reference || !(item.value ?? "").includes(reference);
      if (seen.has(own) && bad) {
        out.push(`${place}.env[${i}]: hides previous definition of ${JSON.stringify(own)}, which may be dropped when using apply`);
      }
      seen.add(own);
    });
  });
}
function selectorWarnings(out: string[], field: string, spec: PodSpec): void {
  for (const group of ["podAffinity", "podAntiAffinity"] as const) {
    const path = `${field}.affinity.${group}`;
    const affinity = spec.affinity?.[group];
    const warn = (term: PodAffinityTerm | undefined, at: string): void => {
      if (!term?.labelSelector) out.push(`${at}.labelSelector: ${NULL_SELECTOR}`);
    };
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) => warn(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`));
    affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, i) =>
      warn(podAffinityTerm, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`),
    );
  }
}
/** As upstream GetWarningsForIP. */
export function ipWarning(field: string, text: string): string[] {
  const ip = parseIP(text);
  if (ip?.family !== 6) return [];
  const proper = bigIntToIP(ip.value, 6);
  if (proper === text) return [];
  return [`${field}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(proper)})`];
}

/** `path` is that of a template, as `spec.template`; "" for a Pod. */
export function podSpecWarnings(spec: PodSpec, metadata: ObjectMeta | undefined, path: string): string[] {
  const out: string[] = [];
  const prefix = path === "" ? "" : `${path}.`;
  const field = `${prefix}spec`;
  const annotations = metadata?.annotations ?? {};
  placementWarnings(out, field, spec);
  for (const [key, message] of Object.entries(DEPRECATED_ANNOTATIONS)) {
    if (annotations[key] !== undefined) out.push(`${prefix}metadata.annotations[${key}]: ${message}`);
  }
  volumeWarnings(out, field, spec);
  const quoted = JSON.stringify;
  duplicates(
    out,
    (spec.hostAliases ?? []).map(({ ip = "" }) => ip),
    (ip, i) => `${field}.hostAliases[${i}].ip: duplicate ip ${quoted(ip)}`,
  );
  const secrets = (spec.imagePullSecrets ?? []).map(({ name = "" }) => name);
  duplicates(out, secrets, (name, i) => `${field}.imagePullSecrets[${i}].name: duplicate name ${quoted(name)}`);
  secrets.forEach((name, i) => {
    if (name === "") out.push(`${field}.imagePullSecrets[${i}].name: invalid empty name ""`);
  });
  bytesWarnings(out, `${field}.overhead`, spec.overhead, BYTES);
  if (!spec.securityContext?.seccompProfile && annotations[SECCOMP_POD] !== undefined) {
    out.push(`${prefix}metadata.annotations[${SECCOMP_POD}]: non-functional in v1.27+; use the "seccompProfile" field instead`);
  }
  containerWarnings(out, field, spec, annotations, path);
  out.push(...portWarnings(spec, field));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    out.push(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  selectorWarnings(out, field, spec);
  spec.dnsConfig?.nameservers?.forEach((server, i) => out.push(...ipWarning(`${field}.dnsConfig.nameservers[${i}]`, server)));
  spec.hostAliases?.forEach(({ ip = "" }, i) => out.push(...ipWarning(`${field}.hostAliases[${i}].ip`, ip)));
  return [...new Set(out)];
}
