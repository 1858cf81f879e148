// Programs of the Kubernetes project that tests need: found, or built from public Go modules (test/conformance/go.mod).
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./pinned-node.mjs";

export const VERSION = "1.36.3";
const GO_MINOR_MIN = 26;
export const FOLDER = process.env.PAPERPLANE_TOOLS ?? join(homedir(), ".cache", "paperplane", "tools", `v${VERSION}`);

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Why nothing can be built here; undefined: it can. */
function goTrouble() {
  const found = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8", env: { ...process.env, GOTOOLCHAIN: "local" } });
  const minor = /^go1\.(\d+)/.exec(found.stdout ?? "")?.[1];
  if (minor === undefined) return "Go is not installed";
  return Number(minor) < GO_MINOR_MIN ? `Go 1.${GO_MINOR_MIN} is needed, not ${found.stdout.trim()}` : undefined;
}

const BUILDS = {
  kubectl: { words: ["build"], from: "k8s.io/kubernetes/cmd/kubectl", minutes: 2 },
  ginkgo: { words: ["build"], from: "github.com/onsi/ginkgo/v2/ginkgo", minutes: 1 },
  "e2e.test": { words: ["test", "-c"], from: "k8s.io/kubernetes/test/e2e", minutes: 6 },
};

/** What the programs say of their own version. */
function linkerFlags() {
  const version = "k8s.io/component-base/version";
  const facts = {
    gitVersion: `v${VERSION}`,
    gitMajor: "1",
    gitMinor: "36",
    gitTreeState: "clean",
    gitCommit: "0".repeat(40),
    buildDate: "2026-01-01T00:00:00Z",
  };
  return [
    "-s",
    "-w",
    ...Object.entries(facts).flatMap(([name, value]) => ["-X", `${version}.${name}=${value}`]),
    "-X",
    `k8s.io/client-go/pkg/version.gitVersion=v${VERSION}`,
  ].join(" ");
}

/** Where the program is; `skipped` says why it is nowhere. Builds it when `build` allows and Go is there. */
export function findTool(name, { build = false } = {}) {
  const own = name === "kubectl" ? process.env.KUBECTL : undefined;
  if (own) return isProgram(own) ? { path: own } : { skipped: `$KUBECTL names no program: ${own}` };
  const path = join(FOLDER, name);
  if (isProgram(path)) return { path };
  if (!build) return { skipped: `${name} v${VERSION} is not built (npm test builds it where Go is installed)` };
  const trouble = goTrouble();
  if (trouble) return { skipped: `${name} v${VERSION} cannot be built: ${trouble}` };
  const { words, from, minutes } = BUILDS[name];
  console.log(`building ${name} v${VERSION} from Go modules, once (about ${minutes} minutes) ...`);
  mkdirSync(FOLDER, { recursive: true });
  const made = `${path}.${process.pid}`;
  const done = spawnSync("go", [...words, "-mod=mod", "-ldflags", linkerFlags(), "-o", made, from], {
    cwd: join(ROOT, "test", "conformance"),
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  if (done.status !== 0) return { skipped: `${name} v${VERSION} could not be built; see above` };
  renameSync(made, path);
  return { path };
}
