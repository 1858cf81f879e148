// What a store promises about watches when there are many of them, and when it is in the middle of telling.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StoreEvent } from "../../durable-objects/store/history.ts";
import { Audience } from "../../durable-objects/store/watch-audience.ts";
import { SeenEvent } from "../../durable-objects/store/watch-frames.ts";
import { AudienceIndex } from "../../durable-objects/store/watch-index.ts";
import type { WatchRequest } from "../../durable-objects/store/watch-opening.ts";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { podKind } from "../../shared/kinds/core/pod.ts";
import { type Change, change, changes } from "./_changes.ts";
import { configMap, MEDIA, TestStore, told, type Watching } from "./_store.ts";

const [MEMORY] = MEDIA;
if (!MEMORY) throw new Error("no medium");
const RUNS = { numRuns: 80 };
const MANY = 300;
const SELECTIONS = [{}, {}, { namespace: "a" }, { labelSelector: "l=1" }, { fieldSelector: "metadata.name=k" }, { as: "Table" as const }];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const store = (): TestStore => new TestStore(MEMORY, [configMapKind]);
const follow = (s: TestStore, selection: Partial<WatchRequest> = {}): Watching => s.watching({ resourceVersion: String(s.last), ...selection });

const versions = ({ frames }: Watching): unknown[] => frames.map(({ type, object }) => [type, object.metadata?.name, object.metadata?.resourceVersion]);

describe("watchers in turns", () => {
  it("[W14] many watchers are served in turns, and each hears in one piece what came since its last; a lone one never waits", () => {
    const alone = store();
    const only = follow(alone);
    for (const name of ["a", "b", "c"]) {
      alone.create(configMap(name));
      expect(told(only).at(-1)).toBe(`ADDED ${name}`);
    }
    const s = store();
    const all = Array.from({ length: MANY }, () => follow(s));
    s.create(configMap("a"));
    const first = all.filter(({ frames }) => frames.length > 0);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(MANY / 2);
    s.create(configMap("b"));
    s.create(configMap("c"));
    expect(all.filter(({ frames }) => frames.length > 0)).toEqual(first);
    vi.runAllTimers();
    for (const watching of all) expect(told(watching)).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
    expect(first.every(({ chunks }) => chunks.length === 2)).toBe(true);
    const later = all.filter((watching) => !first.includes(watching));
    expect(later.every(({ chunks }) => chunks.length === 1)).toBe(true);
    expect(new Set(later.map(({ chunks }) => chunks[0])).size).toBe(1);
  });

  it("[W15] whoever comes, goes or stops listening in the middle of it, everybody hears everything once and in order", () => {
    type Step = { readonly act: Change } | { readonly join: number } | { readonly leave: number } | { readonly deaf: number } | { readonly ms: number };
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 4, arbitrary: changes(1).map(([act]) => (act ? { act } : { ms: 0 })) },
      { weight: 2, arbitrary: fc.record({ join: fc.nat(SELECTIONS.length - 1) }) },
      { weight: 1, arbitrary: fc.record({ leave: fc.nat(200) }) },
      { weight: 1, arbitrary: fc.record({ deaf: fc.nat(200) }) },
      { weight: 2, arbitrary: fc.record({ ms: fc.nat(2) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const s = store();
        const joined = Array.from({ length: 70 }, (_, index) => ({
          from: s.last,
          selection: SELECTIONS[index % SELECTIONS.length],
          watching: follow(s, SELECTIONS[index % SELECTIONS.length]),
        }));
        const gone = new Set<Watching>();
        for (const one of steps) {
          if ("act" in one) change(s, one.act);
          else if ("join" in one) joined.push({ from: s.last, selection: SELECTIONS[one.join], watching: follow(s, SELECTIONS[one.join]) });
          else if ("ms" in one) vi.advanceTimersByTime(one.ms);
          else {
            const watching = joined[("leave" in one ? one.leave : one.deaf) % joined.length]?.watching;
            if (!watching) continue;
            gone.add(watching);
            if ("leave" in one) watching.stop();
            else watching.alive = false;
          }
        }
        vi.runAllTimers();
        for (const { from, selection, watching } of joined) {
          const late = follow(s, { ...selection, resourceVersion: String(from) });
          const whole = versions(late);
          late.stop();
          expect(gone.has(watching) ? whole.slice(0, watching.frames.length) : whole).toEqual(versions(watching));
        }
        for (const watching of gone) watching.stop();
        expect(s.hub.count).toBe(joined.length - gone.size);
      }),
      RUNS,
    );
  });

  it("[W16] an event is told when it is durable, and a watcher that saw it before is not told again", () => {
    const s = store();
    const beginning = String(s.last);
    s.create(configMap("a"));
    const before = s.last;
    const following = s.watching({ resourceVersion: String(before), allowWatchBookmarks: true });
    s.durable = false;
    s.create(configMap("b"));
    s.create(configMap("c"));
    const since = s.watching({ resourceVersion: beginning });
    const listing = s.watching({ resourceVersion: "0" });
    s.hub.bookmark();
    expect(told(following)).toEqual(["BOOKMARK"]);
    expect(following.frames[0]).toMatchObject({ object: { metadata: { resourceVersion: String(before) } } });
    expect(told(since)).toEqual(["ADDED a"]);
    expect(told(listing)).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
    for (const tell of s.untold.splice(0).reverse()) tell();
    expect(told(following)).toEqual(["BOOKMARK", "ADDED b", "ADDED c"]);
    expect(told(since)).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
    s.durable = true;
    s.create(configMap("d"));
    expect(told(listing)).toEqual(["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
  });

  it("[W17] an event is shown to no audience that cannot want it, and to every one that does", () => {
    const value = fc.constantFrom("", "n1", "n2");
    const pod = (node: string): Pod => ({ metadata: { name: "p", namespace: "default", labels: { node } }, spec: { nodeName: node } }) as Pod;
    const request = (selection: Partial<WatchRequest>): WatchRequest => ({
      group: "",
      version: "v1",
      as: "object",
      includeObject: "Metadata",
      metaVersion: "v1",
      ...selection,
    });
    const audiences = [
      {},
      { namespace: "default" },
      { namespace: "other" },
      { fieldSelector: "metadata.name=p" },
      { fieldSelector: "metadata.name=q" },
      { fieldSelector: "spec.nodeName=n1" },
      { fieldSelector: "spec.nodeName!=n1" },
      { fieldSelector: "spec.nodeName=,metadata.namespace=default" },
      { fieldSelector: "spec.nodeName=n2", labelSelector: "node=n2", namespace: "default" },
      { labelSelector: "node=n1" },
    ].map((selection) => new Audience(podKind, request(selection)));
    const index = new AudienceIndex();
    for (const audience of audiences) index.add(audience);
    fc.assert(
      fc.property(value, value, fc.constantFrom("ADDED", "MODIFIED", "DELETED"), (old, next, type) => {
        const text = (object: KubeObject): string => JSON.stringify(object);
        const event: StoreEvent = {
          namespace: "default",
          name: "p",
          type,
          resourceVersion: 1,
          text: text(pod(next)),
          before: type === "ADDED" ? "" : text(pod(old)),
        };
        const concerned = [...index.concerned(new SeenEvent(event, 0))];
        const wanting = (among: readonly Audience[]): Audience[] => among.filter((audience) => audience.tell(new SeenEvent(event, 0)));
        expect(new Set(concerned).size).toBe(concerned.length);
        expect(new Set(wanting(concerned))).toEqual(new Set(wanting(audiences)));
      }),
      RUNS,
    );
    const kubelets = Array.from({ length: 1000 }, (_, n) => new Audience(podKind, request({ fieldSelector: `spec.nodeName=m${n}` })));
    for (const audience of kubelets) index.add(audience);
    const bound: StoreEvent = { namespace: "default", name: "p", type: "ADDED", resourceVersion: 1, text: JSON.stringify(pod("m7")), before: "" };
    expect([...index.concerned(new SeenEvent(bound, 0))].filter((audience) => kubelets.includes(audience))).toEqual([kubelets[7]]);
    for (const audience of [...kubelets, ...audiences]) index.delete(audience);
    expect([...index.concerned(new SeenEvent(bound, 0))]).toEqual([]);
  });
});
