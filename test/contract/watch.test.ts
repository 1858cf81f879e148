// What a store promises about watches, whatever transport carries them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { KINDS } from "../../shared/kinds/index.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { podKind } from "../../shared/kinds/core/pod.ts";
import { change, changes, forget } from "./_changes.ts";
import { configMap, type Frame, MEDIA, names, TestStore, told, versionOf, type Watching } from "./_store.ts";

const RUNS = { numRuns: 80 };
const SELECTIONS = [{}, { namespace: "a" }, { labelSelector: "l=1" }, { labelSelector: "l!=1", namespace: "b" }, { fieldSelector: "metadata.name=k" }];
const keyOf = ({ metadata }: KubeObject): string => `${metadata?.namespace}/${metadata?.name}`;

/** What a client that lists, then follows, believes there is. It holds the server to the grammar of a watch. */
function replay(listed: readonly KubeObject[], frames: readonly Frame[], from: number): KubeObject[] {
  const known = new Map(listed.map((object) => [keyOf(object), object]));
  let version = from;
  for (const { type, object } of frames) {
    expect(versionOf(object)).toBeGreaterThan(version);
    version = versionOf(object);
    expect(known.has(keyOf(object)), `${type} ${keyOf(object)}`).toBe(type !== "ADDED");
    const { kind, apiVersion, ...rest } = object;
    expect([kind, apiVersion]).toEqual(["ConfigMap", "v1"]);
    if (type === "DELETED") known.delete(keyOf(object));
    else known.set(keyOf(object), rest as KubeObject);
  }
  return [...known.keys()].sort().map((key) => known.get(key) as KubeObject);
}

describe.each(MEDIA)("watches over $name", (medium) => {
  const store = (): TestStore => new TestStore(medium, [configMapKind]);

  it("[W1] a list and the events after it are the later list, for every selection, live or from history", () => {
    fc.assert(
      fc.property(changes(15), changes(25), fc.constantFrom(...SELECTIONS), fc.boolean(), (before, later, selection, crash) => {
        const s = store();
        for (const one of before) change(s, one);
        const listed = s.page(selection);
        const live = s.watching({ ...selection, resourceVersion: listed.resourceVersion });
        for (const one of later) change(s, one);
        if (crash) s.crash();
        const late = s.watching({ ...selection, resourceVersion: listed.resourceVersion });
        expect(replay(listed.items, live.frames, Number(listed.resourceVersion))).toEqual(s.page(selection).items);
        expect(late.frames).toEqual(live.frames);
      }),
      RUNS,
    );
  });

  it("[W2] an object that enters a selection is ADDED, one that leaves it DELETED as it was, with the version of the change", () => {
    const s = store();
    s.create(configMap("a", { k: "1" }, { labels: { l: "1" } }));
    const inside = s.watching({ resourceVersion: String(s.last), labelSelector: "l=1" });
    const outside = s.watching({ resourceVersion: String(s.last), labelSelector: "l=2" });
    s.patch("a", { metadata: { labels: { l: "2" } }, data: { k: "2" } });
    const left = s.last;
    s.patch("a", { data: { k: "3" } });
    s.patch("a", { metadata: { labels: { l: "1" } } });
    s.delete("a");
    expect(told(inside)).toEqual(["DELETED a", "ADDED a", "DELETED a"]);
    expect(inside.frames[0]).toMatchObject({ object: { data: { k: "1" }, metadata: { labels: { l: "1" }, resourceVersion: String(left) } } });
    expect(told(outside)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
    const byNode = new TestStore(medium, [podKind]);
    byNode.create({ metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } } as Pod);
    const node = byNode.watching({ resourceVersion: String(byNode.last), fieldSelector: "spec.nodeName=n1" });
    byNode.commit({
      ...byNode.patching("p", {}),
      verb: "post",
      subresource: "binding",
      text: JSON.stringify({ metadata: { name: "p" }, target: { kind: "Node", name: "n1" } }),
    });
    expect(told(node)).toEqual(["ADDED p"]);
  });

  it("[W3] after a crash history says the same as before: types, texts, what each object was before", () => {
    fc.assert(
      fc.property(changes(30), fc.integer({ min: 0, max: 30 }), (lives, from) => {
        const s = store();
        const { floor } = s.engine.history;
        for (const one of lives) change(s, one);
        const plain = () =>
          s.engine.history
            .since(floor + from)
            ?.map(({ type, namespace, name, resourceVersion, text, before }) => ({ type, namespace, name, resourceVersion, text, before }));
        const before = plain();
        s.crash();
        expect(plain()).toEqual(before);
        s.crash();
        expect(plain()).toEqual(before);
      }),
      RUNS,
    );
  });

  it("[W4] a version that is forgotten is told in the stream as 410, and the watch ends there", () => {
    const s = store();
    s.create(configMap("a"));
    const version = s.last;
    forget(s);
    const frames = [{ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }];
    expect(s.watching({ resourceVersion: String(version) }).frames).toMatchObject(frames);
    expect(s.watching({ resourceVersion: "1" }).frames).toMatchObject(frames);
    expect(s.watching({ resourceVersion: String(s.engine.history.floor) }).frames[0]?.type).not.toBe("ERROR");
    s.crash();
    expect(s.watching({ resourceVersion: "1" }).frames).toMatchObject(frames);
    expect(s.watching({ resourceVersion: String(s.last) }).frames).toEqual([]);
  });

  it("[W5] bookmarks go to those who asked for them and carry the store's version", () => {
    const s = store();
    const asked = s.watching({ allowWatchBookmarks: true, resourceVersion: String(s.last) });
    const silent = s.watching({ resourceVersion: String(s.last) });
    const elsewhere = s.watching({ allowWatchBookmarks: true, resourceVersion: String(s.last), namespace: "b" });
    s.create(configMap("a"));
    s.hub.bookmark();
    expect(told(asked)).toEqual(["ADDED a", "BOOKMARK"]);
    expect(told(silent)).toEqual(["ADDED a"]);
    expect(elsewhere.frames).toMatchObject([
      { type: "BOOKMARK", object: { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: String(s.last) } } },
    ]);
  });

  it("[W6] a watch that asks for initial events gets what a list would show, a mark, then what follows", () => {
    const s = store();
    s.create(configMap("b"));
    s.create(configMap("a"));
    const watching = s.watching({ sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true });
    const end = s.last;
    s.patch("b", { data: { k: "1" } });
    expect(told(watching)).toEqual(["ADDED a", "ADDED b", "BOOKMARK", "MODIFIED b"]);
    expect(watching.frames[2]).toMatchObject({ object: { metadata: { resourceVersion: String(end), annotations: { "k8s.io/initial-events-end": "true" } } } });
    expect(told(s.watching({ resourceVersion: "0" }))).toEqual(["ADDED a", "ADDED b"]);
    expect(told(s.watching({}))).toEqual(["ADDED a", "ADDED b"]);
    expect(told(s.watching({ sendInitialEvents: false }))).toEqual([]);
  });

  it("[W7] Tables name their columns once to each watcher; metadata-only forms carry metadata", () => {
    const s = store();
    s.create(configMap("a", { k: "v" }));
    const table = s.watching({ as: "Table", resourceVersion: "0" });
    const fresh = s.watching({ as: "Table", resourceVersion: String(s.last) });
    const partial = s.watching({ as: "PartialObjectMetadata", resourceVersion: "0" });
    s.patch("a", { data: { k: "w" } });
    s.patch("a", { data: { k: "x" } });
    const columns = (watching: Watching): boolean[] => watching.frames.map(({ object }) => Array.isArray(object["columnDefinitions"]));
    expect(columns(table)).toEqual([true, false, false]);
    expect(columns(fresh)).toEqual([true, false]);
    expect(table.frames[1]).toMatchObject({
      type: "MODIFIED",
      object: { kind: "Table", rows: [{ cells: ["a", 1, expect.anything()], object: { kind: "PartialObjectMetadata" } }] },
    });
    for (const { object } of partial.frames)
      expect(object).toMatchObject({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: { name: "a" } });
    expect(partial.frames.some(({ object }) => "data" in object)).toBe(false);
  });

  it("[W8] watchers of one form share their bytes; a dead or slow one is dropped and the others hear on", () => {
    const s = store();
    const [one, two, three] = [
      s.watching({ resourceVersion: String(s.last) }),
      s.watching({ resourceVersion: String(s.last) }),
      s.watching({ resourceVersion: String(s.last) }),
    ];
    s.create(configMap("a"));
    expect(one.chunks[0]).toBe(two.chunks[0]);
    two.alive = false;
    s.create(configMap("b"));
    expect([s.hub.count, two.closed]).toEqual([2, true]);
    three.stop();
    three.stop();
    s.create(configMap("c"));
    expect([told(one), told(two), told(three)]).toEqual([["ADDED a", "ADDED b", "ADDED c"], ["ADDED a"], ["ADDED a", "ADDED b"]]);
    expect(s.hub.count).toBe(1);
  });

  it("[W9] a version that the store has not reached is told in the stream as 504", () => {
    const s = store();
    expect(s.watching({ resourceVersion: String(s.last + 9) }).frames).toMatchObject([{ type: "ERROR", object: { code: 504, reason: "Timeout" } }]);
  });

  it("[W10] the events of one commit come in one piece, in order, and a refused write is none", () => {
    const s = store();
    const watching = s.watching({ resourceVersion: String(s.last) });
    s.commit(s.creation(configMap("b")), s.creation(configMap("a")), s.creation(configMap("a")), s.deleting("b"));
    expect(told(watching)).toEqual(["ADDED b", "ADDED a", "DELETED b"]);
    expect(watching.chunks).toHaveLength(1);
  });

  it("[W11] a watch in another version of the resource speaks that version, and selects by its fields", () => {
    const [core, newer] = ["/v1/events", "events.k8s.io/v1/events"].map((id) =>
      KINDS.find(({ group, version, resource }) => `${group}/${version}/${resource}` === id),
    );
    if (!core || !newer) throw new Error("no events");
    const s = new TestStore(medium, [core, newer]);
    const watching = s.watching({ group: "events.k8s.io", version: "v1", fieldSelector: "regarding.name=p", resourceVersion: String(s.last) });
    const event = (name: string, about: string): KubeObject =>
      ({ metadata: { name }, involvedObject: { kind: "Pod", namespace: "default", name: about }, reason: "R", message: "hello", type: "Normal" }) as KubeObject;
    s.create(event("e", "p"));
    s.create(event("f", "q"));
    expect(watching.frames).toMatchObject([
      { type: "ADDED", object: { apiVersion: "events.k8s.io/v1", kind: "Event", regarding: { name: "p" }, note: "hello" } },
    ]);
    expect(names(watching.frames.map(({ object }) => object))).toEqual(["e"]);
  });

  it("[W12] what cannot be understood is refused before a stream begins", () => {
    const s = store();
    expect(s.watch({ labelSelector: "a in (" })).toMatchObject({ code: 400 });
    expect(s.watch({ fieldSelector: "spec.nothing=1" })).toMatchObject({ code: 400 });
  });

  it("[W13] history that subscribers have not heard of yet is kept in the table however long it grows", () => {
    const s = store();
    s.create(configMap("a"));
    const unheard = s.last;
    s.engine.told = unheard;
    s.heard = false;
    forget(s);
    expect(s.engine.history.since(unheard)).toBeUndefined();
    s.crash();
    expect(s.engine.told).toBe(unheard);
    expect(s.engine.history.since(unheard)?.at(-1)?.resourceVersion).toBe(s.last);
  });
});
