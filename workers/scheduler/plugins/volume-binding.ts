// VolumeBinding: a pod waits for its claims, and goes where its volumes are (upstream: plugins/volumebinding).
import { type Cluster, defineSchedulerPlugin, unresolvable } from "../../../shared/scheduling/framework.ts";
import { matchesNodeTerms } from "../../../shared/scheduling/node-terms.ts";
import type { ClaimUse, ClaimView, NodeTerm, PodShape } from "../../../shared/scheduling/views.ts";

const NAME = "VolumeBinding";
const NODE_CONFLICT = unresolvable(NAME, "node(s) didn't match PersistentVolume's node affinity");
const NO_VOLUME = unresolvable(NAME, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");

/** Why a claim cannot be used at all. */
function trouble(use: ClaimUse, claim: ClaimView | undefined): string | undefined {
  const { name } = use;
  if (!claim) {
    if (use.ephemeral) return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
    return `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.lost) return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.volumeName ?? ""}"`;
  if (claim.terminating) return `persistentvolumeclaim "${name}" is being deleted`;
  return undefined;
}

const waitsForPod = (claim: ClaimView, cluster: Cluster): boolean =>
  claim.volumeName === undefined && cluster.storageClass(claim.storageClassName)?.waitForFirstConsumer === true;

interface State {
  /** Node affinity of each bound volume. */
  readonly affinities: readonly (readonly NodeTerm[])[];
  readonly volumeMissing: boolean;
}

function prepareState(shape: PodShape, cluster: Cluster): State | string {
  const claims: ClaimView[] = [];
  for (const use of shape.claims ?? []) {
    const claim = cluster.claim(shape.namespace, use.name);
    const problem = trouble(use, claim);
    if (problem) return problem;
    if (claim) claims.push(claim);
  }
  if (claims.some((claim) => !claim.bound && !waitsForPod(claim, cluster))) return "pod has unbound immediate PersistentVolumeClaims";
  const volumes = claims.filter((claim) => claim.bound).map((claim) => cluster.volume(claim.volumeName ?? ""));
  return {
    affinities: volumes.flatMap((volume) => (volume?.requiredNodes ? [volume.requiredNodes] : [])),
    volumeMissing: volumes.includes(undefined),
  };
}

export const volumeBinding = defineSchedulerPlugin<State>({
  name: NAME,
  scope: "node",
  prepare(shape, cluster) {
    if (!shape.claims) return { is: "skip" };
    const state = prepareState(shape, cluster);
    if (typeof state === "string") return { is: "refused", refusal: unresolvable(NAME, state) };
    return { is: "ready", state };
  },
  filter(state, _shape, node) {
    if (state.volumeMissing) return NO_VOLUME;
    return state.affinities.every((terms) => matchesNodeTerms(terms, node)) ? undefined : NODE_CONFLICT;
  },
  hint: (event) => event.on === "volumes" || (event.on === "node" && (event.change.added || event.change.labels)),
});
