// Walks the containers of a pod in the order in which upstream reports about them.
import type { Container, EphemeralContainer, PodSpec } from "../_generated/types.ts";

/** What all three kinds of containers have in common. */
export type AnyContainer = Container & Pick<EphemeralContainer, "targetContainerName">;

/** Init containers, containers, ephemeral containers, each with its path (upstream: VisitContainersWithPath). */
export function eachContainer(spec: PodSpec, specField: string, visit: (container: AnyContainer, field: string) => void): void {
  spec.initContainers?.forEach((container, i) => visit(container, `${specField}.initContainers[${i}]`));
  spec.containers?.forEach((container, i) => visit(container, `${specField}.containers[${i}]`));
  spec.ephemeralContainers?.forEach((container, i) => visit(container, `${specField}.ephemeralContainers[${i}]`));
}
export function everyContainer(spec: PodSpec): AnyContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}
/** A sidecar: an init container that keeps running. */
export const isRestartableInit = (container: Container | undefined): boolean => container?.restartPolicy === "Always";
/** Two table cells (upstream: layoutContainerCells in pkg/printers/internalversion/printers.go). */
export function containerNamesAndImages(spec: PodSpec | undefined): [names: string, images: string] {
  const containers = spec?.containers ?? [];
  return [containers.map(({ name = "" }) => name).join(","), containers.map(({ image = "" }) => image).join(",")];
}
