// Event objects as components record them: one for each (object, source, type, reason, message), counted when repeated.
import type { KubeObject } from "../kinds/define-kind.ts";
import type { Event, ObjectReference } from "../kinds/_generated/types.ts";
import { rfc3339 } from "../meta/time.ts";

export interface EventFact {
  readonly about: KubeObject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** The component: `deployment-controller`, `default-scheduler`, `kubelet`. */
  readonly component: string;
  /** For kubelets: the node. */
  readonly host?: string;
  /** A part of the object, as `spec.containers{nginx}`. */
  readonly fieldPath?: string;
}
/** Equal events within ten minutes are counted on the first one (as client-go tools/record/events_cache.go). */
export const EVENT_AGGREGATE_MS = 10 * 60_000;

export function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata ?? {};
  const reference: ObjectReference = {};
  if (object.kind !== undefined) reference.kind = object.kind;
  if (namespace) reference.namespace = namespace;
  if (name !== undefined) reference.name = name;
  if (uid !== undefined) reference.uid = uid;
  if (object.apiVersion !== undefined) reference.apiVersion = object.apiVersion;
  if (resourceVersion) reference.resourceVersion = resourceVersion;
  if (fieldPath !== undefined) reference.fieldPath = fieldPath;
  return reference;
}

/** What makes two events equal. */
export const eventKey = (fact: EventFact): string =>
  JSON.stringify([
    fact.component,
    fact.host ?? "",
    fact.about.metadata?.uid ?? fact.about.metadata?.name,
    fact.fieldPath ?? "",
    fact.type,
    fact.reason,
    fact.message,
  ]);

/** The namespace that an event lives in: that of its object, `default` for cluster-scoped ones. */
export const eventNamespace = (fact: EventFact): string => fact.about.metadata?.namespace || "default";

/** A new Event. `name` as client-go builds it: the object's name and a hexadecimal stamp, `web.17f3a2b4c5d6e7f8`. */
export function eventObject(fact: EventFact, how: { readonly name: string; readonly now: number }): Event & KubeObject {
  const stamp = rfc3339(how.now);
  return {
    metadata: { name: how.name, namespace: eventNamespace(fact) },
    involvedObject: referenceTo(fact.about, fact.fieldPath),
    reason: fact.reason,
    message: fact.message,
    source: { component: fact.component, ...(fact.host === undefined ? {} : { host: fact.host }) },
    firstTimestamp: stamp,
    lastTimestamp: stamp,
    count: 1,
    type: fact.type,
    reportingComponent: fact.component,
    reportingInstance: fact.host ?? "",
  };
}
