import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { actorsOf, workerOptions } from "../../../scripts/launcher/worker-options.ts";

interface Worker {
  readonly config: {
    readonly name: string;
    readonly assets?: object;
    readonly env?: Readonly<Record<string, { readonly type: string; readonly worker?: string }>>;
  };
  readonly dev?: { readonly unsafeDirectSockets?: readonly { readonly port: number }[] };
}
const args = { port: 4711, data: "/data", nodes: 3, timing: "instant", watchTransport: "stream" } as const;
const { workers, enableDevRegistry } = workerOptions(
  args,
  { root: resolve(import.meta.dirname, "../../.."), script: "", tokenHash: "0".repeat(64) },
  "127.0.0.1",
) as unknown as { readonly workers: readonly Worker[]; readonly enableDevRegistry?: boolean };

describe("what Miniflare is told", () => {
  it("the Worker with the port has no assets: Miniflare would put two more Workers into the way of every request", () => {
    const [api, ...others] = workers;
    expect(api?.dev?.unsafeDirectSockets).toMatchObject([{ port: 4711 }]);
    expect(api?.config.assets).toBeUndefined();
    expect(others.map(({ dev }) => dev)).toEqual([undefined]);
  });

  it("its documents are those of a Worker beside it", () => {
    const { ASSETS } = workers[0]?.config.env ?? {};
    expect(workers.find(({ config }) => config.name === ASSETS?.worker)?.config.assets).toBeDefined();
  });

  it("no other session on the machine is told of them: it would be let in without a token", () => {
    expect(enableDevRegistry).toBe(false);
  });

  it("actors are bound as wrangler.toml says", () => {
    const toml = `[[durable_objects.bindings]]\nname = "STORE"\nclass_name = "ResourceStore"\n`;
    expect(actorsOf(toml)).toEqual([{ binding: "STORE", className: "ResourceStore" }]);
    expect(workers[0]?.config.env?.STORE).toMatchObject({ type: "durable-object", exportName: "ResourceStore", worker: "paperplane" });
  });
});
