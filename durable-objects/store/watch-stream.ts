// Watches as streams, the fastest of the two ways in which a watch leaves a store (the other: watch-sockets.ts); but the store stays awake
// while one is open. One hub serves both.
import { WATCH_BUFFER_BYTES_MAX } from "../../shared/base/limits.ts";
import { after } from "../platform/ports.ts";
import type { Sink } from "./watch-audience.ts";
import type { Place, WatchHub } from "./watch-hub.ts";
import type { Opening, WatchRequest } from "./watch-opening.ts";

const encoder = new TextEncoder();
/** A watcher hears so long before its time is up how far it has come (as upstream: storage/cacher bookmarks). */
const LAST_BOOKMARK_MS = 2000;

interface Beginning {
  readonly watch: WatchRequest;
  readonly opening: Opening;
}

/** Answers with a stream of frames that ends after `timeoutMs`. */
export const streamWatch = (hub: WatchHub, how: Beginning & { readonly timeoutMs: number }): Response => new Response(new WatchStream(hub, how).readable);

/**
 * A plain stream that is pushed into: the platform takes two thirds of the time with it that it takes with a transform, and
 * hands on in one piece whatever waits in it.
 */
class WatchStream implements Sink {
  readonly keepsAwake = true;
  readonly readable: ReadableStream<Uint8Array>;
  readonly #hub: WatchHub;
  readonly #how: Beginning & { readonly timeoutMs: number };
  readonly #timers: (() => void)[];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #place: Place | undefined;
  #isOpen = true;

  constructor(hub: WatchHub, how: Beginning & { readonly timeoutMs: number }) {
    this.#hub = hub;
    this.#how = how;
    const { watch, opening, timeoutMs } = how;
    this.#timers = [after(timeoutMs, () => (this.#place ? this.#place.leave() : this.close()))];
    if (watch.allowWatchBookmarks) this.#timers.push(after(Math.max(0, timeoutMs - LAST_BOOKMARK_MS), () => this.#place?.bookmark()));
    const first = opening.next();
    const second = first === undefined ? undefined : opening.next();
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        cancel: () => this.#gone(),
        // Only where it is needed: asking costs as much as sending.
        ...(second === undefined ? {} : { pull: () => this.#pull() }),
      },
      { highWaterMark: 0, size: (bytes) => bytes.byteLength },
    );
    for (const piece of [first, second]) if (piece !== undefined) this.send(encoder.encode(piece));
    if (second === undefined) this.#follow();
  }

  /** A long beginning is made as fast as it is read. */
  #pull(): Promise<void> | undefined {
    const piece = this.#how.opening.next();
    if (piece !== undefined) {
      this.send(encoder.encode(piece));
      return undefined;
    }
    this.#follow();
    // Not to be asked again: from now on it is told.
    return new Promise(() => {});
  }
  #follow(): void {
    const { watch, opening } = this.#how;
    if (opening.hasFailed) this.close();
    else if (this.#isOpen) this.#place = this.#hub.add(watch, this, opening);
  }

  send(bytes: Uint8Array): boolean {
    const waiting = -(this.#controller?.desiredSize ?? 0);
    if (this.#isOpen && waiting <= WATCH_BUFFER_BYTES_MAX) {
      this.#controller?.enqueue(bytes);
      return true;
    }
    // What waits is let go with it: a reader that comes back asks for it again.
    if (this.#end()) this.#controller?.error(new Error("the watcher is too slow"));
    return false;
  }
  close(): void {
    if (this.#end()) this.#controller?.close();
  }
  #gone(): void {
    this.#end();
    this.#place?.leave();
  }
  /** False: it had ended already. */
  #end(): boolean {
    const was = this.#isOpen;
    this.#isOpen = false;
    for (const cancel of this.#timers.splice(0)) cancel();
    return was;
  }
}
