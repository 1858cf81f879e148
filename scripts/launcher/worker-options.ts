// What Miniflare is told about the Worker. Bindings and dates are read from wrangler.toml, so that they are written down once.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MiniflareOptions } from "miniflare";
import type { Arguments } from "./arguments.ts";

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
  const options = {
    resourcePersistencePath: join(args.data, "state"),
    unsafeObservability: false,
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
            ASSETS: { type: "assets" },
          },
          assets: { directory: join(root, "dist", "assets"), runWorkerFirst: true, htmlHandling: "none", notFoundHandling: "none", hasUserWorker: true },
          manifest: { mainModule: "index.mjs", modulesRoot: root, modules: { "index.mjs": { type: "esm", contents: script } } },
        },
        dev: { unsafeDirectSockets: [{ host, port: args.port }] },
      },
    ],
  };
  return options as unknown as MiniflareOptions;
}
