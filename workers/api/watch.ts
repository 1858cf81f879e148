// A watch over HTTP: the store's stream is handed through untouched; from a hibernating store a socket is turned into HTTP.
import type { ListParameters } from "../../shared/api/list-options.ts";
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { Negotiated } from "../../shared/api/negotiate.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import { WATCH_ASKS, WATCH_BEGUN, WATCH_PIECES_AHEAD } from "../../shared/api/watch-protocol.ts";
import type { ResourceContext } from "./context.ts";

/** A watch that does not say how long lives between 30 and 60 minutes (apiserver --min-request-timeout). */
const TIMEOUT_MIN_S = 1800;
/** Watches hear a bookmark so often (the edge closes connections that say nothing for 400 s). */
const BOOKMARK_MS = 55_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
  const progress = parameters.allowWatchBookmarks ? new Progress(kind, parameters.resourceVersion) : undefined;
  const stream = answer.webSocket ? fromSocket(answer.webSocket, { timeoutMs: seconds * 1000, progress }) : answer.body;
  if (!stream || answer.status >= 400) return new Response(answer.body, { status: answer.status, headers: { "content-type": "application/json" } });
  // `identity`: a server that compresses would hold events back until the stream ends.
  return new Response(stream, {
    headers: { "content-type": "application/json", "content-encoding": "identity", "cache-control": "no-cache, private, no-transform" },
    encodeBody: "manual",
  });
}

/** How far a watcher has come, read from what it was sent only when it is to be told. */
class Progress {
  readonly #kind: AnyKind;
  readonly #start: string | undefined;
  #last: Uint8Array | undefined;

  /** `start`: the version from which it watches. */
  constructor(kind: AnyKind, start: string | undefined) {
    this.#kind = kind;
    this.#start = start === "0" ? undefined : start;
  }
  sent(frames: Uint8Array): void {
    this.#last = frames;
  }
  /** Undefined before there is a version. */
  bookmark(): Uint8Array | undefined {
    // Of a line, the first version is that of its object; others are in what the object speaks of.
    const line = this.#last && (decoder.decode(this.#last).trimEnd().split("\n").at(-1) ?? "");
    const resourceVersion = /"resourceVersion":"(\d+)"/.exec(line ?? "")?.[1] ?? this.#start;
    const { kind, group, version } = this.#kind;
    const object = { kind, apiVersion: group === "" ? version : `${group}/${version}`, metadata: { resourceVersion } };
    return resourceVersion === undefined ? undefined : encoder.encode(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
  }
}

/** Frames as they come; more of a long beginning is asked for when the reader has taken what there was. */
function fromSocket(socket: WebSocket, how: { readonly timeoutMs: number; readonly progress: Progress | undefined }): ReadableStream<Uint8Array> {
  let output: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Pieces of the beginning that are under way; undefined: it is complete. */
  let pieces: number | undefined = WATCH_PIECES_AHEAD;
  const stop = (): boolean => {
    const was = output !== undefined;
    output = undefined;
    clearTimeout(timer);
    clearInterval(beat);
    return was;
  };
  // A reader that is gone or too slow: the store must not go on sending to it.
  const drop = (): void => {
    if (stop()) socket.close(1000, "gone");
  };
  const finish = (): void => {
    const ending = output;
    if (stop()) ending?.close();
  };
  const send = (bytes: Uint8Array | undefined): void => {
    const waiting = -(output?.desiredSize ?? 0);
    if (bytes === undefined) return;
    if (waiting <= WATCH_BUFFER_BYTES_MAX) {
      output?.enqueue(bytes);
      return;
    }
    output?.error(new Error("the watcher is too slow"));
    drop();
  };
  const ask = (): void => {
    if (pieces !== 0) return;
    pieces = 1;
    socket.send(WATCH_ASKS);
  };
  const readable = new ReadableStream<Uint8Array>(
    { start: (controller) => void (output = controller), pull: ask, cancel: drop },
    { highWaterMark: 0, size: (bytes) => bytes.byteLength },
  );
  // The store sleeps: bookmarks are made here. Writing them also finds readers that are gone.
  const beat = setInterval(() => send(how.progress?.bookmark()), BOOKMARK_MS);
  const timer = setTimeout(() => {
    socket.close(1000, "timeout");
    finish();
  }, how.timeoutMs);
  socket.binaryType = "arraybuffer";
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    if (data === WATCH_BEGUN) pieces = undefined;
    if (typeof data === "string") return;
    const bytes = new Uint8Array(data as ArrayBuffer);
    if (pieces !== undefined) pieces--;
    how.progress?.sent(bytes);
    send(bytes);
  });
  socket.addEventListener("close", finish);
  return readable;
}
