// A pod in the scheduler's memory: its own few members, and the shape it shares with all pods of its class.
import type { PodShape, PodView } from "./views.ts";

export interface PodInfo {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly priority: number;
  readonly created: number;
  readonly started: number | undefined;
  readonly generation: number | undefined;
  readonly nodeName: string | undefined;
  readonly nominatedNodeName: string | undefined;
  readonly terminating: boolean;
  readonly preempted: boolean;
  readonly neverPreempts: boolean;
  readonly pinned: readonly string[] | undefined;
  readonly refusal: string | undefined;
  readonly shapeText: string;
  readonly shape: PodShape;
}

/** All pods on nodes that have one shape. */
export interface PodGroup {
  readonly shape: PodShape;
  readonly pods: Set<PodInfo>;
}

/** Shapes by their text, so that a thousand replicas share one. */
export class Shapes {
  #shapes = new Map<string, Pick<PodInfo, "shapeText" | "shape">>();
  #sweepAt = 4096;

  podInfo(view: PodView): PodInfo {
    let known = this.#shapes.get(view.shape);
    if (!known) this.#shapes.set(view.shape, (known = { shapeText: view.shape, shape: JSON.parse(view.shape) as PodShape }));
    // The text, too, is shared: a view's own copy must not stay alive with each pod.
    const { shape, shapeText } = known;
    return {
      uid: view.uid,
      namespace: view.namespace,
      name: view.name,
      priority: shape.priority ?? 0,
      created: view.created,
      started: view.started,
      generation: view.generation,
      nodeName: view.nodeName,
      nominatedNodeName: view.nominatedNodeName,
      terminating: view.terminating === true,
      preempted: view.preempted === true,
      neverPreempts: view.neverPreempts === true,
      pinned: view.pinned,
      refusal: view.refusal,
      shapeText,
      shape,
    };
  }

  get size(): number {
    return this.#shapes.size;
  }

  /** Forgets shapes that none of these pods has; cheap to call often, works only after the number doubled. */
  sweep(alive: Iterable<PodInfo>): void {
    if (this.#shapes.size < this.#sweepAt) return;
    const kept = new Map<string, Pick<PodInfo, "shapeText" | "shape">>();
    for (const { shapeText, shape } of alive) kept.set(shapeText, { shapeText, shape });
    this.#shapes = kept;
    this.#sweepAt = Math.max(4096, kept.size * 2);
  }
}

/** Whether a pod has any term about other pods. */
export const hasTerms = (shape: PodShape): boolean =>
  shape.affinity !== undefined || shape.antiAffinity !== undefined || shape.preferredAffinity !== undefined || shape.preferredAntiAffinity !== undefined;
