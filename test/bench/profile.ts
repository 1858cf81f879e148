// Writes a CPU profile of the Worker while a load runs, and prints the functions with the most time of their own.
//
//   npm run profile -- LOAD [options of the load] [--nodes N] [--out FILE.cpuprofile] [--cold] [--lines]
//
// Starts its own server from the tree, with readable names. The load runs twice, and the second run is what is profiled;
// --cold: the first run is profiled. --lines: also the source lines with the most time. Chrome's developer tools open the file (Performance, load).
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hottest, summary } from "./profile-report.ts";
import { withProfiledServer } from "./profiled-server.ts";

interface Words {
  readonly load: readonly string[];
  readonly nodes: number;
  readonly out: string;
  readonly cold: boolean;
  readonly lines: boolean;
}
function readWords(argv: readonly string[]): Words {
  const load: string[] = [];
  const found = { nodes: 100, out: "", cold: false, lines: false };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--nodes") found.nodes = Number(argv[++at]);
    else if (word === "--out") found.out = argv[++at] ?? "";
    else if (word === "--cold") found.cold = true;
    else if (word === "--lines") found.lines = true;
    else load.push(word);
  }
  return { ...found, load, out: resolve(found.out || `paperplane-${load[0] ?? "idle"}.cpuprofile`) };
}

function runLoad(words: readonly string[], kubeconfig: string): Promise<void> {
  const bench = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts"), ...words, "--kubeconfig", kubeconfig], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((done, failed) => bench.on("exit", (code) => (code === 0 ? done() : failed(new Error(`the load ended with ${code}`)))));
}

async function main(): Promise<void> {
  const words = readWords(process.argv.slice(2));
  if (words.load.length === 0) throw new Error("which load? npm run profile -- create -n 3000 -c 16");
  await withProfiledServer(words.nodes, async ({ kubeconfig, source, profile }) => {
    if (!words.cold) {
      process.stdout.write("warming up ...\n");
      await runLoad(words.load, kubeconfig);
    }
    process.stdout.write("profiling ...\n");
    const taken = await profile(() => runLoad(words.load, kubeconfig));
    writeFileSync(words.out, JSON.stringify(taken));
    process.stdout.write(`${summary(taken)}\n${hottest(taken, { by: "function", top: 40, source })}\n`);
    if (words.lines) process.stdout.write(`${hottest(taken, { by: "line", top: 40, source })}\n`);
    process.stdout.write(`profile: ${words.out}\n`);
  });
  process.exit(0);
}

// Whoever reads our output may stop early (`| head`); the server is still to be ended.
process.stdout.on("error", () => {});
main().catch((error: unknown) => {
  process.stderr.write(`profile: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
