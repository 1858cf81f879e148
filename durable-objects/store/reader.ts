// What a store can be asked: objects by name, lists, projections. Synchronous, over the engine alone.
import type { View } from "../../shared/reconcile/controller.ts";
import { fitting } from "../../shared/base/fitting.ts";
import { RPC_CHARACTERS_MAX } from "../../shared/base/limits.ts";
import type { Key, ListAnswer, ListOptions, News, QueryAnswer, StoreQuery } from "../env.ts";
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

  /** Whole JSON texts in the version asked for; undefined where there is no such object. Of the first keys, as many as fit into a message. */
  read(version: { readonly group: string; readonly version: string }, keys: readonly Key[]): (string | undefined)[] {
    const kind = this.#engine.kindOf(version.group, version.version);
    const texts = keys.values().map(({ namespace, name }) => {
      const row = kind && this.#engine.table.get({ namespace, name });
      return row && wholeText(kind, row.text);
    });
    return fitting(texts, (text) => text?.length ?? 0);
  }
  list(options: ListOptions): ListAnswer {
    return listAnswer(this.#engine, options);
  }
  query(queries: readonly StoreQuery[]): QueryAnswer {
    const texts: string[] = [];
    const news: (News | undefined)[] = [];
    const said = queries.some(({ known }) => known) ? { texts, news } : { texts };
    let left = RPC_CHARACTERS_MAX;
    for (const query of queries) {
      const found = this.views.query(query, left);
      left -= found.characters;
      // What does not fit behind others comes first in the next message.
      if (left < 0 && texts.length > 0) break;
      texts.push(found.text);
      news.push(found.news);
      if (found.next) return { ...said, next: found.next };
    }
    return said;
  }
}
