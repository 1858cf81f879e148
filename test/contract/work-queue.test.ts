// What a controller's queue promises: nothing is lost, nothing is done too often, failures wait longer each time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkQueue } from "../../durable-objects/runtime/work-queue.ts";

const crash = (queue: WorkQueue): WorkQueue => new WorkQueue(JSON.parse(JSON.stringify(queue.state())) as ReturnType<WorkQueue["state"]>);
const keys = (due: readonly { readonly key: string }[]): string[] => due.map(({ key }) => key);

describe("the work queue", () => {
  it("[Q1] a crash at any moment loses no key: every one that was added is dealt with after it", () => {
    type Step = { readonly do: "hint" | "expand" | "expandFails" | "take" | "done" | "fail" | "crash" | "later"; readonly key: string; readonly ms: number };
    const step: fc.Arbitrary<Step> = fc.record({
      do: fc.constantFrom<Step["do"]>("hint", "hint", "expand", "expandFails", "take", "done", "fail", "crash", "later"),
      key: fc.constantFrom("a", "b", "c", "d"),
      ms: fc.nat(2000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        let queue = new WorkQueue();
        let now = 0;
        let expanding: string[] = [];
        let taken: { readonly key: string; readonly failures: number }[] = [];
        /** Work that came up and has not been looked at from its beginning since. */
        const owed = new Set<string>();
        for (const { do: what, key, ms } of steps) {
          if (what === "hint") {
            queue.hint([key]);
            owed.add(key);
          } else if (what === "later") now += ms;
          else if (what === "expand" || what === "expandFails") {
            expanding = queue.takeHints(now);
            if (what === "expandFails") queue.putBack(now);
            else {
              for (const one of expanding) queue.add(one, now);
              queue.expanded();
            }
          } else if (what === "take" && taken.length === 0) {
            taken = queue.takeDue(now, 2);
          } else if (what === "done" || what === "fail") {
            for (const one of taken) {
              if (what === "fail") queue.failed(one.key, one.failures, now);
              queue.done(one.key);
            }
            if (what === "done")
              for (const one of taken)
                if (!queue.state().keys.some(([name]) => name === one.key) && !queue.state().hints.includes(one.key)) owed.delete(one.key);
            taken = [];
          } else if (what === "crash") {
            queue = crash(queue);
            taken = [];
          }
          const state = queue.state();
          const known = new Set([...state.hints, ...state.keys.map(([name]) => name)]);
          for (const one of owed) expect(known.has(one), `${one} after ${what}`).toBe(true);
        }
        queue = crash(queue);
        for (let n = 0; n < 5; n++) {
          now += 2_000_000;
          for (const one of queue.takeHints(now)) queue.add(one, now);
          queue.expanded();
          for (const { key } of queue.takeDue(now, 100)) {
            owed.delete(key);
            queue.done(key);
          }
        }
        expect(owed).toEqual(new Set());
        expect(queue.nextDue(now)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it("[Q2] each failure doubles the wait, from 5 ms up to 1000 s; a success ends that", () => {
    const queue = new WorkQueue();
    queue.add("a", 0);
    let now = 0;
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      const [taken] = queue.takeDue(now, 1);
      queue.failed("a", taken?.failures ?? 0, now);
      queue.done("a");
      const next = queue.nextDue(now) ?? 0;
      expect(queue.takeDue(next - 1, 1)).toEqual([]);
      waits.push(next - now);
      now = next;
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    queue.takeDue(now, 1);
    queue.done("a");
    queue.add("a", now);
    expect(queue.takeDue(now, 1)).toEqual([{ key: "a", failures: 0 }]);
  });

  it("[Q3] a key that is asked for at several times is due at the earliest, once", () => {
    const queue = new WorkQueue();
    queue.add("a", 500);
    queue.add("a", 100);
    queue.add("a", 900);
    queue.add("b", 300);
    expect(queue.nextDue(0)).toBe(100);
    expect(keys(queue.takeDue(99, 10))).toEqual([]);
    expect(keys(queue.takeDue(1000, 10))).toEqual(["a", "b"]);
    expect(queue.nextDue(1000)).toBeUndefined();
  });

  it("[Q4] what was taken is part of the state until it is done, hints and keys alike", () => {
    const queue = new WorkQueue();
    queue.hint(["h"]);
    queue.add("k", 0);
    expect(queue.takeHints(0)).toEqual(["h"]);
    expect(keys(queue.takeDue(0, 10))).toEqual(["k"]);
    expect(queue.state()).toEqual({ hints: ["h"], keys: [["k", 0, 0]] });
    queue.expanded();
    queue.done("k");
    expect(queue.state()).toEqual({ hints: [], keys: [] });
  });

  it("[Q5] a key that comes up again while it is being worked on is worked on again", () => {
    const queue = new WorkQueue();
    queue.add("k", 0);
    queue.takeDue(0, 10);
    queue.add("k", 0);
    queue.done("k");
    expect(keys(queue.takeDue(0, 10))).toEqual(["k"]);
  });

  it("[Q6] a failure does not put off what has come up meanwhile", () => {
    const queue = new WorkQueue();
    queue.add("k", 0);
    queue.takeDue(0, 10);
    queue.add("k", 1);
    queue.failed("k", 9, 0);
    queue.done("k");
    expect(queue.takeDue(1, 10)).toEqual([{ key: "k", failures: 10 }]);
  });

  it("[Q7] hints that could not be expanded come again by themselves, later each time; a new hint does not wait", () => {
    const queue = new WorkQueue();
    queue.hint(["h"]);
    queue.takeHints(0);
    queue.putBack(0);
    const next = queue.nextDue(0) ?? -1;
    expect(next).toBeGreaterThan(0);
    expect(queue.takeHints(0)).toEqual([]);
    expect(queue.takeHints(next)).toEqual(["h"]);
    queue.putBack(next);
    expect((queue.nextDue(next) ?? 0) - next).toBeGreaterThan(next);
    queue.hint(["i"]);
    expect(queue.nextDue(next)).toBe(next);
    expect(queue.takeHints(next).sort()).toEqual(["h", "i"]);
  });
});
