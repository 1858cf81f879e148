// What our own types say of themselves; the texts of Kubernetes' types come from packages, see texts.mjs.

const META = "Standard object's metadata.";
const OWN = {
  "dev.paperplane.v1.Cluster": {
    description: "Cluster is a whole control plane of its own, with its own nodes, reached at its own URL.",
    fields: { metadata: META, spec: "What the cluster is born with. It cannot be changed later.", status: "How the cluster is reached." },
  },
  "dev.paperplane.v1.ClusterSpec": {
    description: "ClusterSpec says what a cluster is born with.",
    fields: {
      nodes: "How many simulated nodes the cluster has at first, 0 to 5000. Defaults to 3.",
      timing: "How long image pulls and starts take: instant (no delay but the work itself) or realistic. Defaults to instant.",
    },
  },
  "dev.paperplane.v1.ClusterStatus": {
    description: "ClusterStatus says how a cluster is reached.",
    fields: { url: "A complete server URL for a kubeconfig.", conditions: "Whether the cluster answers: the condition Ready." },
  },
};
/** As texts.mjs describes a model; undefined: not ours. */
export function ownModel(full) {
  const found = OWN[full];
  return found && { description: found.description, fields: new Map(Object.entries(found.fields)) };
}
/**
 * The call of Kubernetes' own client that takes the same parameters as a call of ours: resources are all alike, and a
 * StorageClass is, as ours, without a namespace.
 */
export const alikeCall = (prefix, method) => (prefix.startsWith("Paperplane") ? `StorageV1Api${method.replace("Cluster", "StorageClass")}` : undefined);
