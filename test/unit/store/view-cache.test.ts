// What a controller remembers of a store's answers: with it, it sees what it would see without, and hears only what has changed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Stores } from "../../../durable-objects/client/stores.ts";
import { ViewCache } from "../../../durable-objects/client/view-cache.ts";
import type { ActorEnv, ClusterRef, StoreQuery } from "../../../durable-objects/env.ts";
import { memoryTable } from "../../../durable-objects/storage/memory-table.ts";
import { StoreEngine } from "../../../durable-objects/store/engine.ts";
import { Reader } from "../../../durable-objects/store/reader.ts";
import { write } from "../../../durable-objects/store/write.ts";
import { RPC_CHARACTERS_MAX } from "../../../shared/base/limits.ts";
import { configMapKind } from "../../../shared/kinds/core/configmap.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { WriteRequest } from "../../../shared/verbs/write-request.ts";
import { START } from "../../contract/_store.ts";

const CLUSTER: ClusterRef = { uid: "c", name: "c", nodes: 0, timing: "instant", birth: { at: START, seed: "c" } };
const RESOURCE = "/configmaps";
const VIEWS = { whole: { resource: RESOURCE, project: (object: KubeObject) => object } };
const NAMESPACES = ["a", "a-b"];
const QUERIES: readonly StoreQuery[] = [
  { view: "whole" },
  { view: "whole", namespace: "a" },
  { view: "whole", ownerUids: ["o1"] },
  { view: "whole", namespace: "a-b", labels: { app: "x" }, orphans: true },
];

interface State {
  readonly owner: string;
  readonly app: string;
}
class Scene {
  readonly #cache: ViewCache;
  readonly #table = memoryTable();
  #engine: StoreEngine;
  #stores: Stores;
  /** Characters of the answers to the last question. */
  characters = 0;
  /** Happens between two parts of an answer. */
  meanwhile = (): void => {};

  constructor(max?: number) {
    this.#cache = new ViewCache(max);
    this.#engine = this.#wake();
    this.#engine.bootstrap();
    this.#stores = this.#reach();
  }
  #wake(): StoreEngine {
    let serial = 0;
    const ports = { now: () => START, uid: () => `uid-${serial++}`, dice: () => 0 };
    return new StoreEngine({ kinds: [configMapKind], table: this.#table, ports, write, bootstrap: () => [] });
  }
  get reader(): Reader {
    return new Reader(this.#engine, VIEWS);
  }
  #reach(): Stores {
    const { reader } = this;
    const query = (_cluster: ClusterRef, queries: readonly StoreQuery[]) => {
      const answer = reader.query(queries);
      this.characters += answer.texts.join("").length;
      if (answer.next) this.meanwhile();
      return Promise.resolve(answer);
    };
    const env = { STORE: { getByName: () => ({ query }) } } as unknown as ActorEnv;
    const newborns = { of: () => expect.unreachable("the store exists"), resources: [] };
    return new Stores(env, CLUSTER, { newborns, known: { existing: new Set([RESOURCE]), written: new Set() } });
  }
  /** The store sleeps and wakes; who asks remembers. */
  restart(): void {
    this.#engine = this.#wake();
    this.#stores = this.#reach();
  }
  put(index: number, { owner, app }: State, data = ""): void {
    const namespace = NAMESPACES[index % 2] ?? "";
    const name = `m-${index}`;
    const ownerReferences = owner === "" ? [] : [{ apiVersion: "v1", kind: "Owner", name: owner, uid: owner, controller: true }];
    const text = JSON.stringify({ metadata: { name, namespace, labels: { app }, ownerReferences }, data: { data } });
    this.#commit({ verb: this.#engine.index.get({ namespace, name }) ? "update" : "create", namespace, name, text });
  }
  remove(index: number): void {
    this.#commit({ verb: "delete", namespace: NAMESPACES[index % 2] ?? "", name: `m-${index}`, delete: {} });
  }
  #commit(request: Pick<WriteRequest, "namespace" | "name"> & Record<string, unknown>): void {
    const user = { username: "test", groups: ["system:masters"] };
    this.#engine.commit([{ group: "", version: "v1", user, options: { fieldManager: "test" }, ...request } as unknown as WriteRequest]);
  }
  async check(queries: readonly StoreQuery[] = QUERIES): Promise<void> {
    const expected = await this.#stores.query(RESOURCE, queries);
    expect(await this.ask(queries)).toEqual(expected);
  }
  /** What is found with what is remembered. */
  ask(queries: readonly StoreQuery[]): Promise<unknown[][]> {
    this.characters = 0;
    return this.#stores.query(RESOURCE, queries, this.#cache);
  }
}

const state = fc.record({ owner: fc.constantFrom("", "o1", "o2"), app: fc.constantFrom("x", "y") });
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("put" as const), index: fc.nat(500), state }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("remove" as const), index: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("check" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);
const O1: State = { owner: "o1", app: "x" };

describe("what a controller remembers", () => {
  test("it sees what it would see without", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 120 }), async (changes) => {
        const scene = new Scene();
        for (let index = 0; index < 500; index++) scene.put(index, index % 3 === 0 ? O1 : { owner: "", app: index % 2 === 0 ? "x" : "y" });
        for (let twice = 0; twice < 2; twice++) await scene.check();
        for (const one of changes) {
          if (one.do === "put") scene.put(one.index, one.state);
          else if (one.do === "remove") scene.remove(one.index);
          else if (one.do === "restart") scene.restart();
          else await scene.check();
        }
        await scene.check([...QUERIES, ...QUERIES]);
      }),
      { numRuns: 30 },
    );
  });

  test("of a long answer it hears only what has changed", async () => {
    const scene = new Scene();
    for (let index = 0; index < 1000; index++) scene.put(index, O1);
    for (let times = 0; times < 3; times++) await scene.check();
    scene.put(7, { owner: "o1", app: "z" });
    scene.remove(8);
    await scene.check();
    expect(scene.characters).toBeLessThan(3000);
    expect(scene.characters).toBeGreaterThan(100);
  });

  test("the keys of what is gone have to fit into the message, too", () => {
    const scene = new Scene();
    for (let index = 0; index < 200; index++) scene.put(index, O1);
    const known = { at: scene.reader.views.query({ view: "whole", known: { at: 0, count: 0 } }).news?.at ?? 0, count: 200 };
    for (let index = 0; index < 150; index++) scene.remove(index);
    const gone = 150 * "a-b m-100".length;
    const ask = (characters: number) => scene.reader.views.query({ view: "whole", known }, characters);
    expect(ask(gone).news?.gone).toHaveLength(150);
    expect(ask(gone).characters).toBeLessThanOrEqual(gone);
    const whole = ask(gone / 2);
    expect([whole.news?.gone, whole.characters <= gone / 2, whole.next !== undefined]).toEqual([undefined, true, true]);
  });

  test("an answer in parts, between which something changes, is remembered as it was when it began", async () => {
    const scene = new Scene();
    const data = "d".repeat(Math.ceil(RPC_CHARACTERS_MAX / 150));
    for (let index = 0; index < 400; index++) scene.put(index, O1, data);
    const all = [{ view: "whole" }];
    await scene.check(all);
    scene.meanwhile = () => {
      scene.meanwhile = () => {};
      scene.put(0, { owner: "o2", app: "y" }, "changed");
      scene.remove(1);
      scene.put(1000, O1, "new");
    };
    const [seen] = await scene.ask(all);
    expect(seen).toHaveLength(399);
    await scene.check(all);
    expect(scene.characters).toBeLessThan(RPC_CHARACTERS_MAX / 10);
  });

  test("more than may be remembered is asked for each time", async () => {
    const scene = new Scene(300);
    for (let index = 0; index < 300; index++) scene.put(index, O1);
    const owned = [{ view: "whole", ownerUids: ["o1"] }];
    for (let times = 0; times < 3; times++) await scene.check(owned);
    expect(scene.characters).toBeLessThan(100);
    for (let more = 300; more < 302; more++) {
      scene.put(more, O1);
      for (let times = 0; times < 3; times++) await scene.check(owned);
    }
    expect(scene.characters).toBeGreaterThan(300 * 100);
  });
});
