// Projections of a store's objects for controllers: computed once for each version of an object, answered as joined JSON.
import { isObject } from "../../shared/base/json.ts";
import type { View } from "../../shared/reconcile/controller.ts";
import type { Key, StoreQuery } from "../env.ts";
import { keyOf, type Position } from "../storage/object-table.ts";
import type { StoreEngine } from "./engine.ts";
import { fitting } from "../../shared/base/fitting.ts";
import { RPC_CHARACTERS_MAX } from "../../shared/base/limits.ts";
import type { StoreEvent } from "./history.ts";
import { inKeyOrder, type IndexEntry } from "./object-index.ts";
import { Projections } from "./projections.ts";

/** The objects themselves. */
export const TEXT_VIEW = "text";

export class Views {
  readonly #engine: StoreEngine;
  readonly #views: Readonly<Record<string, View>>;
  readonly #projections = new Projections();

  constructor(engine: StoreEngine, views: Readonly<Record<string, View>>) {
    this.#engine = engine;
    this.#views = views;
  }

  /** Hears of a commit: what is gone is forgotten. */
  take(events: readonly StoreEvent[]): void {
    for (const event of events) if (event.type === "DELETED") this.#projections.delete(keyOf(event));
  }

  /** A JSON array, ordered by namespace and name, of as many as `characters` have room for, but one at least; `next`: the last of them, if there are more. */
  query(query: StoreQuery, characters = RPC_CHARACTERS_MAX): { readonly text: string; readonly next?: Key } {
    const view = this.#view(query.view);
    if (view) {
      this.#projections.touch(view);
      this.#engine.fresh.isWanted = true;
    }
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
    if (!view) return this.#engine.table.get(at)?.text;
    const key = keyOf(at);
    const known = this.#projections.get(view, key, this.#engine.index.get(at)?.resourceVersion);
    if (known !== undefined) return known;
    const object = this.#engine.load(at)?.object;
    if (!object) return undefined;
    const { kind, group, version } = this.#engine.kind;
    const json = JSON.stringify(view.project({ kind, apiVersion: group === "" ? version : `${group}/${version}`, ...object }));
    this.#projections.put(view, key, { resourceVersion: Number(object.metadata?.resourceVersion ?? "0"), json });
    return json;
  }
}

function matches(entry: IndexEntry, query: StoreQuery): boolean {
  if (query.namespace !== undefined && entry.namespace !== query.namespace) return false;
  if (query.name !== undefined && entry.name !== query.name) return false;
  if (query.orphans && entry.isControlled) return false;
  if (query.ownerUids && !query.ownerUids.some((uid) => entry.ownerUids.includes(uid))) return false;
  if (isObject(query.labels)) for (const [key, value] of Object.entries(query.labels)) if (entry.labels[key] !== value) return false;
  if (query.field) return (entry.fields[query.field.path] ?? "") === query.field.value;
  return true;
}
