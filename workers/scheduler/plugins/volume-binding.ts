// VolumeBinding: a pod waits for its claims, and goes where its volumes are (upstream: plugins/volumebinding).
import { matchesLabelSelector } from "../../../shared/meta/labels.ts";
import { type Cluster, defineSchedulerPlugin, unresolvable, type VolumeChoice } from "../../../shared/scheduling/framework.ts";
import type { NodeInfo } from "../../../shared/scheduling/node-info.ts";
import { matchesNodeTerms } from "../../../shared/scheduling/node-terms.ts";
import type { ClaimUse, ClaimView, NodeTerm, PodShape, VolumeView } from "../../../shared/scheduling/views.ts";

const NAME = "VolumeBinding";
const NODE_CONFLICT = unresolvable(NAME, "node(s) didn't match PersistentVolume's node affinity");
const NO_VOLUME = unresolvable(NAME, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");

const BIND_CONFLICT = unresolvable(NAME, "node(s) didn't find available persistent volumes to bind");
const NO_PROVISIONER = "kubernetes.io/no-provisioner";

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

interface State {
  /** Node affinity of each bound volume. */
  readonly affinities: readonly (readonly NodeTerm[])[];
  readonly volumeMissing: boolean;
  /** Claims that wait for their pod, smallest first, each with the volumes that would do. */
  readonly waiting: readonly { readonly claim: ClaimView; readonly volumes: readonly VolumeView[]; readonly provisions: boolean }[];
}

function prepareState(shape: PodShape, cluster: Cluster): State | string {
  const claims: ClaimView[] = [];
  for (const use of shape.claims ?? []) {
    const claim = cluster.claim(shape.namespace, use.name);
    const problem = trouble(use, claim);
    if (problem) return problem;
    if (claim) claims.push(claim);
  }
  const unbound = claims.filter((claim) => !claim.bound);
  const late = (claim: ClaimView): boolean => claim.volumeName === undefined && cluster.storageClass(claim.storageClassName)?.waitForFirstConsumer === true;
  if (!unbound.every(late)) return "pod has unbound immediate PersistentVolumeClaims";
  const volumes = claims.filter((claim) => claim.bound).map((claim) => cluster.volume(claim.volumeName ?? ""));
  return {
    affinities: volumes.flatMap((volume) => (volume?.requiredNodes ? [volume.requiredNodes] : [])),
    volumeMissing: volumes.includes(undefined),
    waiting: unbound
      .sort((a, b) => (a.request ?? 0) - (b.request ?? 0))
      .map((claim) => ({
        claim,
        volumes: cluster.volumes.filter((volume) => suits(volume, claim)).sort((a, b) => a.capacity - b.capacity),
        provisions: cluster.storageClass(claim.storageClassName)?.provisioner !== NO_PROVISIONER,
      })),
  };
}

/** As upstream: component-helpers/storage/volume/pv_helpers.go FindMatchingVolume, but for the node. */
function suits(volume: VolumeView, claim: ClaimView): boolean {
  const key = `${claim.namespace}/${claim.name}`;
  if (volume.claimedBy !== undefined) return volume.claimedBy === key;
  return (
    volume.storageClassName === claim.storageClassName &&
    volume.capacity >= (claim.request ?? 0) &&
    volume.block === claim.block &&
    (claim.accessModes ?? []).every((mode) => volume.accessModes.includes(mode)) &&
    (!claim.selector || matchesLabelSelector(claim.selector, volume.labels ?? {}))
  );
}

/** The volumes that the waiting claims would get on a node; undefined when one of them would get none. */
function choose({ waiting }: State, node: NodeInfo): VolumeChoice[] | undefined {
  const choices: VolumeChoice[] = [];
  const taken = new Set<string>();
  for (const { claim, volumes, provisions } of waiting) {
    if (claim.selectedNode !== undefined) {
      if (claim.selectedNode !== node.name) return undefined;
      continue;
    }
    const volume = volumes.find((one) => !taken.has(one.name) && (!one.requiredNodes || matchesNodeTerms(one.requiredNodes, node)));
    if (!volume && !provisions) return undefined;
    if (volume) taken.add(volume.name);
    choices.push({ claim, nodeName: node.name, ...(volume && { volumeName: volume.name }) });
  }
  return choices;
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
    if (!state.affinities.every((terms) => matchesNodeTerms(terms, node))) return NODE_CONFLICT;
    return state.waiting.length === 0 || choose(state, node) ? undefined : BIND_CONFLICT;
  },
  reserve: (state, _shape, node) => choose(state, node) ?? [],
  hint: (event) => event.on === "volumes" || (event.on === "node" && (event.change.added || event.change.labels)),
});
