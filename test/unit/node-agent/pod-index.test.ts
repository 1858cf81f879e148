// Who goes on by himself, and which addresses are free: known without a walk over all pods, and the same as after one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PodEntry } from "../../../shared/sim/node.ts";
import { PodIndex, PodIndexes } from "../../../workers/node-agent/pod-index.ts";
import { addressRange } from "../../../workers/node-agent/pod-ip.ts";

const entry = (record: { readonly ip?: string; readonly next?: number; readonly done?: boolean }): PodEntry =>
  ({ pod: {}, record: { done: false, ...record } }) as unknown as PodEntry;
const RANGE = addressRange("10.1.2.0/28");

describe("the index of a node's pods", () => {
  it("is after any changes what it would be if it was made anew", () => {
    const one = fc.record({ uid: fc.constantFrom("a", "b", "c", "d", "e"), do: fc.constantFrom("enter", "enter", "end", "wait", "go"), next: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40, size: "max" }), (steps) => {
        const pods = new Map<string, PodEntry>();
        const index = new PodIndex(pods);
        for (const step of steps) {
          const before = pods.get(step.uid);
          let after: PodEntry | undefined = before;
          if (step.do === "go") after = undefined;
          else if (step.do === "enter" && !before) {
            const ip = index.freeAddress(RANGE);
            expect([...pods.values()].filter(({ record }) => !record.done && record.ip === ip)).toEqual([]);
            after = entry(ip === undefined ? {} : { ip });
          } else if (before && step.do === "end") after = entry({ ...before.record, done: true });
          else if (before && step.do === "wait") after = entry({ ...before.record, next: step.next });
          index.change(step.uid, before, after);
          if (after) pods.set(step.uid, after);
          else pods.delete(step.uid);
          const anew = new PodIndex(pods);
          expect(new Map([...index.dues].sort())).toEqual(new Map([...anew.dues].sort()));
          expect(index.freeAddress(RANGE)).toBe(anew.freeAddress(RANGE));
          expect(index.nextAt).toBe(anew.nextAt);
        }
      }),
    );
  });

  it("gives the lowest free address; that of a pod that ended is free, though another that ended before had it too", () => {
    const index = new PodIndex(new Map());
    const a = entry({ ip: "10.1.2.2" });
    const ended = entry({ ip: "10.1.2.2", done: true });
    index.change("a", undefined, a);
    expect(index.freeAddress(RANGE)).toBe("10.1.2.3");
    index.change("a", a, ended);
    expect(index.freeAddress(RANGE)).toBe("10.1.2.2");
    index.change("b", undefined, entry({ ip: "10.1.2.2" }));
    index.change("a", ended, undefined);
    expect(index.freeAddress(RANGE)).toBe("10.1.2.3");
  });

  it("gives nobody an address that one of two pods still has: the end of the other was not written down before the node forgot it", () => {
    const [gone, there] = [entry({ ip: "10.1.2.2" }), entry({ ip: "10.1.2.2" })];
    const index = new PodIndex(
      new Map([
        ["there", there],
        ["gone", gone],
      ]),
    );
    index.change("gone", gone, undefined);
    expect(index.freeAddress(RANGE)).toBe("10.1.2.3");
    index.change("there", there, undefined);
    expect(index.freeAddress(RANGE)).toBe("10.1.2.2");
  });

  it("follows the pods into their next state; a state that was left behind is looked through again", () => {
    const indexes = new PodIndexes();
    const before = new Map([["a", entry({ next: 1 })]]);
    const after = new Map(before);
    const index = indexes.handOn(before, after);
    index.change("a", before.get("a"), entry({ next: 2 }));
    expect(indexes.of(after)).toBe(index);
    expect([indexes.of(before).nextAt, indexes.of(after).nextAt]).toEqual([1, 2]);
  });
});

describe("the range of a node", () => {
  it("leaves out the network, the gateway and the broadcast", () => {
    const all = (cidr: string): string[] => Array.from({ length: addressRange(cidr).size }, (_, place) => addressRange(cidr).at(place));
    expect(all("10.1.2.0/29")).toEqual(["10.1.2.2", "10.1.2.3", "10.1.2.4", "10.1.2.5", "10.1.2.6"]);
    expect(all("10.1.2.0/31")).toEqual([]);
    expect(addressRange("10.0.255.0/16").at(254)).toBe("10.0.1.0");
    expect([addressRange("fd00::/64").at(0), addressRange("fd00::/64").size]).toEqual(["fd00::2", 2 ** 20 - 3]);
    expect(addressRange("no range").size).toBe(0);
  });

  it("is used up at some point", () => {
    const index = new PodIndex(new Map());
    const range = addressRange("10.1.2.0/30");
    const ip = index.freeAddress(range);
    expect(ip).toBe("10.1.2.2");
    index.change("a", undefined, entry({ ip: ip ?? "" }));
    expect(index.freeAddress(range)).toBeUndefined();
  });
});
