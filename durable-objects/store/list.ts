// Lists of a store: at the newest version or exactly at an older one, whole or in chunks.
import { err, ok, type Result } from "../../shared/base/result.ts";
import { badRequest, expired, failure, type Status } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { type Position, inKeyOrder, keyOf } from "../storage/object-table.ts";
import type { StoreEngine } from "./engine.ts";
import type { StoreEvent } from "./history.ts";
import { CONTINUE_MS, decodeContinue, encodeContinue } from "./continue-token.ts";
import { matcher, seen, selectableOf, type Matcher, type SelectionRequest } from "./select.ts";

export interface ListRequest extends SelectionRequest {
  /** At least 1. */
  readonly limit: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}
export interface ListPage {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  /** Texts of the items, in key order. */
  readonly texts: readonly string[];
}
/** Rows that are read at once at most. */
const ROWS = 500;

const TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
/** As etcd says it: the version that was asked for has been compacted. */
const COMPACTED = "The resourceVersion for the provided list is too old.";

interface Source {
  readonly resourceVersion: number;
  readonly after: Position | undefined;
  /** When its first chunk was asked for. */
  readonly begunAt: number | undefined;
  /** Objects from `after` on, where the chunk before said it. */
  readonly left: number | undefined;
  readonly overlay: ReadonlyMap<string, StoreEvent> | undefined;
}

/** As upstream's storage.NewTooLargeResourceVersionError, worded by the handler that waited for it. */
export const tooLargeVersion = (wanted: number, current: number): Status =>
  failure(504, "Timeout", `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });

function continued(engine: StoreEngine, request: ListRequest): Result<Source, Status> {
  const { last } = engine.history;
  const namespace = request.namespace ?? "";
  const token = decodeContinue(request.continue ?? "", { namespace, namespaced: engine.kind.namespaced });
  if (!token.ok) return token;
  const { resourceVersion, after, begunAt, left } = token.value;
  if (resourceVersion < 0) return ok({ resourceVersion: last, after, begunAt, left: undefined, overlay: undefined });
  if (resourceVersion > last) return err(tooLargeVersion(resourceVersion, last));
  const late = !engine.frozen && begunAt !== undefined && engine.ports.now() - begunAt > CONTINUE_MS;
  const overlay = resourceVersion === last ? undefined : engine.history.overlay(resourceVersion);
  if (!late && (resourceVersion === last || overlay)) return ok({ resourceVersion, after, begunAt, left, overlay });
  // What the client goes on with is no part of its list any more: it must be able to see that by the version.
  if (resourceVersion === last) engine.advance();
  return err({ ...expired(TOO_OLD), metadata: { continue: encodeContinue(-1, after, { namespace }) } });
}

const BEGINNING = { after: undefined, begunAt: undefined, left: undefined };
/** Which version to list and where to begin. */
function sourceOf(engine: StoreEngine, request: ListRequest): Result<Source, Status> {
  const { last } = engine.history;
  if (request.continue) return continued(engine, request);
  const wanted = Number(request.resourceVersion ?? "0");
  if (wanted > last) return err(tooLargeVersion(wanted, last));
  // A limit with a version means exactly that version, unless the request says otherwise (upstream's legacy rule).
  const exact = request.resourceVersionMatch === "Exact" || (!request.resourceVersionMatch && wanted > 0);
  if (exact && wanted !== last) {
    const overlay = engine.history.overlay(wanted);
    return overlay ? ok({ ...BEGINNING, resourceVersion: wanted, overlay }) : err(expired(COMPACTED));
  }
  return ok({ ...BEGINNING, resourceVersion: last, overlay: undefined });
}

interface Item extends Position {
  readonly text: string;
}
interface Within {
  readonly namespace: string | undefined;
  /** Rows that are read at once. */
  readonly size: number;
}
/** All objects of the source in key order, unselected. */
function* rows(engine: StoreEngine, source: Source, { namespace, size }: Within): Iterable<Item> {
  const { overlay } = source;
  // Objects that were there then and are gone now have to be woven in; later ones left out.
  const gone = overlay
    ? [...overlay.values()].filter((event) => event.before !== "" && (namespace === undefined || event.namespace === namespace)).sort(inKeyOrder)
    : [];
  let next = 0;
  let after = source.after;
  const isAfter = (at: Position): boolean => !source.after || inKeyOrder(at, source.after) > 0;
  for (;;) {
    const page = engine.table.scan({ limit: size, ...(namespace === undefined ? {} : { namespace }), ...(after ? { after } : {}) });
    for (const row of page) {
      for (let event = gone[next]; event && inKeyOrder(event, row) < 0; event = gone[++next]) {
        if (isAfter(event)) yield { namespace: event.namespace, name: event.name, text: event.before };
      }
      const event = overlay?.get(keyOf(row));
      if (gone[next] && inKeyOrder(gone[next] as Position, row) === 0) next++;
      if (!event) yield row;
      else if (event.before !== "") yield { namespace: row.namespace, name: row.name, text: event.before };
    }
    after = page.at(-1);
    if (page.length < size || !after) break;
  }
  for (; next < gone.length; next++) {
    const event = gone[next];
    if (event && isAfter(event)) yield { namespace: event.namespace, name: event.name, text: event.before };
  }
}

/** Items that match; an object of an older version is judged by what it was. */
function* matching(engine: StoreEngine, kind: AnyKind, source: Source, how: Within & { readonly matches: Matcher | undefined }): Iterable<Item> {
  const { matches } = how;
  const only = matches?.only;
  if (only && kind.namespaced === (only.namespace !== undefined) && !source.overlay) {
    const row = engine.table.get({ namespace: only.namespace ?? "", name: only.name });
    const entry = row && engine.index.get(row);
    if (row && entry && matches?.(seen(engine, kind, entry)) && (!source.after || inKeyOrder(row, source.after) > 0)) yield row;
    return;
  }
  for (const item of rows(engine, source, how)) {
    if (!matches) {
      yield item;
      continue;
    }
    const direct = kind.conversion !== undefined || source.overlay?.has(keyOf(item));
    const entry = direct ? selectableOf(kind, item, JSON.parse(item.text) as KubeObject) : engine.index.get(item);
    if (entry && matches(entry)) yield item;
  }
}

/** A page of the list that `request` wants. */
export function list(engine: StoreEngine, kind: AnyKind, request: ListRequest): Result<ListPage, Status> {
  const compiled = matcher(kind, request);
  if (!compiled.ok) return err(badRequest(compiled.error));
  const found = sourceOf(engine, request);
  if (!found.ok) return found;
  const source = found.value;
  const namespace = request.namespace || undefined;
  const resourceVersion = String(source.resourceVersion);
  const { limit } = request;
  const selected = Boolean(request.labelSelector || request.fieldSelector);
  // Without selectors it is known how many rows a page needs, with the one that tells that there are more.
  const size = selected ? ROWS : Math.min(limit, ROWS) + 1;
  const items = matching(engine, kind, source, { matches: compiled.value, namespace, size });
  const page: Item[] = [];
  // Only where nothing else says how many remain (as upstream, without selectors) are they counted by reading them.
  const isCounted = !selected && source.left === undefined && source.overlay !== undefined;
  let remaining = 0;
  for (const item of items) {
    if (page.length < limit) page.push(item);
    else if (remaining++ === 0 && !isCounted) break;
  }
  const texts = page.map((item) => item.text);
  const last = page.at(-1);
  if (remaining === 0 || !last) return ok({ resourceVersion, texts });
  if (source.left !== undefined) remaining = Math.max(1, source.left - page.length);
  else if (!selected && !isCounted) remaining = engine.table.countAfter(last, namespace);
  const left = selected ? {} : { left: remaining };
  return ok({
    resourceVersion,
    continue: encodeContinue(source.resourceVersion, last, { namespace: namespace ?? "", begunAt: source.begunAt ?? engine.ports.now(), ...left }),
    ...(selected ? {} : { remainingItemCount: remaining }),
    texts,
  });
}
