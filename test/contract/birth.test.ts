// What a cluster is born with: the same whenever and wherever it is asked for, and nothing that anybody has to work on.
import { describe, expect, it } from "vitest";
import { PolicySnapshot } from "../../durable-objects/client/policy.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import { Stores } from "../../durable-objects/client/stores.ts";
import type { ActorEnv, ClusterRef } from "../../durable-objects/env.ts";
import { ControllerRunner } from "../../durable-objects/runtime/controller-runner.ts";
import { EventRecorder } from "../../durable-objects/runtime/event-recorder.ts";
import { WorkQueue } from "../../durable-objects/runtime/work-queue.ts";
import { StoreEngine } from "../../durable-objects/store/engine.ts";
import { Newborns } from "../../durable-objects/store/newborn.ts";
import { Reader } from "../../durable-objects/store/reader.ts";
import { kindsByStore } from "../../durable-objects/store/stored-kinds.ts";
import { WatchHub } from "../../durable-objects/store/watch-hub.ts";
import { write } from "../../durable-objects/store/write.ts";
import { NEWBORN_OBJECTS_MAX } from "../../shared/base/limits.ts";
import { ADMISSION } from "../../shared/admission/index.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { KINDS } from "../../shared/kinds/index.ts";
import { validateMeta } from "../../shared/meta/validate-meta.ts";
import type { ResourceId } from "../../shared/reconcile/controller.ts";
import { birth } from "../../workers/birth.ts";
import { ALL_CONTROLLERS } from "../../workers/controllers.ts";
import { VIEWS } from "../../workers/subscriptions.ts";
import { MEDIA } from "./_store.ts";

const AT = Date.parse("2026-01-01T00:00:00Z");
let now = AT;
const ports = { now: () => now, uid: () => "drawn", dice: () => 0 };
const bornCluster = (seed: string, nodes = 3): ClusterRef => ({ uid: seed, name: seed, nodes, timing: "instant", birth: { at: AT, seed } });
const CLUSTER = bornCluster("one");
const STORES = kindsByStore(KINDS);
const newborns = (): Newborns => new Newborns({ kinds: KINDS, views: VIEWS, ports, bootstrap: birth });
const RESOURCES = newborns().resources;
const everything = (cluster: ClusterRef): [ResourceId, KubeObject][] =>
  RESOURCES.flatMap((resource) => birth(resource, cluster).map((object): [ResourceId, KubeObject] => [resource, object]));
const storedKind = (resource: ResourceId): AnyKind => {
  const [kind] = STORES.get(resource) ?? [];
  if (!kind) throw new Error(`no kind for ${resource}`);
  return kind;
};

describe("what a cluster is born with", () => {
  it("[B1] is the same whenever and wherever it is asked for", () => {
    expect(RESOURCES).toEqual(expect.arrayContaining(["/namespaces", "/nodes", "/configmaps", "/services", "rbac.authorization.k8s.io/clusterroles"]));
    expect(everything(CLUSTER)).toEqual(everything(structuredClone(CLUSTER)));
    const uids = everything(CLUSTER).map(([, { metadata }]) => metadata?.uid ?? "");
    expect(uids.length).toBeGreaterThan(150);
    for (const uid of uids) expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(everything(CLUSTER).map(([, { metadata }]) => metadata?.creationTimestamp))).toEqual(new Set(["2026-01-01T00:00:00Z"]));
  });

  it("[B2] shares no uid with anything, in this cluster or in another", () => {
    const uids = new Set(everything(CLUSTER).map(([, { metadata }]) => metadata?.uid));
    expect(uids.size).toBe(everything(CLUSTER).length);
    expect(everything(bornCluster("two")).filter(([, { metadata }]) => uids.has(metadata?.uid))).toEqual([]);
  });

  it("[B3] is valid, and belongs to nobody", () => {
    const wrong = everything(CLUSTER).flatMap(([resource, object]) => validateMeta(storedKind(resource), object).map((error) => [resource, error]));
    expect(wrong).toEqual([]);
    // Or whoever looks for what an owner left behind would have to look here, too.
    expect(everything(CLUSTER).filter(([, { metadata }]) => metadata?.ownerReferences)).toEqual([]);
  });

  /** Only reading is possible here: a controller that wants to write fails. */
  const env = {
    CLUSTER: { getByName: () => ({ stores: () => Promise.resolve({ written: [], watched: [] }) }) },
    STORE: {
      getByName: (name: string) => ({
        write: (_cluster: ClusterRef, requests: readonly { verb: string; name: string }[]) => {
          throw new Error(`${name}: ${requests.map(({ verb, name: what }) => `${verb} ${what}`).join(", ")}`);
        },
      }),
    },
  } as unknown as ActorEnv;

  it.each(ALL_CONTROLLERS.map((controller) => [controller.name, controller] as const))(
    "[B4] is complete: %s has nothing to do about it",
    async (name, controller) => {
      const kinds = new Map(KINDS.filter((kind) => !kind.conversion).map((kind) => [resourceIdOf(kind), kind]));
      const problems: string[] = [];
      const submitter = { stores: new Stores(env, CLUSTER, { newborns: newborns() }), ports, username: name, manager: name, plugins: ADMISSION };
      const runner = new ControllerRunner(controller, {
        submitter,
        policy: new PolicySnapshot(),
        recorder: new EventRecorder(submitter, storedKind("/events")),
        kindOf: (resource) => kinds.get(resource),
        report: ({ key, message }) => void problems.push(`${key}: ${message}`),
      });
      const queue = new WorkQueue();
      for (const [resource, object] of everything(CLUSTER)) {
        const { kind, group, version } = storedKind(resource);
        const whole = { kind, apiVersion: group === "" ? version : `${group}/${version}`, ...object };
        const triggers = controller.triggers.filter((trigger) => trigger.resource === "*" || trigger.resource === resource);
        for (const trigger of triggers) queue.hint(trigger.hints(whole, undefined, resource));
      }
      for (let round = 0; round < 5; round++) await runner.round(queue);
      expect(problems).toEqual([]);
      expect(queue.nextDue(now)).toBeUndefined();
    },
  );
});

describe.each(MEDIA)("a store over $name that takes over from its newborn self", (medium) => {
  const store = (resource: ResourceId) => {
    const engine = new StoreEngine({ kinds: STORES.get(resource) ?? [], table: medium.make()(), ports, write, bootstrap: () => birth(resource, CLUSTER) });
    engine.bootstrap();
    return { engine, reader: new Reader(engine, VIEWS), hub: new WatchHub(engine) };
  };

  it.each([...RESOURCES, "/pods", "/secrets"])("[B5] says of %s what was said before it existed", (resource) => {
    now = AT + 3_600_000;
    const { reader } = store(resource);
    now = AT + 7_200_000;
    const newborn = newborns().of(CLUSTER, resource);
    const { group, version, namespaced } = storedKind(resource);
    for (const options of [{}, { limit: 2 }, { namespace: "kube-system" }, { labelSelector: "kubernetes.io/os=linux" }])
      if (namespaced || !("namespace" in options)) expect(newborn.list({ group, version, ...options })).toEqual(reader.list({ group, version, ...options }));
    expect(newborn.query([{ view: "text" }])).toEqual(reader.query([{ view: "text" }]));
    const keys = birth(resource, CLUSTER).map(({ metadata }) => ({ namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" }));
    const read = newborn.read({ group, version }, [...keys, { namespace: "default", name: "absent" }]);
    expect(read).toEqual(reader.read({ group, version }, [...keys, { namespace: "default", name: "absent" }]));
    expect(read.filter((text) => text === undefined)).toHaveLength(1);
  });

  it("[B6] tells nobody of its birth, and goes on from its version", () => {
    const { engine, hub } = store("/namespaces");
    const newborn = newborns().of(CLUSTER, "/namespaces");
    const listed = newborn.list({ group: "", version: "v1" });
    const { resourceVersion } = JSON.parse(listed.ok ? listed.head : "{}") as { resourceVersion: string };
    expect(engine.told).toBe(engine.history.last);
    expect(engine.history.since(engine.told)).toEqual([]);
    const watch = { group: "", version: "v1", as: "object", includeObject: "Metadata", metaVersion: "v1", resourceVersion } as const;
    const first = (): string | undefined => {
      const begun = hub.begin(watch);
      return begun.ok ? begun.value.next() : begun.error.message;
    };
    expect(first()).toBeUndefined();
    const { events } = engine.commit([
      {
        verb: "create",
        group: "",
        version: "v1",
        namespace: "",
        name: "x",
        text: JSON.stringify({ metadata: { name: "x" } }),
        user: { username: "test", groups: [] },
        options: { fieldManager: "test" },
      },
    ]);
    expect(events.map(({ type, name, resourceVersion: version }) => [type, name, version])).toEqual([["ADDED", "x", Number(resourceVersion) + 1]]);
    expect(first()).toMatch(/^{"type":"ADDED".*"name":"x".*\n$/);
  });
});

describe("newborn stores", () => {
  it("[B7] go on with a chunked list for ever: nothing can have changed", () => {
    const of = newborns().of(CLUSTER, "/namespaces");
    const first = of.list({ group: "", version: "v1", limit: 1 });
    const { continue: token = "", resourceVersion } = JSON.parse(first.ok ? first.head : "{}") as { continue?: string; resourceVersion?: string };
    now += 365 * 24 * 3_600_000;
    const second = of.list({ group: "", version: "v1", limit: 1, continue: token });
    expect(second.ok && JSON.parse(second.head)).toMatchObject({ resourceVersion });
  });

  it("[B8] are remembered as long as there is room, the one asked last for certain", () => {
    const many = newborns();
    const small = many.of(CLUSTER, "/namespaces");
    expect(many.of(CLUSTER, "/namespaces")).toBe(small);
    const large = many.of(bornCluster("large", NEWBORN_OBJECTS_MAX), "/nodes");
    expect(many.of(bornCluster("large", NEWBORN_OBJECTS_MAX), "/nodes")).toBe(large);
    expect(many.of(CLUSTER, "/namespaces")).not.toBe(small);
  });
});
