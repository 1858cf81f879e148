// While much changes, some subscribers are told of more at a time.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox, type Subscription } from "../../durable-objects/store/outbox.ts";
import { configMapKind } from "../../shared/kinds/core/configmap.ts";
import { configMap, MEDIA, TestStore } from "./_store.ts";

const FEW = 2;
const ENOUGH = 5;
const LONGEST_MS = 500;
/** As QUIET_MS in durable-objects/store/rests.ts, with as much again until it is noticed. */
const QUIET_MS = 20;
/** Tells `gatherer` the names of what comes up in namespace `a`. */
const GATHERS: Subscription = {
  family: "node",
  resource: "/configmaps",
  gathers: { few: FEW, enough: ENOUGH, ms: LONGEST_MS },
  items: ({ next }) => (next?.metadata?.namespace === "a" ? [{ actor: "gatherer", item: next.metadata.name ?? "" }] : []),
};
const settle = async (): Promise<void> => {
  for (let n = 0; n < 50; n++) await Promise.resolve();
};
const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
};

describe.each(MEDIA)("gathering over $name", (medium) => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function begin() {
    const s = new TestStore(medium, [configMapKind]);
    const told: string[][] = [];
    let answer: ((failed?: Error) => void) | undefined;
    const outbox = new Outbox(configMapKind, [GATHERS], {
      isWritten: () => true,
      deliver: (_family, _actor, items) =>
        new Promise((done, fail) => {
          told.push([...items]);
          answer = (failed) => (failed ? fail(failed) : done());
        }),
    });
    let made = 0;
    const change = async (namespace: string, count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        const before = s.events.length;
        s.create(configMap(`${namespace}${made++}`, {}, { namespace }));
        outbox.add(s.events.slice(before));
      }
      void outbox.flush();
      await settle();
    };
    /** He is told of so many things; meanwhile so many others change. */
    const busyCall = async (others: number, count = 1): Promise<void> => {
      await change("a", count);
      await change("b", others);
      answer?.();
      await settle();
    };
    const end = async (): Promise<void> => {
      answer?.();
      await pass(2 * LONGEST_MS);
    };
    return { s, told, outbox, change, busyCall, end, answer: (failed?: Error) => answer?.(failed) };
  }
  /** Keeps it from being quiet; `count` changes every 5 ms: from 3 on a flood. */
  async function stir(change: (namespace: string, count: number) => Promise<void>, ms: number, count = 1): Promise<void> {
    for (let at = 0; at < ms; at += 5) {
      await pass(5);
      await change("b", count);
    }
  }

  it("[N14] while much changes he hears of enough at a time, or after so long", async () => {
    const { s, told, outbox, change, busyCall, end } = begin();
    await busyCall(20);
    await change("a", 1);
    await stir(change, 100);
    await change("a", ENOUGH - 2);
    expect(told).toHaveLength(1);
    expect(outbox.told).toBeLessThan(s.last);
    await change("a", 1);
    expect(told.map(({ length }) => length)).toEqual([1, ENOUGH]);
    await end();
    expect([outbox.isEmpty, outbox.told]).toEqual([true, s.last]);

    await busyCall(20);
    await change("a", 1);
    await stir(change, LONGEST_MS - 10);
    expect(told).toHaveLength(3);
    await stir(change, 10);
    expect(told).toHaveLength(4);
    await end();
    expect([outbox.isEmpty, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("[N15] he hears at once of what there is as soon as it is quiet, and of everything where little changes", async () => {
    const { told, outbox, change, busyCall, end } = begin();
    await busyCall(20);
    await change("a", 1);
    expect(told).toHaveLength(1);
    await pass(QUIET_MS);
    expect(told).toHaveLength(2);
    await end();

    await busyCall(3);
    await change("a", 1);
    expect(told).toHaveLength(4);
    await end();
    expect([outbox.isEmpty, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("when he is woken late it is not quiet: others had the time", async () => {
    const { told, change, busyCall, end } = begin();
    await busyCall(20);
    await change("a", 1);
    vi.setSystemTime(Date.now() + 50);
    await pass(QUIET_MS / 2);
    expect(told).toHaveLength(1);
    await pass(QUIET_MS / 2);
    expect(told).toHaveLength(2);
    await end();
  });

  it("[N18] in a flood he rests on, eight times at most, until enough has come up for him", async () => {
    const { told, change, busyCall, end } = begin();
    await busyCall(20);
    await change("a", 1);
    await stir(change, 8 * LONGEST_MS - 20, 3);
    expect(told).toHaveLength(1);
    await stir(change, 20, 3);
    expect(told).toHaveLength(2);
    await end();

    await busyCall(20);
    await change("a", 1);
    await stir(change, 2 * LONGEST_MS, 3);
    await change("a", ENOUGH - 1);
    expect(told.map(({ length }) => length).slice(2)).toEqual([1, ENOUGH]);
    await end();

    await busyCall(20);
    await change("a", 1);
    await stir(change, LONGEST_MS + 100, 3);
    await stir(change, LONGEST_MS - 110);
    expect(told).toHaveLength(5);
    await stir(change, 20);
    expect(told).toHaveLength(6);
    await end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[N17] who was told of more than a few at once does not rest", async () => {
    for (const [count, calls] of [
      [FEW, 1],
      [FEW + 1, 2],
    ] as const) {
      const { told, change, busyCall, end } = begin();
      await busyCall(20, count);
      await change("a", 1);
      expect(told).toHaveLength(calls);
      await end();
    }
  });

  it("[N16] what he is told of himself counts for nothing", async () => {
    const { told, change, answer } = begin();
    await change("a", 1);
    // One at a time: these wait for the answer, and are told together.
    await change("a", 20);
    answer();
    await settle();
    expect(told.map(({ length }) => length)).toEqual([1, 20]);
    answer();
    await settle();
    await change("a", 1);
    expect(told.map(({ length }) => length)).toEqual([1, 20, 1]);
  });

  it("words that failed are told again without a rest", async () => {
    const { told, outbox, change, answer } = begin();
    await change("a", 1);
    await change("b", 20);
    answer(new Error("lost"));
    await settle();
    void outbox.flush();
    await settle();
    expect(told).toEqual([["a0"], ["a0"]]);
  });
});
