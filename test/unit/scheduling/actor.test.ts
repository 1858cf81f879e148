// The scheduler's actor over real store engines in memory: what it hears, writes, and when it wants to be woken.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resourceIdOf, splitActorName } from "../../../durable-objects/client/names.ts";
import type { ActorEnv, ClusterRef, StoreQuery } from "../../../durable-objects/env.ts";
import { memoryTable } from "../../../durable-objects/storage/memory-table.ts";
import { StoreEngine } from "../../../durable-objects/store/engine.ts";
import { write } from "../../../durable-objects/store/write.ts";
import { Outbox, type Subscription } from "../../../durable-objects/store/outbox.ts";
import { Reader } from "../../../durable-objects/store/reader.ts";
import type { AnyKind, KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { Event, Pod } from "../../../shared/kinds/_generated/types.ts";
import { eventKind } from "../../../shared/kinds/core/event.ts";
import { namespaceKind } from "../../../shared/kinds/core/namespace.ts";
import { nodeKind } from "../../../shared/kinds/core/node.ts";
import { podKind } from "../../../shared/kinds/core/pod.ts";
import type { WriteRequest, WriteResult } from "../../../shared/verbs/write-request.ts";
import { PLUGINS } from "../../../workers/scheduler/plugins/index.ts";
import { SCHEDULER_SUBSCRIPTIONS } from "../../../workers/scheduler/subscriptions.ts";
import { SCHEDULER_VIEWS, WATCHED } from "../../../workers/scheduler/watched.ts";
import { inStoredForm } from "../_stored-form.ts";
import { dice, node, pod, type PodOptions } from "./support.ts";

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
const { schedulerActor } = await import("../../../durable-objects/actors/scheduler.ts");

const KINDS: readonly AnyKind[] = [podKind, nodeKind, namespaceKind, eventKind];
const CLUSTER: ClusterRef = { uid: "c", name: "c", nodes: 0, timing: "instant", birth: { at: 0, seed: "c" } };
const USER = { username: "test", groups: ["system:masters"] };
const neverAsked = (): never => {
  throw new Error("nobody lists");
};
/** Nothing is there at first. */
const newborns = { of: () => ({ read: () => [], list: () => neverAsked(), query: () => ({ texts: ["[]"] }) }), resources: [] };
const Actor = schedulerActor({ plugins: PLUGINS, kinds: KINDS, admission: [], watched: WATCHED, newborns });
type Instance = InstanceType<typeof Actor>;

let now = 1_767_225_600_000;
const random = dice(7);
let serial = 0;
const ports = { now: () => now, uid: () => `uid-${serial++}`, dice: random };

class Platform {
  readonly engines = new Map<string, { engine: StoreEngine; reader: Reader; outbox: Outbox }>();
  readonly kv = new Map<string, unknown>();
  alarmAt: number | undefined;
  calls: string[] = [];
  readonly telling: Promise<void>[] = [];
  /** Answers the next write to pods instead of the store. */
  sabotage: ((requests: readonly WriteRequest[]) => WriteResult[] | undefined) | undefined;
  actor: Instance = this.wake();

  wake(): Instance {
    const storage = {
      sql: { databaseSize: 0 },
      kv: { get: (key: string) => this.kv.get(key), put: (key: string, value: unknown) => void this.kv.set(key, value) },
      setAlarm: (at: number) => void (this.alarmAt = at),
    };
    const env = {
      STORE: { getByName: (name: string) => this.store(splitActorName(name).name) },
      CLUSTER: {
        getByName: () => ({ register: () => Promise.resolve(), stores: () => Promise.resolve({ written: Array.from(this.engines.keys()), watched: [] }) }),
      },
    };
    return new Actor({ id: { name: "c|default-scheduler" }, storage } as unknown as DurableObjectState, env as unknown as ActorEnv);
  }
  parts(resource: string): { engine: StoreEngine; reader: Reader; outbox: Outbox } {
    let parts = this.engines.get(resource);
    if (parts) return parts;
    const kinds = KINDS.filter((kind) => resourceIdOf(kind) === resource && !kind.conversion);
    const engine = new StoreEngine({ kinds, table: memoryTable(), ports, write, bootstrap: () => [] });
    engine.bootstrap();
    const [kind] = kinds;
    if (!kind) throw new Error(`no kind for ${resource}`);
    const subscriptions = SCHEDULER_SUBSCRIPTIONS as readonly Subscription[];
    const outbox = new Outbox(kind, subscriptions, { isWritten: () => true, deliver: (_family, _actor, items) => this.actor.notify(CLUSTER, items) });
    this.engines.set(resource, (parts = { engine, reader: new Reader(engine, SCHEDULER_VIEWS), outbox }));
    return parts;
  }
  store(resource: string): object {
    const { reader } = this.parts(resource);
    return {
      query: (_cluster: ClusterRef, queries: readonly StoreQuery[]) => {
        this.calls.push(`query ${resource} ${queries.length}`);
        return Promise.resolve(reader.query(queries));
      },
      write: async (_cluster: ClusterRef, requests: readonly WriteRequest[]) => {
        this.calls.push(`write ${resource} ${requests.length}`);
        const answer = resource === "/pods" ? this.sabotage?.(requests) : undefined;
        return answer ?? this.commit(resource, requests);
      },
    };
  }
  async commit(resource: string, requests: readonly WriteRequest[]): Promise<WriteResult[]> {
    const { engine, outbox, reader } = this.parts(resource);
    const { results, events } = engine.commit(requests);
    reader.views.take(events);
    outbox.add(events);
    // As in the alarm of a store: who writes does not wait for those who are told.
    this.telling.push(outbox.flush());
    return results;
  }
  async create(resource: string, ...objects: readonly KubeObject[]): Promise<void> {
    const requests = objects.map((object): WriteRequest => ({
      verb: "create",
      group: "",
      version: "v1",
      namespace: object.metadata?.namespace ?? "",
      name: object.metadata?.name ?? "",
      user: USER,
      options: { fieldManager: "test" },
      text: JSON.stringify(inStoredForm(this.parts(resource).engine.kind, object)),
    }));
    for (const result of await this.commit(resource, requests)) expect(result).toMatchObject({ ok: true });
  }
  async remove(name: string): Promise<void> {
    const one = { group: "", version: "v1", namespace: "default", name, user: USER, options: { fieldManager: "test" } };
    await this.commit("/pods", [{ ...one, verb: "delete", delete: { gracePeriodSeconds: 0 } }]);
  }
  /** Rings while an alarm is due. */
  async run(): Promise<void> {
    await this.told();
    for (let rings = 0; rings < 20 && this.alarmAt !== undefined && this.alarmAt <= now; rings++) {
      this.alarmAt = undefined;
      await this.actor.alarm();
      await this.told();
    }
  }
  async told(): Promise<void> {
    while (this.telling.length > 0) await this.telling.shift();
  }
  list<T>(resource: string): T[] {
    return JSON.parse(this.parts(resource).reader.views.query({ view: "text" }).text) as T[];
  }
  pods(): Record<string, string> {
    return Object.fromEntries(
      this.list<Pod>("/pods").map(({ metadata, spec, status }) => [
        metadata?.name ?? "",
        spec?.nodeName ?? status?.conditions?.find((one) => one.type === "PodScheduled")?.message ?? "",
      ]),
    );
  }
  events(): string[] {
    return this.list<Event>("/events").map(({ involvedObject, type, reason, message }) => `${involvedObject?.name} ${type} ${reason} ${message}`);
  }
}
const stored = (name: string, options: PodOptions = {}): Pod => ({ ...pod(name, options), metadata: { ...pod(name, options).metadata, uid: `u-${name}` } });

let platform: Platform;
const advance = (ms: number): void => void vi.setSystemTime((now += ms));
afterEach(() => void vi.useRealTimers());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: (now += 60_000) });
  platform = new Platform();
});

describe("the scheduler's actor", () => {
  it("binds pods, says so, and sleeps without an alarm", async () => {
    await platform.create("/nodes", node("a"), node("b"));
    expect(platform.alarmAt).toBeUndefined();
    await platform.create("/pods", stored("p"), stored("q"));
    await platform.run();
    expect(Object.values(platform.pods()).every((name) => name === "a" || name === "b")).toBe(true);
    expect(platform.events().sort()).toEqual([
      `p Normal Scheduled Successfully assigned default/p to ${platform.pods()["p"]}`,
      `q Normal Scheduled Successfully assigned default/q to ${platform.pods()["q"]}`,
    ]);
    expect(platform.alarmAt).toBeUndefined();
    expect(platform.kv.get("waiting") ?? false).toBe(false);
  });

  it("needs one write for a whole batch of bindings", async () => {
    await platform.create("/nodes", ...Array.from({ length: 40 }, (_, index) => node(`n${index}`)));
    await platform.create("/pods", ...Array.from({ length: 300 }, (_, index) => stored(`p${index}`)));
    platform.calls = [];
    await platform.run();
    expect(Object.values(platform.pods()).every((name) => name.startsWith("n"))).toBe(true);
    const writes = (): string[] => platform.calls.filter((call) => call.startsWith("write"));
    expect(writes()).toEqual(["write /pods 300"]);
    // So many Events wait until the crowd is gone.
    advance(1000);
    await vi.waitFor(() => expect(writes()).toEqual(["write /pods 300", "write /events 256", "write /events 44"]));
  });

  it("needs to ask nothing about a pod that is new, and forgets nothing when it is told of it twice", async () => {
    await platform.create("/nodes", node("a", { allocatable: { cpu: "1" } }));
    await platform.create("/pods", stored("warm", { requests: { cpu: "0" } }));
    await platform.run();
    platform.calls = [];
    await platform.create("/pods", stored("p", { requests: { cpu: "1" } }));
    const [made] = platform.list<Pod>("/pods");
    await platform.run();
    expect(platform.pods()["p"]).toBe("a");
    expect(platform.calls.filter((call) => call.startsWith("query /pods"))).toEqual([]);
    expect(made?.metadata?.name).toBe("p");
    const words = SCHEDULER_SUBSCRIPTIONS.flatMap((one) => (one.resource === "/pods" ? one.items({ next: made, old: undefined }) : []));
    await platform.actor.notify(CLUSTER, [words[0]?.item ?? ""]);
    await platform.create("/pods", stored("q", { requests: { cpu: "1" } }));
    await platform.run();
    expect(platform.pods()["q"]).toContain("Insufficient cpu");
  });

  it("drops a pod that went as soon as it came, and takes the next one of its name for another", async () => {
    await platform.create("/nodes", node("a", { allocatable: { cpu: "1" } }));
    await platform.create("/pods", stored("warm", { requests: { cpu: "0" } }));
    await platform.run();
    platform.calls = [];
    const words = (next: Pod | undefined, old: Pod | undefined): string[] =>
      SCHEDULER_SUBSCRIPTIONS.flatMap((one) => (one.resource === "/pods" ? one.items({ next, old }).map(({ item }) => item) : []));
    const first = stored("p", { requests: { cpu: "4" } });
    await platform.actor.notify(CLUSTER, [...words(first, undefined), ...words(undefined, first)]);
    expect(platform.calls.filter((call) => call.startsWith("write"))).toEqual([]);
    expect(platform.kv.get("waiting") ?? false).toBe(false);
    const second = { ...stored("p", { requests: { cpu: "1" } }), metadata: { ...first.metadata, uid: "u-second" } };
    await platform.create("/pods", second);
    await platform.actor.notify(CLUSTER, words(undefined, first));
    await platform.run();
    expect(platform.pods()["p"]).toBe("a");
  });

  it("tells a pod why it waits, once, and places it when a node comes", async () => {
    await platform.create("/pods", stored("p"));
    await platform.run();
    expect(platform.pods()).toEqual({ p: "no nodes available to schedule pods" });
    expect(platform.alarmAt).toBeUndefined();
    await platform.create("/nodes", node("a", { allocatable: { cpu: "0", pods: "0" } }));
    await platform.run();
    const why =
      "0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
    expect(platform.pods()).toEqual({ p: why });
    await platform.create("/nodes", node("b"));
    advance(10_000);
    await platform.run();
    expect(platform.pods()).toEqual({ p: "b" });
    expect(platform.events().map((text) => text.split(" ")[2])).toEqual(["FailedScheduling", "FailedScheduling", "Scheduled"]);
  });

  it("wakes without memory, looks at those that wait again, and says nothing twice", async () => {
    await platform.create("/nodes", node("a", { allocatable: { cpu: "1" } }));
    await platform.create("/pods", stored("p", { requests: { cpu: "1" } }), stored("q", { requests: { cpu: "1" } }));
    await platform.run();
    const events = platform.events();
    const [winner = "", loser = ""] = platform.pods()["p"] === "a" ? ["p", "q"] : ["q", "p"];
    platform.actor = platform.wake();
    await platform.create("/nodes", node("full", { allocatable: { pods: "0" }, spec: { unschedulable: true } }));
    advance(10_000);
    await platform.run();
    expect(platform.events().length).toBe(events.length + 1);
    platform.actor = platform.wake();
    await platform.create("/pods", stored("other", { spec: { nodeSelector: { no: "such" } } }));
    await platform.run();
    expect(platform.events().filter((text) => text.startsWith(`${loser} `)).length).toBe(2);
    expect(platform.events().filter((text) => text.startsWith("other ")).length).toBe(1);
    await platform.remove(winner);
    advance(10_000);
    await platform.run();
    expect(platform.pods()[loser]).toBe("a");
  });

  it("does not wake for pods that run while nobody waits", async () => {
    await platform.create("/nodes", node("a"));
    await platform.create("/pods", stored("p"));
    await platform.run();
    platform.actor = platform.wake();
    await platform.remove("p");
    await platform.create("/pods", stored("bound", { spec: { nodeName: "a" } }), stored("foreign", { spec: { schedulerName: "mine" } }));
    expect(platform.alarmAt).toBeUndefined();
  });

  it("tries a failed binding again after its backoff", async () => {
    await platform.create("/nodes", node("a"));
    await platform.create("/pods", stored("p"));
    platform.sabotage = (requests) => {
      platform.sabotage = undefined;
      return requests.map(
        () => ({ ok: false, status: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code: 500, message: "no" } }) as WriteResult,
      );
    };
    await platform.run();
    expect(platform.events()).toEqual(['p Warning FailedScheduling binding rejected: running Bind plugin "DefaultBinder": no']);
    expect(platform.alarmAt).toBe(now + 1000);
    advance(1000);
    await platform.run();
    expect(platform.pods()).toEqual({ p: "a" });
  });

  it("gives way when somebody else bound the pod, and counts it there", async () => {
    await platform.create("/nodes", node("a", { allocatable: { cpu: "1" } }), node("b", { allocatable: { cpu: "1" }, spec: { unschedulable: true } }));
    await platform.create("/pods", stored("p", { requests: { cpu: "1" } }));
    platform.sabotage = (requests) => {
      platform.sabotage = undefined;
      const [first] = requests;
      if (!first || first.verb !== "post") throw new Error("no binding");
      void platform.commit("/pods", [{ ...first, text: JSON.stringify({ metadata: {}, target: { kind: "Node", name: "b" } }) }]);
      return undefined;
    };
    await platform.run();
    expect(platform.pods()).toEqual({ p: "b" });
    await platform.create("/pods", stored("q", { requests: { cpu: "1" } }));
    await platform.run();
    expect(platform.pods()).toEqual({ p: "b", q: "a" });
  });

  it("evicts pods of lower priority and keeps the node for the pod", async () => {
    await platform.create("/nodes", node("a", { allocatable: { cpu: "1" } }));
    await platform.create("/pods", stored("low", { requests: { cpu: "1" } }));
    await platform.run();
    await platform.create("/pods", stored("high", { requests: { cpu: "1" }, spec: { priority: 10 } }));
    await platform.run();
    const high = platform.list<Pod>("/pods").find(({ metadata }) => metadata?.name === "high");
    expect(high?.status?.nominatedNodeName).toBe("a");
    expect(platform.events()).toContain("low Normal Preempted Preempted by pod u-high on node a");
    const low = platform.list<Pod>("/pods").find(({ metadata }) => metadata?.name === "low");
    expect(low === undefined || low.metadata?.deletionTimestamp !== undefined).toBe(true);
    if (low) await platform.remove("low");
    await platform.create("/pods", stored("late", { requests: { cpu: "1" } }));
    advance(10_000);
    await platform.run();
    expect(platform.pods()["high"]).toBe("a");
    expect(platform.pods()["late"]).toContain("Insufficient cpu");
  });
});
