// Takes HTTP/1.1 answers apart with as little work as possible: the load generator must never be what limits a figure.

export interface AnswerEvents {
  head(status: number): void;
  /** The bytes are good until this returns; whoever keeps them copies them. `length`: of the whole body, where the head says it. */
  body(part: Buffer, length: number | undefined): void;
  end(): void;
}
type State = "head" | "counted" | "size" | "chunk" | "chunk-end" | "trailer" | "until-close";
const NEWLINE = 10;

export class AnswerParser {
  readonly #events: AnswerEvents;
  #state: State = "head";
  /** An unfinished head or size line. */
  #pending: Buffer | undefined;
  #left = 0;
  #length: number | undefined;
  /** The server ends the connection after this answer. */
  closes = false;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  feed(part: Buffer): void {
    let bytes = part;
    if (this.#pending) {
      bytes = Buffer.concat([this.#pending, part]);
      this.#pending = undefined;
    }
    for (let at = 0; at < bytes.length;) {
      const next = this.#step(bytes, at);
      if (next === undefined) {
        this.#pending = Buffer.from(bytes.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** True: the answer ended with the connection, as it was meant to. */
  closed(): boolean {
    if (this.#state !== "until-close") return false;
    this.#finish();
    return true;
  }

  /** Where to go on; undefined: more bytes are needed first. */
  #step(bytes: Buffer, at: number): number | undefined {
    switch (this.#state) {
      case "head":
        return this.#head(bytes, at);
      case "until-close":
        this.#events.body(bytes.subarray(at), undefined);
        return bytes.length;
      case "counted":
      case "chunk": {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        this.#events.body(bytes.subarray(at, end), this.#length);
        if (this.#left === 0) {
          if (this.#state === "counted") this.#finish();
          else this.#state = "chunk-end";
        }
        return end;
      }
      case "size":
      case "chunk-end":
      case "trailer": {
        const end = bytes.indexOf(NEWLINE, at);
        if (end < 0) return undefined;
        this.#line(bytes, at, end);
        return end + 1;
      }
    }
  }

  #line(bytes: Buffer, at: number, end: number): void {
    if (this.#state === "chunk-end") this.#state = "size";
    else if (this.#state === "size") {
      this.#left = Number.parseInt(bytes.toString("latin1", at, end), 16);
      if (Number.isNaN(this.#left)) throw new Error("an answer in chunks has no size where one belongs");
      this.#state = this.#left === 0 ? "trailer" : "chunk";
    } else if (end - at <= 1) this.#finish();
  }

  #head(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf("\r\n\r\n", at, "latin1");
    if (end < 0) return undefined;
    const head = bytes.toString("latin1", at, end);
    const status = Number(head.slice(9, 12));
    if (!head.startsWith("HTTP/1.1 ") || !(status >= 100)) throw new Error(`not an HTTP/1.1 answer: ${head.slice(0, 80)}`);
    if (status < 200) return end + 4;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.closes = /\r\nconnection: *close/i.test(head);
    this.#length = length === undefined ? undefined : Number(length);
    this.#events.head(status);
    if (status === 204 || status === 304 || this.#length === 0) this.#finish();
    else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#state = "size";
    else if (this.#length === undefined) this.#state = "until-close";
    else {
      this.#left = this.#length;
      this.#state = "counted";
    }
    return end + 4;
  }

  #finish(): void {
    this.#state = "head";
    this.#events.end();
  }
}
