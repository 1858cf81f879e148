// The node's actor between stores that answer when they are told to: what it is told while it waits, falls silent and speaks again.
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ActorEnv, ClusterRef, Key, StoreQuery } from "../../../durable-objects/env.ts";
import { splitActorName } from "../../../durable-objects/client/names.ts";
import type { Pod } from "../../../shared/kinds/_generated/types.ts";
import { eventKind } from "../../../shared/kinds/core/event.ts";
import type { WriteRequest, WriteResult } from "../../../shared/verbs/write-request.ts";
import { IMAGES } from "../../../workers/node-agent/images/index.ts";
import { kubelet } from "../../../workers/node-agent/kubelet.ts";
import { nodeConfig } from "../../../workers/node-agent/node-object.ts";
import { HAS_SQLITE, sqlStorage } from "../../contract/_store.ts";
import { podOf } from "./_node.ts";

vi.mock("cloudflare:workers", () => ({
  DurableObject: class {
    readonly ctx: unknown;
    readonly env: unknown;
    constructor(ctx: unknown, env: unknown) {
      this.ctx = ctx;
      this.env = env;
    }
  },
}));
const { nodeActor } = await import("../../../durable-objects/actors/node.ts");

const CLUSTER: ClusterRef = { uid: "c", name: "c", nodes: 1, timing: "instant", birth: { at: 0, seed: "c" } };
const neverAsked = (): never => {
  throw new Error("all stores exist");
};
const Actor = nodeActor({
  kinds: [eventKind],
  admission: [],
  newborns: { of: neverAsked, resources: [] },
  kubelet: (config) => kubelet(IMAGES, config),
  config: nodeConfig,
});
const silent = (version: number, is = true): string => JSON.stringify({ silent: is, version });
const told = (pod: Pod): string => JSON.stringify({ pod });

/** The stores around one node. */
class Platform {
  readonly pods = new Map<string, Pod>();
  /** How often the store was asked which pods are the node's. */
  looks = 0;
  /** Pods whose status says that they run. */
  readonly running = new Set<string>();
  /** Whoever looks up a ConfigMap waits for it. */
  gate: Promise<void> = Promise.resolve();
  /** Answers the question for the node's pods instead of the store. */
  snapshot: (() => Promise<readonly Pod[]>) | undefined;
  /** Somebody stands at the gate. */
  #arrived: (() => void) | undefined;
  readonly actor: InstanceType<typeof Actor>;

  constructor() {
    const database = sqlStorage();
    const sql = {
      databaseSize: 0,
      exec: (query: string, ...bindings: unknown[]) => {
        const rows = [...database.sql.exec(query, ...bindings)];
        return { rowsRead: rows.length, rowsWritten: 0, toArray: () => rows };
      },
    };
    const storage = { ...database, sql, setAlarm: () => Promise.resolve() };
    const env = {
      STORE: { getByName: (name: string) => this.#store(splitActorName(name).name) },
      CLUSTER: {
        getByName: () => ({ stores: () => Promise.resolve({ written: ["/pods", "/nodes", "/configmaps", "/secrets", "/services", "/events"], watched: [] }) }),
      },
    };
    this.actor = new Actor({ id: { name: "c|node-1" }, storage } as unknown as DurableObjectState, env as unknown as ActorEnv);
  }
  #store(resource: string): object {
    return {
      query: async (_cluster: ClusterRef, queries: readonly StoreQuery[]) => {
        if (resource !== "/pods") return { texts: queries.map(() => "[]") };
        this.looks++;
        return { texts: [JSON.stringify(this.snapshot ? await this.snapshot() : [...this.pods.values()])] };
      },
      read: async (_cluster: ClusterRef, _version: unknown, keys: readonly Key[]) => {
        if (resource === "/configmaps") {
          this.#arrived?.();
          await this.gate;
        }
        return keys.map(() => undefined);
      },
      write: (_cluster: ClusterRef, requests: readonly WriteRequest[]): Promise<WriteResult[]> => {
        for (const request of requests) if (request.verb === "patch" && request.text.includes(`"phase":"Running"`)) this.running.add(request.name);
        return Promise.resolve(requests.map(() => ({ ok: true, code: 200, text: "{}", form: "object" })));
      },
    };
  }
  /** A pod that cannot be looked at without its ConfigMap. */
  pod(name: string): Pod {
    const envFrom = [{ configMapRef: { name: "facts", optional: true } }];
    const pod = podOf(name, { containers: [{ name: "c", image: "nginx", imagePullPolicy: "IfNotPresent", envFrom }] });
    this.pods.set(name, { ...pod, metadata: { ...pod.metadata, resourceVersion: String(1000 + this.pods.size) } });
    return this.pods.get(name) as Pod;
  }
  /** Whoever comes to the gate from now on stands there until it is opened. */
  close(): { readonly arrived: Promise<void>; readonly open: () => void } {
    let open = (): void => {};
    this.gate = new Promise((done) => (open = done));
    return { arrived: new Promise((done) => (this.#arrived = done)), open };
  }
  notify(...items: readonly string[]): Promise<void> {
    return this.actor.notify(CLUSTER, items);
  }
  async log(name: string): Promise<Response> {
    const request = new Request(`http://node/log/default/${name}`, { headers: { "x-cluster": JSON.stringify(CLUSTER) } });
    return this.actor.fetch(request);
  }
}

describe.skipIf(!HAS_SQLITE)("a node (needs node:sqlite)", () => {
  let platform: Platform;
  beforeEach(() => {
    platform = new Platform();
  });

  test("that falls silent while it looks something up, and speaks again, misses nothing of what the store says then", async () => {
    await platform.notify(told(platform.pod("first")));
    const gate = platform.close();
    const before = platform.notify(told(platform.pod("second")));
    await gate.arrived;
    const hushed = platform.notify(silent(1));
    platform.pod("third");
    platform.pod("fourth");
    const speaks = platform.notify(silent(2, false));
    // Whoever asks for a log now finds the node without memory.
    const log = platform.log("third");
    await new Promise((done) => setImmediate(done));
    gate.open();
    await Promise.all([before, hushed, speaks]);
    expect((await log).status).toBe(200);
    expect([...platform.running].sort()).toEqual(["first", "fourth", "second", "third"]);
  });

  test("whose silence ends while the store is being asked hears what was told meanwhile", async () => {
    const pod = platform.pod("late");
    let answer = (_pods: readonly Pod[]): void => {};
    platform.snapshot = () => new Promise((done) => (answer = done));
    const first = platform.notify(told(platform.pod("early")));
    await vi.waitUntil(() => platform.looks === 1);
    const others = platform.notify(silent(1), told(pod), silent(2, false));
    platform.snapshot = undefined;
    answer([]);
    await Promise.all([first, others]);
    expect([...platform.running].sort()).toEqual(["early", "late"]);
  });

  test("that is silent keeps nothing of what it is told, and asks for all of it once", async () => {
    await platform.notify(silent(1));
    for (let index = 0; index < 50; index++) await platform.notify(told(platform.pod(`p${index}`)));
    expect(platform.looks).toBe(0);
    // Gone again, unheard: what was told of it before must not bring it back.
    platform.pods.delete("p0");
    await platform.notify(silent(2, false));
    expect(platform.looks).toBe(1);
    expect(platform.running.has("p0")).toBe(false);
    expect(platform.running.size).toBe(49);
  });

  test("that is asked for a log of what it is being told answers when it has heard it", async () => {
    await platform.notify(told(platform.pod("first")));
    const gate = platform.close();
    const before = platform.notify(told(platform.pod("second")));
    await gate.arrived;
    const log = platform.log("second");
    await new Promise((done) => setImmediate(done));
    gate.open();
    await before;
    expect((await log).status).toBe(200);
  });
});
