// HorizontalPodAutoscaler of autoscaling/v2.
import type { AutoscalingV2HorizontalPodAutoscaler } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const horizontalPodAutoscalerKind = defineKind<AutoscalingV2HorizontalPodAutoscaler>("autoscaling/v2/horizontalpodautoscalers", {});
