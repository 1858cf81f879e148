// The local server: Miniflare as a library with a direct socket to the Worker, and around it an ordinary client of the API.
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { buildAssets } from "../build-assets.mjs";
import { parseArguments, USAGE } from "./arguments.ts";
import { bundleWorker } from "./bundle.ts";
import { guardRuntime } from "./guard.ts";
import { removeEmptyDatabases } from "./leftovers.ts";
import { lockFolder } from "./lock.ts";
import { openNodePorts } from "./node-ports.ts";
import { prepareDatabases } from "./prepared-databases.ts";
import { prepareAccess } from "./state.ts";
import { workerOptions } from "./worker-options.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const HOST = "127.0.0.1";
const READY_MS = 30_000;
/** What a killed server leaves behind is gone after this long. */
const TAKEOVER_MS = 5_000;
const STOP_MS = 5_000;
/**
 * V8 collects when the heap has become so many percent larger; by itself it waits until a small heap is several times as large. Most of what
 * is let go are objects of the platform, destroyed one by one while everybody waits: the rarer, the longer. With 70 a Deployment of 10,000
 * takes 6% longer and the longest of 20,000 GETs three times as long, but 1,000 watchers of 50 events a second wait 25 ms instead of 45.
 */
const V8_FLAGS = "--heap-growing-percent=200";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function fail(message: string): never {
  process.stderr.write(`Paperplane: ${message}\n`);
  process.exit(1);
}

/** Why the port cannot be had; undefined: it can. */
function portTrouble(port: number): Promise<string | undefined> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      answer(error.code === "EADDRINUSE" ? `port ${port} is in use; choose another with --port N` : `cannot listen on port ${port}: ${error.message}`),
    );
    probe.listen(port, HOST, () => probe.close(() => answer(undefined)));
  });
}

async function untilPortIsFree(port: number, options: { readonly patienceMs: number }): Promise<void> {
  for (const end = Date.now() + options.patienceMs; ; await sleep(50)) {
    const trouble = await portTrouble(port);
    if (trouble === undefined) return;
    if (Date.now() > end) throw new Error(trouble);
  }
}

async function untilReady(url: string): Promise<void> {
  for (const end = Date.now() + READY_MS; ; await sleep(20)) {
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > end) throw new Error("the server does not answer");
  }
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    say(USAGE);
    return;
  }
  const args = parseArguments(process.argv.slice(2), process.cwd());
  const url = `http://${HOST}:${args.port}`;
  const lock = lockFolder(args.data, url);
  process.once("exit", () => lock.release());
  await untilPortIsFree(args.port, { patienceMs: lock.tookOver ? TAKEOVER_MS : 0 });
  const access = prepareAccess(args.data, url);
  say("Paperplane: building ...");
  buildAssets();
  const bundled = bundleWorker(ROOT);
  removeEmptyDatabases(args.data);
  prepareDatabases(args.data, args.nodes);
  const script = await bundled;
  say("Paperplane: starting ...");
  const standDown = guardRuntime();
  process.env.MINIFLARE_WORKERD_V8_FLAGS ??= V8_FLAGS;
  const server = new Miniflare(workerOptions(args, { root: ROOT, script, tokenHash: access.hash }, HOST));
  const closing: (() => void)[] = [];
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    for (const close of closing) close();
    await Promise.race([server.dispose().catch(() => {}), sleep(STOP_MS)]);
    standDown();
    process.exit(0);
  };
  // Miniflare leaves with a failure on these; stopping by hand is none.
  for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, () => void stop());
  // Our parent is gone, however it went.
  process.on("disconnect", () => void stop());
  await server.ready;
  await untilReady(url);
  closing.push(openNodePorts({ url, token: access.token, host: HOST, report: (line) => process.stderr.write(`Paperplane: ${line}\n`) }).close);
  say(`Paperplane is ready: ${url}`);
  say(`export KUBECONFIG=${access.kubeconfig}`);
}

main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
