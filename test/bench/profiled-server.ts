// A server of its own whose Worker can be profiled: the bundle of `npm start`, but with the names and lines of the source.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, stop } from "esbuild";
import { Miniflare } from "miniflare";
import { buildAssets } from "../../scripts/build-assets.mjs";
import { guardRuntime } from "../../scripts/launcher/guard.ts";
import { prepareDatabases } from "../../scripts/launcher/prepared-databases.ts";
import { prepareAccess } from "../../scripts/launcher/state.ts";
import { workerOptions } from "../../scripts/launcher/worker-options.ts";
import { Inspector } from "./inspector.ts";
import type { CpuProfile } from "./profile-report.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const HOST = "127.0.0.1";
const SAMPLE_US = 200;

export interface ProfiledServer {
  readonly kubeconfig: string;
  /** The lines of the bundle. */
  readonly source: readonly string[];
  /** What the Worker did while `work` ran. */
  profile(work: () => Promise<unknown>): Promise<CpuProfile>;
}

async function readableBundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "workers", "index.ts")],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "warning",
    write: false,
  });
  await stop();
  return outputFiles[0]?.text ?? "";
}

function freePort(): Promise<number> {
  return new Promise((found) => {
    const probe = createServer().listen(0, HOST, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => found(port));
    });
  });
}

async function profile(server: Miniflare, work: () => Promise<unknown>): Promise<CpuProfile> {
  const inspector = await Inspector.connect(await server.getInspectorURL(), "paperplane");
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await inspector.call("Profiler.start");
  await work();
  const { profile: taken } = (await inspector.call("Profiler.stop")) as { readonly profile: CpuProfile };
  inspector.close();
  return taken;
}

export async function withProfiledServer(nodes: number, work: (server: ProfiledServer) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "paperplane-profile-"));
  const port = await freePort();
  const access = prepareAccess(data, `http://${HOST}:${port}`);
  buildAssets();
  prepareDatabases(data, nodes);
  const script = await readableBundle();
  const args = { port, data, nodes, timing: "instant", watchTransport: "stream" } as const;
  const standDown = guardRuntime();
  const server = new Miniflare({ ...workerOptions(args, { root: ROOT, script, tokenHash: access.hash }, HOST), inspectorPort: 0, inspectorHost: HOST });
  try {
    await server.ready;
    await work({ kubeconfig: access.kubeconfig, source: script.split("\n"), profile: (load) => profile(server, load) });
  } finally {
    await server.dispose().catch(() => {});
    standDown();
    rmSync(data, { recursive: true, force: true });
  }
}
