// A list as it leaves a store: small ones as one text, large ones as a stream of pieces that never stand in memory together.
import { failure } from "../../shared/errors/status.ts";
import type { ListAnswer, ListOptions } from "../env.ts";
import type { StoreEngine } from "./engine.ts";
import { list, type ListPage } from "./list.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";

/** Up to this many characters a list is one message; a stream costs more to set up. */
const TEXT_MAX = 1_000_000;

function converted(kind: AnyKind, texts: readonly string[]): readonly string[] {
  const { conversion } = kind;
  if (!conversion) return texts;
  return texts.map((text) => {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = conversion.fromStored(JSON.parse(text) as KubeObject);
    return JSON.stringify(rest);
  });
}

/** Lists; `text` or `stream` are the items, joined by commas. */
export function listAnswer(engine: StoreEngine, options: ListOptions): ListAnswer {
  const kind = engine.kindOf(options.group, options.version);
  if (!kind) return { ok: false, status: failure(404, "NotFound", "the server could not find the requested resource", {}) };
  const listed = list(engine, kind, options);
  if (!listed.ok) return { ok: false, status: listed.error };
  const page = listed.value;
  const pieces: string[] = [];
  let size = 0;
  for (const piece of page.pieces) {
    const text = converted(kind, piece).join(",");
    pieces.push(text);
    size += text.length;
  }
  const head = headOf(page);
  return size <= TEXT_MAX ? { ok: true, head, text: pieces.join(",") } : { ok: true, head, stream: streamOf(pieces) };
}

function headOf(page: ListPage): string {
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remainingItemCount === undefined ? {} : { remainingItemCount: page.remainingItemCount }),
  };
  return JSON.stringify(metadata);
}

function streamOf(pieces: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller: ReadableByteStreamController) {
      const piece = pieces[next];
      if (piece === undefined) {
        controller.close();
        return;
      }
      pieces[next] = "";
      controller.enqueue(encoder.encode(next === 0 ? piece : `,${piece}`));
      next++;
    },
  });
}
