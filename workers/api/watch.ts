// A watch over HTTP: the store's stream is handed through untouched; from a hibernating store a socket is turned into HTTP.
import type { ListParameters } from "../../shared/api/list-options.ts";
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { Negotiated } from "../../shared/api/negotiate.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import type { ResourceContext } from "./context.ts";

/** A watch that does not say how long lives between 30 and 60 minutes (apiserver --min-request-timeout). */
const TIMEOUT_MIN_S = 1800;
/** Watches hear a bookmark so often (the edge closes connections that say nothing for 400 s). */
const BOOKMARK_MS = 55_000;

/** What the store must know of a watch request; see WatchRequest in durable-objects/store/watch-hub.ts. */
function watchOf(context: ResourceContext, form: Negotiated, parameters: ListParameters) {
  const { url, kind, info } = context;
  const { limit: _limit, continue: _continue, timeoutSeconds: _timeout, ...options } = parameters;
  return {
    group: kind.group,
    version: kind.version,
    ...(info.namespace === "" ? {} : { namespace: info.namespace }),
    ...options,
    ...(info.name === "" ? {} : { fieldSelector: `metadata.name=${info.name}` }),
    metaVersion: form.version,
    as: form.as === "PartialObjectMetadataList" ? "PartialObjectMetadata" : form.as,
    includeObject: url.searchParams.get("includeObject") ?? "Metadata",
  };
}

export async function watch(context: ResourceContext, form: Negotiated, parameters: ListParameters): Promise<Response> {
  const { kind, stores, cluster, env, bricks } = context;
  const asked = parameters.timeoutSeconds ?? 0;
  const seconds = asked > 0 ? asked : TIMEOUT_MIN_S + bricks.ports.dice(TIMEOUT_MIN_S);
  const headers = new Headers({ "x-watch": JSON.stringify({ watch: watchOf(context, form, parameters), cluster, timeoutMs: seconds * 1000 }) });
  const socket = env.WATCH_TRANSPORT === "socket";
  if (socket) headers.set("upgrade", "websocket");
  const answer = await stores.watch(resourceIdOf(kind), headers);
  const bookmark = parameters.allowWatchBookmarks ? bookmarkOf(kind, parameters.resourceVersion) : undefined;
  const stream = answer.webSocket ? fromSocket(answer.webSocket, { timeoutMs: seconds * 1000, bookmark }) : answer.body;
  if (!stream || answer.status >= 400) return new Response(answer.body, { status: answer.status, headers: { "content-type": "application/json" } });
  // `identity`: a server that compresses would hold events back until the stream ends.
  return new Response(stream, {
    headers: { "content-type": "application/json", "content-encoding": "identity", "cache-control": "no-cache, private, no-transform" },
    encodeBody: "manual",
  });
}

/** A bookmark at the version of the last frame that went by; undefined before there was one. */
type Bookmark = (frames: string | undefined) => string | undefined;
function bookmarkOf(kind: AnyKind, start: string | undefined): Bookmark {
  let version = start === "0" ? undefined : start;
  const head = { kind: kind.kind, apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}` };
  return (frames) => {
    if (frames !== undefined) version = [...frames.matchAll(/"resourceVersion":"(\d+)"/g)].at(-1)?.[1] ?? version;
    return version && `${JSON.stringify({ type: "BOOKMARK", object: { ...head, metadata: { resourceVersion: version } } })}\n`;
  };
}

function fromSocket(socket: WebSocket, how: { readonly timeoutMs: number; readonly bookmark: Bookmark | undefined }): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream({ highWaterMark: WATCH_BUFFER_BYTES_MAX });
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  // The store sleeps: bookmarks are made here. Writing them also finds readers that are gone.
  const beat = setInterval(() => {
    const frame = how.bookmark?.(undefined);
    if (frame !== undefined) writer.write(encoder.encode(frame)).catch(drop);
  }, BOOKMARK_MS);
  const end = (): void => {
    clearTimeout(timer);
    clearInterval(beat);
    writer.close().catch(() => {});
  };
  // A writer that fails has lost its reader: the store must not go on sending to it.
  const drop = (): void => {
    clearTimeout(timer);
    clearInterval(beat);
    socket.close(1000, "gone");
  };
  const timer = setTimeout(() => {
    socket.close(1000, "timeout");
    end();
  }, how.timeoutMs);
  socket.binaryType = "arraybuffer";
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    if ((writer.desiredSize ?? 0) < -WATCH_BUFFER_BYTES_MAX) {
      drop();
      writer.abort().catch(() => {});
      return;
    }
    const bytes = typeof data === "string" ? encoder.encode(data) : new Uint8Array(data as ArrayBuffer);
    how.bookmark?.(new TextDecoder().decode(bytes));
    writer.write(bytes).catch(drop);
  });
  socket.addEventListener("close", end);
  writer.closed.catch(drop);
  return readable;
}
