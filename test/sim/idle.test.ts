// Idle means idle: a cluster in which nothing changes asks for nothing, rings nothing, writes nothing and reads nothing.
// `IDLE_NODES=50 IDLE_PODS=500 vitest run --project unit test/sim/idle` is a quick look.
import { beforeAll, afterAll, describe, expect, it, vi } from "vitest";
import type { Meter } from "../../durable-objects/platform/meter.ts";
import { HAS_SQLITE } from "../contract/_store.ts";
import { FakeResponse, FakeSocketPair } from "./_socket.ts";

vi.mock("cloudflare:workers", async () => ({ DurableObject: (await import("./_clock.ts")).DurableObjectBase }));
vi.mock("../../durable-objects/platform/ports.ts", async () => (await import("./_clock.ts")).simulatedPlatform);

const NODES = Number(process.env["IDLE_NODES"] ?? "500");
const PODS = Number(process.env["IDLE_PODS"] ?? "5000");
const DEPLOYMENTS = 10;
const HOUR_MS = 3_600_000;
/** So long, at most, until all runs; and again until everything that came of it is done. */
const START_MS = 30 * 60_000;
const LOOK_MS = 1000;

const sum = (meters: readonly Meter[], figure: (meter: Meter) => number): number => meters.reduce((all, meter) => all + figure(meter), 0);
const used = (meters: readonly Meter[]) => ({
  requests: sum(meters, ({ requests }) => requests),
  alarms: sum(meters, ({ alarms }) => alarms),
  calls: sum(meters, ({ calls }) => calls),
  rowsRead: sum(meters, ({ rowsRead }) => rowsRead),
  rowsWritten: sum(meters, ({ written }) => [...written.values()].reduce((rows, count) => rows + count, 0)),
  activeMs: sum(meters, ({ activeMs }) => activeMs),
});

describe.skipIf(!HAS_SQLITE)("an idle cluster (needs node:sqlite)", () => {
  beforeAll(() => {
    vi.stubGlobal("Response", FakeResponse);
    vi.stubGlobal("WebSocketPair", FakeSocketPair);
  });
  afterAll(() => vi.unstubAllGlobals());

  it(`[Y8] a settled cluster runs nothing: in an hour no request, no alarm, no row (${NODES} nodes, ${PODS} pods)`, { timeout: 300_000 }, async () => {
    const { System } = await import("./_system.ts");
    const { meters } = await import("../../durable-objects/platform/meter.ts");
    const { deployment } = await import("./_scenarios.ts");
    const system = new System(1, NODES);
    const { simulation, cluster } = system;
    const running = new Set<unknown>();
    simulation.observers.push((host, { name, written }) => {
      if (host.name.endsWith("|/pods") && written?.text.includes(`"phase":"Running"`)) running.add(name);
    });
    const asked = Promise.all(
      Array.from({ length: DEPLOYMENTS }, (_, index) => system.create("apps/deployments", deployment("default", `web-${index}`, PODS / DEPLOYMENTS))),
    );
    for (let ms = 0; running.size < PODS && ms < START_MS; ms += LOOK_MS) await simulation.run(LOOK_MS);
    await asked;
    expect(running.size).toBe(PODS);
    await simulation.run(START_MS);
    // Things that happen in the world, of any sort: not even a timer is left.
    const before = { ...used(meters.all(cluster.uid)), steps: simulation.steps };
    expect(before.rowsWritten).toBeGreaterThan(PODS / 10);
    await simulation.run(HOUR_MS);
    expect({ ...used(meters.all(cluster.uid)), steps: simulation.steps }).toEqual(before);
    expect(simulation.problems).toEqual([]);
  });
});
