// Projections of a store's objects for controllers: computed once for each version of an object, answered as joined JSON.
import { isObject } from "../../shared/base/json.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { View } from "../../shared/reconcile/controller.ts";
import type { Key, StoreQuery } from "../env.ts";
import type { Position } from "../storage/object-table.ts";
import type { StoreEngine } from "./engine.ts";
import { fitting } from "../../shared/base/fitting.ts";
import { FRESH_OBJECTS_MAX, RPC_CHARACTERS_MAX } from "../../shared/base/limits.ts";
import { identity, type StoreEvent } from "./history.ts";
import { inKeyOrder, type IndexEntry } from "./object-index.ts";
import { Projections } from "./projections.ts";

/** The objects themselves. */
export const TEXT_VIEW = "text";

export class Views {
  readonly #engine: StoreEngine;
  readonly #views: Readonly<Record<string, View>>;
  readonly #projections = new Projections();
  readonly #fresh = new Map<string, KubeObject>();

  constructor(engine: StoreEngine, views: Readonly<Record<string, View>>) {
    this.#engine = engine;
    this.#views = views;
  }

  /** Hears of a commit: what is gone is forgotten; what was written is kept parsed for those who will ask in a moment. */
  take(events: readonly StoreEvent[]): void {
    for (const event of events) {
      const key = identity(event);
      this.#fresh.delete(key);
      if (event.type === "DELETED") this.#projections.delete(key);
      else if (event.next && !this.#projections.isEmpty) this.#fresh.set(key, event.next);
    }
    for (const oldest of this.#fresh.keys()) {
      if (this.#fresh.size <= FRESH_OBJECTS_MAX) break;
      this.#fresh.delete(oldest);
    }
  }

  /** A JSON array, ordered by namespace and name, of as many as `characters` have room for, but one at least; `next`: the last of them, if there are more. */
  query(query: StoreQuery, characters = RPC_CHARACTERS_MAX): { readonly text: string; readonly next?: Key } {
    const view = this.#view(query.view);
    if (view) this.#projections.touch(view);
    const positions = this.#positions(query);
    const found = fitting(this.#projected(view, positions), ({ json }) => json.length + 1, { characters: characters - 2, count: Infinity });
    const text = `[${found.map(({ json }) => json).join(",")}]`;
    const last = found.at(-1)?.at;
    const end = positions.at(-1);
    return last && end && inKeyOrder(last, end) < 0 ? { text, next: { namespace: last.namespace, name: last.name } } : { text };
  }
  /** Undefined: the objects themselves. */
  #view(name: string): View | undefined {
    if (name === TEXT_VIEW) return undefined;
    const view = Object.hasOwn(this.#views, name) ? this.#views[name] : undefined;
    if (!view) throw new Error(`no view ${name}`);
    return view;
  }
  *#projected(view: View | undefined, positions: readonly Position[]): Iterable<{ readonly at: Position; readonly json: string }> {
    for (const at of positions) {
      const json = this.#project(view, at);
      if (json !== undefined) yield { at, json };
    }
  }

  #positions(query: StoreQuery): readonly Position[] {
    const { index } = this.#engine;
    if (query.name !== undefined && query.namespace !== undefined) {
      const entry = index.get({ namespace: query.namespace, name: query.name });
      return entry && matches(entry, query) ? [entry] : [];
    }
    const found: IndexEntry[] = [];
    const { after } = query;
    for (const entry of index.entries(query)) if (matches(entry, query) && (!after || inKeyOrder(entry, after) > 0)) found.push(entry);
    return found.sort(inKeyOrder);
  }

  #project(view: View | undefined, at: Position): string | undefined {
    if (!view) return this.#engine.table.get(at.namespace, at.name)?.text;
    const key = identity(at);
    const known = this.#projections.get(view, key, this.#engine.index.get(at)?.resourceVersion);
    if (known !== undefined) return known;
    const found = this.#object(at, key);
    if (!found) return undefined;
    const { object, resourceVersion } = found;
    object.kind = this.#engine.kind.kind;
    object.apiVersion = this.#engine.kind.group === "" ? this.#engine.kind.version : `${this.#engine.kind.group}/${this.#engine.kind.version}`;
    const json = JSON.stringify(view.project(object));
    this.#projections.put(view, key, { resourceVersion, json });
    return json;
  }

  #object(at: Position, key: string): { readonly object: KubeObject; readonly resourceVersion: number } | undefined {
    const fresh = this.#fresh.get(key);
    if (fresh) return { object: fresh, resourceVersion: Number(fresh.metadata?.resourceVersion ?? "0") };
    const row = this.#engine.table.get(at.namespace, at.name);
    return row && { object: JSON.parse(row.text) as KubeObject, resourceVersion: row.resourceVersion };
  }
}

function matches(entry: IndexEntry, query: StoreQuery): boolean {
  if (query.namespace !== undefined && entry.namespace !== query.namespace) return false;
  if (query.name !== undefined && entry.name !== query.name) return false;
  if (query.ownerUids && !query.ownerUids.some((uid) => entry.ownerUids.includes(uid))) return false;
  if (isObject(query.labels)) for (const [key, value] of Object.entries(query.labels)) if (entry.labels[key] !== value) return false;
  if (query.field) return (entry.fields[query.field.path] ?? "") === query.field.value;
  return true;
}
