// What Miniflare is told about the Worker. Bindings and dates are read from wrangler.toml, so that they are written down once.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MiniflareOptions } from "miniflare";
import type { Arguments } from "./arguments.ts";

/**
 * Static assets belong to a Worker of their own here: Miniflare puts two more Workers in front of one that has assets, and every
 * request would pass through both (measured: a GET took 480 µs of CPU instead of 250).
 */
const DOCUMENTS = "documents";
const NO_SUCH_DOCUMENT = `export default { fetch: () => new Response(null, { status: 404 }) };`;

/** Durable Object classes and the names under which they are bound. */
export function actorsOf(toml: string): { readonly binding: string; readonly className: string }[] {
  return [...toml.matchAll(/\[\[durable_objects\.bindings\]\]\s+name = "(\w+)"\s+class_name = "(\w+)"/g)].map(([, binding = "", className = ""]) => ({
    binding,
    className,
  }));
}

export interface WorkerSource {
  /** The repository. */
  readonly root: string;
  readonly script: string;
  readonly tokenHash: string;
}

export function workerOptions(args: Arguments, { root, script, tokenHash }: WorkerSource, host: string): MiniflareOptions {
  const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
  const actors = actorsOf(toml);
  const text = (value: string) => ({ type: "text" as const, value });
  const compatibilityDate = /compatibility_date = "([^"]+)"/.exec(toml)?.[1] ?? "";
  const compatibilityFlags = [...(/compatibility_flags = \[([^\]]*)\]/.exec(toml)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, flag = ""]) => flag);
  const manifest = (contents: string) => ({ mainModule: "index.mjs", modulesRoot: root, modules: { "index.mjs": { type: "esm", contents } } });
  const options = {
    resourcePersistencePath: join(args.data, "state"),
    unsafeObservability: false,
    // Makes the Workers known to other sessions on this machine: through a port that asks for no token, with a file touched every few seconds.
    enableDevRegistry: false,
    // Its own port is of no use here: the Worker has one of its own, below.
    host,
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
            ADMIN_TOKEN_HASH: text(tokenHash),
            ASSETS: { type: "worker", worker: DOCUMENTS },
          },
          manifest: manifest(script),
        },
        dev: { unsafeDirectSockets: [{ host, port: args.port }] },
      },
      {
        config: {
          name: DOCUMENTS,
          compatibilityDate,
          assets: { directory: join(root, "dist", "assets"), htmlHandling: "none", notFoundHandling: "none", hasUserWorker: true },
          manifest: manifest(NO_SUCH_DOCUMENT),
        },
      },
    ],
  };
  return options as unknown as MiniflareOptions;
}
