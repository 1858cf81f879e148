// Actors that a store tells something for the first time keep it; their cluster has to know of them before, or they could not
// be removed with it.
import { fitting } from "../../shared/base/fitting.ts";

/** Names remembered; beyond that they are made known again, which is harmless. */
const KNOWN_MAX = 20_000;

export class Introductions {
  readonly #register: (actors: readonly string[]) => Promise<void>;
  readonly #known = new Set<string>();
  readonly #waiting = new Set<string>();
  #call: Promise<void> | undefined;

  constructor(register: (actors: readonly string[]) => Promise<void>) {
    this.#register = register;
  }

  /** Resolves when the cluster knows the actor. Those of one turn are made known with one call. */
  known(actor: string): Promise<void> | undefined {
    if (this.#known.has(actor)) return undefined;
    this.#waiting.add(actor);
    return (this.#call ??= Promise.resolve().then(() => this.#introduce()));
  }

  async #introduce(): Promise<void> {
    let waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#call = undefined;
    while (waiting.length > 0) {
      const actors = fitting(waiting, ({ length }) => length, { count: Infinity });
      await this.#register(actors);
      if (this.#known.size > KNOWN_MAX) this.#known.clear();
      for (const actor of actors) this.#known.add(actor);
      waiting = waiting.slice(actors.length);
    }
  }
}
