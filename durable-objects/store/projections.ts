// What was projected already, of the newest version of each object: remembered within a limit, by the view, which several may share.
import { PROJECTIONS_CHARACTERS_MAX } from "../../shared/base/limits.ts";
import type { View } from "../../shared/reconcile/controller.ts";

interface Projected {
  readonly resourceVersion: number;
  readonly json: string;
}
/** What remembering one takes besides its text, in characters of text that would take as much. */
const ENTRY_CHARACTERS = 150;
const weight = ({ json }: Projected): number => json.length + ENTRY_CHARACTERS;

export class Projections {
  /** The view that was asked for last comes last. */
  readonly #views = new Map<View, Map<string, Projected>>();
  #characters = 0;

  /** The view is asked for: others are forgotten first. */
  touch(view: View): void {
    const known = this.#views.get(view) ?? new Map<string, Projected>();
    this.#views.delete(view);
    this.#views.set(view, known);
  }
  get(view: View, key: string, resourceVersion: number | undefined): string | undefined {
    const known = this.#views.get(view)?.get(key);
    return known && known.resourceVersion === resourceVersion ? known.json : undefined;
  }
  put(view: View, key: string, projected: Projected): void {
    const own = this.#views.get(view);
    if (!own) return;
    this.#forget(own, key);
    for (const [other, entries] of this.#views) {
      if (this.#characters + weight(projected) <= PROJECTIONS_CHARACTERS_MAX) break;
      // What is asked for now stays as it is: in the order in which it is asked, the oldest would be the next to be asked for.
      if (entries === own) return;
      for (const key of entries.keys()) this.#forget(entries, key);
      this.#views.delete(other);
    }
    own.set(key, projected);
    this.#characters += weight(projected);
  }
  /** The object is gone. */
  delete(key: string): void {
    for (const entries of this.#views.values()) this.#forget(entries, key);
  }
  #forget(entries: Map<string, Projected>, key: string): void {
    const known = entries.get(key);
    if (!known) return;
    this.#characters -= weight(known);
    entries.delete(key);
  }
}
