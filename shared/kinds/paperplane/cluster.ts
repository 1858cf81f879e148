// Cluster of paperplane.dev/v1: a whole control plane of its own, reached at /clusters/<name>. Served by the root cluster.
import { invalid, forbidden } from "../../errors/field-error.ts";
import { isDNS1123Label } from "../../meta/names.ts";
import { rfc3339 } from "../../meta/time.ts";
import { equalJson } from "../../base/json.ts";
import { defineKind, statusStrategy, type KubeObject } from "../define-kind.ts";
import type { Condition } from "../_generated/types.ts";

export interface Cluster extends KubeObject {
  spec?: {
    /** Simulated nodes that the cluster is born with; default 3. */
    nodes?: number;
    /** `instant` (default) or `realistic`: how long pulls and starts take. */
    timing?: string;
  };
  status?: {
    /** A complete server URL for a kubeconfig. */
    url?: string;
    conditions?: Condition[];
  };
}

export const CLUSTER_NODES_MAX = 5000;
/** The root cluster answers under this name, too; it cannot be made or deleted. */
export const ROOT_CLUSTER = "default";
/** On the record of a cluster from before it stores anything until all of that is gone: nobody else takes it off. */
export const STORAGE_FINALIZER = "paperplane.dev/storage";
const TIMINGS = ["instant", "realistic"];

const ready = (cluster: Cluster): Condition | undefined => cluster.status?.conditions?.find(({ type }) => type === "Ready");

/** Whoever writes the record leaves this finalizer out at will; it stays while the cluster lasts. */
function keepHold(next: Cluster, stored: Cluster): void {
  const { finalizers = [], deletionTimestamp } = stored.metadata ?? {};
  const kept = next.metadata?.finalizers ?? [];
  if (deletionTimestamp || !finalizers.includes(STORAGE_FINALIZER) || kept.includes(STORAGE_FINALIZER)) return;
  (next.metadata ??= {}).finalizers = [...kept, STORAGE_FINALIZER];
}
const status = statusStrategy<Cluster>();

export const clusterKind = defineKind<Cluster>("paperplane.dev/v1/clusters", {
  generation: true,
  defaults(cluster) {
    const spec = (cluster.spec ??= {});
    spec.nodes ??= 3;
    spec.timing ??= "instant";
  },
  nameRule: (name, prefix) => isDNS1123Label(prefix ? `${name}x` : name),
  prepareForCreate(cluster, { ports, serverUrl = () => "" }) {
    const now = rfc3339(ports.now());
    cluster.status = {
      url: `${serverUrl()}/clusters/${cluster.metadata?.name ?? ""}`,
      conditions: [{ type: "Ready", status: "True", reason: "Served", message: "The cluster answers at its URL", lastTransitionTime: now }],
    };
  },
  validate(cluster) {
    const errors = [];
    const { nodes = 0, timing = "" } = cluster.spec ?? {};
    if (cluster.metadata?.name === ROOT_CLUSTER) errors.push(forbidden("metadata.name", `"${ROOT_CLUSTER}" is the root cluster`));
    if (nodes < 0 || nodes > CLUSTER_NODES_MAX) errors.push(invalid("spec.nodes", nodes, `must be between 0 and ${CLUSTER_NODES_MAX}, inclusive`));
    if (!TIMINGS.includes(timing)) errors.push(invalid("spec.timing", timing, `must be one of ${TIMINGS.join(", ")}`));
    return errors;
  },
  update: {
    prepare: keepHold,
    validate: (next, stored) => (equalJson(next.spec, stored.spec) ? [] : [forbidden("spec", "what a cluster is born with cannot be changed")]),
  },
  subresources: {
    status: {
      ...status,
      prepare(next, stored, context) {
        status.prepare(next, stored, context);
        keepHold(next, stored);
      },
    },
  },
  table: {
    columns: [
      { name: "Name", type: "string", format: "name", priority: 0 },
      { name: "Ready", type: "string", priority: 0 },
      { name: "Nodes", type: "integer", priority: 0 },
      { name: "URL", type: "string", priority: 0 },
      { name: "Created At", type: "date", priority: 0 },
    ],
    row: (cluster) => [
      cluster.metadata?.name ?? "",
      ready(cluster)?.status ?? "Unknown",
      cluster.spec?.nodes ?? 0,
      cluster.status?.url ?? "",
      cluster.metadata?.creationTimestamp ?? null,
    ],
  },
});
