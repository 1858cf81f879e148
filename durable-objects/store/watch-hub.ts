// All watches on one store: begins them, hands every commit's frames to them, and ends the slow, the old and the dead.
// Knows nothing of transports: a watcher is a sink (stream or socket).
import { err, ok, type Result } from "../../shared/base/result.ts";
import { WATCHERS_MAX } from "../../shared/base/limits.ts";
import { badRequest, expired, failure, type Status } from "../../shared/errors/status.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { StoreEngine } from "./engine.ts";
import type { StoreEvent } from "./history.ts";
import { list, tooLargeVersion } from "./list.ts";
import { matcher, type Matcher } from "./select.ts";
import { bookmarkFrame, errorFrame, eventFrame, frameOf, seenAs, type FrameOptions, type WatchForm } from "./watch-frames.ts";

export interface WatchRequest extends WatchForm {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
}
/** Where frames go. */
export interface Sink {
  /** False when the receiver is gone or too far behind; it is dropped then. */
  send(frames: Uint8Array): boolean;
  close(): void;
}
interface Watcher {
  readonly sink: Sink;
  readonly bookmarks: boolean;
  /** Has not been told the columns of its Table yet. */
  fresh: boolean;
}
interface Audience {
  readonly kind: AnyKind;
  readonly form: WatchForm;
  readonly matches: Matcher | undefined;
  readonly watchers: Set<Watcher>;
}

const audienceKey = (form: WatchForm): string =>
  JSON.stringify([
    form.group,
    form.version,
    form.namespace ?? "",
    form.labelSelector ?? "",
    form.fieldSelector ?? "",
    form.as,
    form.includeObject,
    form.metaVersion,
  ]);

const encoder = new TextEncoder();

export class WatchHub {
  readonly #engine: StoreEngine;
  readonly #audiences = new Map<string, Audience>();
  #count = 0;

  constructor(engine: StoreEngine) {
    this.#engine = engine;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * What a new watcher is sent first, in pieces. Nothing may be committed between this and `add`.
   * A Status is the answer to the request; an expired version is told in the stream, as upstream's watch cache does.
   */
  initialFrames(request: WatchRequest): Result<readonly string[], Status> {
    const kind = this.#engine.kindOf(request.group, request.version);
    if (!kind) return err(failure(404, "NotFound", "the server could not find the requested resource", {}));
    if (this.#count >= WATCHERS_MAX) return err(failure(429, "TooManyRequests", "too many watches are open, please try again later", { retryAfterSeconds: 1 }));
    const compiled = matcher(kind, request);
    if (!compiled.ok) return err(badRequest(compiled.error));
    const version = request.resourceVersion ?? "";
    const now = this.#engine.ports.now();
    if (version === "" || version === "0" || request.sendInitialEvents === true) {
      if (request.sendInitialEvents === false) return ok([]);
      return this.#listFrames(kind, request, now);
    }
    const since = Number(version);
    const { history } = this.#engine;
    if (since > history.last) return ok([errorFrame(tooLargeVersion(since, history.last))]);
    const events = history.since(since);
    if (!events) return ok([errorFrame(expired(`too old resource version: ${since} (${history.floor + 1})`))]);
    const frames: string[] = [];
    for (const event of events) {
      const frame = this.#frame({ kind, form: request, matches: compiled.value }, event, { now, columns: frames.length === 0 });
      if (frame !== undefined) frames.push(frame);
    }
    return ok(frames);
  }

  #listFrames(kind: AnyKind, request: WatchRequest, now: number): Result<readonly string[], Status> {
    const listed = list(this.#engine, kind, {
      ...(request.namespace === undefined ? {} : { namespace: request.namespace }),
      ...(request.labelSelector === undefined ? {} : { labelSelector: request.labelSelector }),
      ...(request.fieldSelector === undefined ? {} : { fieldSelector: request.fieldSelector }),
      ...(request.resourceVersion === undefined ? {} : { resourceVersion: request.resourceVersion }),
    });
    if (!listed.ok) return listed;
    const frames: string[] = [];
    for (const piece of listed.value.pieces) {
      for (const text of piece) frames.push(frameOf(kind, request, "ADDED", { text, now, columns: frames.length === 0 }));
    }
    // As a real server does: whoever hears bookmarks at all hears where the list ends.
    if (request.sendInitialEvents || request.allowWatchBookmarks)
      frames.push(bookmarkFrame(kind, request, this.#engine.history.last, { initialEventsEnd: true }));
    return ok(frames);
  }

  #frame(audience: Pick<Audience, "kind" | "form" | "matches">, event: StoreEvent, options: FrameOptions): string | undefined {
    const type = seenAs(audience.kind, event, audience.matches);
    return type && eventFrame(audience.kind, audience.form, event, { type, ...options });
  }

  /** Adds a watcher whose request `initialFrames` accepted; `begun`: it was sent some. Returns how to remove it. */
  add(request: WatchRequest, sink: Sink, begun: { readonly frames: number }): () => void {
    const key = audienceKey(request);
    let audience = this.#audiences.get(key);
    if (!audience) {
      const kind = this.#engine.kindOf(request.group, request.version) ?? this.#engine.kind;
      const compiled = matcher(kind, request);
      audience = { kind, form: request, matches: compiled.ok ? compiled.value : undefined, watchers: new Set() };
      this.#audiences.set(key, audience);
    }
    const joined = audience;
    const watcher: Watcher = { sink, bookmarks: request.allowWatchBookmarks === true, fresh: request.as === "Table" && begun.frames === 0 };
    joined.watchers.add(watcher);
    this.#count++;
    return () => this.#remove(key, joined, watcher);
  }

  #remove(key: string, audience: Audience, watcher: Watcher): void {
    if (!audience.watchers.delete(watcher)) return;
    this.#count--;
    watcher.sink.close();
    if (audience.watchers.size === 0 && this.#audiences.get(key) === audience) this.#audiences.delete(key);
  }

  /** Hands the events of a commit to everybody who sees them: one text and one encoding for each audience. */
  broadcast(events: readonly StoreEvent[]): void {
    if (this.#count === 0 || events.length === 0) return;
    const now = this.#engine.ports.now();
    for (const [key, audience] of this.#audiences) {
      const fresh = [...audience.watchers].filter((watcher) => watcher.fresh);
      const text = this.#text(audience, events, { now, columns: false });
      if (text === "") continue;
      if (fresh.length > 0) this.#send(key, audience, fresh, encoder.encode(this.#text(audience, events, { now, columns: true })));
      const rest = fresh.length === 0 ? audience.watchers : [...audience.watchers].filter((watcher) => !fresh.includes(watcher));
      for (const watcher of fresh) watcher.fresh = false;
      this.#send(key, audience, rest, encoder.encode(text));
    }
  }

  #text(audience: Audience, events: readonly StoreEvent[], options: FrameOptions): string {
    let text = "";
    for (const event of events) text += this.#frame(audience, event, { now: options.now, columns: options.columns && text === "" }) ?? "";
    return text;
  }

  /** A bookmark for one watcher, as before its time is up. */
  bookmarkFor(request: WatchRequest): Uint8Array {
    const kind = this.#engine.kindOf(request.group, request.version) ?? this.#engine.kind;
    return encoder.encode(bookmarkFrame(kind, request, this.#engine.history.last, { initialEventsEnd: false }));
  }

  /** Tells watchers that asked for bookmarks how far the store is; finds the dead among them. */
  bookmark(): void {
    for (const [key, audience] of this.#audiences) {
      const listeners = [...audience.watchers].filter((watcher) => watcher.bookmarks);
      if (listeners.length === 0) continue;
      const frame = bookmarkFrame(audience.kind, audience.form, this.#engine.history.last, { initialEventsEnd: false });
      this.#send(key, audience, listeners, encoder.encode(frame));
    }
  }

  #send(key: string, audience: Audience, watchers: Iterable<Watcher>, bytes: Uint8Array): void {
    for (const watcher of watchers) if (!watcher.sink.send(bytes)) this.#remove(key, audience, watcher);
  }
}
