// Objects as they were written last, parsed: what was just written is changed again, and asked for by controllers, in a moment. Nobody
// may change one: changed objects share with it what they leave as it is.
import { keyOf } from "../storage/object-table.ts";
import { FRESH_OBJECTS_MAX } from "../../shared/base/limits.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { StoreEvent } from "./history.ts";

export class FreshObjects {
  readonly #objects = new Map<string, KubeObject>();
  /** Nothing is kept before somebody has asked for views of the objects: those that nobody works on are not worth the memory. */
  isWanted = false;

  /** Hears of a commit; the oldest are forgotten. */
  take(events: readonly StoreEvent[]): void {
    for (const event of events) {
      const key = keyOf(event);
      this.#objects.delete(key);
      if (event.type !== "DELETED" && event.next && this.isWanted) this.#objects.set(key, event.next);
    }
    for (const oldest of this.#objects.keys()) {
      if (this.#objects.size <= FRESH_OBJECTS_MAX) break;
      this.#objects.delete(oldest);
    }
  }

  /** The object, if it is known at this very version. */
  get(key: string, resourceVersion: number): KubeObject | undefined {
    const known = this.#objects.get(key);
    return known?.metadata?.resourceVersion === String(resourceVersion) ? known : undefined;
  }
}
