// Writes a CPU profile of the Worker while a load runs, and prints the functions with the most time of their own.
//
//   npm run profile -- LOAD [options of the load] [--nodes N] [--out FILE.cpuprofile] [--cold] [--lines]
//
// Starts its own server from the tree, with readable names. The load runs twice, and the second run is what is profiled;
// --cold: the first run is profiled. --lines: also the source lines with the most time. Chrome's developer tools open the file (Performance, load).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, stop } from "esbuild";
import { Miniflare } from "miniflare";
import { buildAssets } from "../../scripts/build-assets.mjs";
import { guardRuntime } from "../../scripts/launcher/guard.ts";
import { prepareAccess } from "../../scripts/launcher/state.ts";
import { workerOptions } from "../../scripts/launcher/worker-options.ts";
import { Inspector } from "./inspector.ts";
import { hottest, summary, type CpuProfile } from "./profile-report.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const HOST = "127.0.0.1";
const SAMPLE_US = 200;

interface Words {
  readonly load: readonly string[];
  readonly nodes: number;
  readonly out: string;
  readonly cold: boolean;
  readonly lines: boolean;
}
function readWords(argv: readonly string[]): Words {
  const load: string[] = [];
  const found = { nodes: 100, out: "", cold: false, lines: false };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--nodes") found.nodes = Number(argv[++at]);
    else if (word === "--out") found.out = argv[++at] ?? "";
    else if (word === "--cold") found.cold = true;
    else if (word === "--lines") found.lines = true;
    else load.push(word);
  }
  return { ...found, load, out: resolve(found.out || `paperplane-${load[0] ?? "idle"}.cpuprofile`) };
}

/** As the bundle of `npm start`, but with the names and lines of the source. */
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

function runLoad(words: readonly string[], kubeconfig: string): Promise<void> {
  const bench = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts"), ...words, "--kubeconfig", kubeconfig], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((done, failed) => bench.on("exit", (code) => (code === 0 ? done() : failed(new Error(`the load ended with ${code}`)))));
}

async function main(): Promise<void> {
  const words = readWords(process.argv.slice(2));
  if (words.load.length === 0) throw new Error("which load? npm run profile -- create -n 3000 -c 16");
  const data = mkdtempSync(join(tmpdir(), "paperplane-profile-"));
  const port = await freePort();
  const access = prepareAccess(data, `http://${HOST}:${port}`);
  buildAssets();
  const script = await readableBundle();
  const args = { port, data, nodes: words.nodes, timing: "instant", watchTransport: "stream" } as const;
  const standDown = guardRuntime();
  const server = new Miniflare({ ...workerOptions(args, { root: ROOT, script, tokenHash: access.hash }, HOST), inspectorPort: 0, inspectorHost: HOST });
  try {
    await server.ready;
    if (!words.cold) {
      process.stdout.write("warming up ...\n");
      await runLoad(words.load, access.kubeconfig);
    }
    const inspector = await Inspector.connect(await server.getInspectorURL(), "paperplane");
    await inspector.call("Profiler.enable");
    await inspector.call("Profiler.setSamplingInterval", { interval: SAMPLE_US });
    await inspector.call("Profiler.start");
    process.stdout.write("profiling ...\n");
    await runLoad(words.load, access.kubeconfig);
    const { profile } = (await inspector.call("Profiler.stop")) as { readonly profile: CpuProfile };
    inspector.close();
    writeFileSync(words.out, JSON.stringify(profile));
    const source = script.split("\n");
    process.stdout.write(`${summary(profile)}\n${hottest(profile, { by: "function", top: 40, source })}\n`);
    if (words.lines) process.stdout.write(`${hottest(profile, { by: "line", top: 40, source })}\n`);
    process.stdout.write(`profile: ${words.out}\n`);
  } finally {
    await server.dispose().catch(() => {});
    standDown();
    rmSync(data, { recursive: true, force: true });
  }
  process.exit(0);
}

// Whoever reads our output may stop early (`| head`); the server is still to be ended.
process.stdout.on("error", () => {});
main().catch((error: unknown) => {
  process.stderr.write(`profile: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
