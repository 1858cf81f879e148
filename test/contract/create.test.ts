// What a store promises about new objects.
import { packed } from "../../durable-objects/storage/history-rows.ts";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { OBJECT_BYTES_MAX } from "../../shared/base/limits.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { podKind } from "../../shared/kinds/core/pod.ts";
import { configMap, MEDIA, names, TestStore, versionOf } from "./_store.ts";

const ROW_BYTES_MAX = 2_000_000;
/** Pods have no limits of their own on what they say. */
const large = (name: string, text: string): Pod => ({ metadata: { name }, spec: { containers: [{ name: "c", image: "i", args: [text] }] } });
const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe.each(MEDIA)("creation over $name", (medium) => {
  const store = (): TestStore => new TestStore(medium, [configMapKind]);

  it("[C1] what a store is born with is made once, and lives through a crash", () => {
    let births = 0;
    const born = new TestStore(medium, [configMapKind], () => [configMap(`born-${++births}`, {}, { namespace: "default" })]);
    expect(names(born.page().items)).toEqual(["born-1"]);
    expect(born.engine.isBootstrapped).toBe(true);
    born.crash();
    expect(born.engine.isBootstrapped).toBe(true);
    expect(names(born.page().items)).toEqual(["born-1"]);
    expect(births).toBe(1);
  });

  it("[C2] a name is given once in a namespace; the second asker is refused and nothing changes", () => {
    const s = store();
    expect(s.create(configMap("a", { k: "1" }))).toMatchObject({ ok: true, code: 201 });
    const before = s.last;
    expect(s.create(configMap("a", { k: "2" }))).toMatchObject({
      ok: false,
      status: { code: 409, reason: "AlreadyExists", message: 'configmaps "a" already exists' },
    });
    expect(s.get("a")).toMatchObject({ data: { k: "1" } });
    expect(s.last).toBe(before);
    expect(s.create(configMap("a", {}, { namespace: "other" }))).toMatchObject({ ok: true });
  });

  it("[C3] every change raises the version; the object carries that of its last change", () => {
    const s = store();
    s.create(configMap("a"));
    const first = versionOf(s.get("a"));
    s.create(configMap("b"));
    s.patch("a", { data: { k: "v" } });
    expect(versionOf(s.get("b"))).toBeGreaterThan(first);
    expect(versionOf(s.get("a"))).toBeGreaterThan(versionOf(s.get("b")));
    expect(s.last).toBe(versionOf(s.get("a")));
    s.delete("b");
    const versions = s.events.map(({ resourceVersion }) => resourceVersion);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    s.crash();
    s.create(configMap("c"));
    expect(versionOf(s.get("c"))).toBeGreaterThan(versions.at(-1) ?? 0);
  });

  it("[C4] a dry run answers as if, and writes nothing", () => {
    const s = store();
    s.create(configMap("a"));
    const before = s.last;
    expect(s.create(configMap("b"), { dryRun: true })).toMatchObject({ ok: true, code: 201, object: { metadata: { name: "b" } } });
    expect(s.create(configMap("a"), { dryRun: true })).toMatchObject({ ok: false, status: { code: 409 } });
    expect(s.last).toBe(before);
    expect(names(s.page().items)).toEqual(["a"]);
    s.crash();
    expect(s.last).toBe(before);
  });

  it("[C5] a generated name that is taken is thrown again, eight times in all", () => {
    const s = store();
    const generated = (): KubeObject => ({ metadata: { generateName: "x-" } });
    s.loaded.push(0, 0, 0, 0, 0);
    expect(s.create(generated())).toMatchObject({ ok: true, object: { metadata: { name: "x-bbbbb" } } });
    s.loaded.push(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
    expect(s.create(generated())).toMatchObject({ ok: true, object: { metadata: { name: "x-ccccc" } } });
    s.loaded.push(...Array.from({ length: 40 }, () => 0));
    expect(s.create(generated())).toMatchObject({ ok: false, status: { code: 409, reason: "AlreadyExists" } });
    expect(names(s.page().items)).toEqual(["x-bbbbb", "x-ccccc"]);
  });

  it("[C6] an object above 1.5 MiB is refused and leaves no trace; one just below is kept", () => {
    const s = new TestStore(medium, [podKind]);
    const before = s.last;
    expect(s.create(large("big", "x".repeat(OBJECT_BYTES_MAX)))).toMatchObject({ ok: false, status: { code: 413, reason: "RequestEntityTooLarge" } });
    expect(s.create(large("wide", "中".repeat(OBJECT_BYTES_MAX / 3)))).toMatchObject({ ok: false, status: { code: 413 } });
    expect([s.last, s.read("big"), s.read("wide")]).toEqual([before, undefined, undefined]);
    expect(s.create(large("fits", "x".repeat(OBJECT_BYTES_MAX - 2500)))).toMatchObject({ ok: true });
  });

  it.each([
    ["plain", "x"],
    ["quotes", '"'],
    ["three bytes each", "中"],
    ["escaped controls", "\u0001"],
  ])("[C7] no row exceeds 2 MB whatever the largest objects are made of: %s", (_name, character) => {
    const s = new TestStore(medium, [podKind]);
    const unit = bytes(JSON.stringify(character)) - 2;
    const largest = character.repeat(Math.floor((OBJECT_BYTES_MAX - 2500) / unit));
    for (const name of ["a", "b"]) expect(s.create(large(name, largest))).toMatchObject({ ok: true });
    s.commit(s.patching("a", { metadata: { labels: { l: "1" } } }), s.patching("b", { metadata: { labels: { l: "1" } } }));
    const version = s.last;
    s.commit(s.deleting("a"), s.deleting("b"));
    for (const { json } of [...s.engine.table.history()].flatMap(packed)) expect(bytes(json)).toBeLessThan(ROW_BYTES_MAX);
    s.crash();
    const later = s.engine.history.since(version) ?? [];
    expect(later.map(({ type, name }) => `${type} ${name}`)).toEqual(["DELETED a", "DELETED b"]);
    for (const { text, before, resourceVersion } of later) {
      expect(versionOf(JSON.parse(text) as KubeObject)).toBe(resourceVersion);
      expect((JSON.parse(before) as Pod).spec?.containers?.[0]?.args?.[0] === largest).toBe(true);
    }
  });

  it("[C8] a refused write of a batch leaves the others alone, and results keep their order", () => {
    const s = store();
    s.create(configMap("a"));
    const results = s.commit(
      s.creation(configMap("b")),
      s.creation(configMap("a")),
      s.deleting("missing"),
      { ...s.patching("a", {}), verb: "post", subresource: "nothing", text: "{}" },
      s.patching("a", { data: { k: "v" } }),
      s.creation(configMap("c")),
    );
    expect(results.map((result) => (result.ok ? result.code : result.status.code))).toEqual([201, 409, 404, 405, 200, 201]);
    expect(names(s.page().items)).toEqual(["a", "b", "c"]);
    const versions = s.events.map(({ resourceVersion }) => resourceVersion);
    expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index));
  });

  it("[C9] a fault of our own in a batch undoes all of it, in memory too", () => {
    const s = store();
    s.create(configMap("a", {}, { labels: { l: "1" } }));
    expect(s.page({ labelSelector: "l=1" }).items).toHaveLength(1);
    const before = s.last;
    const broken = { ...s.patching("a", {}), text: undefined as unknown as string };
    const spoilt = { ...broken, verb: "update" as const, text: "{" };
    expect(() => s.commit(s.creation(configMap("b", {}, { labels: { l: "1" } })), s.deleting("a"), spoilt)).toThrow(SyntaxError);
    expect(s.last).toBe(before);
    expect(names(s.page({ labelSelector: "l=1" }).items)).toEqual(["a"]);
    expect(s.create(configMap("b"))).toMatchObject({ ok: true });
    expect(versionOf(s.get("b"))).toBe(before + 1);
  });

  it("[C10] an object on its way out still holds its name, and the answer says so", () => {
    const s = store();
    s.create(configMap("a", {}, { finalizers: ["example.com/hold"] }));
    s.delete("a");
    expect(s.create(configMap("a"))).toMatchObject({ ok: false, status: { code: 409, message: 'object is being deleted: configmaps "a" already exists' } });
  });

  it("[C11] what the server alone may say is not taken from the client", () => {
    const s = new TestStore(medium, [podKind]);
    const sent: Pod = {
      metadata: { name: "p", uid: "mine", creationTimestamp: "2001-01-01T00:00:00Z", deletionTimestamp: "2001-01-01T00:00:00Z" },
      spec: { containers: [{ name: "c", image: "i" }] },
      status: { phase: "Succeeded" },
    };
    s.create(sent);
    const pod = s.get("p") as Pod;
    expect(pod.metadata).toMatchObject({ creationTimestamp: "2026-01-01T00:00:00Z" });
    expect(pod.metadata?.uid).not.toBe("mine");
    expect(pod.metadata?.deletionTimestamp).toBeUndefined();
    expect(pod.status?.phase).toBe("Pending");
  });
});
