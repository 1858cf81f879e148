// Deterministic simulation: production actors on a platform that fails in every way it may. A seed is a whole history.
// `SIM_SEED=123 SIM_COUNT=1 vitest run --project unit test/sim` replays one; SIM_COUNT=1000 hunts.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CALL_DEPTH_MAX } from "../../shared/base/limits.ts";
import { HAS_SQLITE } from "../contract/_store.ts";
import { FakeResponse, FakeSocketPair } from "./_socket.ts";
import kept from "./seeds.json" with { type: "json" };

vi.mock("cloudflare:workers", async () => ({ DurableObject: (await import("./_clock.ts")).DurableObjectBase }));
vi.mock("../../durable-objects/platform/ports.ts", async () => (await import("./_clock.ts")).simulatedPlatform);

const FIRST = Number(process.env["SIM_SEED"] ?? "1");
const COUNT = Number(process.env["SIM_COUNT"] ?? "20");
const VERBOSE = process.env["SIM_COUNT"] !== undefined;
const fresh = Array.from({ length: COUNT }, (_, index) => FIRST + index);
const seeds = VERBOSE ? fresh : [...new Set([...kept, ...fresh])];
/** What every seed is held to; the checkers say which one was broken. */
const PROMISES = [
  "[Y1] the versions of a store rise, whatever crashes",
  "[Y2] a watcher that comes back misses nothing and hears nothing twice",
  "[Y3] a pod is bound to one node once and never moves",
  "[Y4] no two pods that live have one address",
  "[Y5] no node is bound more pods than it has room for",
  "[Y6] once the faults stop, all becomes as it was asked for within the hour",
  "[Y7] what is settled stays so, and nobody writes any more",
  "[Y9] calls nest no deeper than two, and one where something makes itself known for the first time",
];

describe.skipIf(!HAS_SQLITE)("a cluster under faults (needs node:sqlite)", () => {
  beforeAll(() => {
    vi.stubGlobal("Response", FakeResponse);
    vi.stubGlobal("WebSocketPair", FakeSocketPair);
    vi.spyOn(console, "error").mockImplementation(() => {});
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it.each(seeds)(`seed %i keeps ${PROMISES.length} promises`, { timeout: 60_000 }, async (seed) => {
    const { runSeed } = await import("./_run.ts");
    const { scenario, problems, operations, steps, settledMs, events, counts, deepest } = await runSeed(seed);
    if (VERBOSE)
      console.log(
        `seed ${seed}: ${scenario.name}: ${steps} steps, ${events} events, settled after ${settledMs / 1000} s${problems.length > 0 ? `\n${problems.join("\n")}` : ""}`,
      );
    if (process.env["SIM_STATS"]) for (const [line, count] of [...counts].sort(([, a], [, b]) => b - a).slice(0, 60)) console.log(`${count} ${line}`);
    const story =
      problems.length === 0
        ? ""
        : `seed ${seed} (${scenario.name}):\n${operations.slice(process.env["SIM_LOG"] ? 0 : -250).join("\n")}\n${problems.join("\n")}`;
    expect(problems, story).toEqual([]);
    expect(events).toBeGreaterThan(0);
    // The depth is really counted: whoever is told of something by a store's alarm writes to another.
    expect(deepest).toBeGreaterThanOrEqual(CALL_DEPTH_MAX);
  });
});
