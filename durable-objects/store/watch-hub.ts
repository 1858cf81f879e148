// All watches on one store: begins them, tells every commit to those whom it concerns, and ends the slow, the old and the dead.
// Knows nothing of transports: a watcher is a sink (stream or socket).
import { err, type Result } from "../../shared/base/result.ts";
import { WATCHERS_MAX } from "../../shared/base/limits.ts";
import { failure, type Status } from "../../shared/errors/status.ts";
import { after } from "../platform/ports.ts";
import type { StoreEngine } from "./engine.ts";
import type { StoreEvent } from "./history.ts";
import { Audience, type Sink } from "./watch-audience.ts";
import { bookmarkFrame, SeenEvent } from "./watch-frames.ts";
import { AudienceIndex } from "./watch-index.ts";
import { Opening, type WatchRequest } from "./watch-opening.ts";

/**
 * Sending to a watcher costs the platform about 30 µs, so thousands are served in turns: so many of them, then whatever
 * else has arrived. What happens meanwhile is sent to those who follow together with what they missed already.
 */
const TURN = 32;
/** Who misses so many events shows that the store is busy: turns are longer then and keep a distance, in which more comes together. */
const BUSY_EVENTS = 16;
const BUSY_TURN = 100;
const BUSY_REST_MS = 4;

const audienceKey = (form: WatchRequest): string =>
  JSON.stringify([
    form.group,
    form.version,
    form.namespace ?? "",
    form.labelSelector ?? "",
    form.fieldSelector ?? "",
    form.as,
    form.includeObject,
    form.metaVersion,
    form.allowWatchBookmarks === true,
  ]);

const encoder = new TextEncoder();

/** A watcher's place among the others. */
export interface Place {
  leave(): void;
  /** Tells it how far the store is. */
  bookmark(): void;
}

export class WatchHub {
  readonly #engine: StoreEngine;
  readonly #audiences = new Map<string, Audience>();
  readonly #index = new AudienceIndex();
  /** Audiences of which somebody misses something, in the order in which they are served. */
  readonly #behind = new Set<Audience>();
  /** Commits that are not durable yet. */
  readonly #held: (readonly SeenEvent[])[] = [];
  #count = 0;
  #resting = false;

  constructor(engine: StoreEngine) {
    this.#engine = engine;
  }

  get count(): number {
    return this.#count;
  }
  /** Everything up to this version may be told. */
  get #told(): number {
    const first = this.#held[0]?.[0];
    return first ? first.event.resourceVersion - 1 : this.#engine.history.last;
  }

  /** What a new watcher is sent first. When there is no more of it, it has to be added before anything is committed. */
  begin(request: WatchRequest): Result<Opening, Status> {
    if (this.#count >= WATCHERS_MAX) return err(failure(429, "TooManyRequests", "too many watches are open, please try again later", { retryAfterSeconds: 1 }));
    return Opening.of({ engine: this.#engine, request, told: () => this.#told });
  }

  /** Adds a watcher that was shown everything up to a version; `hasSpoken`: there was an object among it. */
  add(request: WatchRequest, sink: Sink, shown: { readonly version: number; readonly hasSpoken: boolean }): Place {
    const audience = this.#audienceOf(request);
    const leave = (): void => {
      if (!audience.leave(watcher)) return;
      this.#count--;
      sink.close();
      if (audience.size === 0) this.#close(audience);
    };
    const watcher = audience.join({
      sink,
      lost: leave,
      from: shown.version > this.#told ? shown.version : 0,
      fresh: request.as === "Table" && !shown.hasSpoken,
    });
    this.#count++;
    const bookmark = (): void => {
      audience.catchUp(watcher);
      const frame = bookmarkFrame(audience.kind, request, Math.max(this.#told, shown.version), { initialEventsEnd: false });
      if (!sink.send(encoder.encode(frame))) leave();
    };
    return { leave, bookmark };
  }

  #audienceOf(request: WatchRequest): Audience {
    const key = audienceKey(request);
    let audience = this.#audiences.get(key);
    if (!audience) {
      audience = new Audience(this.#engine.kindOf(request.group, request.version) ?? this.#engine.kind, request);
      this.#audiences.set(key, audience);
      this.#index.add(audience);
    }
    return audience;
  }
  #close(audience: Audience): void {
    this.#audiences.delete(audienceKey(audience.request));
    this.#index.delete(audience);
    this.#behind.delete(audience);
  }

  /**
   * Takes in the events of a commit, which watchers may hear of when they are durable: when the function that is returned
   * is called.
   */
  take(events: readonly StoreEvent[]): () => void {
    const now = this.#engine.ports.now();
    const seen = events.map((event) => new SeenEvent(event, now));
    this.#held.push(seen);
    return () => {
      while (this.#held.includes(seen)) this.#tell(this.#held.shift() ?? []);
    };
  }

  #tell(seen: readonly SeenEvent[]): void {
    for (const event of seen) {
      for (const audience of this.#index.concerned(event)) if (audience.tell(event)) this.#behind.add(audience);
    }
    this.#serve();
  }

  /** Tells watchers that asked for bookmarks how far the store is; finds the dead among them. */
  bookmark(): void {
    const version = this.#told;
    for (const audience of this.#audiences.values()) {
      if (audience.request.allowWatchBookmarks !== true) continue;
      audience.append({ version, text: bookmarkFrame(audience.kind, audience.request, version, { initialEventsEnd: false }), named: undefined });
      this.#behind.add(audience);
    }
    this.#serve();
  }

  /** One turn; the next one follows by itself. */
  #serve(): void {
    if (this.#resting) return;
    let busy = false;
    for (const audience of this.#behind) busy ||= audience.backlog >= BUSY_EVENTS;
    let left = busy ? BUSY_TURN : TURN;
    for (const audience of this.#behind) {
      left -= audience.send(left);
      this.#behind.delete(audience);
      // Others first: it has had the rest of this turn.
      if (audience.isBehind) this.#behind.add(audience);
      if (left === 0) break;
    }
    if (left > 0) return;
    this.#resting = true;
    after(busy ? BUSY_REST_MS : 0, () => {
      this.#resting = false;
      this.#serve();
    });
  }
}
