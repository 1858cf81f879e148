// Who is told nothing, in the whole cluster: actors that sleep and wake, counters that say who was asked.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { actorName } from "../../durable-objects/client/names.ts";
import type { Pod, Service } from "../../shared/kinds/_generated/types.ts";
import { HAS_SQLITE } from "../contract/_store.ts";
import { FakeResponse, FakeSocketPair } from "./_socket.ts";

vi.mock("cloudflare:workers", async () => ({ DurableObject: (await import("./_clock.ts")).DurableObjectBase }));
vi.mock("../../durable-objects/platform/ports.ts", async () => (await import("./_clock.ts")).simulatedPlatform);

/** Until all that comes of a write is done. */
const SETTLED_MS = 60_000;

async function cluster(seed: number) {
  const { System } = await import("./_system.ts");
  const { meters } = await import("../../durable-objects/platform/meter.ts");
  const { Watcher } = await import("./_watcher.ts");
  const system = new System(seed, 2);
  const { uid } = system.cluster;
  const requests = (family: string, name: string): number => meters.of(uid, family, name).requests;
  const alarms = (name: string): number => meters.of(uid, "store", name).alarms;
  /** What comes of it is done, too. */
  const through = async <T>(work: Promise<T>): Promise<T> => {
    const ended = work.then(() => true);
    while (!(await Promise.race([ended, system.simulation.run(1000)])));
    await system.simulation.run(SETTLED_MS);
    return work;
  };
  const make = async (name: string): Promise<void> => {
    const metadata = { namespace: "default", name, labels: { app: "web" } };
    await through(system.create("/pods", { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "main", image: "nginx:1" }] } } as Pod));
  };
  return { system, requests, alarms, make, through, watch: (resource: string) => void new Watcher(system, resource).follow() };
}

describe.skipIf(!HAS_SQLITE)("telling, in a whole cluster (needs node:sqlite)", () => {
  beforeAll(() => {
    vi.stubGlobal("Response", FakeResponse);
    vi.stubGlobal("WebSocketPair", FakeSocketPair);
  });
  afterAll(() => vi.unstubAllGlobals());

  it("[N7] a store that slept after everybody had heard does not say it all again when it wakes", async () => {
    const { system, alarms, requests, make, through } = await cluster(1);
    await make("told");
    const { simulation } = system;
    const store = simulation.host("STORE", actorName(system.cluster.uid, "/pods"));
    const before = [alarms("/pods"), requests("scheduler", "default-scheduler")];
    expect(before[0]).toBeGreaterThan(0);
    simulation.stop(store, "sleep");
    expect((await through(system.stores.list(system.kind("/pods"), {}))).ok).toBe(true);
    expect([alarms("/pods"), requests("scheduler", "default-scheduler")]).toEqual(before);
    // What was not told yet is said by the alarm that was set with it.
    await make("later");
    expect(requests("scheduler", "default-scheduler")).toBeGreaterThan(before[1] ?? 0);
  });

  it("[N19] nobody has written to a resource that is only watched", async () => {
    const { system, requests, make, through, watch } = await cluster(2);
    watch("/services");
    await make("first");
    expect(requests("store", "/services")).toBeGreaterThan(0);
    expect(requests("controller", "endpoints-controller")).toBe(0);
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace: "default", name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    } as Service;
    await through(system.create("/services", service));
    const before = requests("controller", "endpoints-controller");
    await make("second");
    expect(requests("controller", "endpoints-controller")).toBeGreaterThan(before);
  });
});
