// How a HorizontalPodAutoscaler is printed. As upstream: formatHPAMetrics, pkg/printers/internalversion/printers.go.
import type { EpochMs } from "../../base/ports.ts";
import type { Json } from "../../base/json.ts";
import type {
  AutoscalingV2HorizontalPodAutoscaler as HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from "../_generated/types.ts";
import { AGE, NAME, ageCell, nameCell, text } from "./columns.ts";

const METRICS_SHOWN = 2;
const UNKNOWN = "<unknown>";

const quantity = (value: string | number | undefined): string => (value === undefined ? UNKNOWN : String(value));
/** Of a value, or of the average over pods where that is what the target speaks of. */
function plain(target: MetricTarget, current: MetricValueStatus | undefined): string {
  return target.averageValue === undefined
    ? `${quantity(current?.value)}/${quantity(target.value)}`
    : `${quantity(current?.averageValue)}/${quantity(target.averageValue)} (avg)`;
}
function ofResource(name: string, target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${name}: ${quantity(current?.averageValue)}/${target.averageValue}`;
  const used = current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`;
  return `${name}: ${used}/${target.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`}`;
}
function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return plain(spec.external?.target ?? {}, status?.external?.current);
    case "Pods":
      return `${quantity(status?.pods?.current?.averageValue)}/${quantity(spec.pods?.target?.averageValue)}`;
    case "Object":
      return plain(spec.object?.target ?? {}, status?.object?.current);
    case "Resource":
      return ofResource(spec.resource?.name ?? "", spec.resource?.target ?? {}, status?.resource?.current);
    case "ContainerResource":
      return ofResource(spec.containerResource?.name ?? "", spec.containerResource?.target ?? {}, status?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}
function metricsCell(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return "<none>";
  const texts = specs.slice(0, METRICS_SHOWN).map((spec, index) => metricText(spec, statuses[index]));
  const shown = texts.join(", ");
  return specs.length > METRICS_SHOWN ? `${shown} + ${specs.length - METRICS_SHOWN} more...` : shown;
}

export const hpaTable = {
  columns: [NAME, ...["Reference", "Targets", "MinPods", "MaxPods", "Replicas"].map(text), AGE],
  row(object: HorizontalPodAutoscaler, now: EpochMs): Json[] {
    const { spec = {}, status = {} } = object;
    return [
      nameCell(object),
      `${spec.scaleTargetRef?.kind ?? ""}/${spec.scaleTargetRef?.name ?? ""}`,
      metricsCell(spec.metrics ?? [], status.currentMetrics ?? []),
      spec.minReplicas === undefined ? "<unset>" : String(spec.minReplicas),
      spec.maxReplicas ?? 0,
      status.currentReplicas ?? 0,
      ageCell(object, now),
    ];
  },
};
