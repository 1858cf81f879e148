// Tests of the Kubernetes conformance suite against a fresh server. passing.txt is a ratchet: what stands there and fails is a
// failure; another that fails is only told.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTool } from "../../scripts/tools.mjs";
import { startServer } from "../support/server.ts";
import { runSuite, type Tools } from "./ginkgo.ts";
import { namesIn, PASSING, select, USAGE } from "./selection.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "test-results", "conformance");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A string says why they are not there. */
function tools(): Tools | string {
  const paths: string[] = [];
  for (const name of ["kubectl", "ginkgo", "e2e.test"] as const) {
    const { path, skipped } = findTool(name, { build: true });
    if (path === undefined) return skipped;
    paths.push(path);
  }
  const [kubectl = "", ginkgo = "", suite = ""] = paths;
  return { kubectl, ginkgo, suite };
}

async function main(): Promise<number> {
  const selection = select(process.argv.slice(2));
  if (!selection) {
    say(USAGE);
    return 0;
  }
  const found = tools();
  if (typeof found === "string") {
    say(`skipped: ${found}`);
    return selection.quick ? 0 : 1;
  }
  const begun = Date.now();
  rmSync(FOLDER, { recursive: true, force: true });
  const server = selection.kubeconfig ? undefined : await startServer({ nodes: 3 });
  const results = await runSuite({
    tools: found,
    kubeconfig: selection.kubeconfig ?? server?.kubeconfig ?? "",
    names: selection.names,
    procs: selection.procs,
    folder: FOLDER,
  });
  await server?.stop();
  const promised = new Set(existsSync(PASSING) ? namesIn(PASSING) : []);
  writeFileSync(join(FOLDER, "results.tsv"), results.map(({ state, seconds, name, why }) => `${state}\t${seconds.toFixed(1)}\t${name}\t${why}\n`).join(""));
  const passed = results.filter(({ state }) => state === "passed");
  const broken = results.filter(({ state, name }) => state !== "passed" && promised.has(name));
  for (const { state, seconds, name, why } of results) {
    if (state !== "passed") say(`${promised.has(name) ? "BROKEN" : "open  "} ${state} ${seconds.toFixed(0)} s  ${name}\n         ${why.slice(0, 240)}`);
  }
  if (selection.update)
    writeFileSync(
      PASSING,
      [...new Set([...promised, ...passed.map(({ name }) => name)])]
        .sort()
        .map((name) => `${name}\n`)
        .join(""),
    );
  say(`took ${Math.round((Date.now() - begun) / 1000)} s; details in test-results/conformance`);
  if (passed.length < results.length) say(`${results.length - passed.length - broken.length} of ${results.length} not yet passing`);
  // A test that was never promised counts neither way.
  say(`conformance: ${passed.length} passed, ${broken.length} failed`);
  return broken.length > 0 ? 1 : 0;
}

process.exitCode = await main();
