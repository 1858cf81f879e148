// The scale subresource: an autoscaling/v1 Scale over whatever a kind says its replicas are.
import { err, ok, type Result } from "../base/result.ts";
import { cloneJson, isObject } from "../base/json.ts";
import { invalid } from "../errors/field-error.ts";
import { failure, invalidStatus, type Status } from "../errors/status.ts";
import type { AnyKind, KubeObject } from "../kinds/define-kind.ts";

interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status?: { replicas: number; selector?: string };
}

/** The Scale of an object (without managedFields, as upstream). */
export function scaleOf(kind: AnyKind, object: KubeObject): Scale {
  const { scale } = kind;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const replicas = scale?.replicas(object) ?? 0;
  const selector = scale?.selector(object) ?? "";
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: Object.fromEntries(Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(([, value]) => value !== undefined)),
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: scale?.statusReplicas(object) ?? 0, ...(selector === "" ? {} : { selector }) },
  };
}

/** The object with the replicas of a Scale that a client sent. */
export function withScale(kind: AnyKind, stored: KubeObject, sent: KubeObject): Result<KubeObject, Status> {
  if (!kind.scale) return err(failure(404, "NotFound", "the server could not find the requested resource", {}));
  const { spec } = sent as Scale;
  const replicas = isObject(spec) ? (spec.replicas ?? 0) : 0;
  const name = stored.metadata?.name ?? "";
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) {
    return err(failure(400, "BadRequest", `Scale in version "v1" cannot be handled as a Scale: spec.replicas is not an integer`));
  }
  if (replicas < 0) {
    const error = invalid("spec.replicas", replicas, "must be greater than or equal to 0");
    return err(invalidStatus({ group: "autoscaling", resource: "Scale" }, name, [error]));
  }
  const next = cloneJson(stored);
  kind.scale.setReplicas(next, replicas);
  return ok(next);
}
