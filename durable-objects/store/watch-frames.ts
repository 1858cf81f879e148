// How a change looks to one sort of watcher: which event it sees, and the line of JSON for it.
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { partialObjectMetadata, publicMetadata, tableOf, type IncludeObject } from "../../shared/api/table.ts";
import type { Status } from "../../shared/errors/status.ts";
import type { ChangeType } from "../storage/object-table.ts";
import type { StoreEvent } from "./history.ts";
import { selectableOf, type Matcher, type Selectable, type SelectionRequest } from "./select.ts";

/** Everything that decides what a watcher is sent; watchers with equal forms share their bytes. */
export interface WatchForm extends SelectionRequest {
  readonly group: string;
  readonly version: string;
  readonly as: "object" | "Table" | "PartialObjectMetadata";
  readonly includeObject: IncludeObject;
  /** Of meta.k8s.io, for Tables and metadata-only forms. */
  readonly metaVersion: "v1" | "v1beta1";
}
export interface FrameOptions {
  readonly now: number;
  /** A Table names its columns to each watcher once. */
  readonly columns: boolean;
}

export const apiVersionOf = (kind: AnyKind): string => (kind.group === "" ? kind.version : `${kind.group}/${kind.version}`);
const prefixes = new WeakMap<AnyKind, string>();
/** `{"kind":"Pod","apiVersion":"v1",`: what a stored text (less its brace) is put behind. */
export function textPrefix(kind: AnyKind): string {
  let prefix = prefixes.get(kind);
  if (prefix === undefined) {
    prefix = `${JSON.stringify({ kind: kind.kind, apiVersion: apiVersionOf(kind) }).slice(0, -1)},`;
    prefixes.set(kind, prefix);
  }
  return prefix;
}
/** An object's whole JSON from its stored text. */
export function wholeText(kind: AnyKind, stored: string): string {
  if (!kind.conversion) return textPrefix(kind) + stored.slice(1);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = kind.conversion.fromStored(JSON.parse(stored) as KubeObject);
  return textPrefix(kind) + JSON.stringify(rest).slice(1);
}

/** The text that an event carries when it is seen as `type`: what left a selection is shown as it was, with the new version. */
function shownText(event: StoreEvent, type: ChangeType): string {
  if (type !== "DELETED" || event.type === "DELETED") return event.text;
  const old = JSON.parse(event.before) as KubeObject;
  (old.metadata ??= {}).resourceVersion = String(event.resourceVersion);
  return JSON.stringify(old);
}

function documentOf(kind: AnyKind, form: WatchForm, stored: string, options: FrameOptions): string {
  if (form.as === "object") return wholeText(kind, stored);
  const object = JSON.parse(wholeText(kind, stored)) as KubeObject;
  if (form.as === "PartialObjectMetadata") return JSON.stringify(partialObjectMetadata(publicMetadata(kind, object), form.metaVersion));
  const { now, columns } = options;
  const resourceVersion = object.metadata?.resourceVersion ?? "";
  return JSON.stringify(
    tableOf(kind, [form.includeObject === "Object" ? object : publicMetadata(kind, object)], {
      now,
      includeObject: form.includeObject,
      version: form.metaVersion,
      resourceVersion,
      ...(columns ? {} : { columns: "none" }),
    }),
  );
}

export const frameOf = (kind: AnyKind, form: WatchForm, type: ChangeType, how: FrameOptions & { readonly text: string }): string =>
  `{"type":"${type}","object":${documentOf(kind, form, how.text, how)}}\n`;

const parsed = (text: string): KubeObject => JSON.parse(text) as KubeObject;
const faceOf = ({ group, version, as, includeObject, metaVersion }: WatchForm): string => `${group}/${version} ${as} ${includeObject} ${metaVersion}`;

/** One event as its watchers see it. What selectors look at and each line of JSON are made once, however many audiences there are. */
export class SeenEvent {
  readonly event: StoreEvent;
  readonly #now: number;
  /** Parsed, as the event has them while it is fresh. */
  readonly #next: KubeObject | undefined;
  readonly #old: KubeObject | undefined;
  readonly #selectable = new Map<AnyKind, { readonly before: Selectable | undefined; readonly after: Selectable }>();
  readonly #lines = new Map<string, string>();

  /** `now`: the server's clock, in milliseconds, for ages in Tables. */
  constructor(event: StoreEvent, now: number) {
    this.event = event;
    this.#now = now;
    this.#next = event.next;
    this.#old = event.old;
  }

  /** The object before and after the event (of a deletion: its last state), as selectors of a version see it. */
  selectable(kind: AnyKind): { readonly before: Selectable | undefined; readonly after: Selectable } {
    let found = this.#selectable.get(kind);
    if (!found) {
      const { event } = this;
      found = {
        before: event.before === "" ? undefined : selectableOf(kind, event, this.#old ?? parsed(event.before)),
        after: selectableOf(kind, event, this.#next ?? parsed(event.text)),
      };
      this.#selectable.set(kind, found);
    }
    return found;
  }

  /**
   * What a watcher with this selection sees: an object that leaves the selection is DELETED for it, one that enters is
   * ADDED (as upstream: apiserver storage/cacher/cache_watcher.go). Undefined: nothing.
   */
  typeFor(kind: AnyKind, matches: Matcher | undefined): ChangeType | undefined {
    const { type } = this.event;
    if (!matches) return type;
    const { before, after } = this.selectable(kind);
    const was = before !== undefined && matches(before);
    if (type === "DELETED") return was || matches(after) ? "DELETED" : undefined;
    if (matches(after)) return was ? "MODIFIED" : "ADDED";
    return was ? "DELETED" : undefined;
  }

  /** The line for a form. `columns`: a Table that names them. */
  frame(kind: AnyKind, form: WatchForm, type: ChangeType, columns: boolean): string {
    const key = `${faceOf(form)} ${type} ${columns}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = frameOf(kind, form, type, { text: shownText(this.event, type), now: this.#now, columns });
      this.#lines.set(key, line);
    }
    return line;
  }
}

/** A BOOKMARK: only its version counts; `initial` marks the end of the events that a list would have shown. */
export function bookmarkFrame(kind: AnyKind, form: WatchForm, resourceVersion: number, marks: { readonly initialEventsEnd: boolean }): string {
  const annotations = marks.initialEventsEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
  const metadata = { resourceVersion: String(resourceVersion), ...annotations };
  const object =
    form.as === "object"
      ? { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata }
      : form.as === "Table"
        ? {
            kind: "Table",
            apiVersion: "meta.k8s.io/v1",
            metadata: { resourceVersion: String(resourceVersion) },
            columnDefinitions: null,
            rows: [{ cells: null, object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata } }],
          }
        : { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
  return `${JSON.stringify({ type: "BOOKMARK", object })}\n`;
}

export const errorFrame = (status: Status): string => `${JSON.stringify({ type: "ERROR", object: status })}\n`;
