// What ReplicaSet and ReplicationController share, as their common controller sees them.
import type { EpochMs } from "../../../shared/base/ports.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { PodTemplateSpec, ReplicaSetCondition } from "../../../shared/kinds/_generated/types.ts";
import type { World } from "../../../shared/reconcile/controller.ts";

export interface ReplicaStatus {
  replicas?: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: ReplicaSetCondition[];
}

/** What ReplicaSet and ReplicationController have in common. */
export interface ReplicaOwner extends KubeObject {
  spec?: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec };
  status?: ReplicaStatus;
}
export interface ReplicaKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  /** ReplicaSets tell how many pods are going away. */
  readonly countsTerminating: boolean;
}
export interface ReplicaRound {
  readonly kind: ReplicaKind;
  readonly root: ReplicaOwner;
  readonly world: World;
  readonly now: EpochMs;
  selects(labels: Readonly<Record<string, string>>): boolean;
}
