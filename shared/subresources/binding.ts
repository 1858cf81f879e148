// Binding a pod to a node. As upstream: pkg/registry/core/pod/storage/storage.go BindingREST.
import type { JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { badRequest, conflict, failure, type Status } from "../errors/status.ts";
import type { KubeObject, WriteContext } from "../kinds/define-kind.ts";
import type { Binding, Pod, PodCondition } from "../kinds/_generated/types.ts";
import { rfc3339 } from "../meta/time.ts";

const PODS = { group: "", resource: "pods/binding" };

/** Sets spec.nodeName and the condition PodScheduled; takes over the annotations of the Binding. */
export function bind(stored: KubeObject, body: JsonObject, context: WriteContext): Result<KubeObject, Status> {
  const { target, metadata } = body as unknown as Binding;
  const pod: Pod = { ...stored };
  const name = pod.metadata?.name ?? "";
  if (metadata?.name && metadata.name !== name) return err(badRequest("name in URL does not match name in Binding object"));
  if (target?.kind && target.kind !== "Node" && target.kind !== "Minion") {
    return err(failure(500, undefined, `target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`));
  }
  if (!target?.name) return err(failure(500, undefined, "target.name: Required value"));
  if (metadata?.uid && metadata.uid !== pod.metadata?.uid) {
    const at = `Key: /pods/${pod.metadata?.namespace ?? ""}/${name}, ResourceVersion: 0`;
    const uids = `UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata?.uid ?? ""}`;
    return err(
      conflict({ group: "", resource: "pods" }, name, `StorageError: invalid object, Code: 4, ${at}, AdditionalErrorMsg: Precondition failed: ${uids}`),
    );
  }
  if (pod.metadata?.deletionTimestamp) return err(conflict(PODS, name, `pod ${name} is being deleted, cannot be assigned to a host`));
  const spec = (pod.spec = { ...pod.spec });
  if (spec.nodeName) return err(conflict(PODS, name, `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`));
  if (spec.schedulingGates?.length) return err(conflict(PODS, name, `pod ${name} has non-empty .spec.schedulingGates`));
  spec.nodeName = target.name;
  const own = (pod.metadata = { ...pod.metadata });
  if (metadata?.annotations) own.annotations = { ...own.annotations, ...metadata.annotations };
  // The scheduler may hand over labels of the node (topology); those of the pod stand.
  if (metadata?.labels) own.labels = { ...metadata.labels, ...own.labels };
  const status = (pod.status = { ...pod.status });
  const scheduled: PodCondition = { type: "PodScheduled", status: "True", lastTransitionTime: rfc3339(context.ports.now()) };
  const generation = pod.metadata?.generation;
  if (generation !== undefined) scheduled.observedGeneration = generation;
  status.conditions = [...(status.conditions ?? []).filter((condition) => condition.type !== "PodScheduled"), scheduled];
  return ok(pod);
}
