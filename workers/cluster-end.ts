// The last step of a cluster's deletion: its record, held by a finalizer until now, is let go.
import { Stores } from "../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../durable-objects/env.ts";
import { STORAGE_FINALIZER } from "../shared/kinds/paperplane/cluster.ts";
import { rootCluster } from "./api/clusters.ts";

const SYSTEM = { username: "system:paperplane", groups: ["system:masters"] };

export async function releaseCluster(env: ActorEnv, cluster: ClusterRef): Promise<void> {
  const stores = new Stores(env, rootCluster(env));
  const version = { group: "paperplane.dev", version: "v1" };
  const resource = "paperplane.dev/clusters";
  const [text] = await stores.stub(resource).read(stores.cluster, version, [{ namespace: "", name: cluster.name }]);
  if (text === undefined) return;
  const { metadata } = JSON.parse(text) as { metadata: { uid: string; finalizers?: string[] } };
  if (metadata.uid !== cluster.uid) return;
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== STORAGE_FINALIZER);
  const [result] = await stores.write(resource, [
    {
      ...version,
      verb: "patch",
      namespace: "",
      name: cluster.name,
      patchType: "merge",
      text: JSON.stringify({ metadata: { uid: cluster.uid, finalizers } }),
      user: SYSTEM,
      options: { fieldManager: "paperplane" },
    },
  ]);
  if (result && !result.ok && result.status.code !== 404) throw new Error(result.status.message);
}
