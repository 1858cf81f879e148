// Projections of a store's objects for controllers: computed once for each version of an object, answered as joined JSON.
import { isObject } from "../../shared/base/json.ts";
import type { View } from "../../shared/reconcile/controller.ts";
import type { Key, Known, News, StoreQuery } from "../env.ts";
import { inKeyOrder, keyOf } from "../storage/object-table.ts";
import type { StoreEngine } from "./engine.ts";
import { fitting } from "../../shared/base/fitting.ts";
import { RPC_CHARACTERS_MAX } from "../../shared/base/limits.ts";
import type { StoreEvent } from "./history.ts";
import type { IndexEntry } from "./object-index.ts";
import { Projections } from "./projections.ts";

/** The objects themselves. */
export const TEXT_VIEW = "text";

/** To look whether a change concerns a query takes about so much less than to find, write and send a view. */
const CHANGES_PER_VIEW = 4;

interface Found {
  readonly text: string;
  /** How long the text and the keys that are gone are together. */
  readonly characters: number;
  readonly next?: Key;
  readonly news?: News;
}
const NOTHING: Found = { text: "[]", characters: 2 };

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
  query(query: StoreQuery, characters = RPC_CHARACTERS_MAX): Found {
    const view = this.#view(query.view);
    // Whoever goes is asked after in every store, and most own nothing.
    if (query.ownerUids && !query.known && !this.#engine.index.hasOwner(query.ownerUids)) return NOTHING;
    if (view) {
      this.#projections.touch(view);
      this.#engine.fresh.isWanted = true;
    }
    const changes = query.known && this.#changes(query, query.known);
    const gone = changes ? changes.gone.reduce((sum, key) => sum + key.length, 0) : 0;
    const found = this.#found(view, changes?.entries ?? this.#entries(query), { characters: characters - gone, withKeys: query.known !== undefined });
    if (!query.known) return found;
    // Changes that do not fit are not worth the trouble.
    if (changes && (found.next || gone > characters)) return this.query({ ...query, known: { at: 0, count: 0 } }, characters);
    const news = { at: this.#engine.history.last, ...(changes ? { gone: changes.gone } : {}) };
    return { ...found, characters: found.characters + gone, news };
  }

  /** Who meets the conditions among those that have changed, and who does not; undefined: that takes longer to say than the whole answer. */
  #changes(query: StoreQuery, { at, count }: Known): { readonly entries: IndexEntry[]; readonly gone: string[] } | undefined {
    const { history, index } = this.#engine;
    // A further part of an answer is whole, as the first one was.
    const events = at === 0 || query.after ? undefined : history.since(at);
    if (!events || events.length > count * CHANGES_PER_VIEW) return undefined;
    const keys = new Set<string>();
    const entries: IndexEntry[] = [];
    const gone: string[] = [];
    for (const event of events) {
      const key = keyOf(event);
      if ((query.namespace !== undefined && event.namespace !== query.namespace) || keys.has(key)) continue;
      keys.add(key);
      const entry = index.get(event);
      if (entry && matches(entry, query)) entries.push(entry);
      else gone.push(key);
    }
    return { entries, gone };
  }

  #found(view: View | undefined, entries: readonly IndexEntry[], { characters, withKeys }: { readonly characters: number; readonly withKeys: boolean }): Found {
    const texts = this.#projected(view, entries, withKeys);
    const found = fitting(texts, ({ json }) => json.length + 1, { characters: characters - 2, count: Infinity });
    const text = `[${found.map(({ json }) => json).join(",")}]`;
    const last = found.at(-1)?.at;
    const end = entries.at(-1);
    const whole = { text, characters: text.length };
    return last && end && last !== end ? { ...whole, next: { namespace: last.namespace, name: last.name } } : whole;
  }

  /** Undefined: the objects themselves. */
  #view(name: string): View | undefined {
    if (name === TEXT_VIEW) return undefined;
    const view = Object.hasOwn(this.#views, name) ? this.#views[name] : undefined;
    if (!view) throw new Error(`no view ${name}`);
    return view;
  }
  *#projected(view: View | undefined, entries: readonly IndexEntry[], withKeys: boolean): Iterable<{ readonly at: IndexEntry; readonly json: string }> {
    for (const at of entries) {
      const json = this.#project(view, at);
      if (json !== undefined) yield { at, json: withKeys ? `${JSON.stringify(keyOf(at))},${json}` : json };
    }
  }

  #entries(query: StoreQuery): readonly IndexEntry[] {
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

  #project(view: View | undefined, at: IndexEntry): string | undefined {
    if (!view) return this.#engine.table.get(at)?.text;
    const key = keyOf(at);
    const known = this.#projections.get(view, key, at.resourceVersion);
    if (known !== undefined) return known;
    const object = this.#engine.load(at)?.object;
    if (!object) return undefined;
    const { kind, group, version } = this.#engine.kind;
    const json = JSON.stringify(view.project({ kind, apiVersion: group === "" ? version : `${group}/${version}`, ...object }));
    this.#projections.put(view, key, { resourceVersion: at.resourceVersion, json });
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
