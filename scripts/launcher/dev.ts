// `npm run dev`: wrangler dev with hot reload, over a data folder of its own. Slower than `npm start`, and it opens no node ports.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArguments, USAGE } from "./arguments.ts";
import { lockFolder } from "./lock.ts";
import { prepareAccess } from "./state.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const HOST = "127.0.0.1";

function main(): void {
  if (process.argv.includes("--help")) {
    process.stdout.write(`${USAGE.replace("npm start", "npm run dev")}\n`);
    return;
  }
  const args = parseArguments(["--data", ".paperplane/dev", ...process.argv.slice(2)], process.cwd());
  const url = `http://${HOST}:${args.port}`;
  const lock = lockFolder(args.data, url);
  process.once("exit", () => lock.release());
  const { hash, kubeconfig } = prepareAccess(args.data, url);
  const variables = { ADMIN_TOKEN_HASH: hash, NODES: String(args.nodes), TIMING: args.timing, WATCH_TRANSPORT: args.watchTransport };
  process.stdout.write(`export KUBECONFIG=${kubeconfig}\n`);
  const words = ["dev", "--ip", HOST, "--port", String(args.port), "--persist-to", join(args.data, "state"), "--inspector-port", "0"];
  words.push("--show-interactive-dev-session=false", "--log-level", "warn");
  for (const [name, value] of Object.entries(variables)) words.push("--var", `${name}:${value}`);
  const wrangler = spawn(process.execPath, [join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js"), ...words], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false", X_LOCAL_OBSERVABILITY: "false" },
  });
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    wrangler.kill("SIGTERM");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.on("disconnect", stop);
  wrangler.on("exit", (code) => process.exit(stopping ? 0 : (code ?? 1)));
}

try {
  main();
} catch (error) {
  process.stderr.write(`Paperplane: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
