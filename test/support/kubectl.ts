// The real kubectl against a server of a test: found, or built from public Go modules; or why there is none.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTool } from "../../scripts/tools.mjs";

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface KubectlOptions {
  /** What it reads from its input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}
export interface Kubectl {
  /** Runs it; whatever comes of it is the answer. */
  run(words: string | readonly string[], options?: KubectlOptions): Promise<Output>;
  /** Runs it, throws when it fails, and answers with what it printed. */
  ok(words: string | readonly string[], options?: KubectlOptions): Promise<string>;
  /** Runs it, throws when it does not fail, and answers with its complaint. */
  fails(words: string | readonly string[], options?: KubectlOptions): Promise<string>;
  json<T>(words: string): Promise<T>;
  /** Leaves it running. `untilOutput` waits for text on its standard output. */
  start(words: string): Running;
}
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  untilOutput(pattern: RegExp, timeoutMs?: number): Promise<string>;
  stop(): void;
}

/** The program; `skipped` says why there is none. */
export const kubectlTool = findTool("kubectl");

const TIMEOUT_MS = 60_000;
/** Words are parted at spaces; quotes keep spaces together. */
const split = (words: string | readonly string[]): readonly string[] =>
  typeof words === "string" ? [...words.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2")) : words;

export function kubectl(kubeconfig: string): Kubectl {
  const path = kubectlTool.path ?? "";
  // Discovery is cached by server; ports of tests come again.
  const cache = mkdtempSync(join(tmpdir(), "paperplane-kubectl-"));
  const environment = (more: Readonly<Record<string, string>> = {}) => ({ ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cache, HOME: cache, ...more });
  const run = (words: string | readonly string[], options: KubectlOptions = {}): Promise<Output> =>
    new Promise((done) => {
      const settings = { env: environment(options.env), timeout: options.timeoutMs ?? TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
      const child = execFile(path, split(words), settings, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 255) : 0;
        done({ code, stdout, stderr: error?.killed ? `${stderr}\n(stopped after ${settings.timeout} ms)` : stderr });
      });
      child.stdin?.on("error", () => {});
      child.stdin?.end(options.input ?? "");
    });
  const ok = async (words: string | readonly string[], options?: KubectlOptions): Promise<string> => {
    const { code, stdout, stderr } = await run(words, options);
    if (code !== 0) throw new Error(`kubectl ${split(words).join(" ")}: exit ${code}\n${stderr}${stdout}`);
    return stdout;
  };
  return {
    run,
    ok,
    async fails(words, options) {
      const { code, stdout, stderr } = await run(words, options);
      if (code === 0) throw new Error(`kubectl ${split(words).join(" ")}: should have failed\n${stdout}`);
      return stderr.trim();
    },
    json: async <T>(words: string) => JSON.parse(await ok(`${words} -o json`)) as T,
    start(words) {
      const child = spawn(path, split(words), { env: environment(), stdio: ["pipe", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      return {
        child,
        stdout: () => stdout,
        async untilOutput(pattern, timeoutMs = 20_000) {
          for (const end = Date.now() + timeoutMs; !pattern.test(stdout); await new Promise((again) => setTimeout(again, 20))) {
            if (Date.now() > end) throw new Error(`kubectl ${words}: no ${pattern} in\n${stdout}${stderr}`);
          }
          return stdout;
        },
        stop: () => void child.kill("SIGKILL"),
      };
    },
  };
}

/** A file for `kubectl -f`. */
export function manifest(text: string, name = "manifest.yaml"): string {
  const folder = mkdtempSync(join(tmpdir(), "paperplane-manifest-"));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Asks until the answer is the one hoped for; the last answer goes into the complaint. */
export async function eventually<T>(ask: () => Promise<T>, hoped: (answer: T) => boolean, timeoutMs = 30_000): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; await new Promise((again) => setTimeout(again, 100))) {
    const answer = await ask();
    if (hoped(answer)) return answer;
    if (Date.now() > end) throw new Error(`did not come about: ${JSON.stringify(answer)?.slice(0, 2000)}`);
  }
}
