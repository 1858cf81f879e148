// Which secrets a pod may use when its service account names them all, and what mirror pods may not use.
// As upstream: plugin/pkg/admission/serviceaccount/admission.go, limitSecretReferences.
import type { Container, Pod, PodSpec, ServiceAccount } from "../kinds/_generated/types.ts";

const ENFORCE = "kubernetes.io/enforce-mountable-secrets";
const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);

const enforced = (account: ServiceAccount): boolean => TRUE.has(account.metadata?.annotations?.[ENFORCE] ?? "");
const mountable = (account: ServiceAccount): Set<string> => new Set((account.secrets ?? []).map(({ name = "" }) => name));
const because = (account: ServiceAccount): string => `is not allowed because service account ${account.metadata?.name ?? ""} does not reference that secret`;

function containerRefusal(what: string, container: Container, allowed: ReadonlySet<string>, account: ServiceAccount): string | undefined {
  const { name = "", env = [], envFrom = [] } = container;
  for (const { name: variable = "", valueFrom } of env) {
    const secret = valueFrom?.secretKeyRef?.name ?? "";
    if (!valueFrom?.secretKeyRef || allowed.has(secret)) continue;
    return `${what} ${name} with envVar ${variable} referencing secret.secretName="${secret}" ${because(account)}`;
  }
  for (const { secretRef } of envFrom) {
    if (!secretRef || allowed.has(secretRef.name ?? "")) continue;
    return `${what} ${name} with envFrom referencing secret.secretName="${secretRef.name ?? ""}" ${because(account)}`;
  }
  return undefined;
}
function containersRefusal(what: string, containers: readonly Container[] | undefined, account: ServiceAccount): string | undefined {
  const allowed = mountable(account);
  for (const container of containers ?? []) {
    const refusal = containerRefusal(what, container, allowed, account);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Why the pod may not use what it names; undefined when it may. */
export function secretRefusal(pod: Pod, account: ServiceAccount): string | undefined {
  if (!enforced(account)) return undefined;
  const spec = pod.spec ?? {};
  const allowed = mountable(account);
  const volume = spec.volumes?.find(({ secret }) => secret && !allowed.has(secret.secretName ?? ""));
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName ?? ""}" ${because(account)}`;
  const refusal = containersRefusal("init container", spec.initContainers, account) ?? containersRefusal("container", spec.containers, account);
  if (refusal !== undefined) return refusal;
  const pull = new Set((account.imagePullSecrets ?? []).map(({ name = "" }) => name));
  const index = spec.imagePullSecrets?.findIndex(({ name = "" }) => !pull.has(name)) ?? -1;
  if (index < 0) return undefined;
  const name = spec.imagePullSecrets?.[index]?.name ?? "";
  const owner = account.metadata?.name ?? "";
  return `imagePullSecrets[${index}].name="${name}" is not allowed because service account ${owner} does not reference that imagePullSecret`;
}
export const ephemeralSecretRefusal = (pod: Pod, account: ServiceAccount): string | undefined =>
  enforced(account) ? containersRefusal("ephemeral container", pod.spec?.ephemeralContainers, account) : undefined;

/** Upstream: VisitPodSecretNames. */
function namesSecret(spec: PodSpec): boolean {
  const inContainers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])].some(
    ({ env, envFrom }) => env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name) || envFrom?.some(({ secretRef }) => secretRef?.name),
  );
  const inVolumes = (spec.volumes ?? []).some(
    (volume) =>
      volume.secret?.secretName ||
      volume.azureFile?.secretName ||
      volume.projected?.sources?.some(({ secret }) => secret?.name) ||
      volume.csi?.nodePublishSecretRef?.name ||
      [volume.cephfs, volume.cinder, volume.flexVolume, volume.rbd, volume.scaleIO, volume.iscsi, volume.storageos].some((source) => source?.secretRef?.name),
  );
  return inContainers || inVolumes || (spec.imagePullSecrets ?? []).some(({ name }) => name);
}
export function mirrorPodRefusal(pod: Pod): string | undefined {
  const spec = pod.spec ?? {};
  if (spec.serviceAccountName) return "a mirror pod may not reference service accounts";
  if (namesSecret(spec)) return "a mirror pod may not reference secrets";
  const token = spec.volumes?.some((volume) => volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken));
  return token ? "a mirror pod may not use ServiceAccountToken volume projections" : undefined;
}
