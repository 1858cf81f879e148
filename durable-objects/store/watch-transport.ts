// The two ways a watch leaves a store. Stream: fastest, but the store stays awake while it is open. Socket: a hibernatable
// WebSocket to the API worker, which writes HTTP; the store sleeps while thousands watch. One hub serves both.
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import type { ClusterRef } from "../env.ts";
import { after } from "../platform/ports.ts";
import type { Sink, WatchHub, WatchRequest } from "./watch-hub.ts";

const encoder = new TextEncoder();
/** A watcher hears so long before its time is up how far it has come (as upstream: storage/cacher bookmarks). */
const LAST_BOOKMARK_MS = 2000;

/** Answers with a stream of frames that ends after `timeoutMs`. */
export function streamWatch(hub: WatchHub, how: { readonly watch: WatchRequest; readonly frames: readonly string[]; readonly timeoutMs: number }): Response {
  const { readable, writable } = new IdentityTransformStream({ highWaterMark: WATCH_BUFFER_BYTES_MAX });
  const writer = writable.getWriter();
  let open = true;
  let leave = (): void => {};
  const fail = (): void => {
    open = false;
    leave();
  };
  const sink: Sink = {
    send(bytes) {
      if (!open || (writer.desiredSize ?? 0) < -WATCH_BUFFER_BYTES_MAX) return false;
      writer.write(bytes).catch(fail);
      return true;
    },
    close() {
      if (!open) return;
      open = false;
      cancel();
      bookmark();
      writer.close().catch(() => {});
    },
  };
  const cancel = after(how.timeoutMs, () => leave());
  leave = hub.add(how.watch, sink, { frames: how.frames.length });
  const bookmark = how.watch.allowWatchBookmarks
    ? after(Math.max(0, how.timeoutMs - LAST_BOOKMARK_MS), () => sink.send(hub.bookmarkFor(how.watch)))
    : (): void => {};
  const ended = how.frames.length === 1 && how.frames[0]?.startsWith(`{"type":"ERROR"`);
  if (how.frames.length > 0) sink.send(encoder.encode(how.frames.join("")));
  if (ended) leave();
  writer.closed.catch(fail);
  return new Response(readable);
}

/** Accepts a hibernatable socket; its attachment is all that is needed to go on after the store slept. */
export function socketWatch(
  ctx: DurableObjectState,
  hub: WatchHub,
  how: { readonly watch: WatchRequest; readonly cluster: ClusterRef; readonly frames: readonly string[] },
): Response {
  const pair = new WebSocketPair();
  const [client, server] = [pair[0], pair[1]];
  ctx.acceptWebSocket(server);
  server.serializeAttachment(how.watch);
  hub.add(
    how.watch,
    {
      send(bytes) {
        try {
          server.send(bytes);
          return true;
        } catch {
          return false;
        }
      },
      close: () => server.close(1000, "done"),
    },
    { frames: how.frames.length },
  );
  if (how.frames.length > 0) server.send(encoder.encode(how.frames.join("")));
  return new Response(null, { status: 101, webSocket: client });
}
