// Makes the Worker's bundle: one ES module, as `wrangler deploy` would.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Builds and returns the module's text. `root`: the repository. */
export async function bundleWorker(root: string): Promise<string> {
  const outfile = join(root, "dist", "worker.mjs");
  mkdirSync(join(root, "dist"), { recursive: true });
  await build({
    entryPoints: [join(root, "workers", "index.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    external: ["cloudflare:*", "node:*"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return readFileSync(outfile, "utf8");
}
