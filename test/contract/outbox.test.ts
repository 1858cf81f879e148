// What subscribers are promised: at least once, in batches, and a crash loses no word.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Outbox, type Reach, type Subscription } from "../../durable-objects/store/outbox.ts";
import { BATCH_MAX } from "../../shared/base/limits.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { change, changes } from "./_changes.ts";
import { configMap, MEDIA, TestStore } from "./_store.ts";

/** Tells `watcher-NAMESPACE` the name and version of each change, and `all` the name alone. */
const SUBSCRIPTIONS: readonly Subscription[] = [
  {
    family: "controller",
    resource: "/configmaps",
    items: ({ next, old, resourceVersion }) => {
      const { namespace = "", name = "" } = (next ?? old)?.metadata ?? {};
      return [
        { actor: `in-${namespace}`, item: `${name}@${resourceVersion}` },
        { actor: "all", item: name },
      ];
    },
  },
  { family: "controller", resource: "/pods", items: () => [{ actor: "never", item: "x" }] },
];
/** Tells `patient` of each change by and by, of `urgent` at once. */
const PATIENT: readonly Subscription[] = [
  {
    family: "scheduler",
    resource: "/configmaps",
    patient: true,
    items: ({ next, old, resourceVersion }) => [{ actor: "patient", item: `${(next ?? old)?.metadata?.name}@${resourceVersion}` }],
  },
  {
    family: "scheduler",
    resource: "/configmaps",
    items: ({ next }) => (next?.metadata?.name === "urgent" ? [{ actor: "patient", item: "urgent" }] : []),
  },
];
const settle = async (): Promise<void> => {
  for (let n = 0; n < 50; n++) await Promise.resolve();
};
/** An actor that answers when the test says so. */
class Receivers {
  readonly recorded = new Map<string, string[]>();
  readonly open: { actor: string; items: readonly string[]; end: (failed: boolean) => void }[] = [];
  /** Resources that have no store. */
  readonly missing = new Set<string>();
  readonly isWritten = (resource: string): boolean => !this.missing.has(resource);
  readonly deliver: Reach["deliver"] = (_family, actor, items) =>
    new Promise((done, fail) => {
      this.open.push({ actor, items, end: (failed) => (failed ? fail(new Error("lost")) : (this.record(actor, items), done())) });
    });
  record(actor: string, items: readonly string[]): void {
    this.recorded.set(actor, [...(this.recorded.get(actor) ?? []), ...items]);
  }
  async end(index: number, how: { readonly failed: boolean }): Promise<void> {
    this.open.splice(index, 1)[0]?.end(how.failed);
    await settle();
  }
}
const outboxOf = (receivers: Receivers, subscriptions = SUBSCRIPTIONS): Outbox => new Outbox(configMapKind, subscriptions, receivers);
const pass = async (ms: number): Promise<void> => {
  vi.advanceTimersByTime(ms);
  await settle();
};

describe.each(MEDIA)("the outbox over $name", (medium) => {
  afterEach(() => void vi.useRealTimers());
  const store = (): TestStore => {
    const s = new TestStore(medium, [configMapKind]);
    s.heard = false;
    return s;
  };

  it("[N1] everybody hears everything at least once, though deliveries fail, come twice, take long, and the store crashes", async () => {
    type Step = { readonly do: "change" | "flush" | "end" | "fail" | "vanish" | "crash"; readonly pick: number };
    const steps = fc.array(
      fc.record({ do: fc.constantFrom<Step["do"]>("change", "change", "flush", "flush", "end", "end", "fail", "vanish", "crash"), pick: fc.nat(5) }),
      { maxLength: 60, size: "max" },
    );
    await fc.assert(
      fc.asyncProperty(changes(60), steps, async (lives, script) => {
        const s = store();
        const receivers = new Receivers();
        let outbox = outboxOf(receivers, [...SUBSCRIPTIONS, ...PATIENT]);
        let next = 0;
        const act = async (step: Step): Promise<void> => {
          const index = receivers.open.length === 0 ? -1 : step.pick % receivers.open.length;
          if (step.do === "change") {
            const before = s.events.length;
            const one = lives[next++];
            s.engine.told = outbox.told;
            if (one) change(s, one);
            outbox.add(s.events.slice(before));
          } else if (step.do === "flush") void outbox.flush({ patientToo: step.pick % 2 === 0 });
          else if (step.do === "crash") {
            s.crash();
            receivers.open.length = 0;
            outbox = outboxOf(receivers, [...SUBSCRIPTIONS, ...PATIENT]);
            const owed = s.engine.history.since(s.engine.told);
            expect(owed).toBeDefined();
            outbox.add(owed ?? []);
          } else if (index >= 0) {
            // What vanishes was recorded, only the answer was lost.
            if (step.do === "vanish") receivers.record(receivers.open[index]?.actor ?? "", receivers.open[index]?.items ?? []);
            await receivers.end(index, { failed: step.do !== "end" });
          }
          await settle();
        };
        for (const step of script) await act(step);
        while (next < lives.length) await act({ do: "change", pick: 0 });
        for (let n = 0; n < 50 && !outbox.isEmpty; n++) {
          await act({ do: "flush", pick: 0 });
          while (receivers.open.length > 0) await act({ do: "end", pick: 0 });
        }
        for (const { namespace, name, resourceVersion } of s.events) {
          expect(receivers.recorded.get(`in-${namespace}`)).toContain(`${name}@${resourceVersion}`);
          expect(receivers.recorded.get("all")).toContain(name);
          expect(receivers.recorded.get("patient")).toContain(`${name}@${resourceVersion}`);
        }
        expect(outbox.isEmpty).toBe(true);
        expect(receivers.recorded.has("never")).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("[N2] `told` never passes a change whose word is not recorded", async () => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers);
    const make = (namespace: string, name: string): number => {
      const before = s.events.length;
      s.create(configMap(name, {}, { namespace }));
      outbox.add(s.events.slice(before));
      return s.last;
    };
    const first = make("a", "k");
    void outbox.flush();
    await settle();
    expect(outbox.told).toBeLessThan(first);
    const second = make("a", "l");
    make("b", "m");
    expect(outbox.told).toBeLessThan(first);
    void outbox.flush();
    await settle();
    expect(receivers.open.map(({ actor }) => actor).sort()).toEqual(["all", "in-a", "in-b"]);
    const end = (actor: string, failed = false): Promise<void> =>
      receivers.end(
        receivers.open.findIndex((one) => one.actor === actor),
        { failed },
      );
    await end("all");
    await end("all");
    await end("in-b");
    expect(outbox.told).toBeLessThan(first);
    await end("in-a");
    expect(outbox.told).toBeLessThan(second);
    await end("in-a", true);
    expect(outbox.told).toBeLessThan(second);
    void outbox.flush();
    await end("in-a");
    expect(outbox.told).toBe(s.last);
  });

  it("[N3] one call at a time goes to each actor, in order, with at most a batch", async () => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers);
    const many = Array.from({ length: BATCH_MAX + 20 }, (_, n) => `c${String(n).padStart(4, "0")}`);
    s.commit(...many.map((name) => s.creation(configMap(name, {}, { namespace: "a" }))));
    outbox.add(s.events);
    void outbox.flush();
    void outbox.flush();
    await settle();
    expect(receivers.open.map(({ actor, items }) => `${actor} ${items.length}`)).toEqual([`in-a ${BATCH_MAX}`, `all ${BATCH_MAX}`]);
    await receivers.end(1, { failed: false });
    await receivers.end(1, { failed: false });
    expect(receivers.recorded.get("all")).toEqual(many);
    expect(receivers.open).toHaveLength(1);
  });

  it("[N4] a subscriber that does not answer holds up nobody else", async () => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers);
    for (const name of ["k", "l", "m"]) {
      const before = s.events.length;
      s.create(configMap(name, {}, { namespace: "a" }));
      outbox.add(s.events.slice(before));
      void outbox.flush();
      await settle();
      await receivers.end(
        receivers.open.findIndex(({ actor }) => actor === "all"),
        { failed: false },
      );
    }
    expect(receivers.recorded.get("all")).toEqual(["k", "l", "m"]);
    expect(receivers.open.map(({ actor }) => actor)).toEqual(["in-a"]);
  });

  it("[N5] equal words are said once in a batch; one that comes up again while it is on its way is said again", async () => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers);
    const patch = (value: string): void => {
      const before = s.events.length;
      s.patch("k", { data: { v: value } });
      outbox.add(s.events.slice(before));
    };
    s.create(configMap("k"));
    patch("1");
    patch("2");
    void outbox.flush();
    await settle();
    const all = receivers.open.findIndex(({ actor }) => actor === "all");
    expect(receivers.open[all]?.items).toEqual(["k"]);
    patch("3");
    await receivers.end(all, { failed: false });
    expect(receivers.open.find(({ actor }) => actor === "all")?.items).toEqual(["k"]);
  });

  it("[N6] a store that was born with nothing does not forget whom it owes its first words", () => {
    const s = store();
    const outbox = outboxOf(new Receivers());
    outbox.add([]);
    s.engine.told = outbox.told;
    s.create(configMap("k"));
    s.crash();
    expect(s.engine.history.since(s.engine.told)?.map(({ name }) => name)).toEqual(["k"]);
  });

  it.each([
    ["comparable", {}],
    ["distinct", { distinct: true as const }],
  ])("[N8] %s words that failed to arrive come before those that came up since: the last one about a thing counts", async (_sort, sort) => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers, [
      { family: "controller", resource: "/configmaps", items: ({ next }) => [{ actor: "all", item: next?.metadata?.name ?? "", ...sort }] },
    ]);
    const make = (name: string): void => {
      const before = s.events.length;
      s.create(configMap(name, {}, { namespace: "a" }));
      outbox.add(s.events.slice(before));
    };
    make("k");
    void outbox.flush();
    await settle();
    make("l");
    while (receivers.open.length > 0) await receivers.end(0, { failed: true });
    void outbox.flush();
    await settle();
    expect(receivers.open.find(({ actor }) => actor === "all")?.items).toEqual(["k", "l"]);
  });

  it("[N9] patient words are gathered; they go along with the first hurried one for the same actor, and count as untold until then", async () => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers, PATIENT);
    const begun = s.engine.history.last;
    const make = (name: string): void => {
      const before = s.events.length;
      s.create(configMap(name));
      outbox.add(s.events.slice(before));
    };
    const flush = async (patientToo: boolean): Promise<readonly string[] | undefined> => {
      void outbox.flush({ patientToo });
      await settle();
      const items = receivers.open.find(({ actor }) => actor === "patient")?.items;
      while (receivers.open.length > 0) await receivers.end(0, { failed: false });
      return items;
    };
    make("k");
    expect(await flush(false)).toBeUndefined();
    make("l");
    expect(await flush(false)).toBeUndefined();
    expect([outbox.isPatient, outbox.isEmpty, outbox.told]).toEqual([true, false, begun]);
    expect(await flush(true)).toEqual([`k@${begun + 1}`, `l@${begun + 2}`]);
    expect([outbox.isPatient, outbox.isEmpty, outbox.told]).toEqual([false, true, begun + 2]);
    make("m");
    make("urgent");
    expect(outbox.isPatient).toBe(false);
    expect(await flush(false)).toEqual([`m@${begun + 3}`, `urgent@${begun + 4}`, "urgent"]);
  });

  it("[N10] while many objects end, whoever is told of them rests in between and hears of more at a time; a word about anything else ends the rest", async () => {
    const s = store();
    const receivers = new Receivers();
    const outbox = outboxOf(receivers);
    vi.useFakeTimers();
    const tell = (act: () => void): void => {
      const before = s.events.length;
      act();
      outbox.add(s.events.slice(before));
    };
    const remove = (from: number, to: number): void => {
      for (let n = from; n < to; n++) s.delete(`c${n}`);
    };
    const names = (): string[] => receivers.open.filter(({ actor }) => actor === "all").flatMap(({ items }) => items);
    const endAll = async (): Promise<void> => {
      while (receivers.open.length > 0) await receivers.end(0, { failed: false });
    };
    /** Objects up to `to` end while somebody is told of the end of the first of them. */
    const endWhileTold = async (from: number, to: number): Promise<void> => {
      tell(() => remove(from, from + 1));
      void outbox.flush();
      await settle();
      tell(() => remove(from + 1, to));
      await pass(20);
    };
    for (let n = 0; n < 60; n++) s.create(configMap(`c${n}`));
    s.events.length = 0;

    // A few that end one after the other are told at once.
    await endWhileTold(0, 4);
    await receivers.end(0, { failed: false });
    await receivers.end(0, { failed: false });
    expect(names()).toEqual(["c1", "c2", "c3"]);
    await endAll();
    expect([outbox.isEmpty, vi.getTimerCount()]).toEqual([true, 0]);

    // Many ended while somebody was told: what ends then is told together, after several times as long.
    await endWhileTold(4, 30);
    await endAll();
    tell(() => remove(30, 31));
    await pass(50);
    expect(names()).toEqual([]);
    expect(outbox.told).toBeLessThan(s.last);
    await pass(10);
    expect(names()).toHaveLength(26);
    await endAll();
    expect([outbox.isEmpty, outbox.told]).toEqual([true, s.last]);

    // Who rests is told at once of what begins or changes, and of all that waits with it.
    await endWhileTold(31, 50);
    await endAll();
    tell(() => void s.create(configMap("new")));
    await settle();
    expect(names()).toEqual([...Array.from({ length: 18 }, (_, n) => `c${32 + n}`), "new"]);
    expect(vi.getTimerCount()).toBe(0);
    await endAll();
    expect([outbox.isEmpty, outbox.told]).toEqual([true, s.last]);
  });
});
