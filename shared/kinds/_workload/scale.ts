// What the scale subresource speaks of for kinds that keep spec.replicas, spec.selector and status.replicas.
import { selectorText } from "../../meta/labels.ts";
import type { LabelSelector } from "../_generated/types.ts";
import type { KubeObject, ScaleAnswers } from "../define-kind.ts";

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector };
  status?: { replicas?: number };
}
export const replicaScale: ScaleAnswers<Scalable> = {
  replicas: (object) => object.spec?.replicas ?? 0,
  setReplicas(object, replicas) {
    (object.spec ??= {}).replicas = replicas;
  },
  statusReplicas: (object) => object.status?.replicas ?? 0,
  selector: (object) => selectorText(object.spec?.selector),
};
