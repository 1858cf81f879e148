// What a store promises about lists.
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Pod } from "../../shared/kinds/_generated/types.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { podKind } from "../../shared/kinds/core/pod.ts";
import { change, changes, forget } from "./_changes.ts";
import { configMap, type ListedPage, MEDIA, names, TestStore } from "./_store.ts";

const RUNS = { numRuns: 60 };
const keys = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);

describe.each(MEDIA)("lists over $name", (medium) => {
  const store = (...made: readonly string[]): TestStore => {
    const s = new TestStore(medium, [configMapKind]);
    for (const key of made) {
      const [namespace = "", name = ""] = key.split("/");
      s.create(configMap(name, {}, { namespace }));
    }
    return s;
  };

  it("[L1] a list is in key order, at the store's version, and a namespace's list holds its objects alone", () => {
    const s = store("b/a", "a/z", "a/b", "a-b/c", "c/a");
    expect(keys(s.page().items)).toEqual(["a/b", "a/z", "a-b/c", "b/a", "c/a"]);
    expect(s.page().resourceVersion).toBe(String(s.last));
    expect(keys(s.page({ namespace: "a" }).items)).toEqual(["a/b", "a/z"]);
    expect(s.page({ namespace: "none" }).items).toEqual([]);
  });

  it("[L2] the pages of a list are the list at its first page's version, whatever happens between them", () => {
    const listing = fc.record({
      limit: fc.integer({ min: 1, max: 4 }),
      namespace: fc.constantFrom("", "a"),
      labelSelector: fc.constantFrom("", "l=1", "l!=1"),
    });
    const rounds = fc.array(changes(6), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes(25), rounds, listing, fc.boolean(), (before, between, { limit, ...where }, crash) => {
        const s = store();
        for (const one of before) change(s, one);
        const expected = s.page(where);
        const pages: ListedPage[] = [s.page({ ...where, limit })];
        for (let round = 0; pages.at(-1)?.continue !== undefined; round++) {
          for (const one of between[round % between.length] ?? []) change(s, one);
          if (crash && round === 1) s.crash();
          pages.push(s.page({ ...where, limit, continue: pages.at(-1)?.continue ?? "" }));
        }
        expect(pages.flatMap(({ items }) => items)).toEqual(expected.items);
        expect(new Set(pages.map(({ resourceVersion }) => resourceVersion))).toEqual(new Set([expected.resourceVersion]));
        for (const page of pages.slice(0, -1)) expect(page.items).toHaveLength(limit);
      }),
      RUNS,
    );
  });

  it("[L3] without selectors a page says exactly how many objects remain; with them it does not say", () => {
    fc.assert(
      fc.property(changes(20), changes(6), fc.integer({ min: 1, max: 3 }), (before, between, limit) => {
        const s = store();
        for (const one of before) change(s, one);
        let left = s.page().items.length;
        let page = s.page({ limit });
        for (;;) {
          left -= page.items.length;
          expect(page.remainingItemCount ?? 0).toBe(left);
          if (page.continue === undefined) break;
          for (const one of between) change(s, one);
          page = s.page({ limit, continue: page.continue });
        }
      }),
      RUNS,
    );
    const s = store("a/a", "a/b", "a/c");
    expect(s.page({ limit: 1, labelSelector: "l!=1" })).toMatchObject({ continue: expect.any(String) as string });
    expect(s.page({ limit: 1, labelSelector: "l!=1" }).remainingItemCount).toBeUndefined();
  });

  it("[L4] a list at an exact older version is what the list was then, after a crash too", () => {
    fc.assert(
      fc.property(changes(20), changes(20), fc.boolean(), (before, later, crash) => {
        const s = store();
        for (const one of before) change(s, one);
        const then = s.page();
        for (const one of later) change(s, one);
        if (crash) s.crash();
        const exact = s.page({ resourceVersion: then.resourceVersion, resourceVersionMatch: "Exact" });
        expect(exact).toEqual(then);
        const atLeast = s.page({ resourceVersion: then.resourceVersion, resourceVersionMatch: "NotOlderThan" });
        expect(atLeast).toEqual(s.page());
      }),
      RUNS,
    );
  });

  it("[L5] a version that the store has not reached is answered with 504, not with a list", () => {
    const s = store("a/a");
    const wanted = String(s.last + 5);
    expect(s.list({ resourceVersion: wanted })).toMatchObject({ code: 504, reason: "Timeout", details: { causes: [{ reason: "ResourceVersionTooLarge" }] } });
    expect(s.list({ resourceVersion: wanted, resourceVersionMatch: "Exact" })).toMatchObject({ code: 504 });
  });

  it("[L6] a list whose version is forgotten gets 410 with a token that carries on at the newest version", () => {
    const s = store("a/a", "a/b", "a/c", "a/d");
    const first = s.page({ limit: 2 });
    s.delete("c", {}, { namespace: "a" });
    s.create(configMap("e", {}, { namespace: "a" }));
    forget(s);
    const refused = s.list({ limit: 2, continue: first.continue ?? "" });
    expect(refused).toMatchObject({ code: 410, reason: "Expired" });
    const token = (refused as unknown as { metadata: { continue: string } }).metadata.continue;
    const rest = s.page({ limit: 2, continue: token });
    expect(names(rest.items)).toEqual(["d", "e"]);
    expect(rest.resourceVersion).toBe(String(s.last));
    expect(s.list({ resourceVersion: first.resourceVersion, resourceVersionMatch: "Exact" })).toMatchObject({ code: 410 });
  });

  it("[L7] selectors choose by labels and by the kind's own fields", () => {
    const s = new TestStore(medium, [podKind]);
    const pod = (name: string, nodeName: string, labels: Record<string, string>): Pod => ({
      metadata: { name, labels },
      spec: { nodeName, containers: [{ name: "c", image: "i" }] },
    });
    s.create(pod("a", "n1", { app: "x" }));
    s.create(pod("b", "n2", { app: "x" }));
    s.create(pod("c", "n1", { app: "y" }));
    const chosen = (options: object): string[] => names(s.page(options).items);
    expect(chosen({ labelSelector: "app=x" })).toEqual(["a", "b"]);
    expect(chosen({ labelSelector: "app notin (x)" })).toEqual(["c"]);
    expect(chosen({ labelSelector: "!app" })).toEqual([]);
    expect(chosen({ fieldSelector: "spec.nodeName=n1" })).toEqual(["a", "c"]);
    expect(chosen({ fieldSelector: "spec.nodeName=n1,metadata.name!=a" })).toEqual(["c"]);
    expect(chosen({ fieldSelector: "metadata.name=b", labelSelector: "app=y" })).toEqual([]);
    expect(chosen({ fieldSelector: "metadata.name=b", namespace: "default" })).toEqual(["b"]);
    expect(chosen({ fieldSelector: "metadata.namespace=default,status.phase=Pending" })).toEqual(["a", "b", "c"]);
    s.patch("a", { metadata: { labels: { app: "y" } } });
    expect(chosen({ labelSelector: "app=y" })).toEqual(["a", "c"]);
    s.crash();
    expect(chosen({ labelSelector: "app=y", fieldSelector: "spec.nodeName=n1" })).toEqual(["a", "c"]);
  });

  it("[L8] what cannot be understood is refused: selectors, fields, tokens", () => {
    const s = store("a/a", "a/b");
    expect(s.list({ labelSelector: "a in (" })).toMatchObject({ code: 400 });
    expect(s.list({ fieldSelector: "spec.nothing=1" })).toMatchObject({ code: 400 });
    const token = s.page({ limit: 1 }).continue ?? "";
    for (const bad of ["x", "e30", `${token.slice(0, -4)}AAAA`]) expect(s.list({ limit: 1, continue: bad })).toMatchObject({ code: 400 });
  });

  it("[L9] a list of more objects than one read of the table, whole and in pages, is complete", () => {
    const s = store();
    const all = Array.from({ length: 1201 }, (_, n) => `c${String(n).padStart(5, "0")}`);
    s.commit(...all.map((name) => s.creation(configMap(name))));
    expect(names(s.page().items)).toEqual(all);
    const first = s.page({ limit: 700 });
    s.commit(...all.slice(600, 900).map((name) => s.deleting(name)));
    const second = s.page({ limit: 700, continue: first.continue ?? "" });
    expect(names([...first.items, ...second.items])).toEqual(all);
    expect(names(s.page().items)).toEqual([...all.slice(0, 600), ...all.slice(900)]);
  });

  it("[L10] a chunk of a list reads its own rows and one more, and only the first one counts what is there", () => {
    const s = store(...Array.from({ length: 60 }, (_, n) => `a/c${String(n).padStart(3, "0")}`));
    const { table } = s.engine;
    const [scan, countAfter] = [vi.spyOn(table, "scan"), vi.spyOn(table, "countAfter")];
    for (let page = s.page({ limit: 10 }); page.continue !== undefined;) page = s.page({ limit: 10, continue: page.continue });
    expect(scan.mock.results.map(({ value }) => (value as readonly unknown[]).length)).toEqual([11, 11, 11, 11, 11, 10]);
    expect(countAfter).toHaveBeenCalledTimes(1);
  });

  it("[L11] a large list is read while it is sent, a piece at a time, and is what it was when it was asked for; it breaks off when that is forgotten", async () => {
    const LARGE = 30_000;
    const all = Array.from({ length: 200 }, (_, n) => `c${String(n).padStart(3, "0")}`);
    const large = (name: string, text: string) => ({ ...configMap(name), data: { text: text.repeat(LARGE) } });
    const s = store();
    for (const name of all) s.create(large(name, "a"));
    const then = { kind: s.kind, version: String(s.last), items: all.map((name) => s.get(name)) };
    const scan = vi.spyOn(s.engine.table, "scan");
    const reading = s.stream();
    const begun = scan.mock.calls.length;
    const first = await reading.next();
    expect(scan.mock.calls).toHaveLength(begun);
    // Behind what has been read and before it, changed, gone and new.
    for (const name of ["c000", "c100", "c199"]) s.update(large(name, "b"));
    for (const name of ["c001", "c150"]) s.delete(name);
    for (const name of ["a", "c0000", "c1500", "d"]) s.create(configMap(name));
    let text = first.value ?? "";
    for (let piece = await reading.next(); !piece.done; piece = await reading.next()) {
      expect(piece.value.length).toBeLessThan(3_000_000);
      text += piece.value;
    }
    expect(reading.resourceVersion).toBe(then.version);
    expect(JSON.parse(`[${text}]`)).toEqual(then.items);

    const late = s.stream();
    await late.next();
    s.create(configMap("e"));
    forget(s);
    await expect(late.next()).rejects.toThrow("too old");
  });
});
