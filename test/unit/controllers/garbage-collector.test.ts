// What has no owner left goes; what has one stays; what waits, waits. The cases are those recorded from a real control plane.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUILT_IN } from "../../../durable-objects/controllers/_parts/built-in-resources.ts";
import { garbageCollectorController } from "../../../durable-objects/controllers/garbage-collector.ts";
import type { KubeObject } from "../../../shared/kinds/define-kind.ts";
import type { OwnerReference } from "../../../shared/kinds/_generated/types.ts";
import { TestCluster } from "./cluster.ts";

const CM = "/configmaps";
const make = (seed = 1): TestCluster => new TestCluster({ controllers: [garbageCollectorController(BUILT_IN)], seed });
const add = (cluster: TestCluster, name: string, owners: OwnerReference[] = [], rest: KubeObject["metadata"] = {}): KubeObject =>
  cluster.create(CM, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", ...(owners.length > 0 ? { ownerReferences: owners } : {}), ...rest },
  });
const ref = (owner: KubeObject, more: OwnerReference = {}): OwnerReference => ({
  apiVersion: owner.apiVersion ?? "",
  kind: owner.kind ?? "",
  name: owner.metadata?.name ?? "",
  uid: owner.metadata?.uid ?? "",
  ...more,
});
const BLOCKING = { blockOwnerDeletion: true, controller: true };
const names = (cluster: TestCluster, resource = CM): (string | undefined)[] => cluster.list(resource).map((object) => object.metadata?.name);
const run = (cluster: TestCluster): number => cluster.run({ nodes: false });

describe("garbage-collector-controller", () => {
  it("background: the owner goes and the collector takes its own, down the whole tree", () => {
    const cluster = make();
    const owner = add(cluster, "owner");
    const child = add(cluster, "child", [ref(owner)]);
    add(cluster, "grandchild", [ref(child)]);
    add(cluster, "other");
    run(cluster);
    expect(names(cluster)).toEqual(["child", "grandchild", "other", "owner"]);
    cluster.delete(CM, "default/owner");
    run(cluster);
    expect(names(cluster)).toEqual(["other"]);
  });

  it("orphan: children lose the reference and stay", () => {
    const cluster = make();
    const owner = add(cluster, "owner");
    add(cluster, "child", [ref(owner, BLOCKING)]);
    cluster.delete(CM, "default/owner", "Orphan");
    expect(cluster.get(CM, "owner")?.metadata?.finalizers).toEqual(["orphan"]);
    run(cluster);
    expect(names(cluster)).toEqual(["child"]);
    expect(cluster.get(CM, "child")?.metadata?.ownerReferences).toBeUndefined();
  });

  it("foreground: the owner stays until the blocking children are gone, and these get no finalizer they do not need", () => {
    const cluster = make();
    const owner = add(cluster, "owner");
    add(cluster, "child", [ref(owner, { blockOwnerDeletion: true })], { finalizers: ["x.example/hold"] });
    add(cluster, "loose", [ref(owner)]);
    cluster.delete(CM, "default/owner", "Foreground");
    run(cluster);
    expect(cluster.get(CM, "child")?.metadata).toMatchObject({ finalizers: ["x.example/hold"], deletionTimestamp: expect.any(String) });
    expect(cluster.get(CM, "owner")?.metadata?.finalizers).toEqual(["foregroundDeletion"]);
    cluster.change(CM, "default/child", (next) => void delete next.metadata?.finalizers);
    run(cluster);
    expect(names(cluster)).toEqual([]);
  });

  it("foreground goes down the tree: a child with children waits for them too", () => {
    const cluster = make();
    const owner = add(cluster, "owner");
    const child = add(cluster, "child", [ref(owner, BLOCKING)]);
    add(cluster, "grandchild", [ref(child, BLOCKING)], { finalizers: ["x.example/hold"] });
    cluster.delete(CM, "default/owner", "Foreground");
    run(cluster);
    expect(cluster.get(CM, "child")?.metadata?.finalizers).toEqual(["foregroundDeletion"]);
    expect(names(cluster)).toEqual(["child", "grandchild", "owner"]);
    cluster.change(CM, "default/grandchild", (next) => void delete next.metadata?.finalizers);
    run(cluster);
    expect(names(cluster)).toEqual([]);
  });

  it("takes a child that comes while its owner waits", () => {
    const cluster = make();
    const owner = add(cluster, "owner");
    add(cluster, "child", [ref(owner, BLOCKING)], { finalizers: ["x.example/hold"] });
    cluster.delete(CM, "default/owner", "Foreground");
    run(cluster);
    add(cluster, "late", [ref(owner, BLOCKING)]);
    run(cluster);
    expect(names(cluster)).toEqual(["child", "owner"]);
  });

  it("keeps a child of two until both are gone", () => {
    const cluster = make();
    const one = add(cluster, "o1");
    const two = add(cluster, "o2");
    add(cluster, "child", [ref(one), ref(two)]);
    cluster.delete(CM, "default/o1");
    run(cluster);
    expect(cluster.get(CM, "child")?.metadata?.ownerReferences?.map((owner) => owner.name)).toEqual(["o2"]);
    cluster.delete(CM, "default/o2");
    run(cluster);
    expect(names(cluster)).toEqual([]);
  });

  it("does not delete a child that has a valid owner besides one that waits", () => {
    const cluster = make();
    const waits = add(cluster, "waits");
    const stays = add(cluster, "stays");
    for (const name of ["a", "b"]) add(cluster, name, [ref(waits, { blockOwnerDeletion: true }), ref(stays)]);
    cluster.create("/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default", ownerReferences: [ref(waits, BLOCKING), ref(stays)] },
    });
    cluster.delete(CM, "default/waits", "Foreground");
    run(cluster);
    expect(names(cluster)).toEqual(["a", "b", "stays"]);
    for (const object of [...cluster.list(CM), ...cluster.list("/pods")].filter((other) => other.metadata?.name !== "stays")) {
      expect(object.metadata?.ownerReferences?.map((owner) => owner.name)).toEqual(["stays"]);
    }
    expect(names(cluster, "/pods")).toEqual(["p"]);
  });

  it("collects what names an owner that never was", () => {
    const cluster = make();
    add(cluster, "child", [{ apiVersion: "v1", kind: "ConfigMap", name: "ghost", uid: "11111111" }]);
    const real = add(cluster, "real");
    add(cluster, "stale", [{ ...ref(real), uid: "22222222" }]);
    add(cluster, "two", [
      { apiVersion: "v1", kind: "ConfigMap", name: "ghost", uid: "1" },
      { apiVersion: "v1", kind: "Secret", name: "ghost", uid: "2" },
    ]);
    run(cluster);
    expect(names(cluster)).toEqual(["real"]);
  });

  it("collects a child whose owner is in another namespace, and says so", () => {
    const cluster = make();
    const owner = add(cluster, "owner");
    add(cluster, "child", [ref(owner)], { namespace: "two" });
    run(cluster);
    expect(names(cluster)).toEqual(["owner"]);
    expect(cluster.eventTexts("ConfigMap")).toEqual([
      `Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: two, name: owner, uid: ${owner.metadata?.uid}] does not exist in namespace "two"`,
    ]);
  });

  it("leaves alone what has an owner of a kind that nobody knows, and an object without namespace whose owner has one", () => {
    const cluster = make();
    add(cluster, "child", [{ apiVersion: "x.example/v1", kind: "Nope", name: "n", uid: "1" }]);
    cluster.create("/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "n", ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "c", uid: "1" }] },
    });
    run(cluster);
    expect(names(cluster)).toEqual(["child"]);
    expect(names(cluster, "/nodes")).toEqual(["n"]);
  });

  it("knows custom owners and custom children by their definition", () => {
    const cluster = make();
    cluster.create("apiextensions.k8s.io/customresourcedefinitions", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "foos.x.example" },
      spec: { group: "x.example", scope: "Namespaced", names: { kind: "Foo", plural: "foos" }, versions: [{ name: "v1", storage: true }] },
    } as KubeObject);
    const foo = (name: string, owners: OwnerReference[] = []): KubeObject =>
      cluster.create("x.example/foos", { apiVersion: "x.example/v1", kind: "Foo", metadata: { name, namespace: "default", ownerReferences: owners } });
    const top = foo("top");
    foo("sub", [ref(top, BLOCKING)]);
    add(cluster, "child", [ref(top)]);
    add(cluster, "ghostly", [{ ...ref(top), uid: "other" }]);
    run(cluster);
    expect(names(cluster)).toEqual(["child"]);
    cluster.delete("x.example/foos", "default/top", "Foreground");
    run(cluster);
    expect(names(cluster)).toEqual([]);
    expect(names(cluster, "x.example/foos")).toEqual([]);
  });

  it("is not held up by a circle", () => {
    for (const kind of ["ConfigMap", "Pod"]) {
      for (let seed = 1; seed <= 10; seed++) {
        const cluster = make(seed);
        const resource = kind === "Pod" ? "/pods" : CM;
        const made = ["a", "b", "c"].map((name) => cluster.create(resource, { apiVersion: "v1", kind, metadata: { name, namespace: "default" } }));
        made.forEach((object, index) => {
          cluster.change(resource, `default/${object.metadata?.name}`, (next) => {
            next.metadata = { ...next.metadata, ownerReferences: [ref(made[(index + 2) % 3] as KubeObject, BLOCKING)] };
          });
        });
        run(cluster);
        expect(names(cluster, resource)).toHaveLength(3);
        cluster.delete(resource, "default/a", "Foreground");
        run(cluster);
        expect(names(cluster, resource)).toEqual([]);
      }
    }
  });

  it("asks once for the owner of 2,000 pods, and deletes them in plans within the limit", () => {
    const cluster = make();
    const owner = cluster.create("apps/replicasets", { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "rs", namespace: "default" } });
    for (let i = 0; i < 2_000; i++) {
      cluster.create("/pods", { apiVersion: "v1", kind: "Pod", metadata: { name: `p${i}`, namespace: "default", ownerReferences: [ref(owner, BLOCKING)] } });
    }
    expect(run(cluster)).toBeLessThan(3);
    cluster.delete("apps/replicasets", "default/rs", "Foreground");
    run(cluster);
    expect(names(cluster, "/pods")).toEqual([]);
    expect(names(cluster, "apps/replicasets")).toEqual([]);
  });

  it("leaves exactly what can be reached from what nobody owns, in any order", () => {
    const node = fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 2 });
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 2, maxLength: 12 }),
        fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 1_000_000 }),
        (shape, doomed, foreground, seed) => {
          const cluster = make(seed);
          const made: KubeObject[] = [];
          // Owners come before their children: a tree with several parents each.
          const parents = shape.map((list, index) => [...new Set(list.filter((parent) => parent < index))]);
          parents.forEach((list, index) => {
            made.push(
              add(
                cluster,
                `n${index}`,
                list.map((parent) => ref(made[parent] as KubeObject, BLOCKING)),
              ),
            );
          });
          run(cluster);
          for (const index of doomed) {
            if (index < made.length) cluster.delete(CM, `default/n${index}`, foreground ? "Foreground" : "Background");
            if (cluster.roll(2) === 0) run(cluster);
          }
          run(cluster);
          const gone = new Set(doomed);
          const alive = parents.map(() => false);
          parents.forEach((list, index) => {
            alive[index] = !gone.has(index) && (list.length === 0 || list.some((parent) => alive[parent]));
          });
          expect(names(cluster)).toEqual(made.flatMap((object, index) => (alive[index] ? [object.metadata?.name] : [])).sort());
          for (const object of cluster.list(CM)) {
            for (const owner of object.metadata?.ownerReferences ?? []) expect(cluster.get(CM, owner.name ?? "")).toBeDefined();
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
