// How a watch begins: with the objects there are, or with what happened since a version. Made piece by piece, as fast as it
// is taken, so that a list of any length never stands in memory; what the store does meanwhile is said at the end.
import { err, ok, type Result } from "../../shared/base/result.ts";
import { badRequest, expired, failure, type Status } from "../../shared/errors/status.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { StoreEngine } from "./engine.ts";
import { list, tooLargeVersion, type ListPage } from "./list.ts";
import { matcher, selectionOf, type Matcher } from "./select.ts";
import { bookmarkFrame, errorFrame, frameOf, SeenEvent, type WatchForm } from "./watch-frames.ts";

export interface WatchRequest extends WatchForm {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
}
/** Objects that are read from the table at once. */
const PAGE = 500;
/** A piece is full when it has so many characters. */
const PIECE_CHARACTERS = 256 * 1024;

const isSince = ({ resourceVersion = "", sendInitialEvents }: WatchRequest): boolean =>
  resourceVersion !== "" && resourceVersion !== "0" && sendInitialEvents !== true;

interface Beginning {
  readonly engine: StoreEngine;
  readonly request: WatchRequest;
  /** The version up to which events may be told. */
  readonly told: () => number;
}

export class Opening {
  /** What was said goes up to this version, once there are no more pieces. */
  version: number;
  /** An object was shown. */
  hasSpoken = false;
  /** It ended with an error, and the watch with it. */
  hasFailed = false;
  readonly #beginning: Beginning;
  readonly #kind: AnyKind;
  readonly #matches: Matcher | undefined;
  readonly #listed: Iterator<string, undefined> | undefined;

  private constructor(beginning: Beginning, kind: AnyKind, how: { readonly matches: Matcher | undefined; readonly page: ListPage | undefined }) {
    const { engine, request } = beginning;
    this.#beginning = beginning;
    this.#kind = kind;
    this.#matches = how.matches;
    this.version = isSince(request) ? Number(request.resourceVersion) : engine.history.last;
    this.#listed = how.page && inPieces(this.#list(how.page));
  }

  /** A Status is the answer to the request; an expired version is told in the stream, as upstream's watch cache does. */
  static of(beginning: Beginning): Result<Opening, Status> {
    const { engine, request } = beginning;
    const kind = engine.kindOf(request.group, request.version);
    if (!kind) return err(failure(404, "NotFound", "the server could not find the requested resource", {}));
    const compiled = matcher(kind, request);
    if (!compiled.ok) return err(badRequest(compiled.error));
    const matches = compiled.value;
    if (isSince(request) || request.sendInitialEvents === false) return ok(new Opening(beginning, kind, { matches, page: undefined }));
    const { resourceVersion } = request;
    const atLeast = resourceVersion === undefined ? {} : ({ resourceVersion, resourceVersionMatch: "NotOlderThan" } as const);
    const page = list(engine, kind, { ...selectionOf(request), ...atLeast, limit: PAGE });
    return page.ok ? ok(new Opening(beginning, kind, { matches, page: page.value })) : page;
  }

  /** The next piece. Undefined: there is no more to say until the store goes on, which whoever asked has to follow from now on. */
  next(): string | undefined {
    const piece = this.#listed?.next().value;
    if (piece !== undefined) return piece;
    return this.hasFailed ? undefined : this.#since();
  }

  *#list(first: ListPage): Generator<string, undefined> {
    const { engine, request } = this.#beginning;
    const now = engine.ports.now();
    for (let page = first; ;) {
      for (const text of page.texts) {
        yield frameOf(this.#kind, request, "ADDED", { text, now, columns: !this.hasSpoken });
        this.hasSpoken = true;
      }
      if (page.continue === undefined) break;
      const next = list(engine, this.#kind, { ...selectionOf(request), continue: page.continue, limit: PAGE });
      if (!next.ok) {
        yield this.#forgotten();
        return undefined;
      }
      page = next.value;
    }
    // As a real server does: whoever hears bookmarks at all hears where the list ends.
    if (request.sendInitialEvents || request.allowWatchBookmarks) yield bookmarkFrame(this.#kind, request, this.version, { initialEventsEnd: true });
    return undefined;
  }

  #since(): string | undefined {
    const { engine, request, told } = this.#beginning;
    const { history } = engine;
    if (this.version > history.last) return this.#failed(tooLargeVersion(this.version, history.last));
    const until = told();
    const events = this.version < until ? history.since(this.version) : [];
    if (!events) return this.#forgotten();
    const now = engine.ports.now();
    let text = "";
    for (const event of events) {
      if (event.resourceVersion > until || text.length >= PIECE_CHARACTERS) break;
      this.version = event.resourceVersion;
      const seen = new SeenEvent(event, now);
      const type = seen.typeFor(this.#kind, this.#matches);
      if (type === undefined) continue;
      text += seen.frame(this.#kind, request, type, !this.hasSpoken);
      this.hasSpoken = true;
    }
    return text === "" ? undefined : text;
  }

  #forgotten(): string {
    return this.#failed(expired(`too old resource version: ${this.version} (${this.#beginning.engine.history.floor + 1})`));
  }
  #failed(status: Status): string {
    this.hasFailed = true;
    return errorFrame(status);
  }
}

function* inPieces(frames: Iterable<string>): Generator<string, undefined> {
  let piece = "";
  for (const frame of frames) {
    piece += frame;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
  return undefined;
}
