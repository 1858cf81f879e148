// Kinds of group autoscaling against the recorded answers of a real server, and the two versions against each other.
import { describe, expect, it } from "vitest";
import { cloneJson } from "../../../shared/base/json.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { horizontalPodAutoscalerV1Kind } from "../../../shared/kinds/autoscaling/horizontal-pod-autoscaler-v1.ts";
import { horizontalPodAutoscalerKind } from "../../../shared/kinds/autoscaling/horizontal-pod-autoscaler.ts";
import { type ColumnsFact, jsonLines } from "../../support/facts.ts";
import { describeKind } from "./fact-suite.ts";

describeKind(horizontalPodAutoscalerKind, {
  bases: ["horizontalpodautoscaler-v2", "horizontalpodautoscaler-v2-full", "horizontalpodautoscaler-v2-behavior-min"],
});
describeKind(horizontalPodAutoscalerV1Kind, { bases: ["horizontalpodautoscaler-v1", "horizontalpodautoscaler-v1-full"] });

describe("HorizontalPodAutoscaler v1 and v2", () => {
  const samples = jsonLines<ColumnsFact>("columns-samples.jsonl").filter((fact) => fact.kind === "HorizontalPodAutoscaler");
  /** Without what differs between two readings of one object, and with annotations as values: key order means nothing. */
  const comparable = (object: KubeObject): unknown => {
    const { apiVersion, metadata, ...rest } = cloneJson(object);
    const annotations = Object.entries(metadata?.annotations ?? {}).map(([key, value]): [string, unknown] => [key, JSON.parse(value)]);
    return { apiVersion, ...rest, annotations: Object.fromEntries(annotations) };
  };
  it("[v1] reads as recorded when stored as the recorded v2", () => {
    const pairs = samples
      .filter((fact) => fact.apiVersion === "autoscaling/v1")
      .flatMap((v1) => {
        const v2 = samples.find(
          (other) => other.apiVersion === "autoscaling/v2" && other.state === v1.state && other.object.metadata?.name === v1.object.metadata?.name,
        );
        return v2 ? [{ v1, v2 }] : [];
      });
    expect(pairs.length).toBeGreaterThan(2);
    for (const { v1, v2 } of pairs) {
      expect(comparable(horizontalPodAutoscalerV1Kind.conversion?.fromStored(cloneJson(v2.object)) ?? {})).toEqual(comparable(v1.object));
    }
  });
  it("comes back as it was from a round trip through v1", () => {
    for (const fact of samples.filter((sample) => sample.apiVersion === "autoscaling/v2")) {
      const { conversion } = horizontalPodAutoscalerV1Kind;
      const back = conversion?.toStored(conversion.fromStored(cloneJson(fact.object)));
      const metrics = (object: unknown): unknown[] => (object as { spec: { metrics: unknown[] } }).spec.metrics;
      expect(metrics(back)).toEqual(expect.arrayContaining(metrics(fact.object)));
      expect((back as { spec: { behavior?: unknown } }).spec.behavior).toEqual((fact.object as { spec: { behavior?: unknown } }).spec.behavior);
    }
  });
});
