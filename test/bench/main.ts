// Puts one load on the API server of any kubeconfig and prints figures. Run: node test/bench/main.ts LOAD [options]
import { parseArgs } from "node:util";
import { readKubeconfig } from "./kubeconfig.ts";
import { LOADS } from "./loads/index.ts";
import { program, say } from "./program.ts";
import { Session } from "./session.ts";

const USAGE = `node test/bench/main.ts LOAD [options]
${Object.entries(LOADS)
  .map(([name, { what }]) => `  ${name.padEnd(10)}${what}`)
  .join("\n")}
options:
  --kubeconfig FILE   ($KUBECONFIG)
  -n N                objects, requests, events or nodes
  -c N                connections
  -r N                requests or events a second (rate, watch); 0: as fast as it goes
  -w N                watchers (watch)
  --limit SECONDS     give up after
  --keep              leave behind what was made`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kubeconfig: { type: "string", default: process.env.KUBECONFIG ?? "" },
      n: { type: "string", short: "n" },
      c: { type: "string", short: "c" },
      r: { type: "string", short: "r" },
      w: { type: "string", short: "w" },
      limit: { type: "string", default: "600" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  const load = LOADS[positionals[0] ?? ""];
  if (!load || values.help || positionals.length > 1) throw new Error(USAGE);
  const number = (name: string, value: string | undefined, otherwise: number): number => {
    const read = value === undefined ? otherwise : Number(value);
    if (!Number.isFinite(read) || read < 0) throw new Error(`${name} takes a number, not ${value}`);
    return read;
  };
  const options = {
    count: number("-n", values.n, load.defaults.count ?? 2000),
    connections: number("-c", values.c, load.defaults.connections ?? 16),
    rate: number("-r", values.r, load.defaults.rate ?? 0),
    watchers: number("-w", values.w, 1000),
    limitMs: number("--limit", values.limit, 600) * 1000,
    keep: values.keep,
  };
  const session = new Session(readKubeconfig(values.kubeconfig), options, say);
  if (load.needsNamespace) await session.begin();
  await load.run(session);
  if (load.needsNamespace && !values.keep) await session.end();
}

program(main);
