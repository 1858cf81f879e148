// Makes the Worker's bundle: one minified ES module, as `wrangler deploy` would.
import { join } from "node:path";
import { build, stop } from "esbuild";

/** Builds and returns the module's text. `root`: the repository. */
export async function bundleWorker(root: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "workers", "index.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    external: ["cloudflare:*", "node:*"],
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  await stop();
  return outputFiles[0]?.text ?? "";
}
