// The heart of a ResourceStore without the platform: requests in, one atomic commit, results and events out.
import type { AdmissionPlugin } from "../../shared/admission/plugin.ts";
import type { Ports } from "../../shared/base/ports.ts";
import { assert } from "../../shared/base/assert.ts";
import { OBJECT_BYTES_MAX } from "../../shared/base/limits.ts";
import { failure, tooLarge, type Status } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import { type ChangeType, keyOf, type ObjectTable, type Position } from "../storage/object-table.ts";
import { FreshObjects } from "./fresh-objects.ts";
import { History, type StoreEvent } from "./history.ts";
import { ObjectIndex } from "./object-index.ts";

/** A refusal in the middle of a write; turned into a result where the write was asked for. */
export class Refusal extends Error {
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? "refused");
    this.status = status;
  }
}

/** A stored object, which is never changed: those who change it make another one. */
export interface Loaded {
  readonly object: KubeObject;
  readonly text: string;
}

/** An object as it is stored: metadata first, without kind and apiVersion. */
function storedForm(object: KubeObject): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata = {}, ...rest } = object;
  return { metadata, ...rest };
}
/** Its JSON text. */
export const storedText = (object: KubeObject): string => JSON.stringify(storedForm(object));

/** The text with another version: cheaper than writing all of it anew. Undefined where it is not clear which one is meant. */
function withVersion(text: string, from: string, to: string): string | undefined {
  const member = `"resourceVersion":"${from}"`;
  const at = text.indexOf(member);
  if (at < 0 || text.includes(member, at + 1)) return undefined;
  return `${text.slice(0, at)}"resourceVersion":"${to}"${text.slice(at + member.length)}`;
}

const METADATA = '{"metadata":{"';
/** The text of a new object with its first version, in front. Undefined where the text does not begin as that of a stored object. */
const withFirstVersion = (text: string, version: string): string | undefined =>
  text.startsWith(METADATA) ? `{"metadata":{"resourceVersion":"${version}",${text.slice(METADATA.length - 1)}` : undefined;
/** `written` with the version `to`, instead of `from` where it has one. Undefined: all of it has to be written anew. */
const textOf = (written: string | undefined, from: string | undefined, to: string): string | undefined =>
  written === undefined ? undefined : from ? withVersion(written, from, to) : withFirstVersion(written, to);

export interface EngineOptions {
  /** The kind whose objects are stored, first; then other versions of it. */
  readonly kinds: readonly AnyKind[];
  readonly table: ObjectTable;
  readonly ports: Ports;
  /** Objects that a new cluster has; asked for once. */
  readonly bootstrap: () => readonly KubeObject[];
  /** Nothing is ever written: what was read stays true. */
  readonly frozen?: boolean;
  /** Asked about changes of objects; those that need facts of the cluster are asked elsewhere, about creations. */
  readonly admission?: readonly AdmissionPlugin[];
  /** What the writing verbs do; see write.ts. */
  readonly write: (engine: StoreEngine, request: WriteRequest) => WriteResult;
}

export class StoreEngine {
  readonly kind: AnyKind;
  readonly history = new History();
  readonly fresh = new FreshObjects();
  readonly ports: Ports;
  readonly admission: readonly AdmissionPlugin[];
  readonly frozen: boolean;
  readonly #kinds: readonly AnyKind[];
  readonly #table: ObjectTable;
  readonly #bootstrap: () => readonly KubeObject[];
  readonly #write: EngineOptions["write"];
  #index: ObjectIndex | undefined;
  #events: StoreEvent[] = [];
  #next = 0;
  #told: number;

  constructor(options: EngineOptions) {
    const [kind] = options.kinds;
    assert(kind, "a store has a kind");
    this.kind = kind;
    this.#kinds = options.kinds;
    this.#table = options.table;
    this.#bootstrap = options.bootstrap;
    this.#write = options.write;
    this.ports = options.ports;
    this.admission = options.admission ?? [];
    this.frozen = options.frozen ?? false;
    this.#told = this.history.load(options.table);
  }

  /** Subscribers have been told of everything up to here. What was told stays told: it only rises. */
  get told(): number {
    return this.#told;
  }
  set told(version: number) {
    this.#told = Math.max(this.#told, version);
  }

  /** Whether the objects that a new cluster has are there already. */
  get isBootstrapped(): boolean {
    return this.#table.fact("bootstrapped") !== undefined;
  }

  /** Makes them. They are where the history begins: complete when they come into being, they are news to nobody. */
  bootstrap(): void {
    // Of a new store nothing has to be read for it.
    this.#index = new ObjectIndex(this.kind, this.#table);
    this.#next = this.history.last;
    this.#table.transaction(() => {
      for (const object of this.#bootstrap()) this.save(object, undefined);
      this.#table.setFact("bootstrapped", "1");
      this.history.begin(this.#table, this.#next);
    });
    this.#events = [];
    this.told = this.history.last;
  }

  /** The kind as a version of the API knows it, if this store serves it. */
  kindOf(group: string, version: string): AnyKind | undefined {
    return this.#kinds.find((kind) => kind.group === group && kind.version === version);
  }

  get index(): ObjectIndex {
    return (this.#index ??= new ObjectIndex(this.kind, this.#table));
  }
  /** The text of whoever has this name, if anybody does. Where the index is known it says faster who is not there. */
  holderOf(at: Position): string | undefined {
    return this.#index && !this.#index.get(at) ? undefined : this.#table.get(at)?.text;
  }
  get table(): ObjectTable {
    return this.#table;
  }

  /** Does a batch of writes in one transaction; a refused one leaves the others alone. */
  commit(requests: readonly WriteRequest[]): { readonly results: WriteResult[]; readonly events: readonly StoreEvent[] } {
    const results: WriteResult[] = [];
    const events = this.#atomically(() => {
      for (const request of requests) {
        const before = this.#events.length;
        try {
          results.push(this.#write(this, request));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          assert(this.#events.length === before, "a refused write has written nothing");
          results.push({ ok: false, status: error.status });
        }
      }
    });
    return { results, events };
  }

  #atomically(work: () => void): readonly StoreEvent[] {
    this.#events = [];
    this.#next = this.history.last;
    try {
      this.#table.transaction(() => {
        work();
        this.history.persist(this.#table, this.#events, this.told);
      });
    } catch (error) {
      this.#index = undefined;
      throw error;
    }
    const events = this.#events;
    this.fresh.take(events);
    const forget = this.history.append(events);
    // Rows that subscribers have yet to hear of stay, or a crash would lose them.
    if (forget !== undefined) this.#table.forget(Math.min(forget, this.told));
    return events;
  }

  /** Moves the version on though nothing changed: what is read from now on is told from what was read before. */
  advance(): void {
    this.history.advance(this.#table, this.told);
  }

  load(at: Position): Loaded | undefined {
    const row = this.#table.get(at);
    return row && { text: row.text, object: this.fresh.get(keyOf(at), row.resourceVersion) ?? (JSON.parse(row.text) as KubeObject) };
  }

  // Inside a transaction:

  /** Writes an object (mutated: its resourceVersion; from now on it is a stored one) and returns its text. `written`: its text so far, where there is one. */
  save(object: KubeObject, old: Loaded | undefined, written?: string): string {
    const metadata = (object.metadata ??= {});
    const { namespace = "", name = "", resourceVersion: before } = metadata;
    const resourceVersion = ++this.#next;
    metadata.resourceVersion = String(resourceVersion);
    const next = storedForm(object);
    const text = textOf(written, before, metadata.resourceVersion) ?? JSON.stringify(next);
    // Only a text of a third of the limit can be too long once it is UTF-8.
    if (text.length * 3 > OBJECT_BYTES_MAX && new TextEncoder().encode(text).length > OBJECT_BYTES_MAX) {
      this.#next--;
      throw new Refusal(tooLarge(`Request entity too large: limit is ${OBJECT_BYTES_MAX}`));
    }
    this.#table.put({ namespace, name, resourceVersion, text });
    this.#record(old ? "MODIFIED" : "ADDED", { namespace, name }, { text, object: next, old });
    this.#index?.set({ namespace, name }, next);
    return text;
  }

  /** Removes an object; `last` (mutated: its version) is what watchers see of it. Returns its text. */
  drop(last: KubeObject, old: Loaded): string {
    const metadata = (last.metadata ??= {});
    const { namespace = "", name = "" } = metadata;
    metadata.resourceVersion = String(++this.#next);
    const text = storedText(last);
    this.#table.remove({ namespace, name, resourceVersion: this.#next });
    this.#record("DELETED", { namespace, name }, { text, object: last, old });
    this.#index?.delete({ namespace, name });
    return text;
  }

  #record(type: ChangeType, at: Position, what: { text: string; object: KubeObject; old: Loaded | undefined }): void {
    this.#events.push({
      ...at,
      type,
      resourceVersion: this.#next,
      text: what.text,
      before: what.old?.text ?? "",
      next: what.object,
      old: what.old?.object,
    });
  }

  refuse(status: Status): never {
    throw new Refusal(status);
  }
}

export const unsupportedVersion = (request: { group: string; version: string }): Status =>
  failure(404, "NotFound", `this store does not serve ${request.group}/${request.version}`);
