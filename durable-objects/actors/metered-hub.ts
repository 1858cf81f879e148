// The watches of a store with its meter in front: frames are counted, and a stream keeps the store at work for as long as it is open.
import type { Meter } from "../platform/meter.ts";
import type { StoreEngine } from "../store/engine.ts";
import type { Sink } from "../store/watch-audience.ts";
import { type Place, WatchHub } from "../store/watch-hub.ts";

export class MeteredHub extends WatchHub {
  readonly #meter: Meter;

  constructor(engine: StoreEngine, meter: Meter) {
    super(engine);
    this.#meter = meter;
  }

  override add(request: Parameters<WatchHub["add"]>[0], sink: Sink, shown: Parameters<WatchHub["add"]>[2]): Place {
    const meter = this.#meter;
    let atWork = sink.keepsAwake;
    if (atWork) meter.enter();
    const counted: Sink = {
      keepsAwake: sink.keepsAwake,
      send: (frames) => (meter.messagesSent++, sink.send(frames)),
      close() {
        if (atWork) meter.leave();
        atWork = false;
        sink.close();
      },
    };
    return super.add(request, counted, shown);
  }
}
