// HorizontalPodAutoscaler of autoscaling/v1: an older view of the objects of autoscaling/v2.
import { cloneJson } from "../../base/json.ts";
import { nameIsDNSSubdomain } from "../../meta/names.ts";
import type { AutoscalingV2HorizontalPodAutoscaler as V2, HorizontalPodAutoscaler, MetricSpec, MetricStatus } from "../_generated/types.ts";
import { normalize } from "../../schema/fill.ts";
import { nonnegativeFields } from "../_workload/checks.ts";
import { hpaTable } from "../_workload/hpa-table.ts";
import { fromStored, toStored } from "../_workload/hpa-v1.ts";
import { defineKind, statusStrategy } from "../define-kind.ts";
import { validateHorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";

const OTHER_METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const CPU_UTILIZATION = 80;
const asV2 = (object: HorizontalPodAutoscaler): V2 => toStored(cloneJson(object));
/** Metrics in the order of their statuses, which is the stored one: v1 speaks of cpu apart from the others. */
function forTable(object: HorizontalPodAutoscaler): V2 {
  const stored = asV2(object);
  const nameOf = ({ type, resource, pods, object: described, external, containerResource }: MetricSpec | MetricStatus): string =>
    [type, resource?.name, pods?.metric?.name, described?.metric?.name, external?.metric?.name, containerResource?.name].join("/");
  const order = (stored.status?.currentMetrics ?? []).map(nameOf);
  const place = (metric: MetricSpec): number => (order.indexOf(nameOf(metric)) + order.length + 1) % (order.length + 1);
  stored.spec?.metrics?.sort((a, b) => place(a) - place(b));
  return stored;
}

export const horizontalPodAutoscalerV1Kind = defineKind<HorizontalPodAutoscaler>("autoscaling/v1/horizontalpodautoscalers", {
  nameRule: nameIsDNSSubdomain,
  defaults(object) {
    const spec = (object.spec ??= {});
    spec.scaleTargetRef ??= {};
    spec.maxReplicas ??= 0;
    spec.minReplicas ??= 1;
    if (object.metadata?.annotations?.[OTHER_METRICS] === undefined) spec.targetCPUUtilizationPercentage ??= CPU_UTILIZATION;
  },
  prepareForCreate(object) {
    object.status = { currentReplicas: 0, desiredReplicas: 0 };
  },
  // The rules, and the fields that their messages name, are those of the stored form.
  validate: (object) => validateHorizontalPodAutoscaler(asV2(object)),
  subresources: { status: statusStrategy((next) => nonnegativeFields(next.status, "status", ["currentReplicas", "desiredReplicas"])) },
  storedIn: "autoscaling/horizontalpodautoscalers",
  conversion: {
    toStored(object) {
      const stored = toStored(object);
      normalize(stored, "autoscaling.v2.HorizontalPodAutoscaler");
      return stored;
    },
    fromStored(object) {
      const older = fromStored(object as V2);
      normalize(older, "autoscaling.v1.HorizontalPodAutoscaler");
      return older;
    },
  },
  table: { columns: hpaTable.columns, row: (object, now) => hpaTable.row(forTable(object), now) },
});
