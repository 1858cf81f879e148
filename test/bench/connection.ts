// One keep-alive connection to an API server: a request at a time, or one stream. Opened when first used, and again when it was closed.
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { AnswerParser } from "./answer-parser.ts";
import type { Target } from "./kubeconfig.ts";

export interface Answer {
  readonly status: number;
  /** Good until the next request on the same connection. */
  readonly body: Buffer;
}
interface Waiting {
  /** Undefined: the body is gathered. */
  readonly stream: ((part: Buffer) => void) | undefined;
  head(status: number): void;
  done(answer: Answer): void;
  failed(error: Error): void;
}
/** Servers close connections that rest (workerd after 15 s): after so long a new one is made, or a request could cross with the closing. */
const REST_MS_MAX = 5000;
const EMPTY = Buffer.alloc(0);
/** All plain sockets read into the same memory: what arrives is taken apart before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

export class Connection {
  readonly #target: Target;
  readonly #headers: string;
  #socket: Socket | undefined;
  #parser: AnswerParser;
  #waiting: Waiting | undefined;
  #lastUsed = 0;
  #status = 0;
  /** Bodies are gathered here, one after the other: fresh memory for each of them costs more than all else. */
  #memory = Buffer.allocUnsafeSlow(8 * 1024);
  #filled = 0;

  constructor(target: Target) {
    this.#target = target;
    this.#headers = ` HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\nAccept: application/json\r\n${target.token === undefined ? "" : `Authorization: Bearer ${target.token}\r\n`}`;
    this.#parser = this.#newParser();
  }

  request(method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((done, failed) => this.#send(method, path, body, { stream: undefined, head: () => {}, done, failed }));
  }

  /** GET whose body goes to `stream` as it comes. Answers the status as soon as it is known; `ended` is called when the stream ends. */
  open(path: string, stream: (part: Buffer) => void, ended: () => void): Promise<number> {
    return new Promise((head, failed) => this.#send("GET", path, undefined, { stream, head, done: ended, failed }));
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #send(method: string, path: string, body: string | undefined, waiting: Waiting): void {
    if (this.#waiting) throw new Error("one request at a time");
    const content = body === undefined ? "\r\n" : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const now = performance.now();
    if (now - this.#lastUsed > REST_MS_MAX) this.close();
    this.#lastUsed = now;
    this.#waiting = waiting;
    this.#socket ??= this.#connect();
    this.#socket.write(`${method} ${this.#target.prefix}${path}${this.#headers}${content}`);
  }

  #connect(): Socket {
    const { host, port, tls } = this.#target;
    this.#parser = this.#newParser();
    const take = (part: Buffer): void => {
      try {
        this.#parser.feed(part);
      } catch (error) {
        this.#lost(socket, error as Error);
      }
    };
    const onread = {
      buffer: READ_BUFFER,
      callback: (count: number, buffer: Uint8Array): boolean => {
        take(buffer.length === count ? (buffer as Buffer) : (buffer.subarray(0, count) as Buffer));
        return true;
      },
    };
    const socket = tls ? connectSecure({ host, port, ALPNProtocols: ["http/1.1"], ...tls }) : connectPlain({ host, port, onread });
    if (tls) socket.on("data", take);
    socket.setNoDelay(true);
    socket.on("error", (error) => this.#lost(socket, error));
    socket.on("close", () => this.#lost(socket, new Error("the server closed the connection")));
    return socket;
  }

  #lost(socket: Socket, error: Error): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    socket.destroy();
    if (this.#parser.closed()) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.failed(error);
    if (waiting?.stream) waiting.done({ status: this.#status, body: EMPTY });
  }

  #newParser(): AnswerParser {
    return new AnswerParser({
      head: (status) => {
        this.#status = status;
        this.#filled = 0;
        this.#waiting?.head(status);
      },
      body: (part, length) => {
        if (this.#waiting?.stream) this.#waiting.stream(part);
        else this.#gather(part, length);
      },
      end: () => {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        if (this.#parser.closes) {
          this.#socket?.destroy();
          this.#socket = undefined;
        }
        waiting?.done({ status: this.#status, body: this.#memory.subarray(0, this.#filled) });
      },
    });
  }

  #gather(part: Buffer, length: number | undefined): void {
    const needed = Math.max(this.#filled + part.length, length ?? 0);
    if (needed > this.#memory.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#memory.length));
      this.#memory.copy(more, 0, 0, this.#filled);
      this.#memory = more;
    }
    this.#filled += part.copy(this.#memory, this.#filled);
  }
}
