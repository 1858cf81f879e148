// The watches of a store with its meter in front: frames are counted, and a stream keeps the store at work for as long as it is open.
import type { Meter } from "../platform/meter.ts";
import { type Sink, WatchHub } from "../store/watch-hub.ts";
import type { StoreEngine } from "../store/engine.ts";

export class MeteredHub extends WatchHub {
  readonly #meter: Meter;
  #pins = false;

  constructor(engine: StoreEngine, meter: Meter) {
    super(engine);
    this.#meter = meter;
  }

  /** Watches that `begin` adds keep the store awake; others are sockets over which it sleeps. */
  pinned<T>(begin: () => T): T {
    this.#pins = true;
    try {
      return begin();
    } finally {
      this.#pins = false;
    }
  }

  override add(request: Parameters<WatchHub["add"]>[0], sink: Sink, begun: { readonly frames: number }): () => void {
    const meter = this.#meter;
    if (!this.#pins) return super.add(request, { send: (frames) => (meter.messagesSent++, sink.send(frames)), close: () => sink.close() }, begun);
    let open = true;
    meter.enter();
    const counted: Sink = {
      send: (frames) => (meter.messagesSent++, sink.send(frames)),
      close() {
        if (open) meter.leave();
        open = false;
        sink.close();
      },
    };
    return super.add(request, counted, begun);
  }
}
