// Watches over hibernatable sockets: the API worker writes HTTP, and the store sleeps while thousands watch. A long beginning is sent
// as fast as it is asked for; after it the store speaks when there is something to say.
import { WATCH_ASKS, WATCH_BEGUN, WATCH_PIECES_AHEAD } from "../../shared/api/watch-protocol.ts";
import type { Sink } from "./watch-audience.ts";
import type { WatchHub } from "./watch-hub.ts";
import type { Opening, WatchRequest } from "./watch-opening.ts";

const encoder = new TextEncoder();

interface Beginning {
  readonly watch: WatchRequest;
  readonly opening: Opening;
}

const socketSink = (socket: WebSocket): Sink => ({
  keepsAwake: false,
  send(bytes) {
    try {
      socket.send(bytes);
      return true;
    } catch {
      return false;
    }
  },
  close: () => socket.close(1000, "done"),
});

export class WatchSockets {
  readonly #ctx: Pick<DurableObjectState, "acceptWebSocket" | "getWebSockets">;
  readonly #hub: WatchHub;
  /** Watches that have not been sent all they begin with. Forgotten when the store sleeps: they end then. */
  readonly #beginnings = new Map<WebSocket, Beginning>();

  constructor(ctx: Pick<DurableObjectState, "acceptWebSocket" | "getWebSockets">, hub: WatchHub) {
    this.#ctx = ctx;
    this.#hub = hub;
  }

  open(beginning: Beginning): Response {
    const pair = new WebSocketPair();
    const [client, server] = [pair[0], pair[1]];
    this.#ctx.acceptWebSocket(server);
    this.#send(server, beginning, WATCH_PIECES_AHEAD);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** What the API worker says: it asks for more of a beginning. */
  heard(socket: WebSocket, message: string | ArrayBuffer): void {
    const beginning = this.#beginnings.get(socket);
    if (message !== WATCH_ASKS) return;
    if (beginning) this.#send(socket, beginning, 1);
    else if (!socket.deserializeAttachment()) this.#giveUp(socket);
  }
  gone(socket: WebSocket): void {
    this.#beginnings.delete(socket);
    socket.close();
  }

  /** After the store slept: whoever had heard how it begins goes on from here, the others have to begin anew. */
  restore(version: number): void {
    for (const socket of this.#ctx.getWebSockets()) {
      const watch = socket.deserializeAttachment() as WatchRequest | null;
      if (watch) this.#hub.add(watch, socketSink(socket), { version, hasSpoken: true });
      else this.#giveUp(socket);
    }
  }
  #giveUp(socket: WebSocket): void {
    socket.close(1001, "the store slept");
  }

  #send(socket: WebSocket, beginning: Beginning, pieces: number): void {
    const { watch, opening } = beginning;
    for (let left = pieces; ; left--) {
      if (left === 0) return void this.#beginnings.set(socket, beginning);
      const piece = opening.next();
      if (piece === undefined) break;
      socket.send(encoder.encode(piece));
    }
    this.#beginnings.delete(socket);
    if (opening.hasFailed) return socket.close(1000, "done");
    // Its attachment is all that is needed to go on after the store slept.
    socket.serializeAttachment(watch);
    socket.send(WATCH_BEGUN);
    this.#hub.add(watch, socketSink(socket), opening);
  }
}
