// The contract of an admission plugin: it may change or refuse a write, knowing a snapshot of the cluster's policy objects.
import type { ResourceId } from "../reconcile/controller.ts";
import type { Status } from "../errors/status.ts";
import type { AnyKind, KubeObject, WriteContext } from "../kinds/define-kind.ts";

export interface AdmissionRequest {
  readonly kind: AnyKind;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The object to be written; plugins mutate it in `admit`. Undefined for DELETE. */
  readonly object: KubeObject | undefined;
  /** What is stored; undefined for CREATE. */
  readonly stored: KubeObject | undefined;
  readonly context: WriteContext;
}
/** Policy objects of the cluster, at most a second old. */
export interface PolicyFacts {
  get(resource: ResourceId, namespace: string, name: string): KubeObject | undefined;
  /** All of a resource, or those of a namespace. */
  list(resource: ResourceId, namespace?: string): readonly KubeObject[];
}
export interface AdmissionPlugin {
  /** As in kube-apiserver --enable-admission-plugins. */
  readonly name: string;
  /** Resources whose objects it needs in PolicyFacts. */
  readonly facts: readonly ResourceId[];
  /** Which writes it wants to see. `resource` is `group/resource`. */
  handles(resource: ResourceId, operation: AdmissionRequest["operation"], subresource: string): boolean;
  /** Mutates request.object (not on DELETE). A Status refuses the request. Idempotent. Runs after defaulting, before validation. */
  admit?(request: AdmissionRequest, facts: PolicyFacts): Status | undefined;
  /** Checks the final object; never mutates. Runs after validation. */
  validate?(request: AdmissionRequest, facts: PolicyFacts): Status | undefined;
}
