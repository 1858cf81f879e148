// How one part of the system reaches the stores of a cluster: one place for names, batches and retries.
import { fitting } from "../../shared/base/fitting.ts";
import { OBJECT_URL_CHARACTERS_MAX, RPC_CHARACTERS_MAX } from "../../shared/base/limits.ts";
import { internalError, tooLarge } from "../../shared/errors/status.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import type { ActorEnv, ClusterRef, Key, ListAnswer, ListOptions, QueryAnswer, ResourceStoreRpc, StoreQuery } from "../env.ts";
import { Census, type KnownStores } from "./census.ts";
import { actorName, resourceIdOf } from "./names.ts";
import { objectUrl } from "./object-answer.ts";
import type { Asked, ViewCache } from "./view-cache.ts";

/** What a store answers; see Reader in ../store/reader.ts. */
interface Readable {
  read(version: KindVersion, keys: readonly Key[]): (string | undefined)[];
  list(options: ListOptions): ListAnswer;
  query(queries: readonly StoreQuery[]): QueryAnswer;
}
/** Answers for stores that nobody has written to; see ../store/newborn.ts. */
export interface NewbornStores {
  of(cluster: ClusterRef, resource: ResourceId): Readable;
  /** Resources of which a cluster is born with objects. */
  readonly resources: readonly ResourceId[];
}
type Items = Extract<WriteResult, { readonly form: "items" }>;
type KindVersion = Parameters<ResourceStoreRpc["read"]>[1];

/** What a request is at most beside its text: who asks, and about what. */
const REQUEST_CHARACTERS = 1024;
const weight = (request: WriteRequest): number => REQUEST_CHARACTERS + ("text" in request ? request.text.length : 0);
const keyWeight = ({ namespace, name }: Key): number => namespace.length + name.length;
const queryWeight = (query: StoreQuery): number => JSON.stringify(query).length;

/** Asks in as many messages as it takes: `ask` is given what fits into one, and answers for the first of them or for all. */
async function inParts<I, O>(items: readonly I[], weigh: (item: I) => number, ask: (some: readonly I[]) => Promise<readonly O[]> | readonly O[]): Promise<O[]> {
  const answers: O[] = [];
  while (answers.length < items.length) {
    const some = await ask(fitting(answers.length === 0 ? items : items.slice(answers.length), weigh));
    if (some.length === 0) throw new Error("the store gave no answer");
    for (const one of some) answers.push(one);
  }
  return answers;
}

export interface StoresOptions {
  readonly newborns: NewbornStores;
  /** Shared by those who ask about one cluster again and again. */
  readonly known?: KnownStores;
  /** There while the cluster keeps nothing at all: done before it begins to. */
  readonly hold?: (() => Promise<void>) | undefined;
  /** Hears of every write. */
  readonly wrote?: (resource: ResourceId) => void;
}

/**
 * The stores of a cluster. A store comes into being when it is first written to or watched, and never goes while the cluster
 * lasts; until then it is what it was born as, and whoever asks can tell that by himself.
 */
export class Stores {
  readonly #env: ActorEnv;
  readonly cluster: ClusterRef;
  readonly #newborns: NewbornStores;
  readonly #census: Census;
  readonly #wrote: (resource: ResourceId) => void;
  #hold: (() => Promise<void>) | undefined;

  constructor(env: ActorEnv, cluster: ClusterRef, { newborns, known, hold, wrote = () => {} }: StoresOptions) {
    this.#env = env;
    this.cluster = cluster;
    this.#newborns = newborns;
    this.#census = new Census(env, cluster.uid, known);
    this.#hold = hold;
    this.#wrote = wrote;
  }

  async write(resource: ResourceId, requests: readonly WriteRequest[]): Promise<WriteResult[]> {
    if (this.#hold) await this.#keep(this.#hold);
    this.#wrote(resource);
    const results = await inParts(requests, weight, (some) => this.#write(resource, some));
    for (const [index, result] of results.entries()) {
      const request = requests[index];
      if (request?.verb === "deleteCollection" && result.ok && result.form === "items" && result.next)
        results[index] = await this.#rest(resource, request, result);
    }
    return results;
  }
  async #write(resource: ResourceId, requests: readonly WriteRequest[]): Promise<WriteResult[]> {
    const [first] = requests;
    if (first && weight(first) > RPC_CHARACTERS_MAX) return [{ ok: false, status: tooLarge(`Request entity too large: limit is ${RPC_CHARACTERS_MAX}`) }];
    const results = await this.#stub(resource).write(this.cluster, requests);
    this.#census.wrote(resource);
    return results;
  }
  /** The parts of a collection that are still to be deleted, and all of them as one answer. */
  async #rest(resource: ResourceId, request: WriteRequest & { readonly verb: "deleteCollection" }, first: Items): Promise<WriteResult> {
    const texts = [first.text];
    let last = first;
    while (last.next) {
      const [result] = await this.#stub(resource).write(this.cluster, [{ ...request, selection: { ...request.selection, after: last.next } }]);
      if (!result?.ok || result.form !== "items") return result ?? { ok: false, status: internalError("the store gave no answer") };
      texts.push(result.text);
      last = result;
    }
    return { ...last, text: texts.filter((text) => text !== "").join(",") };
  }
  /** See ResourceStore#fetch. */
  async watch(resource: ResourceId, headers: Headers): Promise<Response> {
    if (this.#hold) await this.#keep(this.#hold);
    return this.#stub(resource).fetch(new Request("https://store/watch", { headers }));
  }
  /**
   * What each query finds. A store that changes meanwhile may be seen as it never was, when it is too large for one message: whoever asks
   * hears of the changes. With a `cache` long answers are remembered, and nobody may change what is found.
   */
  async query<T = unknown>(resource: ResourceId, queries: readonly StoreQuery[], cache?: ViewCache): Promise<T[][]> {
    const newborn = await this.#newborn(resource);
    const ask = (some: readonly StoreQuery[]) => (newborn ? newborn.query(some) : this.#stub(resource).query(this.cluster, some));
    return inParts(queries, queryWeight, async (some) => {
      const asked = some.map((query): Asked => cache?.ask(resource, query) ?? { query });
      const { texts, news, next } = await ask(asked.map(({ query }) => query));
      const found = texts.map((text) => JSON.parse(text) as unknown[]);
      const last = asked[texts.length - 1]?.query;
      let rest = last && next && { ...last, after: next };
      while (rest) {
        const more = await ask([rest]);
        for (const one of JSON.parse(more.texts[0] ?? "[]") as unknown[]) found.at(-1)?.push(one);
        rest = more.next && { ...rest, after: more.next };
      }
      return found.map((views, index) => {
        const query = some[index];
        const known = asked[index]?.known;
        const fresh = news?.[index];
        if (!cache || !query) return views as T[];
        if (known && fresh) return cache.take(resource, query, { known, found: views, news: fresh }) as T[];
        cache.saw(resource, query, views.length);
        return views as T[];
      });
    });
  }
  async read(kind: AnyKind, keys: readonly Key[]): Promise<(string | undefined)[]> {
    return this.readFrom(resourceIdOf(kind), { group: kind.group, version: kind.version }, keys);
  }
  async readFrom(resource: ResourceId, version: KindVersion, keys: readonly Key[]): Promise<(string | undefined)[]> {
    const newborn = await this.#newborn(resource);
    return inParts(keys, keyWeight, (some) => (newborn ? newborn.read(version, some) : this.#stub(resource).read(this.cluster, version, some)));
  }
  /** One object as the store's own answer, to be handed on untouched: 404 without a body where there is none. Undefined: ask `read`. */
  object(kind: AnyKind, key: Key): Promise<Response> | undefined {
    const resource = resourceIdOf(kind);
    if (!this.#census.exists(resource)) return undefined;
    const url = objectUrl({ cluster: this.cluster, version: kind, key });
    return url.length > OBJECT_URL_CHARACTERS_MAX ? undefined : this.#stub(resource).fetch(url);
  }
  async list(kind: AnyKind, options: Omit<ListOptions, "group" | "version">): Promise<ListAnswer> {
    const resource = resourceIdOf(kind);
    const whole = { group: kind.group, version: kind.version, ...options };
    const newborn = await this.#newborn(resource);
    return newborn ? newborn.list(whole) : this.#stub(resource).list(this.cluster, whole);
  }
  /** Resources of which there may be objects; `owned`: objects with an owner, which none has that a cluster is born with. */
  async live(): Promise<{ readonly all: readonly ResourceId[]; readonly owned: readonly ResourceId[] }> {
    if (!this.#hold) await this.#census.ask();
    const owned = this.#census.written;
    return { all: [...new Set([...owned, ...this.#newborns.resources])], owned };
  }

  #stub(resource: ResourceId): ReturnType<ActorEnv["STORE"]["getByName"]> {
    return this.#env.STORE.getByName(actorName(this.cluster.uid, resource));
  }
  async #keep(hold: () => Promise<void>): Promise<void> {
    await hold();
    this.#hold = undefined;
  }
  /** Answers for a store that does not exist at this moment; undefined: it does. */
  async #newborn(resource: ResourceId): Promise<Readable | undefined> {
    if (!this.#census.exists(resource) && !this.#hold) await this.#census.ask();
    return this.#census.exists(resource) ? undefined : this.#newborns.of(this.cluster, resource);
  }
}
