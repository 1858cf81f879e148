// What a controller has seen of the stores, so that a store that is asked again has to tell only what has changed since: a ReplicaSet of
// 10,000 pods is looked at again with every few hundred that begin to run.
import { VIEWS_REMEMBERED_MAX } from "../../shared/base/limits.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { News, StoreQuery } from "../env.ts";

/** An answer that is shorter is sooner given again than remembered. */
const LONG = 100;

interface Remembered {
  at: number;
  readonly views: Map<string, unknown>;
  /** Keys of the views, in order: they are namespace and name with the lowest character between them. */
  keys: readonly string[];
}
export interface Asked {
  /** The query as it is to be sent: with what is known of its answer, if that was a long one. */
  readonly query: StoreQuery;
  readonly known?: Remembered;
}
const nothing = (): Remembered => ({ at: 0, views: new Map(), keys: [] });
const nameOf = (resource: ResourceId, query: StoreQuery): string => `${resource} ${JSON.stringify(query)}`;

export class ViewCache {
  /** What was asked for last comes last. */
  readonly #answers = new Map<string, Remembered>();
  readonly #max: number;
  #count = 0;

  /** `max`: views that are remembered at most. */
  constructor(max = VIEWS_REMEMBERED_MAX) {
    this.#max = max;
  }

  ask(resource: ResourceId, query: StoreQuery): Asked {
    if (this.#answers.size === 0 || query.name !== undefined) return { query };
    const known = this.#answers.get(nameOf(resource, query));
    return known ? { query: { ...query, known: { at: known.at, count: known.views.size } }, known } : { query };
  }

  /** So many views were the answer to a query that said nothing of what is known: if they are many, the next answer is remembered. */
  saw(resource: ResourceId, query: StoreQuery, count: number): void {
    if (count >= LONG && count <= this.#max) this.#keep(nameOf(resource, query), nothing());
  }

  /** What an answer means: all views, in the order of their keys. `found`: keys and views by turns. */
  take(resource: ResourceId, query: StoreQuery, { known, found, news }: { known: Remembered; found: readonly unknown[]; news: News }): unknown[] {
    const name = nameOf(resource, query);
    this.#forget(name);
    const answer = news.gone ? known : nothing();
    const { views } = answer;
    const fresh: string[] = [];
    for (let index = 0; index < found.length; index += 2) {
      const key = found[index] as string;
      if (!views.has(key)) fresh.push(key);
      views.set(key, found[index + 1]);
    }
    const gone = new Set(news.gone?.filter((key) => views.delete(key)));
    if (gone.size > 0) answer.keys = answer.keys.filter((key) => !gone.has(key));
    if (fresh.length > 0) answer.keys = [...answer.keys, ...fresh].sort();
    answer.at = news.at;
    this.#keep(name, answer);
    return answer.keys.map((key) => views.get(key));
  }

  /** The oldest make room; what is too much alone is not kept. */
  #keep(name: string, answer: Remembered): void {
    if (answer.views.size > this.#max) return;
    for (const oldest of this.#answers.keys()) {
      if (this.#count + answer.views.size <= this.#max && this.#answers.size < this.#max / LONG) break;
      this.#forget(oldest);
    }
    this.#answers.set(name, answer);
    this.#count += answer.views.size;
  }
  #forget(name: string): void {
    this.#count -= this.#answers.get(name)?.views.size ?? 0;
    this.#answers.delete(name);
  }
}
