// HorizontalPodAutoscaler of autoscaling/v1.
import type { HorizontalPodAutoscaler } from "../_generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const horizontalPodAutoscalerV1Kind = defineKind<HorizontalPodAutoscaler>("autoscaling/v1/horizontalpodautoscalers", {});
