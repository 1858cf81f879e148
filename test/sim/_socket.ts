// WebSockets between a store and whoever watches it: in order, late, and gone when one side crashes.
import { WATCH_BEGUN } from "../../shared/api/watch-protocol.ts";
import { simulatedPlatform } from "./_clock.ts";

interface Receiver {
  message(text: string): void;
  closed(): void;
}
const decoder = new TextDecoder();

/** The server's end; the client's end is whoever calls `listen`. */
export class FakeSocket {
  open = true;
  /** Set by whoever hears what the client says: it asks for more, as the API worker does for its reader. */
  asks: (() => void) | undefined;
  #hasBegun = false;
  #attachment: string | undefined;
  #receiver: Receiver | undefined;
  #waiting: string[] = [];

  listen(receiver: Receiver): void {
    this.#receiver = receiver;
    for (const text of this.#waiting.splice(0)) receiver.message(text);
    if (!this.open) receiver.closed();
  }
  serializeAttachment(value: unknown): void {
    this.#attachment = JSON.stringify(value);
  }
  deserializeAttachment(): unknown {
    return this.#attachment === undefined ? null : (JSON.parse(this.#attachment) as unknown);
  }
  /** Frames are binary. Text is about how a watch begins: until it has begun, each piece of it is answered by asking for the next one. */
  send(bytes: Uint8Array | string): void {
    if (!this.open) throw new Error("the socket is closed");
    if (bytes === WATCH_BEGUN) {
      this.#hasBegun = true;
      return;
    }
    if (typeof bytes === "string") throw new Error(`not understood: ${bytes}`);
    const text = decoder.decode(bytes);
    if (this.#receiver) this.#receiver.message(text);
    else this.#waiting.push(text);
    if (!this.#hasBegun) this.asks?.();
  }
  close(): void {
    this.drop();
  }
  /** Both ends notice that the other is gone. */
  drop(): void {
    if (!this.open) return;
    this.open = false;
    this.#receiver?.closed();
  }
}
/** Stands in for the platform's; both ends are one object here. */
export class FakeSocketPair {
  readonly 0: FakeSocket;
  readonly 1: FakeSocket;
  constructor() {
    this[0] = this[1] = new FakeSocket();
  }
}
/** Stands in for the platform's, which may carry a socket. */
export class FakeResponse {
  readonly status: number;
  readonly webSocket: FakeSocket | undefined;
  readonly body: unknown;
  constructor(body: unknown, init: { readonly status?: number; readonly webSocket?: FakeSocket } = {}) {
    this.body = body;
    this.status = init.status ?? 200;
    this.webSocket = init.webSocket;
  }
  static json(body: unknown, init: { readonly status?: number } = {}): FakeResponse {
    return new FakeResponse(body, init);
  }
}
export const pause = (ms: number): Promise<void> => new Promise((done) => void simulatedPlatform.after(ms, done));
