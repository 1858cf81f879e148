// A Pod made from a template by a controller. As upstream: pkg/controller/controller_utils.go GetPodFromTemplate.
import { cloneJson } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Pod, PodTemplateSpec } from "../../../shared/kinds/_generated/types.ts";
import { ownerRef } from "../../../shared/meta/owner-refs.ts";
import { nameOf, namespaceOf, safeMap } from "./world.ts";

export interface PodOwner {
  readonly root: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
}

/** What names of an owner's pods start with; a name that would be none gets no dash. */
export const podPrefix = (owner: string): string => `${owner}-`;

export function podFromTemplate(template: PodTemplateSpec | undefined, owner: PodOwner, name: string): Pod {
  const metadata = template?.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      generateName: podPrefix(nameOf(owner.root)),
      namespace: namespaceOf(owner.root),
      labels: safeMap(metadata?.labels),
      annotations: safeMap(metadata?.annotations),
      ...(metadata?.finalizers ? { finalizers: [...metadata.finalizers] } : {}),
      ownerReferences: [ownerRef(owner.root, owner)],
    },
    spec: cloneJson(template?.spec ?? {}),
  };
}
