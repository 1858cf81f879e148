// Lines that a node keeps: in order, by time, the oldest go first, and what was written together is one row.
import { describe, expect, test } from "vitest";
import { NodeStorage } from "../../../durable-objects/node/node-storage.ts";
import type { MeteredStorage } from "../../../durable-objects/platform/metered-storage.ts";
import type { LogLine } from "../../../shared/sim/image.ts";
import type { Pod } from "../../../shared/kinds/_generated/types.ts";
import { EMPTY_NODE, type NodeState } from "../../../shared/sim/node.ts";
import { IMAGES } from "../../../workers/node-agent/images/index.ts";
import { kubelet } from "../../../workers/node-agent/kubelet.ts";
import { HAS_SQLITE, sqlStorage } from "../../contract/_store.ts";
import { configOf, podOf, T0, worldOf } from "./_node.ts";

const lines = (first: number, count: number, text = "x"): LogLine[] =>
  Array.from({ length: count }, (_, index) => ({
    at: first + index,
    stream: (first + index) % 2 === 0 ? "stdout" : "stderr",
    text: `${text}${first + index}`,
  }));
function medium() {
  const database = sqlStorage();
  return {
    open: (): NodeStorage => new NodeStorage(database as unknown as MeteredStorage, () => {}),
    rows: (): number[] => [...database.sql.exec<{ json: string }>(`SELECT json FROM log`)].map(({ json }) => json.length),
  };
}

describe.skipIf(!HAS_SQLITE)("lines of containers (needs node:sqlite)", () => {
  test("are read as they were written, from one time until before another, in another life too", () => {
    const { open, rows } = medium();
    const storage = open();
    expect(storage.lines("a", 0, Infinity)).toEqual([]);
    storage.appendLines("a", lines(0, 5));
    storage.appendLines("b", lines(0, 1));
    open().appendLines("a", lines(5, 3));
    expect(rows()).toHaveLength(3);
    const again = open();
    expect(again.lines("a", 0, Infinity)).toEqual(lines(0, 8));
    expect(again.lines("a", 3, 6).map(({ at }) => at)).toEqual([3, 4, 5]);
    expect(again.lines("none", 0, Infinity)).toEqual([]);
  });
  test("many or long ones take several rows, none of them too big", () => {
    const { open, rows } = medium();
    const many = [...lines(0, 1000), ...lines(1000, 5, "y".repeat(150_000))];
    open().appendLines("a", many);
    expect(open().lines("a", 0, Infinity)).toEqual(many);
    expect(rows()).toHaveLength(8);
    expect(Math.max(...rows())).toBeLessThan(210_000);
  });
  test("the oldest go when there are too many, and all when the container is gone", () => {
    const storage = medium().open();
    for (let at = 0; at < 10_000; at += 100) storage.appendLines("a", lines(at, 100));
    const kept = storage.lines("a", 0, Infinity);
    expect(kept.length).toBeLessThan(5000);
    expect(kept).toEqual(lines(10_000 - kept.length, kept.length));
    storage.dropLines(["a"]);
    expect(storage.lines("a", 0, Infinity)).toEqual([]);
    storage.appendLines("a", lines(1, 1));
    expect(storage.lines("a", 0, Infinity)).toEqual(lines(1, 1));
  });
});

/** A node with one pod that is stopped; it remembers what it kept when it wakes. */
function stopping() {
  const database = sqlStorage();
  const storage = new NodeStorage(database as unknown as MeteredStorage, () => {});
  const agent = kubelet(IMAGES, configOf());
  const running = podOf("web", { containers: [{ name: "web", image: "nginx" }] });
  const stopped = { ...running, metadata: { ...running.metadata, generation: 2, deletionTimestamp: "2026-11-21T12:01:30Z", deletionGracePeriodSeconds: 30 } };
  let state: NodeState = EMPTY_NODE;
  const step = (at: number, changed: readonly Pod[] = [], gone: readonly string[] = []) => {
    const before = state;
    const made = agent.stepNode(before, { changed, gone }, worldOf(), at, { dice: () => 0 });
    state = made.state;
    storage.keep(state, before, made.touched, agent);
    return made.effects;
  };
  const kept = (): string[] => [...database.sql.exec<{ value: string }>(`SELECT value FROM kept WHERE key LIKE 'pod/%'`)].map(({ value }) => value);
  step(T0, [running]);
  return {
    running,
    stopped,
    step,
    kept,
    wake() {
      const { records } = new NodeStorage(database as unknown as MeteredStorage, () => {}).load();
      state = { images: new Set(), pods: new Map([...records].map(([uid, record]) => [uid, { pod: stopped, record }])) };
    },
  };
}

describe.skipIf(!HAS_SQLITE)("the record of a pod that is deleted (needs node:sqlite)", () => {
  const STOP = T0 + 60_000;
  const END = STOP + 100;
  test("is written when it is stopped, and not again when it ends as recorded: a node that wakes lives through the same end", () => {
    const { stopped, step, kept, wake } = stopping();
    expect(step(STOP, [stopped]).map((effect) => effect.do)).toEqual(["log", "event", "status"]);
    const [record = ""] = kept();
    expect(JSON.parse(record)).toMatchObject({ done: false, stopping: { since: STOP } });
    const effects = step(END);
    expect(effects.map((effect) => effect.do)).toEqual(["status", "delete"]);
    expect(kept()).toEqual([record]);
    wake();
    expect(step(END + 5000, [stopped])).toEqual(effects);
    step(END + 6000, [], [stopped.metadata.uid ?? ""]);
    expect(kept()).toEqual([]);
  });
  test("is written when it ends otherwise than recorded: nobody could tell when that was", () => {
    const { stopped, step, kept } = stopping();
    step(STOP, [stopped]);
    const now = { ...stopped, metadata: { ...stopped.metadata, generation: 3, deletionGracePeriodSeconds: 0 } };
    expect(step(STOP + 10, [now]).map((effect) => effect.do)).toContain("delete");
    expect(JSON.parse(kept()[0] ?? "")).toMatchObject({ done: true });
  });
});
