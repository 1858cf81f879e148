// A real server for a test: the launcher as a child process, on a free port, with a data folder that goes when it stops.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const READY_MS = 60_000;

export interface ServerOptions {
  readonly nodes?: number;
  readonly timing?: "instant" | "realistic";
  readonly watchTransport?: "stream" | "socket";
  readonly data?: string;
  readonly port?: number;
}
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}
export interface Server {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  /** Path of the file. */
  readonly kubeconfig: string;
  readonly token: string;
  readonly output: string;
  /** A request with the admin's token. `path` begins with a slash. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends the signal to every process of the server, as a terminal does, and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Kills only the launcher, so hard that it can tidy nothing up. */
  crash(): Promise<void>;
  /** Starts it again over the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Node of the host: what a user has who types `npm start`. */
const hostNode = (): string => process.env.npm_node_execpath ?? process.execPath;

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<Exit>;
  text(): string;
}
/** `npm start` (or another of its kind) with these arguments, in a process group of its own. */
export function launch(words: readonly string[], script = "start.mjs"): Launched {
  const child = spawn(hostNode(), [join(ROOT, "scripts", script), ...words], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  const take = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const ended = (once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>).then(([code, signal]) => ({ code, signal, output }));
  running.add(child);
  void ended.then(() => running.delete(child));
  return { child, ended, text: () => output };
}
const running = new Set<ChildProcess>();
// Whatever happens to the test, what it started ends with it.
process.once("exit", () => {
  for (const { pid } of running) if (pid !== undefined) signalGroup(pid, "SIGKILL");
});

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it is gone.
  }
}

async function untilReady({ text, ended }: Launched): Promise<void> {
  let exit: Exit | undefined;
  void ended.then((value) => (exit = value));
  for (const end = Date.now() + READY_MS; !/^export KUBECONFIG=/m.test(text()); await new Promise((again) => setTimeout(again, 20))) {
    if (exit || Date.now() > end) throw new Error(`the server did not start:\n${text()}`);
  }
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const port = options.port ?? (await freePort());
  const data = options.data ?? mkdtempSync(join(tmpdir(), "paperplane-test-"));
  const words = ["--port", String(port), "--data", data, "--nodes", String(options.nodes ?? 3), "--timing", options.timing ?? "instant"];
  if (options.watchTransport) words.push("--watch-transport", options.watchTransport);
  let launched = launch(words);
  await untilReady(launched);
  const url = `http://127.0.0.1:${port}`;
  const kubeconfig = join(data, "kubeconfig");
  const token = /token: (\S+)/.exec(readFileSync(kubeconfig, "utf8"))?.[1] ?? "";
  const kill = async (signal: NodeJS.Signals): Promise<Exit> => {
    if (launched.child.pid !== undefined) signalGroup(launched.child.pid, signal);
    return launched.ended;
  };
  return {
    url,
    port,
    data,
    kubeconfig,
    token,
    get output() {
      return launched.text();
    },
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${token}`);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    kill,
    async crash() {
      const { pid } = JSON.parse(readFileSync(join(data, "lock"), "utf8")) as { pid: number };
      process.kill(pid, "SIGKILL");
      await launched.ended;
    },
    async restart() {
      launched = launch(words);
      await untilReady(launched);
    },
    async stop() {
      await kill("SIGTERM");
      if (!options.data) rmSync(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
