// Watchers who are sent the same: equal form, equal selection. What is to be said to them is written down once; each of them
// is sent everything that it misses, in one piece, when its turn comes.
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import { matcher, type Matcher } from "./select.ts";
import type { SeenEvent } from "./watch-frames.ts";
import type { WatchRequest } from "./watch-opening.ts";

/** Where frames go. */
export interface Sink {
  /** The store cannot sleep while it is open. */
  readonly keepsAwake: boolean;
  /** False when the receiver is gone or too far behind; it is dropped then. */
  send(frames: Uint8Array): boolean;
  close(): void;
}
export interface Watcher {
  readonly sink: Sink;
  /** Called when it does not listen any more. */
  readonly lost: () => void;
  /** The frame that comes next, counted since the audience began. */
  next: number;
  /** It was shown everything up to this version before it joined; 0: no more than the audience was told. */
  readonly from: number;
  /** Has not been told the columns of its Table yet. */
  fresh: boolean;
}
interface Frame {
  readonly version: number;
  readonly text: string;
  /** The same with a Table's columns; undefined: it has none in any case. */
  readonly named: (() => string) | undefined;
}

const encoder = new TextEncoder();

export class Audience {
  readonly kind: AnyKind;
  /** Of the first of them; in what decides what they are sent, all are equal. */
  readonly request: WatchRequest;
  readonly #matches: Matcher | undefined;
  #level = new Set<Watcher>();
  /** Who misses something; who has waited longest comes first. */
  #behind = new Set<Watcher>();
  #frames: Frame[] = [];
  /** Frames that everybody has been sent. */
  #past = 0;
  /** Pieces that are being sent, by what comes first in them. */
  readonly #pieces = new Map<number, Uint8Array>();

  constructor(kind: AnyKind, request: WatchRequest) {
    this.kind = kind;
    this.request = request;
    const compiled = matcher(kind, request);
    this.#matches = compiled.ok ? compiled.value : undefined;
  }

  get size(): number {
    return this.#level.size + this.#behind.size;
  }
  /** How many events are waiting to be sent to somebody. */
  get backlog(): number {
    return this.#frames.length;
  }
  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  join(joining: Omit<Watcher, "next">): Watcher {
    const watcher: Watcher = { ...joining, next: this.#past + this.#frames.length };
    this.#level.add(watcher);
    return watcher;
  }
  /** False: it had left already. */
  leave(watcher: Watcher): boolean {
    const left = this.#level.delete(watcher) || this.#behind.delete(watcher);
    this.#forget();
    return left;
  }

  /** Takes in an event; false: nobody here sees anything of it. */
  tell(seen: SeenEvent): boolean {
    const type = seen.typeFor(this.kind, this.#matches);
    if (type === undefined) return false;
    const named = this.request.as === "Table" ? () => seen.frame(this.kind, this.request, type, true) : undefined;
    this.append({ version: seen.event.resourceVersion, text: seen.frame(this.kind, this.request, type, false), named });
    return true;
  }
  append(frame: Frame): void {
    this.#frames.push(frame);
    this.#pieces.clear();
    if (this.#behind.size === 0) [this.#behind, this.#level] = [this.#level, this.#behind];
    else {
      for (const watcher of this.#level) this.#behind.add(watcher);
      this.#level.clear();
    }
  }

  /** Sends up to `most` watchers what they miss. Returns how many. */
  send(most: number): number {
    let sent = 0;
    for (const watcher of this.#behind) {
      if (sent === most) break;
      sent++;
      this.#serve(watcher);
    }
    this.#forget();
    return sent;
  }
  /** Sends one watcher what it misses, before its turn. */
  catchUp(watcher: Watcher): void {
    if (this.#behind.has(watcher)) this.#serve(watcher);
    this.#forget();
  }

  #serve(watcher: Watcher): void {
    this.#behind.delete(watcher);
    this.#level.add(watcher);
    const bytes = this.#piece(watcher);
    watcher.next = this.#past + this.#frames.length;
    if (bytes.length > 0 && !watcher.sink.send(bytes)) watcher.lost();
  }

  #piece(watcher: Watcher): Uint8Array {
    const shared = !watcher.fresh && watcher.from < (this.#frames[watcher.next - this.#past]?.version ?? 0);
    let piece = shared ? this.#pieces.get(watcher.next) : undefined;
    if (!piece) {
      let text = "";
      for (let at = watcher.next - this.#past; at < this.#frames.length; at++) {
        const frame = this.#frames[at];
        if (!frame || frame.version <= watcher.from) continue;
        text += watcher.fresh && frame.named ? frame.named() : frame.text;
        if (frame.named) watcher.fresh = false;
      }
      piece = encoder.encode(text);
      if (shared) this.#pieces.set(watcher.next, piece);
    }
    return piece;
  }

  /** Frames that nobody waits for are let go. */
  #forget(): void {
    const [first] = this.#behind;
    const needless = first ? first.next - this.#past : this.#frames.length;
    if (needless === 0) return;
    this.#frames = first ? this.#frames.slice(needless) : [];
    this.#past += needless;
    if (!first) this.#pieces.clear();
  }
}
