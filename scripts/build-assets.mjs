// Makes the static assets in dist/assets that are missing or older than what they are made of. `wrangler` runs it, too.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Written last. */
const MADE = "dist/assets.made";
const openapi = readdirSync(join(ROOT, "scripts", "openapi")).map((name) => `scripts/openapi/${name}`);
const SOURCES = [
  "package-lock.json",
  "scripts/build-openapi.mjs",
  "shared/kinds/_generated/resources.json",
  "shared/kinds/paperplane/resources.json",
  "shared/schema/_generated/schemas.json",
  "shared/schema/go-types.json",
  "shared/schema/own-schemas.json",
  ...openapi,
];
const age = (path) => statSync(join(ROOT, path)).mtimeMs;

/** Throws when they cannot be made. */
export function buildAssets() {
  if (existsSync(join(ROOT, MADE)) && SOURCES.every((path) => age(path) < age(MADE))) return;
  const done = spawnSync(process.execPath, [join(ROOT, "scripts", "build-openapi.mjs")], { stdio: ["ignore", "inherit", "inherit"] });
  if (done.status !== 0) throw new Error("the OpenAPI documents could not be made");
  writeFileSync(join(ROOT, MADE), "");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) buildAssets();
