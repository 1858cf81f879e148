// Workload objects as the API would have defaulted them.
import type { Deployment, ReplicaSet } from "../../../shared/kinds/_generated/types.ts";

export const template = (image: string, labels: Record<string, string> = { a: "b" }): NonNullable<Deployment["spec"]>["template"] => ({
  metadata: { labels },
  spec: { containers: [{ name: "c", image, resources: {} }], restartPolicy: "Always" },
});
export const deployment = (name: string, spec: Deployment["spec"] = {}): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { a: "b" } },
    template: template("i:1"),
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    ...spec,
  },
});
export const replicaSet = (name: string, spec: ReplicaSet["spec"] = {}): ReplicaSet => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name, namespace: "default" },
  spec: { replicas: 3, selector: { matchLabels: { a: "b" } }, template: template("i:1"), ...spec },
});
