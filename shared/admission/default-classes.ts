// Which of several classes is the default one: the newest, then the first by name.
// As upstream: pkg/volume/util/storageclass.go, plugin/pkg/admission/network/defaultingressclass/admission.go.
import type { KubeObject } from "../kinds/define-kind.ts";

/** The name of the class that one of the annotations marks; undefined when there is none. */
export function defaultClassName(classes: readonly KubeObject[], annotations: readonly string[]): string | undefined {
  const created = (object: KubeObject): number => Date.parse(object.metadata?.creationTimestamp ?? "") || 0;
  const name = (object: KubeObject): string => object.metadata?.name ?? "";
  const marked = classes.filter(({ metadata }) => annotations.some((key) => metadata?.annotations?.[key] === "true"));
  const [first] = marked.sort((a, b) => created(b) - created(a) || (name(a) < name(b) ? -1 : 1));
  return first && name(first);
}
