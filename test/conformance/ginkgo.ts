// Runs tests of the suite, those marked [Serial] after all others and one by one, and reads what became of them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Tools {
  readonly ginkgo: string;
  readonly suite: string;
  readonly kubectl: string;
}
export interface Result {
  readonly name: string;
  /** The suite's word: passed, failed, timedout ...; or `not run`. */
  readonly state: string;
  readonly seconds: number;
  /** Beginning of the first failure. */
  readonly why: string;
}
export interface Run {
  readonly tools: Tools;
  readonly kubeconfig: string;
  readonly names: readonly string[];
  readonly procs: number;
  /** Where logs and reports go. */
  readonly folder: string;
}
interface Spec {
  readonly LeafNodeType: string;
  readonly LeafNodeText: string;
  readonly ContainerHierarchyTexts?: readonly string[] | null;
  readonly State: string;
  /** Nanoseconds. */
  readonly RunTime: number;
  readonly Failure?: { readonly Message?: string };
}
const TIMEOUT = "2h";
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

async function phase(run: Run, name: string, chosen: readonly string[], procs: number): Promise<readonly Result[]> {
  const { tools, folder } = run;
  const report = `${name}.json`;
  const words = [`--procs=${procs}`, `--focus=${chosen.map(escaped).join("|")}`, `--timeout=${TIMEOUT}`, "--no-color", "--silence-skips", "--keep-going"];
  words.push(
    `--json-report=${report}`,
    `--output-dir=${folder}`,
    tools.suite,
    "--",
    "--provider=skeleton",
    `--kubeconfig=${run.kubeconfig}`,
    `--kubectl-path=${tools.kubectl}`,
  );
  words.push("--disable-log-dump=true", "--dump-logs-on-failure=false", "--node-schedulable-timeout=1m", "--system-pods-startup-timeout=1m");
  const log = createWriteStream(join(folder, `${name}.log`));
  await once(log, "open");
  const child = spawn(tools.ginkgo, words, { stdio: ["ignore", log, log] });
  process.once("exit", () => void child.kill("SIGKILL"));
  await once(child, "close");
  const file = join(folder, report);
  if (!existsSync(file)) return [];
  const suites = JSON.parse(readFileSync(file, "utf8")) as readonly { readonly SpecReports?: readonly Spec[] | null }[];
  const specs = suites
    .flatMap(({ SpecReports }) => SpecReports ?? [])
    .filter(({ LeafNodeType, State }) => LeafNodeType === "It" && State !== "skipped" && State !== "pending");
  return specs.map((spec) => ({
    name: [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(" "),
    state: spec.State,
    seconds: spec.RunTime / 1e9,
    why: (spec.Failure?.Message ?? "").replaceAll(/\s+/g, " ").trim().slice(0, 600),
  }));
}

/** A result for each name, in their order. */
export async function runSuite(run: Run): Promise<readonly Result[]> {
  mkdirSync(run.folder, { recursive: true });
  const serial = run.names.filter((name) => name.includes("[Serial]"));
  const parallel = run.names.filter((name) => !name.includes("[Serial]"));
  const found = new Map<string, Result>();
  if (parallel.length > 0) for (const result of await phase(run, "parallel", parallel, run.procs)) found.set(result.name, result);
  if (serial.length > 0) for (const result of await phase(run, "serial", serial, 1)) found.set(result.name, result);
  return run.names.map((name) => found.get(name) ?? { name, state: "not run", seconds: 0, why: `see ${run.folder}` });
}
