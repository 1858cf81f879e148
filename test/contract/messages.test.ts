// Messages between actors: none is larger than its limit, however many and however large the objects are, and nothing is lost in the cuts.
import fc from "fast-check";
import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef, Key, StoreQuery } from "../../durable-objects/env.ts";
import { answerTo } from "../../durable-objects/store/brief.ts";
import { StoreEngine } from "../../durable-objects/store/engine.ts";
import { Introductions } from "../../durable-objects/store/introductions.ts";
import { Outbox } from "../../durable-objects/store/outbox.ts";
import { Reader } from "../../durable-objects/store/reader.ts";
import { write } from "../../durable-objects/store/write.ts";
import { BATCH_MAX, RPC_BYTES_MAX } from "../../shared/base/limits.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import type { WriteRequest } from "../../shared/verbs/write-request.ts";
import { configMap, type Medium, MEDIA, START, TestStore } from "./_store.ts";

const CLUSTER: ClusterRef = { uid: "c", name: "c", nodes: 0, timing: "instant", birth: { at: START, seed: "c" } };
const RESOURCE = "/configmaps";
const MEMORY = MEDIA[0] as Medium;
const KiB = 1024;
const neverAsked = (): never => {
  throw new Error("the store exists");
};
const VIEWS = { data: { resource: RESOURCE, project: (object: KubeObject) => ({ name: object.metadata?.name, data: (object as { data?: unknown }).data }) } };
let serial = 0;
const ports = { now: () => START, uid: () => `uid-${serial++}`, dice: () => 0 };

/** A store behind a line that carries no message larger than allowed. */
class Line {
  readonly calls: { readonly verb: string; readonly items: number; readonly bytes: number }[] = [];
  readonly engine: StoreEngine;
  readonly stores: Stores;

  constructor() {
    this.engine = new StoreEngine({ kinds: [configMapKind], table: MEMORY.make()(), ports, write, bootstrap: () => [] });
    this.engine.bootstrap();
    const reader = new Reader(this.engine, VIEWS);
    const store = {
      read: (_cluster: ClusterRef, version: { readonly group: string; readonly version: string }, keys: readonly Key[]) =>
        this.#carry("read", keys, () => reader.read(version, keys)),
      query: (_cluster: ClusterRef, queries: readonly StoreQuery[]) => this.#carry("query", queries, () => reader.query(queries)),
      write: (_cluster: ClusterRef, requests: readonly WriteRequest[]) =>
        this.#carry("write", requests, () =>
          this.engine.commit(requests).results.map((result, index) => answerTo(requests[index]?.options ?? { fieldManager: "" }, result)),
        ),
    };
    const env = { STORE: { getByName: () => store } } as unknown as ActorEnv;
    this.stores = new Stores(env, CLUSTER, { newborns: { of: neverAsked, resources: [] }, known: { existing: new Set([RESOURCE]), written: new Set() } });
  }
  #carry<T>(verb: string, items: readonly unknown[], ask: () => T): Promise<T> {
    const answer = ask();
    const bytes = Math.max(serialize(items).length, serialize(answer).length);
    this.calls.push({ verb, items: items.length, bytes });
    return Promise.resolve(answer);
  }
  check(): void {
    for (const { bytes, items } of this.calls) {
      expect(bytes).toBeLessThanOrEqual(RPC_BYTES_MAX);
      expect(items).toBeLessThanOrEqual(BATCH_MAX);
    }
  }
  /** ConfigMaps of so many characters each, past the line. */
  fill(sizes: readonly number[], letter = "x"): void {
    this.engine.commit(sizes.map((size, index) => creation(nameOf(index), letter.repeat(size))));
  }
}
const nameOf = (index: number): string => `c${String(index).padStart(6, "0")}`;
const at = (index: number): Key => ({ namespace: "default", name: nameOf(index) });
const common = (name: string) => ({ group: "", version: "v1", namespace: "default", name, user: { username: "test", groups: [] } });
const creation = (name: string, value: string): WriteRequest => ({
  ...common(name),
  verb: "create",
  text: JSON.stringify({ metadata: { name, namespace: "default" }, data: { key: value } }),
  options: { fieldManager: "test" },
});
const patch = (name: string, brief: boolean): WriteRequest => ({
  ...common(name),
  verb: "patch",
  patchType: "merge",
  text: JSON.stringify({ data: { more: "1" } }),
  options: { fieldManager: "test", brief },
});
const namesOf = (objects: readonly KubeObject[] = []): (string | undefined)[] => objects.map(({ metadata }) => metadata?.name);
const count = (length: number): string[] => Array.from({ length }, (_, index) => nameOf(index));

describe("a store, seen from another actor,", () => {
  it.each(["x", "\u{4e2d}"])("[X1] is asked for more than a message holds: all comes, in order, in few parts (of %j)", async (letter) => {
    const line = new Line();
    line.fill(
      Array.from({ length: 5000 }, () => 2 * KiB),
      letter,
    );
    const [all] = await line.stores.query<KubeObject>(RESOURCE, [{ view: "text" }]);
    expect(namesOf(all)).toEqual(count(5000));
    line.check();
    // No part is small: the line is not asked more often than it must be.
    expect(line.calls.length).toBeGreaterThan(2);
    expect(line.calls.length).toBeLessThanOrEqual(Math.ceil((5000 * 2.5 * KiB * 2) / RPC_BYTES_MAX) + 1);
  });

  it("[X2] answers every one of many queries, however its answer was cut", async () => {
    const sizes = fc.array(fc.oneof(fc.nat(2000), fc.integer({ min: 200 * KiB, max: 1400 * KiB })), { minLength: 1, maxLength: 12 });
    const asked = fc.array(fc.oneof(fc.constant(undefined), fc.nat(14)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, asked, fc.constantFrom("text", "data"), async (given, wanted, view) => {
        const line = new Line();
        line.fill(given);
        const queries = wanted.map((index): StoreQuery => (index === undefined ? { view } : { view, ...at(index) }));
        const found = await line.stores.query<KubeObject & { name?: string }>(RESOURCE, queries);
        const names = found.map((objects) => objects.map((object) => object.name ?? object.metadata?.name));
        expect(names).toEqual(wanted.map((index) => (index === undefined ? count(given.length) : index < given.length ? [nameOf(index)] : [])));
        line.check();
      }),
      { numRuns: 15 },
    );
  });

  it("[X3] is asked for many large objects by name, some of which are not there", async () => {
    const line = new Line();
    line.fill(Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? 900 * KiB : 10)));
    const keys = Array.from({ length: 700 }, (_, index) => at(index % 2 === 0 ? index % 40 : 1000 + index));
    const texts = await line.stores.read(configMapKind, keys);
    expect(texts.map((text) => (text === undefined ? undefined : (JSON.parse(text) as KubeObject).metadata?.name))).toEqual(
      keys.map(({ name }, index) => (index % 2 === 0 ? name : undefined)),
    );
    line.check();
  });

  it("[X4] is written to with more than a message holds: each has its answer, in order, and is done once", async () => {
    const line = new Line();
    const many = Array.from({ length: 1200 }, (_, index) => creation(nameOf(index), "x"));
    const large = Array.from({ length: 30 }, (_, index) => creation(nameOf(2000 + index), "\u{4e2d}".repeat(400 * KiB)));
    const results = await line.stores.write(RESOURCE, [...many, ...large, creation(nameOf(0), "again")]);
    expect(results.map((result) => (result.ok ? result.code : result.status.code))).toEqual([...Array.from({ length: 1230 }, () => 201), 409]);
    expect(line.engine.history.last).toBe(1000 + 1230);
    line.check();
  });

  it("[X5] is written to by many who only want to know how it went: the objects stay where they are", async () => {
    const line = new Line();
    line.fill(Array.from({ length: 60 }, () => 300 * KiB));
    const results = await line.stores.write(RESOURCE, [...count(60).map((name) => patch(name, true)), patch("absent", true)]);
    expect(results.slice(0, 60).every((result) => result.ok && result.text === "")).toBe(true);
    expect(results[60]).toMatchObject({ ok: false, status: { code: 404, message: 'configmaps "absent" not found' } });
    line.check();
    expect(line.calls).toHaveLength(1);
    const [result] = await line.stores.write(RESOURCE, [patch(nameOf(0), false)]);
    expect(result?.ok && result.text.length).toBeGreaterThan(300 * KiB);
  });

  it("[X6] refuses a request that fits into no message, and takes those beside it", async () => {
    const line = new Line();
    const results = await line.stores.write(RESOURCE, [creation("a", "x"), creation("b", "x".repeat(RPC_BYTES_MAX)), creation("c", "x")]);
    expect(results.map((result) => (result.ok ? result.code : result.status.code))).toEqual([201, 413, 201]);
    line.check();
  });
});

describe("those who are told something", () => {
  it("[X7] are told as much at once as a message holds", async () => {
    const told: (readonly string[])[] = [];
    const item = (name: string): string => `${name} ${"x".repeat(500 * KiB)}`;
    const subscription = {
      family: "node" as const,
      resource: RESOURCE,
      items: ({ next }: { readonly next: KubeObject | undefined }) => [{ actor: "n", item: item(next?.metadata?.name ?? "") }],
    };
    const outbox = new Outbox(configMapKind, [subscription], {
      isWritten: () => true,
      deliver: (_family, _actor, items) => (told.push(items), Promise.resolve()),
    });
    const store = new TestStore(MEMORY, [configMapKind]);
    store.heard = false;
    for (const name of count(50)) store.create(configMap(name));
    outbox.add(store.events);
    await outbox.flush();
    expect(told.flat().map((text) => text.split(" ")[0])).toEqual(count(50));
    for (const items of told) expect(serialize(items).length).toBeLessThanOrEqual(RPC_BYTES_MAX);
    expect(told.length).toBeLessThanOrEqual(8);
  });

  it("[X8] are made known to their cluster in such parts, too", async () => {
    const registered: (readonly string[])[] = [];
    const introductions = new Introductions((actors) => (registered.push(actors), Promise.resolve()));
    const names = Array.from({ length: 40_000 }, (_, index) => `${nameOf(index)}.${"x".repeat(240)}`);
    await Promise.all(names.map((name) => introductions.known(name)));
    expect(registered.flat()).toEqual(names);
    for (const actors of registered) expect(serialize(actors).length).toBeLessThanOrEqual(RPC_BYTES_MAX);
    expect(registered.length).toBeLessThanOrEqual(4);
  });
});
