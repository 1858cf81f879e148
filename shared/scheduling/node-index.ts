// What all classes would otherwise work out again from the nodes: topology domains by label key, nodes that have an image.
import type { NodeInfo } from "./node-info.ts";

/** The values of one label key over all nodes. */
export interface Domains {
  /** By node index: the place of its value; nodes without the label share place 0. */
  readonly of: Int32Array;
  /** Number of places, place 0 included. */
  readonly size: number;
}
export const UNLABELLED = 0;

export class NodeIndex {
  readonly #nodes: readonly NodeInfo[];
  readonly #domains = new Map<string, Domains>();
  #images: Map<string, number> | undefined;

  constructor(nodes: readonly NodeInfo[]) {
    this.#nodes = nodes;
  }

  domains(key: string): Domains {
    let domains = this.#domains.get(key);
    if (domains) return domains;
    const places = new Map<string, number>();
    const of = new Int32Array(this.#nodes.length);
    for (const node of this.#nodes) {
      const value = node.labels[key];
      if (value === undefined) continue;
      let place = places.get(value);
      if (place === undefined) places.set(value, (place = places.size + 1));
      of[node.index] = place;
    }
    this.#domains.set(key, (domains = { of, size: places.size + 1 }));
    return domains;
  }

  imageNodes(image: string): number {
    if (!this.#images) {
      this.#images = new Map();
      for (const node of this.#nodes) for (const name in node.images) this.#images.set(name, (this.#images.get(name) ?? 0) + 1);
    }
    return this.#images.get(image) ?? 0;
  }
}
