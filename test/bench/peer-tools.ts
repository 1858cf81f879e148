// The programs of a real control plane: found where earlier runs left them, or built from public Go modules.
import { spawnSync } from "node:child_process";
import { accessSync, constants, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FOLDER, VERSION } from "../../scripts/tools.mjs";

const ROOT = join(import.meta.dirname, "..", "..");
const GO_MINOR_MIN = 26;
/** `conformance`: the module of test/conformance, which holds all of Kubernetes; `peer`: the one beside this file. */
const PROGRAMS = {
  "kube-apiserver": { module: "conformance", from: "k8s.io/kubernetes/cmd/kube-apiserver" },
  "kube-controller-manager": { module: "conformance", from: "k8s.io/kubernetes/cmd/kube-controller-manager" },
  "kube-scheduler": { module: "conformance", from: "k8s.io/kubernetes/cmd/kube-scheduler" },
  etcd: { module: "peer", from: "go.etcd.io/etcd/server/v3" },
  kwok: { module: "peer", from: "sigs.k8s.io/kwok/cmd/kwok" },
  kwokctl: { module: "peer", from: "sigs.k8s.io/kwok/cmd/kwokctl" },
} as const;
export type ProgramName = keyof typeof PROGRAMS;
export type Programs = Readonly<Record<ProgramName, string>>;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function goTrouble(): string | undefined {
  const { stdout } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8", env: { ...process.env, GOTOOLCHAIN: "local" } });
  const minor = /^go1\.(\d+)/.exec(stdout ?? "")?.[1];
  if (minor === undefined) return "Go is not installed";
  return Number(minor) < GO_MINOR_MIN ? `Go 1.${GO_MINOR_MIN} is needed, not ${stdout.trim()}` : undefined;
}

/** Component versions are set by the linker, as upstream's own builds do. */
function linkerFlags(): string {
  const version = "k8s.io/component-base/version";
  return `-s -w -X ${version}.gitVersion=v${VERSION} -X ${version}.gitMajor=1 -X ${version}.gitMinor=${VERSION.split(".")[1]} -X k8s.io/client-go/pkg/version.gitVersion=v${VERSION}`;
}

/** A copy of the module file is what the build may change. */
function buildProgram(name: ProgramName, path: string): boolean {
  const { module, from } = PROGRAMS[name];
  const folder = module === "peer" ? join(import.meta.dirname, "peer") : join(ROOT, "test", "conformance");
  const copy = mkdtempSync(join(tmpdir(), "paperplane-go-"));
  for (const file of ["go.mod", "go.sum"]) copyFileSync(join(folder, file), join(copy, file));
  mkdirSync(FOLDER, { recursive: true });
  const made = `${path}.${process.pid}`;
  process.stdout.write(`building ${name} from Go modules, once ...\n`);
  const done = spawnSync("go", ["build", "-mod=mod", `-modfile=${join(copy, "go.mod")}`, "-ldflags", linkerFlags(), "-o", made, from], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  rmSync(copy, { recursive: true, force: true });
  if (done.status === 0) renameSync(made, path);
  return done.status === 0;
}

/** All programs, or the reason why there is no peer on this machine. */
export function findPrograms(): Programs | { readonly skipped: string } {
  const found: Partial<Record<ProgramName, string>> = {};
  for (const name of Object.keys(PROGRAMS) as ProgramName[]) {
    const path = join(FOLDER, name);
    if (!isProgram(path)) {
      const trouble = goTrouble();
      if (trouble !== undefined) return { skipped: `${name} is not there and cannot be built: ${trouble}` };
      if (!buildProgram(name, path)) return { skipped: `${name} could not be built; see above` };
    }
    found[name] = path;
  }
  return found as Programs;
}
