// ServiceAccount: every pod runs as one; its token and its pull secrets come with it.
// As upstream: plugin/pkg/admission/serviceaccount/admission.go.
import { randomSuffix } from "../meta/hash.ts";
import type { Ports } from "../base/ports.ts";
import type { Container, Pod, ServiceAccount, Volume } from "../kinds/_generated/types.ts";
import { forbid } from "./forbid.ts";
import type { AdmissionPlugin, AdmissionRequest, PolicyFacts } from "./plugin.ts";
import { ephemeralSecretRefusal, mirrorPodRefusal, secretRefusal } from "./service-account-secrets.ts";
import type { Status } from "../errors/status.ts";

const SERVICE_ACCOUNTS = "/serviceaccounts";
const MIRROR_POD = "kubernetes.io/config.mirror";
const VOLUME_PREFIX = "kube-api-access-";
const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
/** A little over an hour: who keeps a token longer than an hour is only warned about (upstream: pkg/serviceaccount). */
const TOKEN_SECONDS = 3607;

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
    ],
  },
});
function mountToken(pod: Pod, ports: Ports): void {
  const spec = (pod.spec ??= {});
  const existing = spec.volumes?.find((volume) => volume.name?.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? VOLUME_PREFIX + randomSuffix(ports);
  let needed = false;
  const mount = (containers: readonly Container[] | undefined): void => {
    for (const container of containers ?? []) {
      if (container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_PATH)) continue;
      (container.volumeMounts ??= []).push({ name, readOnly: true, mountPath: TOKEN_PATH });
      needed = true;
    }
  };
  mount(spec.initContainers);
  mount(spec.containers);
  if (needed && !existing) (spec.volumes ??= []).push(tokenVolume(name));
}

interface Found {
  readonly account?: ServiceAccount;
  readonly refusal?: Status;
}
function accountOf(request: AdmissionRequest, pod: Pod, facts: PolicyFacts): Found {
  const name = pod.spec?.serviceAccountName ?? "";
  const where = `${request.namespace}/${name}`;
  if (name === "") return { refusal: forbid(request, `no service account specified for pod ${request.namespace}/${pod.metadata?.name ?? ""}`) };
  const account: ServiceAccount | undefined = facts.get(SERVICE_ACCOUNTS, request.namespace, name);
  if (account) return { account };
  return { refusal: forbid(request, `error looking up service account ${where}: serviceaccount "${name}" not found`) };
}
const isMirror = (pod: Pod): boolean => pod.metadata?.annotations?.[MIRROR_POD] !== undefined;

/** What holds for the pod at the end. */
function check(request: AdmissionRequest, facts: PolicyFacts): Status | undefined {
  const pod: Pod = request.object ?? {};
  if (request.operation === "CREATE" && isMirror(pod)) {
    const why = mirrorPodRefusal(pod);
    return why === undefined ? undefined : forbid(request, why);
  }
  const { account, refusal } = accountOf(request, pod, facts);
  if (!account) return refusal;
  const why = request.operation === "CREATE" ? secretRefusal(pod, account) : ephemeralSecretRefusal(pod, account);
  return why === undefined ? undefined : forbid(request, why);
}

export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  facts: [SERVICE_ACCOUNTS],
  handles: (resource, operation, subresource) =>
    resource === "/pods" && ((operation === "CREATE" && subresource === "") || (operation === "UPDATE" && subresource === "ephemeralcontainers")),
  admit(request, facts) {
    if (request.operation !== "CREATE") return undefined;
    const pod: Pod = request.object ?? {};
    if (isMirror(pod)) return check(request, facts);
    const spec = (pod.spec ??= {});
    if (!spec.serviceAccountName) spec.serviceAccountName = spec.serviceAccount = "default";
    const { account, refusal } = accountOf(request, pod, facts);
    if (!account) return refusal;
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod, request.context.ports);
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
      spec.imagePullSecrets = account.imagePullSecrets.map(({ name = "" }) => ({ name }));
    }
    return check(request, facts);
  },
  validate: check,
};
