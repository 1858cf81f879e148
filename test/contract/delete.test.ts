// What a store promises about the end of objects.
import { describe, expect, it } from "vitest";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import { COLLECTION_PART_MAX } from "../../shared/base/limits.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { podKind } from "../../shared/kinds/core/pod.ts";
import { configMap, MEDIA, names, TestStore, told, versionOf } from "./_store.ts";

const HOLD = "example.com/hold";

describe.each(MEDIA)("deletion over $name", (medium) => {
  const store = (): TestStore => new TestStore(medium, [configMapKind]);
  const bound = (grace?: number): TestStore => {
    const s = new TestStore(medium, [podKind]);
    s.create({
      metadata: { name: "p" },
      spec: { nodeName: "n", containers: [{ name: "c", image: "i" }], ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }) },
    } as Pod);
    return s;
  };

  it("[D1] what nothing holds is gone at once; watchers see its last state at the version of its end", () => {
    const s = store();
    s.create(configMap("a", { k: "v" }));
    const watching = s.watching({ resourceVersion: String(s.last) });
    expect(s.delete("a")).toMatchObject({ ok: true, code: 200, object: { kind: "Status", status: "Success" } });
    expect(s.read("a")).toBeUndefined();
    expect(s.delete("a")).toMatchObject({ ok: false, status: { code: 404 } });
    expect(watching.frames).toMatchObject([{ type: "DELETED", object: { data: { k: "v" }, metadata: { resourceVersion: String(s.last) } } }]);
  });

  it("[D2] finalizers hold an object: it is marked, once", () => {
    const s = store();
    s.create(configMap("a", {}, { finalizers: [HOLD] }));
    const watching = s.watching({ resourceVersion: String(s.last) });
    s.delete("a");
    expect(s.get("a").metadata).toMatchObject({ deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 });
    const before = s.last;
    s.now += 5000;
    expect(s.delete("a")).toMatchObject({ ok: true });
    expect(s.last).toBe(before);
    expect(told(watching)).toEqual(["MODIFIED a"]);
  });

  it("[D3] the write that takes away the last finalizer ends the object", () => {
    const s = store();
    s.create(configMap("a", { k: "v" }, { finalizers: [HOLD, "example.com/too"] }));
    s.delete("a");
    s.patch("a", { metadata: { finalizers: [HOLD] } });
    expect(s.read("a")).toBeDefined();
    const watching = s.watching({ resourceVersion: String(s.last) });
    expect(s.patch("a", { metadata: { finalizers: [] }, data: { k: "last" } })).toMatchObject({ ok: true, code: 200 });
    expect(s.read("a")).toBeUndefined();
    expect(watching.frames).toMatchObject([{ type: "DELETED", object: { data: { k: "v" }, metadata: { resourceVersion: String(s.last) } } }]);
    expect(s.create(configMap("a"))).toMatchObject({ ok: true });
  });

  it("[D4] no finalizer can be added once an object is on its way out", () => {
    const s = store();
    s.create(configMap("a", {}, { finalizers: [HOLD] }));
    s.delete("a");
    expect(s.patch("a", { metadata: { finalizers: [HOLD, "example.com/more"] } })).toMatchObject({ ok: false, status: { code: 422 } });
    expect(s.patch("a", { metadata: { deletionTimestamp: null } })).toMatchObject({ ok: true });
    expect(s.get("a").metadata?.deletionTimestamp).toBeDefined();
  });

  it("[D5] preconditions on uid and version hold", () => {
    const s = store();
    s.create(configMap("a"));
    const { uid = "", resourceVersion = "" } = s.get("a").metadata ?? {};
    expect(s.delete("a", { uid: "other" })).toMatchObject({ ok: false, status: { code: 409 } });
    expect(s.delete("a", { resourceVersion: "1" })).toMatchObject({ ok: false, status: { code: 409 } });
    expect(s.read("a")).toBeDefined();
    expect(s.delete("a", { uid, resourceVersion })).toMatchObject({ ok: true });
  });

  it("[D6] an object with a grace period is marked; a later wish can only shorten it; zero ends it", () => {
    const s = bound(30);
    s.delete("p");
    expect(s.get("p").metadata).toMatchObject({ deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 });
    s.delete("p", { gracePeriodSeconds: 60 });
    expect(s.get("p").metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    s.now += 5000;
    s.delete("p", { gracePeriodSeconds: 10 });
    expect(s.get("p").metadata).toMatchObject({ deletionTimestamp: "2026-01-01T00:00:10Z", deletionGracePeriodSeconds: 10 });
    s.delete("p", { gracePeriodSeconds: 0 });
    expect(s.read("p")).toBeUndefined();
  });

  it("[D7] a pod that no node has yet, and one that has ended, need no grace", () => {
    const s = new TestStore(medium, [podKind]);
    s.create({ metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } } as Pod);
    s.delete("p");
    expect(s.read("p")).toBeUndefined();
    const ended = bound();
    ended.patch("p", { status: { phase: "Succeeded" } }, { subresource: "status" });
    ended.delete("p");
    expect(ended.read("p")).toBeUndefined();
  });

  it("[D8] a collection is deleted as far as its selector reaches; what is held is marked", () => {
    const s = store();
    s.create(configMap("a", {}, { labels: { l: "1" } }));
    s.create(configMap("b", {}, { labels: { l: "2" } }));
    s.create(configMap("c", {}, { labels: { l: "1" }, finalizers: [HOLD] }));
    s.create(configMap("a", {}, { labels: { l: "1" }, namespace: "other" }));
    expect(s.deleteAll({ labelSelector: "l=1" })).toMatchObject({ ok: true, code: 200 });
    expect(s.page().items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`)).toEqual(["default/b", "default/c", "other/a"]);
    expect(s.get("c").metadata?.deletionTimestamp).toBeDefined();
    expect(s.deleteAll({ labelSelector: "l in (" })).toMatchObject({ ok: false, status: { code: 400 } });
    expect(s.deleteAll({ fieldSelector: "metadata.name=b" })).toMatchObject({ ok: true });
    expect(s.read("b")).toBeUndefined();
  });

  it("[D9] one of a collection that refuses does not save the others, and is told", () => {
    const s = store();
    for (const name of ["a", "b", "c"]) s.create(configMap(name));
    const { uid = "" } = s.get("a").metadata ?? {};
    const [gone, other] = s.commit({ ...s.deleting(""), verb: "deleteCollection", delete: { uid }, selection: {} }, s.creation(configMap("d")));
    expect(gone).toMatchObject({ ok: false, status: { code: 409 } });
    expect(other).toMatchObject({ ok: true });
    expect(names(s.page().items)).toEqual(["b", "c", "d"]);
  });

  it("[D13] a large collection is deleted in parts, each of which says where the next begins", () => {
    const s = store();
    const count = COLLECTION_PART_MAX + 3;
    for (let n = 0; n < count; n++) s.create(configMap(`c${String(n).padStart(4, "0")}`, {}, n === 0 ? { finalizers: [HOLD] } : {}));
    const part = (after?: { namespace: string; name: string }) => {
      const [result] = s.engine.commit([{ ...s.deleting(""), verb: "deleteCollection", delete: {}, selection: after ? { after } : {} }]).results;
      if (!result?.ok || result.form !== "items") throw new Error("no items");
      return result;
    };
    const first = part();
    expect(JSON.parse(`[${first.text}]`)).toHaveLength(COLLECTION_PART_MAX);
    expect(first.next).toEqual({ namespace: "default", name: `c${String(COLLECTION_PART_MAX - 1).padStart(4, "0")}` });
    const second = part(first.next);
    expect([JSON.parse(`[${second.text}]`).length, second.next]).toEqual([3, undefined]);
    expect(names(s.page().items)).toEqual(["c0000"]);
  });

  it("[D10] a dry run deletes nothing", () => {
    const s = bound();
    const before = s.last;
    expect(s.delete("p", {}, { dryRun: true })).toMatchObject({ ok: true });
    expect(s.delete("p", { gracePeriodSeconds: 0 }, { dryRun: true })).toMatchObject({ ok: true });
    expect(s.deleteAll({}, {}, { dryRun: true })).toMatchObject({ ok: true });
    expect(s.last).toBe(before);
    expect(versionOf(s.get("p"))).toBe(before);
  });

  it("[D11] the wish for dependents becomes a finalizer, and a later wish replaces it", () => {
    const s = store();
    s.create(configMap("a"));
    s.delete("a", { propagationPolicy: "Foreground" });
    expect(s.get("a").metadata).toMatchObject({ finalizers: ["foregroundDeletion"], deletionTimestamp: "2026-01-01T00:00:00Z" });
    s.delete("a", { propagationPolicy: "Orphan" });
    expect(s.get("a").metadata?.finalizers).toEqual(["orphan"]);
    s.delete("a", { propagationPolicy: "Background" });
    expect(s.read("a")).toBeUndefined();
  });

  it("[D12] an object that comes again under an old name is another object", () => {
    const s = store();
    s.create(configMap("a"));
    const first = s.get("a").metadata;
    s.delete("a");
    s.create(configMap("a"));
    const second = s.get("a").metadata;
    expect(second?.uid).not.toBe(first?.uid);
    expect(Number(second?.resourceVersion)).toBeGreaterThan(Number(first?.resourceVersion) + 1);
  });
});
