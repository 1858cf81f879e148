// The suites of `npm test`: what each runs, and how many of its checks held.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildAssets } from "./build-assets.mjs";
import { nodeCommand, ROOT } from "./pinned-node.mjs";
import { findTool } from "./tools.mjs";

/** @typedef {{ passed: number, failed: number, skipped?: string }} Outcome */

const RESULTS = join(ROOT, "test-results");
const environment = () => ({
  ...process.env,
  FORCE_COLOR: process.env.FORCE_COLOR ?? "0",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
});

/** One tool of the project; it passes or fails as a whole. */
function tool(name, file, words) {
  const [command, begin] = nodeCommand(join("node_modules", file));
  const done = spawnSync(command, [...begin, ...words], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], env: environment() });
  const held = done.status === 0;
  console.log(`${held ? "ok    " : "FAILED"} ${name}`);
  return held;
}
const count = (results) => ({ passed: results.filter(Boolean).length, failed: results.filter((held) => !held).length });

/** Lint, format, types: the rules that tools can see. */
export function check() {
  return count([
    tool("lint", "oxlint/bin/oxlint", ["--deny-warnings"]),
    tool("format", "oxfmt/bin/oxfmt", ["--check", "."]),
    tool("types", "typescript/bin/tsc", ["--noEmit"]),
    tool("architecture", "vitest/vitest.mjs", ["run", "--project", "unit", "test/architecture"]),
  ]);
}

/** A project of vitest.config.mts. What the runtime says of connections that tests cut is left out of the output. */
function vitest(project, words, { quiet = false } = {}) {
  mkdirSync(RESULTS, { recursive: true });
  const report = join(RESULTS, `${project}.json`);
  rmSync(report, { force: true });
  const [command, begin] = nodeCommand("node_modules/vitest/vitest.mjs", [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  const done = spawnSync(command, [...begin, ...words], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", quiet ? "pipe" : "inherit"],
    env: environment(),
    maxBuffer: 1 << 28,
  });
  if (quiet)
    process.stderr.write(
      done.stderr
        .toString()
        .split("\n")
        .filter((line) => !/^(exception = |stack: |NOSENTRY |$)/.test(line))
        .map((line) => `${line}\n`)
        .join(""),
    );
  try {
    const { numPassedTests: passed, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, "utf8"));
    // A file that does not even load has no tests that could fail.
    return { passed, failed: Math.max(numFailedTests, numFailedTestSuites > 0 || done.status !== 0 ? 1 : 0) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

export const unit = (words = []) => vitest("unit", words);
export function workerd(words = []) {
  buildAssets();
  return vitest("workerd", words, { quiet: true });
}
/** Clients against a real server. Without a kubectl the tests that need one say so. */
export function e2e(words = []) {
  const { skipped } = findTool("kubectl", { build: true });
  if (skipped) console.log(`skipped: tests with kubectl: ${skipped}`);
  return vitest("e2e", words);
}
export const crash = (words = [], { full = true } = {}) => {
  process.env.PAPERPLANE_CRASH = full ? "full" : "quick";
  return vitest("crash", words);
};
/** @returns {Outcome} */
export function conformance(words) {
  const [command, begin] = nodeCommand("test/conformance/run.ts");
  const done = spawnSync(command, [...begin, ...words], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"], env: environment(), maxBuffer: 1 << 28 });
  const text = done.stdout.toString();
  process.stdout.write(text);
  const skipped = /^skipped: (.*)$/m.exec(text)?.[1];
  if (skipped) return { passed: 0, failed: 0, skipped };
  const [, passed, failed] = /^conformance: (\d+) passed, (\d+) failed$/m.exec(text) ?? [];
  return passed === undefined ? { passed: 0, failed: 1 } : { passed: Number(passed), failed: Number(failed) };
}
