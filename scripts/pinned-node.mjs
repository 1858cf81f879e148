// What every command of package.json begins with, on any host Node >= 20: packages are there, and work goes on under the pinned Node.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const WINDOWS = process.platform === "win32";
const PINNED = join(ROOT, "node_modules", "node", "bin", WINDOWS ? "node.exe" : "node");
/** From here on Node reads TypeScript by itself. */
const HOST_MAJOR_MIN = 24;

const lock = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {});

/** What the lock file wants and node_modules does not have in that version. */
function isInstalled() {
  const there = lock(join(ROOT, "node_modules", ".package-lock.json"));
  return Object.entries(lock(join(ROOT, "package-lock.json"))).every(([path, { version, optional, devOptional }]) => {
    if (path === "" || optional || devOptional) return true;
    return there[path]?.version === version;
  });
}

/** Installs when something is missing, says so, and ends the process when that fails. */
export function install() {
  if (isInstalled()) return;
  console.log("Paperplane: installing packages (first start only) ...");
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], shell: WINDOWS });
  if (done.status === 0) return;
  console.error("Paperplane: packages could not be installed; see above");
  process.exit(1);
}

/** The Node that the project pins; the host's own where install scripts are off and it is new enough. */
export function nodePath() {
  if (existsSync(PINNED)) return PINNED;
  if (Number(process.versions.node.split(".")[0]) >= HOST_MAJOR_MIN) return process.execPath;
  console.error(`Paperplane: the package "node" is there without its program (install scripts were off?); run: npm rebuild node`);
  process.exit(1);
}

/** Program and arguments that run a file of the project under that Node. */
export function nodeCommand(file, args = []) {
  return [nodePath(), ["--disable-warning=ExperimentalWarning", join(ROOT, file), ...args]];
}

/** Runs a file of the project in the foreground and ends as it ends. It ends, too, when this process is killed. */
export function runPinned(file, args) {
  install();
  const [command, words] = nodeCommand(file, args);
  const child = spawn(command, words, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  // A terminal sends Ctrl-C to the whole group; a supervisor only to us.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
