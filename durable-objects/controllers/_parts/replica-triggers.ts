// When a ReplicaSet or ReplicationController has to look at its pods, and which pods it then sees.
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import { controllerOf } from "../../../shared/meta/owner-refs.ts";
import { keyOf, type Query, type Trigger, type World } from "../../../shared/reconcile/controller.ts";
import { podHintOf, readHint } from "./hints.ts";
import { podChanged, sameMap } from "./pod-view.ts";
import { hasGroup, labelsOf, nameOf, namespaceOf, type Queries, seen, uidOf } from "./world.ts";

export const rootTrigger = (resource: string): Trigger => ({
  resource,
  hints: (next) => (next === undefined ? [] : [keyOf(next)]),
});

/** Keys of the objects of `owner` kind that control the pod now or did before. */
function ownerHints(next: KubeObject | undefined, old: KubeObject | undefined, owner: { readonly kind: string; readonly group: string }): string[] {
  if (next !== undefined && old !== undefined && !podChanged(next, old)) return [];
  const hints = new Set<string>();
  for (const pod of [next, old]) {
    const controller = pod === undefined ? undefined : controllerOf(pod);
    if (pod === undefined || controller?.kind !== owner.kind || !hasGroup(controller, owner.group)) continue;
    hints.add(`${namespaceOf(pod)}/${controller.name}`);
  }
  return [...hints];
}
/** An orphan matters when it appears, loses its owner or changes its labels. As upstream: addPod and updatePod. */
function orphanHints(next: KubeObject | undefined, old: KubeObject | undefined): string[] {
  if (next === undefined || controllerOf(next) !== undefined || next.metadata?.deletionTimestamp !== undefined) return [];
  const isNews = old === undefined || controllerOf(old) !== undefined || !sameMap(labelsOf(next), labelsOf(old));
  return isNews ? [podHintOf(next)] : [];
}
/** Pods tell those that control them at once; that there is an orphan to be taken in, a little later. */
export const podTriggers = ({ resource, ...owner }: { readonly resource: string; readonly kind: string; readonly group: string }): readonly Trigger[] => [
  { resource: "/pods", dormantWithout: resource, hints: (next, old) => ownerHints(next, old, owner) },
  { resource: "/pods", dormantWithout: resource, patient: true, hints: orphanHints },
];

/** The pods that are owned, and those that the labels select and nobody controls. */
export function podQueries(root: KubeObject, labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, Query>> {
  const namespace = namespaceOf(root);
  return {
    pods: { view: "pods", namespace, labels: labels ?? {}, orphans: true },
    owned: { view: "pods", namespace, ownerUids: [uidOf(root)] },
  };
}

type Labels = Readonly<Record<string, string>>;
interface SelectorView<Selector> {
  readonly name: string;
  readonly selector: Selector | undefined;
}

/** The view `sets` of the selectors of a kind, and how a hint about an orphan becomes the keys of those that would take it. */
export function orphanTakers<Selector>(resource: string, selects: (selector: Selector | undefined, labels: Labels) => boolean) {
  return {
    view: {
      resource,
      project: (object: KubeObject): SelectorView<Selector> => ({
        name: nameOf(object),
        selector: (object as { spec?: { selector?: Selector } }).spec?.selector,
      }),
    },
    expand: {
      needs(text: string): Queries | undefined {
        const hint = readHint(text);
        return hint && { sets: { view: "sets", namespace: hint.namespace } };
      },
      keys(text: string, world: World): string[] {
        const hint = readHint(text);
        return seen<SelectorView<Selector>>(world, "sets")
          .filter((set) => selects(set.selector, hint?.labels ?? {}))
          .map((set) => `${hint?.namespace}/${set.name}`);
      },
    },
  };
}
