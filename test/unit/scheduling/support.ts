// Builders and a small runner for tests of scheduling: objects in, decisions out, over the real plugins.
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Node, NodeSpec, Pod, PodSpec } from "../../../shared/kinds/_generated/types.ts";
import { Scheduler } from "../../../shared/scheduling/scheduler.ts";
import type { Decision } from "../../../shared/scheduling/schedule.ts";
import { PLUGINS } from "../../../workers/scheduler/plugins/index.ts";
import { WATCHED } from "../../../workers/scheduler/watched.ts";

export const HOST = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";

export interface NodeOptions {
  readonly zone?: string;
  readonly labels?: Record<string, string>;
  readonly allocatable?: Record<string, string>;
  readonly spec?: NodeSpec;
  readonly images?: { names: string[]; sizeBytes: number }[];
}
export const node = (name: string, options: NodeOptions = {}): Node => ({
  metadata: { name, labels: { [HOST]: name, ...(options.zone && { [ZONE]: options.zone }), ...options.labels } },
  spec: options.spec ?? {},
  status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10", ...options.allocatable }, images: options.images ?? [] },
});

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly spec?: PodSpec;
  readonly status?: Pod["status"];
  readonly owner?: string;
}
let uids = 0;
export const pod = (name: string, options: PodOptions = {}): Pod => ({
  metadata: {
    name,
    namespace: options.namespace ?? "default",
    uid: `uid-${name}-${uids++}`,
    creationTimestamp: "2026-01-01T00:00:00Z",
    labels: options.labels ?? {},
    ...(options.owner && {
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: options.owner, uid: options.owner, controller: true }],
    }),
  },
  spec: {
    schedulerName: "default-scheduler",
    containers: [{ name: "c", image: "i", ...(options.requests && { resources: { requests: options.requests } }) }],
    ...options.spec,
  },
  status: options.status ?? { phase: "Pending" },
});

/** A small generator of numbers: the same seed, the same dice. */
export function dice(seed: number): (below: number) => number {
  let state = seed % 2_147_483_647 || 1;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

export const RESOURCES: Readonly<Record<string, string>> = {
  Node: "node",
  Pod: "pod",
  Namespace: "namespace",
  Service: "service",
  PersistentVolumeClaim: "claim",
  PersistentVolume: "volume",
  StorageClass: "storageClass",
  PodDisruptionBudget: "budget",
};

export class World {
  readonly scheduler: Scheduler;
  now = 0;

  constructor(seed = 1) {
    this.scheduler = new Scheduler({ profile: "default-scheduler", plugins: PLUGINS, dice: dice(seed) });
  }
  put(kind: string, ...objects: readonly KubeObject[]): this {
    for (const object of objects) {
      const watched = WATCHED.find(({ sort }) => sort === RESOURCES[kind]);
      if (!watched) throw new Error(`nothing watches ${kind}`);
      const view = JSON.parse(JSON.stringify(watched.project(object))) as never;
      this.scheduler.put({ sort: watched.sort, view }, this.now);
    }
    return this;
  }
  drop(kind: string, object: KubeObject): this {
    const sort = WATCHED.find((one) => one.sort === RESOURCES[kind])?.sort ?? "pod";
    this.scheduler.drop(sort, `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`);
    return this;
  }
  /** Decides, and takes every binding as written. */
  decide(max = 500): Decision[] {
    const decisions = this.scheduler.decide(max, this.now);
    for (const decision of decisions) if (decision.do === "bind") this.scheduler.bound(decision.pod, decision.nodeName);
    return decisions;
  }
  /** Where each pod went, or why not. */
  outcome(...pods: readonly KubeObject[]): string[] {
    this.put("Pod", ...pods);
    const decisions = new Map(this.decide().map((decision) => [decision.pod.uid, decision]));
    return pods.map((one) => {
      const decision = decisions.get(one.metadata?.uid ?? "");
      if (!decision) return "not looked at";
      return decision.do === "bind" ? `-> ${decision.nodeName}` : decision.message;
    });
  }
}
export const only = (decision: Decision | undefined): string =>
  decision === undefined ? "none" : decision.do === "bind" ? `-> ${decision.nodeName}` : decision.message;
