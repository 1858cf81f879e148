// Words of which nothing can come: nobody is told of them, and nobody misses them.
import { describe, expect, it } from "vitest";
import { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef, StoreQuery } from "../../durable-objects/env.ts";
import { ControllerRunner } from "../../durable-objects/runtime/controller-runner.ts";
import { EventRecorder } from "../../durable-objects/runtime/event-recorder.ts";
import { WorkQueue } from "../../durable-objects/runtime/work-queue.ts";
import { StoreEngine } from "../../durable-objects/store/engine.ts";
import type { StoreEvent } from "../../durable-objects/store/history.ts";
import { Newborns } from "../../durable-objects/store/newborn.ts";
import { Outbox, type Subscription } from "../../durable-objects/store/outbox.ts";
import { Reader } from "../../durable-objects/store/reader.ts";
import { kindsByStore } from "../../durable-objects/store/stored-kinds.ts";
import { memoryTable } from "../../durable-objects/storage/memory-table.ts";
import { write } from "../../durable-objects/store/write.ts";
import { ADMISSION } from "../../shared/admission/index.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { KINDS } from "../../shared/kinds/index.ts";
import { birth } from "../../workers/birth.ts";
import { ALL_CONTROLLERS } from "../../workers/controllers.ts";
import { VIEWS } from "../../workers/subscriptions.ts";
import { configMap, MEDIA, type Medium, TestStore } from "./_store.ts";

const WIDGETS = "/widgets";
const hears = (dormantWithout?: string, prefix = ""): Subscription => ({
  family: "controller",
  resource: "/configmaps",
  ...(dormantWithout === undefined ? {} : { dormantWithout }),
  items: ({ next }) => [{ actor: "listener", item: `${prefix}${next?.metadata?.name ?? ""}` }],
});

/** An outbox over a store, and what it delivered. So many calls fail first. */
function telling(medium: Medium, subscriptions: readonly Subscription[], options: { readonly failures?: number; readonly questionsLost?: number } = {}) {
  const s = new TestStore(medium, [configMapKind]);
  const written = new Set<string>();
  const told: string[][] = [];
  let { failures = 0, questionsLost = 0 } = options;
  const outbox = new Outbox(configMapKind, subscriptions, {
    isWritten: (resource) => (questionsLost-- > 0 ? Promise.reject(new Error("lost")) : Promise.resolve(written.has(resource))),
    deliver(_family, _actor, items) {
      if (failures-- > 0) return Promise.reject(new Error("lost"));
      told.push([...items]);
      return Promise.resolve();
    },
  });
  const make = (name: string): void => {
    const before = s.events.length;
    s.create(configMap(name));
    outbox.add(s.events.slice(before) as StoreEvent[]);
  };
  return { s, written, told, outbox, make };
}

describe.each(MEDIA)("the outbox over $name", (medium) => {
  it("[N11] lets go of words of which nothing comes while nobody has written to a resource; they count as told", async () => {
    const { s, written, told, outbox, make } = telling(medium, [hears(WIDGETS)]);
    make("k");
    expect(outbox.told).toBeLessThan(s.last);
    await outbox.flush();
    expect([told, outbox.isEmpty, outbox.told]).toEqual([[], true, s.last]);
    written.add(WIDGETS);
    make("l");
    await outbox.flush();
    expect([told, outbox.isEmpty, outbox.told]).toEqual([[["l"]], true, s.last]);
  });

  it("[N12] tells them together with a word that does not depend on it, or on something else", async () => {
    for (const other of [hears(undefined, "for "), hears("/gadgets", "for ")]) {
      const { told, outbox, make } = telling(medium, [hears(WIDGETS), other]);
      make("k");
      await outbox.flush();
      expect(told).toEqual([["k", "for k"]]);
    }
  });

  it("[N13] keeps them when it cannot find out, or when telling them failed", async () => {
    for (const lost of [{ failures: 1 }, { questionsLost: 1 }]) {
      const { written, told, outbox, make } = telling(medium, [hears(WIDGETS)], lost);
      written.add(WIDGETS);
      make("k");
      await outbox.flush();
      expect([told, outbox.isEmpty]).toEqual([[], false]);
      await outbox.flush();
      expect([told, outbox.isEmpty]).toEqual([[["k"]], true]);
    }
  });
});

describe("triggers that lie dormant", () => {
  const AT = Date.parse("2026-01-01T00:00:00Z");
  const ports = { now: () => AT, uid: () => "drawn", dice: () => 0 };
  const CLUSTER: ClusterRef = { uid: "one", name: "one", nodes: 3, timing: "instant", birth: { at: AT, seed: "one" } };
  const KIND_OF = new Map(KINDS.filter((kind) => !kind.conversion).map((kind) => [resourceIdOf(kind), kind]));
  const [node = ""] = birth("/nodes", CLUSTER).map(({ metadata }) => metadata?.name ?? "");
  const [service] = birth("/services", CLUSTER);

  /** A pod that everybody might want: bound to a node, with the labels of the Service that there is, its IP, an owner. */
  const pod = (name: string, owner?: { readonly apiVersion: string; readonly kind: string }): KubeObject =>
    ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace: "default",
        uid: `uid-${name}`,
        resourceVersion: "1",
        creationTimestamp: "2026-01-01T00:00:00Z",
        labels: { app: "web", ...service?.metadata?.labels },
        ...(owner ? { ownerReferences: [{ ...owner, name: "owner", uid: "absent", controller: true }] } : {}),
      },
      spec: { nodeName: node, containers: [{ name: "c", image: "nginx", ports: [{ containerPort: 6443, name: "https" }] }] },
      status: { phase: "Running", podIP: "10.244.0.9", podIPs: [{ ip: "10.244.0.9" }], conditions: [{ type: "Ready", status: "True" }] },
    }) as KubeObject;
  const PODS = [pod("alone"), pod("of-set", { apiVersion: "apps/v1", kind: "ReplicaSet" }), pod("of-rc", { apiVersion: "v1", kind: "ReplicationController" })];

  /** The store of pods exists and can be read; whoever wants to write fails. */
  function env(): ActorEnv {
    const engine = new StoreEngine({ kinds: kindsByStore(KINDS).get("/pods") ?? [], table: memoryTable(), ports, write, bootstrap: () => PODS });
    engine.bootstrap();
    const reader = new Reader(engine, VIEWS);
    return {
      CLUSTER: { getByName: () => ({ stores: () => Promise.resolve({ written: ["/pods"], watched: [] }) }) },
      STORE: {
        getByName: (name: string) => ({
          query: (_cluster: ClusterRef, queries: readonly StoreQuery[]) => Promise.resolve(reader.query(queries)),
          write: () => Promise.reject(new Error(`${name} is written to`)),
        }),
      },
    } as unknown as ActorEnv;
  }

  const dormant = ALL_CONTROLLERS.filter(({ triggers }) => triggers.some(({ dormantWithout }) => dormantWithout !== undefined));
  it.each(dormant.map((controller) => [controller.name, controller] as const))(
    "%s has nothing to do in a cluster that has only what it was born with",
    async (name, controller) => {
      const problems: string[] = [];
      const newborns = new Newborns({ kinds: KINDS, views: VIEWS, ports, bootstrap: birth });
      const submitter = { stores: new Stores(env(), CLUSTER, { newborns }), ports, username: name, manager: name, plugins: ADMISSION };
      const events = KIND_OF.get("/events");
      if (!events) throw new Error("no kind for events");
      const runner = new ControllerRunner(controller, {
        submitter,
        policy: new PolicySnapshot(),
        recorder: new EventRecorder(submitter, events),
        kindOf: (resource) => KIND_OF.get(resource),
        report: ({ key, message }) => void problems.push(`${key}: ${message}`),
      });
      const queue = new WorkQueue();
      let hinted = 0;
      for (const trigger of controller.triggers) {
        if (trigger.dormantWithout === undefined) continue;
        expect(trigger.resource).toBe("/pods");
        for (const one of PODS) {
          const unbound = { ...one, spec: {}, status: {} } as KubeObject;
          for (const [next, old] of [
            [one, undefined],
            [one, unbound],
            [undefined, one],
          ] as const) {
            const hints = trigger.hints(next, old, trigger.resource);
            hinted += hints.length;
            queue.hint(hints);
          }
        }
      }
      expect(hinted).toBeGreaterThan(0);
      for (let round = 0; round < 5; round++) await runner.round(queue);
      expect(problems).toEqual([]);
      expect(queue.nextDue(AT)).toBeUndefined();
    },
  );
});
