// The objects that a store makes when it is first touched: the recorded ones of a fresh cluster, and its simulated nodes.
import type { ClusterRef } from "../durable-objects/env.ts";
import type { Ports } from "../shared/base/ports.ts";
import { bornWith } from "../shared/bootstrap/objects.ts";
import type { KubeObject } from "../shared/kinds/define-kind.ts";
import { rfc3339 } from "../shared/meta/time.ts";
import type { ResourceId } from "../shared/reconcile/controller.ts";
import { bornNodes } from "./node-agent/node-object.ts";

export function birth(resource: ResourceId, cluster: ClusterRef, ports: Ports): KubeObject[] {
  if (resource !== "/nodes") return bornWith(resource, { ports, caCertificate: "" });
  const now = ports.now();
  return bornNodes(cluster, now).map(({ kind: _kind, apiVersion: _apiVersion, metadata, ...rest }) => ({
    metadata: { ...metadata, uid: ports.uid(), creationTimestamp: rfc3339(now) },
    ...rest,
  }));
}
