// Stores that nobody has written to: what they hold follows from the birth of their cluster, so anybody can answer for them,
// and none of them has to exist. What they say is what the actor will say that takes over with the first write.
import { NEWBORN_OBJECTS_MAX } from "../../shared/base/limits.ts";
import type { Ports } from "../../shared/base/ports.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ResourceId, View } from "../../shared/reconcile/controller.ts";
import type { ClusterRef } from "../env.ts";
import { memoryTable } from "../storage/memory-table.ts";
import { StoreEngine } from "./engine.ts";
import { Reader } from "./reader.ts";
import { kindsByStore } from "./stored-kinds.ts";

export interface NewbornBricks {
  readonly kinds: readonly AnyKind[];
  readonly views: Readonly<Record<string, View>>;
  readonly ports: Ports;
  /** Objects that a new cluster has of a resource. */
  bootstrap(resource: ResourceId, cluster: ClusterRef): readonly KubeObject[];
}
interface Remembered {
  readonly reader: Reader;
  readonly weight: number;
}
const readOnly = (): never => {
  throw new Error("a newborn store is only read");
};
/** Any cluster with a node: which resources there are objects of depends on nothing else. */
const SAMPLE: ClusterRef = { uid: "", name: "", nodes: 1, timing: "instant", birth: { at: 0, seed: "" } };

export class Newborns {
  readonly #bricks: NewbornBricks;
  readonly #kinds: ReadonlyMap<ResourceId, readonly AnyKind[]>;
  /** Lately asked last. */
  readonly #remembered = new Map<string, Remembered>();
  #weight = 0;
  #resources: readonly ResourceId[] | undefined;

  constructor(bricks: NewbornBricks) {
    this.#bricks = bricks;
    this.#kinds = kindsByStore(bricks.kinds);
  }

  of(cluster: ClusterRef, resource: ResourceId): Reader {
    const key = `${cluster.uid}|${resource}`;
    const known = this.#remembered.get(key);
    if (known) this.#remembered.delete(key);
    const entry = known ?? this.#make(cluster, resource);
    this.#remembered.set(key, entry);
    if (!known) this.#forget(entry.weight);
    return entry.reader;
  }
  /** Resources of which a cluster is born with objects. */
  get resources(): readonly ResourceId[] {
    return (this.#resources ??= [...this.#kinds.keys()].filter((resource) => this.#bricks.bootstrap(resource, SAMPLE).length > 0));
  }

  #make(cluster: ClusterRef, resource: ResourceId): Remembered {
    const { views, ports, bootstrap } = this.#bricks;
    const table = memoryTable();
    const engine = new StoreEngine({
      kinds: this.#kinds.get(resource) ?? [],
      table,
      ports,
      write: readOnly,
      bootstrap: () => bootstrap(resource, cluster),
      frozen: true,
    });
    engine.bootstrap();
    return { reader: new Reader(engine, views), weight: table.count() + 1 };
  }
  #forget(added: number): void {
    this.#weight += added;
    for (const [key, { weight }] of this.#remembered) {
      if (this.#weight <= NEWBORN_OBJECTS_MAX || this.#remembered.size === 1) break;
      this.#remembered.delete(key);
      this.#weight -= weight;
    }
  }
}
