// A list as it leaves a store: a small one as one text, a large one as a stream of pieces that are read when they are wanted, so
// that the list never stands in memory and others have their turn in between.
import { failure } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { ListAnswer, ListOptions } from "../env.ts";
import type { StoreEngine } from "./engine.ts";
import { list, type ListRequest } from "./list.ts";
import { selectionOf, type SelectionRequest } from "./select.ts";

/** Up to this many characters a list is one message; a stream costs more to set up. Its pieces are about as long. */
const TEXT_MAX = 1_000_000;
/** Objects that are read before it is known how long they are, and at most. */
const FIRST_OBJECTS = 16;
const OBJECTS_MAX = 500;

/** Lists; `text` or `stream` are the items, joined by commas. */
export function listAnswer(engine: StoreEngine, options: ListOptions): ListAnswer {
  const kind = engine.kindOf(options.group, options.version);
  if (!kind) return { ok: false, status: failure(404, "NotFound", "the server could not find the requested resource", {}) };
  const limited = options.limit !== undefined && options.limit > 0 ? { ...options, limit: options.limit } : undefined;
  const listed = list(engine, kind, limited ?? beginningOf(options));
  if (!listed.ok) return { ok: false, status: listed.error };
  const { texts, resourceVersion, ...more } = listed.value;
  const head = JSON.stringify(limited ? { resourceVersion, ...more } : { resourceVersion });
  let text = converted(kind, texts).join(",");
  const rest =
    limited || more.continue === undefined ? undefined : new Rest(engine, kind, selectionOf(options), { token: more.continue, objects: texts.length, text });
  while (text.length <= TEXT_MAX) {
    const piece = rest?.next();
    if (piece === undefined) return { ok: true, head, text };
    text += piece;
  }
  return { ok: true, head, stream: streamOf(text, rest) };
}

/** The first page of a whole list. A version without a rule means one thing for pages and another one for lists: what it means for lists is said. */
function beginningOf({ limit: _limit, ...options }: ListOptions): ListRequest {
  const rule = options.resourceVersion && !options.resourceVersionMatch && !options.continue ? ({ resourceVersionMatch: "NotOlderThan" } as const) : {};
  return { ...options, ...rule, limit: FIRST_OBJECTS };
}

/** What comes behind a page, read when it is asked for and as it was when the first page was. Keeps nothing of what it has read. */
class Rest {
  readonly #engine: StoreEngine;
  readonly #kind: AnyKind;
  readonly #selection: SelectionRequest;
  #token: string | undefined;
  #limit = 1;

  constructor(
    engine: StoreEngine,
    kind: AnyKind,
    selection: SelectionRequest,
    begun: { readonly token: string; readonly objects: number; readonly text: string },
  ) {
    this.#engine = engine;
    this.#kind = kind;
    this.#selection = selection;
    this.#token = begun.token;
    this.#measure(begun.objects, begun.text);
  }

  next(): string | undefined {
    if (this.#token === undefined) return undefined;
    const page = list(this.#engine, this.#kind, { ...this.#selection, continue: this.#token, limit: this.#limit });
    // So much was written meanwhile that nobody knows any more what there was: the reader sees the answer break off and asks again.
    if (!page.ok) throw new Error(page.error.message);
    const text = converted(this.#kind, page.value.texts).join(",");
    this.#token = page.value.continue;
    this.#measure(page.value.texts.length, text);
    return `,${text}`;
  }
  /** As many objects as fit into a piece when they are as long as these. */
  #measure(objects: number, { length }: string): void {
    this.#limit = Math.max(1, Math.min(Math.floor((TEXT_MAX * objects) / Math.max(1, length)), OBJECTS_MAX));
  }
}

function converted(kind: AnyKind, texts: readonly string[]): readonly string[] {
  const { conversion } = kind;
  if (!conversion) return texts;
  return texts.map((text) => {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = conversion.fromStored(JSON.parse(text) as KubeObject);
    return JSON.stringify(rest);
  });
}

function streamOf(beginning: string, rest: Rest | undefined): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let piece: string | undefined = beginning;
  return new ReadableStream({
    type: "bytes",
    pull(controller: ReadableByteStreamController) {
      piece ??= rest?.next();
      if (piece === undefined) controller.close();
      else controller.enqueue(encoder.encode(piece));
      piece = undefined;
    },
  });
}
