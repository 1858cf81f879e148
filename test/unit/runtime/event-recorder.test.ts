// When Events are written: at once where little happens, and behind everything else where much does.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Stores } from "../../../durable-objects/client/stores.ts";
import { platformPorts } from "../../../durable-objects/platform/ports.ts";
import { EventRecorder } from "../../../durable-objects/runtime/event-recorder.ts";
import { eventKind } from "../../../shared/kinds/core/event.ts";
import type { EventFact } from "../../../shared/reconcile/event-object.ts";
import type { WriteRequest, WriteResult } from "../../../shared/verbs/write-request.ts";

const MANY = 40;
let now = Date.parse("2026-01-01T00:00:00Z");
let written: { readonly at: number; readonly what: string }[] = [];
let fails: () => boolean = () => false;
const stores = {
  cluster: { uid: "c" },
  query: () => Promise.resolve([[]]),
  write: (_resource: string, requests: readonly WriteRequest[]): Promise<WriteResult[]> => {
    if (fails()) return Promise.reject(new Error("unreachable"));
    for (const request of requests) {
      const { count } = JSON.parse("text" in request ? (request.text ?? "") : "{}") as { count?: number };
      written.push({ at: Date.now() - now, what: `${request.verb} ${request.name.split(".")[0]} ${count}` });
    }
    return Promise.resolve([]);
  },
} as unknown as Stores;
const recorder = (): EventRecorder =>
  new EventRecorder({ stores, ports: platformPorts, username: "system:node:a", manager: "kubelet", plugins: [] }, eventKind);
const fact = (name: string): EventFact => ({
  about: { apiVersion: "v1", kind: "Pod", metadata: { namespace: "n", name, uid: name } },
  type: "Normal",
  reason: "Started",
  message: "Started",
  component: "kubelet",
});
const facts = (count: number, prefix = "p"): EventFact[] => Array.from({ length: count }, (_, index) => fact(`${prefix}${index}`));
const whats = (): string[] => written.map(({ what }) => what);

beforeEach(() => {
  // Long after the crowd of the test before.
  vi.useFakeTimers({ now: (now += 3_600_000) });
  written = [];
  fails = () => false;
});
afterEach(() => void vi.useRealTimers());

describe("a recorder of Events", () => {
  it("has written them when it says so where little happens, and counts up what happens again", async () => {
    const one = recorder();
    await one.record([fact("p"), fact("q")]);
    expect(whats()).toEqual(["create p 1", "create q 1"]);
    await one.record([fact("p")]);
    expect(whats().slice(2)).toEqual(["patch p 2"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets them wait while there is a crowd, whoever makes it, and writes all of them, in order, when it is gone", async () => {
    const [crowd, other] = [recorder(), recorder()];
    await crowd.record(facts(MANY));
    await other.record([fact("late")]);
    await other.record([fact("late"), fact("later")]);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(400);
    await crowd.record(facts(MANY, "q"));
    await vi.advanceTimersByTimeAsync(400);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(whats().filter((what) => what.includes("late"))).toEqual(["create late 1", "create later 1", "patch late 2"]);
    expect(whats().length).toBe(2 * MANY + 3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("writes them two seconds after a long crowd at most", async () => {
    const [crowd, one] = [recorder(), recorder()];
    await crowd.record(facts(MANY));
    await one.record([fact("p")]);
    for (let part = 0; part < 20; part++) {
      await vi.advanceTimersByTimeAsync(400);
      await crowd.record(facts(MANY, `${part}-`));
    }
    expect(written).toEqual([]);
    // The crowd lasts half a second after the last of it.
    await vi.advanceTimersByTimeAsync(2500);
    expect(whats()).toContain("create p 1");
    expect(whats().length).toBe(21 * MANY + 1);
  });

  it("lets them wait while timers ring late, twenty seconds at most", async () => {
    const one = recorder();
    await one.record(facts(MANY));
    const begun = Date.now();
    // Whoever is woken finds that it is later than he asked for.
    const busy = setInterval(() => vi.setSystemTime(Date.now() + 50), 100);
    await vi.advanceTimersByTimeAsync(6000);
    expect(Date.now() - begun).toBeGreaterThan(8000);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(written.length).toBe(MANY);
    expect(written[0]?.at).toBeLessThan(21_000);
    clearInterval(busy);
  });

  it("does not gather more than so many: they are written then, crowd or not", async () => {
    const one = recorder();
    for (let part = 0; part < 10; part++) await one.record(facts(1000, `p${part}-`));
    expect(written.length).toBe(10_000);
  });

  it("tries again when the store cannot be asked, and loses none", async () => {
    const one = recorder();
    let failures = 3;
    fails = () => failures-- > 0;
    await one.record([fact("p")]);
    await one.record([fact("q"), fact("p")]);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(whats()).toEqual(["create p 1", "create q 1", "patch p 2"]);
  });

  it("gives up after a while, says so, and goes on with what comes then", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const one = recorder();
    fails = () => true;
    await one.record([fact("p")]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
    fails = () => false;
    await one.record([fact("q")]);
    expect(whats()).toEqual(["create q 1"]);
    said.mockRestore();
  });
});
