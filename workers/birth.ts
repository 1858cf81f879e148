// The objects that a cluster is born with: the recorded ones of a fresh cluster, and its simulated nodes. A pure function of the
// cluster. They are complete in themselves: no controller has anything to do about them.
import type { ClusterRef } from "../durable-objects/env.ts";
import { bornWith } from "../shared/bootstrap/objects.ts";
import type { KubeObject } from "../shared/kinds/define-kind.ts";
import { derivedUid } from "../shared/meta/derived-uid.ts";
import { rfc3339 } from "../shared/meta/time.ts";
import type { ResourceId } from "../shared/reconcile/controller.ts";
import { bornNodes } from "./node-agent/node-object.ts";

const NODES = "/nodes";

export function birth(resource: ResourceId, cluster: ClusterRef): KubeObject[] {
  const { at, seed } = cluster.birth;
  const uid = ({ metadata = {} }: KubeObject): string => derivedUid(seed, resource, metadata.namespace ?? "", metadata.name ?? "");
  if (resource !== NODES) return bornWith(resource, { at, uid, caCertificate: "" });
  return bornNodes(cluster, at).map(({ kind: _kind, apiVersion: _apiVersion, metadata, ...rest }) => ({
    metadata: { ...metadata, uid: uid({ metadata: metadata ?? {} }), creationTimestamp: rfc3339(at) },
    ...rest,
  }));
}
