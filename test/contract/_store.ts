// A store without its actor, over any table: what the contract suite talks to.
import { memoryTable } from "../../durable-objects/storage/memory-table.ts";
import type { ObjectTable } from "../../durable-objects/storage/object-table.ts";
import { sqliteTable, type SqlStorageLike } from "../../durable-objects/storage/sqlite-table.ts";
import { StoreEngine } from "../../durable-objects/store/engine.ts";
import type { StoreEvent } from "../../durable-objects/store/history.ts";
import { listAnswer } from "../../durable-objects/store/list-answer.ts";
import type { Sink } from "../../durable-objects/store/watch-audience.ts";
import { WatchHub } from "../../durable-objects/store/watch-hub.ts";
import type { WatchRequest } from "../../durable-objects/store/watch-opening.ts";
import { write } from "../../durable-objects/store/write.ts";
import type { ListOptions } from "../../durable-objects/env.ts";
import type { Status } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { submitCreate } from "../../shared/verbs/submit.ts";
import type { DeleteOptions, PatchType, Selection, WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";

type Bindings = ArrayBuffer | string | number | null;
type Database = { exec(sql: string): void; prepare(sql: string): { all(...bindings: Bindings[]): unknown[] } };
const sqlite = process.getBuiltinModule("node:sqlite") as unknown as { DatabaseSync: new (path: string) => Database } | undefined;
/** Node before 22.5 has no SQLite of its own. */
export const HAS_SQLITE = sqlite !== undefined;

/** SQLite in memory, asked as a Durable Object's storage is. */
export function sqlStorage(): SqlStorageLike {
  if (!sqlite) throw new Error("this Node has no node:sqlite");
  const database = new sqlite.DatabaseSync(":memory:");
  const prepared = new Map<string, { all(...bindings: Bindings[]): unknown[] }>();
  return {
    sql: {
      exec<R>(query: string, ...bindings: unknown[]) {
        let statement = prepared.get(query);
        if (!statement) prepared.set(query, (statement = database.prepare(query)));
        return statement.all(...(bindings as Bindings[])) as R[];
      },
    },
    transactionSync<T>(run: () => T): T {
      database.exec("SAVEPOINT one");
      try {
        const result = run();
        database.exec("RELEASE one");
        return result;
      } catch (error) {
        database.exec("ROLLBACK TO one");
        database.exec("RELEASE one");
        throw error;
      }
    },
  };
}

/** Something durable that a table can be opened on again and again. */
export interface Medium {
  readonly name: string;
  make(): () => ObjectTable;
}
export const MEDIA: readonly Medium[] = [
  {
    name: "memory",
    make() {
      const table = memoryTable();
      return () => table;
    },
  },
  ...(HAS_SQLITE
    ? [
        {
          name: "sqlite",
          make() {
            const storage = sqlStorage();
            return () => sqliteTable(storage);
          },
        },
      ]
    : []),
];

export const START = Date.parse("2026-01-01T00:00:00Z");
const USER = { username: "test", groups: ["system:masters"] };

export interface ListedPage {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly items: KubeObject[];
}
export interface Frame {
  readonly type: string;
  // A frame carries objects, Tables and Statuses; tests look into all of them.
  readonly object: Record<string, unknown> & KubeObject;
}
export interface Watching {
  readonly frames: Frame[];
  /** Bytes came in one piece for all. */
  readonly chunks: Uint8Array[];
  alive: boolean;
  closed: boolean;
  stop(): void;
}
type How = { readonly kind?: AnyKind; readonly dryRun?: boolean; readonly subresource?: string };
export type Outcome = { readonly ok: true; readonly code: number; readonly object: KubeObject } | { readonly ok: false; readonly status: Status };

const decoder = new TextDecoder();

export class TestStore {
  now = START;
  engine: StoreEngine;
  hub: WatchHub;
  /** Every event so far, across crashes. */
  readonly events: StoreEvent[] = [];
  readonly kinds: readonly AnyKind[];
  /** Subscribers hear of everything at once. */
  heard = true;
  /** Watchers hear of everything at once; else when what is in `untold` is called. */
  durable = true;
  readonly untold: (() => void)[] = [];
  readonly #open: () => ObjectTable;
  readonly #bootstrap: () => readonly KubeObject[];
  #serial = 0;
  #dice = 1;
  /** Answers of the next throws of the dice, before the seeded ones. */
  readonly loaded: number[] = [];

  constructor(medium: Medium, kinds: readonly AnyKind[], bootstrap: () => readonly KubeObject[] = () => []) {
    this.kinds = kinds;
    this.#open = medium.make();
    this.#bootstrap = bootstrap;
    this.engine = this.#start();
    this.engine.bootstrap();
    this.hub = new WatchHub(this.engine);
  }

  #start(): StoreEngine {
    const ports = {
      now: () => this.now,
      uid: () => `00000000-0000-4000-8000-${String(++this.#serial).padStart(12, "0")}`,
      dice: (below: number) => {
        this.#dice = (Math.imul(this.#dice, 1_664_525) + 1_013_904_223) >>> 0;
        return this.loaded.shift() ?? Math.floor((this.#dice / 2 ** 32) * below);
      },
    };
    return new StoreEngine({ kinds: this.kinds, table: this.#open(), ports, write, bootstrap: this.#bootstrap });
  }
  /** Everything in memory is lost; the table stays. */
  crash(): void {
    this.engine = this.#start();
    this.hub = new WatchHub(this.engine);
  }

  get kind(): AnyKind {
    return this.engine.kind;
  }
  get last(): number {
    return this.engine.history.last;
  }

  commit(...requests: readonly WriteRequest[]): Outcome[] {
    if (this.heard) this.engine.told = this.last;
    const { results, events } = this.engine.commit(requests);
    this.events.push(...events);
    const tell = this.hub.take(events);
    if (this.durable) tell();
    else this.untold.push(tell);
    return results.map(outcome);
  }
  #one(request: WriteRequest): Outcome {
    const [result] = this.commit(request);
    if (!result) throw new Error("no result");
    return result;
  }
  #common(at: KubeObject, how: How) {
    const kind = how.kind ?? this.kind;
    const { namespace = "", name = "" } = at.metadata ?? {};
    return {
      group: kind.group,
      version: kind.version,
      namespace: kind.namespaced ? namespace || "default" : "",
      name,
      user: USER,
      options: { fieldManager: "test", ...(how.dryRun ? { dryRun: true } : {}) },
    };
  }

  creation(object: KubeObject, how: How = {}): WriteRequest {
    const kind = how.kind ?? this.kind;
    const { namespace, options } = this.#common(object, how);
    const context = { ports: this.engine.ports, user: USER, dryRun: how.dryRun === true };
    const submitted = submitCreate({ kind, object: structuredClone(object), namespace, options, context }, [], { get: () => undefined, list: () => [] });
    if (!submitted.ok) throw new Error(submitted.error.message);
    return submitted.value.request;
  }
  updating(object: KubeObject, how: How = {}): WriteRequest {
    const sent = structuredClone(object);
    const at = this.#common(object, how);
    (how.kind ?? this.kind).defaults(sent);
    if (at.namespace !== "") (sent.metadata ??= {}).namespace = at.namespace;
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = sent;
    return { ...at, verb: "update", text: JSON.stringify(rest), ...(how.subresource ? { subresource: how.subresource } : {}) };
  }
  patching(name: string, patch: unknown, how: How & { readonly type?: PatchType; readonly namespace?: string } = {}): WriteRequest {
    const at = { metadata: { name, ...(how.namespace ? { namespace: how.namespace } : {}) } };
    return {
      ...this.#common(at, how),
      verb: "patch",
      patchType: how.type ?? "merge",
      text: JSON.stringify(patch),
      ...(how.subresource ? { subresource: how.subresource } : {}),
    };
  }
  deleting(name: string, options: DeleteOptions = {}, how: How & { readonly namespace?: string } = {}): WriteRequest {
    const at = { metadata: { name, ...(how.namespace ? { namespace: how.namespace } : {}) } };
    return { ...this.#common(at, how), verb: "delete", delete: options };
  }
  create(object: KubeObject, how: How = {}): Outcome {
    return this.#one(this.creation(object, how));
  }
  update(object: KubeObject, how: How = {}): Outcome {
    return this.#one(this.updating(object, how));
  }
  patch(name: string, patch: unknown, how: How & { readonly type?: PatchType; readonly namespace?: string } = {}): Outcome {
    return this.#one(this.patching(name, patch, how));
  }
  delete(name: string, options: DeleteOptions = {}, how: How & { readonly namespace?: string } = {}): Outcome {
    return this.#one(this.deleting(name, options, how));
  }
  deleteAll(selection: Selection = {}, options: DeleteOptions = {}, how: How & { readonly namespace?: string } = {}): Outcome {
    const at = { metadata: { name: "", ...(how.namespace ? { namespace: how.namespace } : {}) } };
    return this.#one({ ...this.#common(at, how), verb: "deleteCollection", delete: options, selection });
  }

  read(name: string, namespace = this.kind.namespaced ? "default" : ""): KubeObject | undefined {
    const row = this.engine.table.get({ namespace, name });
    return row && (JSON.parse(row.text) as KubeObject);
  }
  get(name: string, namespace?: string): KubeObject {
    const object = this.read(name, namespace);
    if (!object) throw new Error(`no ${name}`);
    return object;
  }

  list(options: Partial<ListOptions> = {}): ListedPage | Status {
    const answer = listAnswer(this.engine, { group: this.kind.group, version: this.kind.version, ...options });
    if (!answer.ok) return answer.status;
    if (!("text" in answer)) throw new Error("the list is too long for a test");
    const head = JSON.parse(answer.head) as Omit<ListedPage, "items">;
    return { ...head, items: JSON.parse(`[${answer.text}]`) as KubeObject[] };
  }
  /** A list that is too long for one text, piece by piece. */
  stream(options: Partial<ListOptions> = {}) {
    const answer = listAnswer(this.engine, { group: this.kind.group, version: this.kind.version, ...options });
    if (!answer.ok || !("stream" in answer)) throw new Error("the list is no stream");
    const reader = answer.stream.pipeThrough(new TextDecoderStream()).getReader();
    return { resourceVersion: (JSON.parse(answer.head) as ListedPage).resourceVersion, next: () => reader.read() };
  }
  page(options: Partial<ListOptions> = {}): ListedPage {
    const listed = this.list(options);
    if ("code" in listed) throw new Error(listed.message);
    return listed;
  }
  watch(request: Partial<WatchRequest> = {}): Watching | Status {
    const whole: WatchRequest = { group: this.kind.group, version: this.kind.version, as: "object", includeObject: "Metadata", metaVersion: "v1", ...request };
    const begun = this.hub.begin(whole);
    if (!begun.ok) return begun.error;
    const opening = begun.value;
    const watching: Watching = { frames: [], chunks: [], alive: true, closed: false, stop: () => {} };
    const take = (text: string): void =>
      void watching.frames.push(
        ...text
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Frame),
      );
    for (let piece = opening.next(); piece !== undefined; piece = opening.next()) take(piece);
    if (opening.hasFailed) return watching;
    const sink: Sink = {
      keepsAwake: false,
      send(bytes) {
        if (!watching.alive) return false;
        watching.chunks.push(bytes);
        take(decoder.decode(bytes));
        return true;
      },
      close: () => void (watching.closed = true),
    };
    watching.stop = this.hub.add(whole, sink, opening).leave;
    return watching;
  }
  watching(request: Partial<WatchRequest> = {}): Watching {
    const watching = this.watch(request);
    if ("code" in watching) throw new Error(watching.message);
    return watching;
  }
}

function outcome(result: WriteResult): Outcome {
  if (!result.ok) return { ok: false, status: result.status };
  const text = result.form === "items" ? `{"items":[${result.text}]}` : result.text;
  return { ok: true, code: result.code, object: JSON.parse(text) as KubeObject };
}

export const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata?.name ?? "");
export const versionOf = (object: KubeObject | undefined): number => Number(object?.metadata?.resourceVersion);
/** `ADDED a`, for short. */
export const told = (watching: Watching): string[] => watching.frames.map(({ type, object }) => `${type} ${object.metadata?.name ?? ""}`.trim());
export const configMap = (name: string, data: Record<string, string> = {}, metadata: KubeObject["metadata"] = {}): KubeObject =>
  ({ metadata: { name, ...metadata }, data }) as KubeObject;
