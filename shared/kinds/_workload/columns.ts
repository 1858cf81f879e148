// Short ways to declare table columns, and the cells that many printers share.
import { formatLabelSelector } from "../../meta/labels.ts";
import { age } from "../../meta/time.ts";
import type { Container, LabelSelector, PodSpec } from "../_generated/types.ts";
import type { ColumnDefinition, KubeObject } from "../define-kind.ts";
import type { EpochMs } from "../../base/ports.ts";

export const NAME: ColumnDefinition = { name: "Name", type: "string", format: "name", priority: 0 };
export const text = (name: string): ColumnDefinition => ({ name, type: "string", priority: 0 });
export const wide = (name: string): ColumnDefinition => ({ name, type: "string", priority: 1 });
export const integer = (name: string): ColumnDefinition => ({ name, type: "integer", priority: 0 });
export const flag = (name: string): ColumnDefinition => ({ name, type: "boolean", priority: 0 });
export const AGE = text("Age");
export const WORKLOAD_WIDE = [wide("Containers"), wide("Images"), wide("Selector")] as const;

export const nameCell = (object: KubeObject): string => object.metadata?.name ?? "";
export const ageCell = (object: KubeObject, now: EpochMs): string => age(object.metadata?.creationTimestamp, now);

/** Names and images of containers (upstream: layoutContainerCells in pkg/printers/internalversion/printers.go). */
export function containerCells(spec: PodSpec | undefined): [names: string, images: string] {
  const containers: readonly Container[] = spec?.containers ?? [];
  return [containers.map((c) => c.name ?? "").join(","), containers.map((c) => c.image ?? "").join(",")];
}
export const workloadCells = (spec: PodSpec | undefined, selector: LabelSelector | undefined): string[] => [
  ...containerCells(spec),
  formatLabelSelector(selector),
];
