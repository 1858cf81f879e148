// What a store can be asked: objects by name, lists, projections. Synchronous, over the engine alone.
import type { View } from "../../shared/reconcile/controller.ts";
import type { Key, ListAnswer, ListOptions, StoreQuery } from "../env.ts";
import type { StoreEngine } from "./engine.ts";
import { listAnswer } from "./list-answer.ts";
import { Views } from "./views.ts";
import { wholeText } from "./watch-frames.ts";

export class Reader {
  readonly views: Views;
  readonly #engine: StoreEngine;

  constructor(engine: StoreEngine, views: Readonly<Record<string, View>>) {
    this.#engine = engine;
    this.views = new Views(engine, views);
  }

  /** Whole JSON texts in the version asked for; undefined where there is no such object. */
  read(version: { readonly group: string; readonly version: string }, keys: readonly Key[]): (string | undefined)[] {
    const kind = this.#engine.kindOf(version.group, version.version);
    return keys.map(({ namespace, name }) => {
      const row = kind && this.#engine.table.get(namespace, name);
      return row && wholeText(kind, row.text);
    });
  }
  list(options: ListOptions): ListAnswer {
    return listAnswer(this.#engine, options);
  }
  query(queries: readonly StoreQuery[]): string[] {
    return queries.map((query) => this.views.query(query));
  }
}
