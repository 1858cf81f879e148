// The local server: Miniflare as a library with a direct socket to the Worker, and around it an ordinary client of the API.
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import { parseArguments, USAGE, type Arguments } from "./arguments.ts";
import { bundleWorker } from "./bundle.ts";
import { openNodePorts } from "./node-ports.ts";
import { lockFolder, prepareAccess } from "./state.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const HOST = "127.0.0.1";
const READY_MS = 30_000;
const SWEEP_MS = 60_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function fail(message: string): never {
  process.stderr.write(`Paperplane: ${message}\n`);
  process.exit(1);
}

/** Resolves when nobody listens on the port; rejects with a sentence when somebody does. */
function checkPort(port: number): Promise<void> {
  return new Promise((free, busy) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      busy(new Error(error.code === "EADDRINUSE" ? `port ${port} is in use; choose another with --port N` : `cannot listen on port ${port}: ${error.message}`)),
    );
    probe.listen(port, HOST, () => probe.close(() => free()));
  });
}

/** Durable Object classes and bindings, read from wrangler.toml so that they are written down once. */
function actorsOf(toml: string): { readonly binding: string; readonly className: string }[] {
  return [...toml.matchAll(/\[\[durable_objects\.bindings\]\]\s+name = "(\w+)"\s+class_name = "(\w+)"/g)].map((match) => ({
    binding: match[1] ?? "",
    className: match[2] ?? "",
  }));
}

function options(args: Arguments, script: string, hash: string) {
  const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  const actors = actorsOf(toml);
  const text = (value: string) => ({ type: "text", value });
  const compatibilityDate = /compatibility_date = "([^"]+)"/.exec(toml)?.[1] ?? "";
  const compatibilityFlags = [...(/compatibility_flags = \[([^\]]*)\]/.exec(toml)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
  return {
    resourcePersistencePath: join(args.data, "state"),
    unsafeObservability: false,
    host: HOST,
    port: 0,
    workers: [
      {
        config: {
          name: "paperplane",
          compatibilityDate,
          compatibilityFlags,
          exports: Object.fromEntries(actors.map(({ className }) => [className, { type: "durable-object", storage: "sqlite" }])),
          env: {
            ...Object.fromEntries(actors.map(({ binding, className }) => [binding, { type: "durable-object", exportName: className, worker: "paperplane" }])),
            NODES: text(String(args.nodes)),
            TIMING: text(args.timing),
            WATCH_TRANSPORT: text(args.watchTransport),
            ADMIN_TOKEN_HASH: text(hash),
          },
          manifest: { mainModule: "index.mjs", modulesRoot: ROOT, modules: { "index.mjs": { type: "esm", contents: script } } },
        },
        dev: { unsafeDirectSockets: [{ host: HOST, port: args.port }] },
      },
    ],
  };
}

async function untilReady(url: string): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > end) throw new Error("the server does not answer");
    await new Promise((again) => setTimeout(again, 20));
  }
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    say(USAGE);
    return;
  }
  const args = parseArguments(process.argv.slice(2), process.cwd());
  await checkPort(args.port);
  const unlock = lockFolder(args.data);
  process.once("exit", unlock);
  const url = `http://${HOST}:${args.port}`;
  const { hash, kubeconfig } = prepareAccess(args.data, url);
  say("Paperplane: building ...");
  const script = await bundleWorker(ROOT);
  say("Paperplane: starting ...");
  const server = new Miniflare(options(args, script, hash) as never);
  await server.ready;
  await untilReady(url);
  const token = /token: (\S+)/.exec(readFileSync(kubeconfig, "utf8"))?.[1] ?? "";
  const ports = openNodePorts({ url, token, host: HOST, report: (line) => process.stderr.write(`Paperplane: ${line}\n`) });
  const sweep = setInterval(() => void fetch(`${url}/paperplane/sweep`, { method: "POST", headers: { authorization: `Bearer ${token}` } }).catch(() => {}), SWEEP_MS);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    clearInterval(sweep);
    ports.close();
    await server.dispose();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  say(`Paperplane is ready: ${url}`);
  say(`export KUBECONFIG=${kubeconfig}`);
}

main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
