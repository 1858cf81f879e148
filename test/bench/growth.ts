// `npm run bench:growth`: how cost grows with pods, nodes, watchers and clusters. Each size runs on a fresh server; prints what it
// spent, whole and for each of what there was more of, and names what grows faster than linearly.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { GROUPS, type Group, type Part } from "./growth-groups.ts";
import { closing, curveText, growthPage, type Curve } from "./growth-report.ts";
import { withServer } from "./own-server.ts";
import { program, say } from "./program.ts";

const USAGE = `npm run bench:growth -- [--quick] [--groups ${GROUPS.map(({ name }) => name).join(",")}] [--out FILE]
  --quick       small sizes (about 6 minutes, most of them waiting until nothing happens any more; without it about 10)
  --groups ...  only these
  --watch-transport stream|socket
                how watches leave stores (socket: as where rows and requests are paid for)
  --out FILE    also write the report there, as docs/growth.md`;

type Transport = "stream" | "socket";
interface Run {
  readonly sizes: readonly number[];
  readonly transport: Transport;
  /** What fails is added. */
  readonly troubles: string[];
}
/** A size that fails leaves the others to run. */
async function partsOf({ name, nodes, run }: Group, { sizes, transport, troubles }: Run): Promise<Part[]> {
  const parts: Part[] = [];
  for (const size of sizes) {
    say(`${name}: ${size}`);
    try {
      parts.push(...(await withServer({ nodes, watchTransport: transport }, (server) => run(size, server))));
    } catch (error) {
      const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      troubles.push(`${name}, ${size}: ${reason}`);
      say(`${troubles.at(-1)}`);
    }
  }
  return parts;
}

const isTransport = (word: string): word is Transport => word === "stream" || word === "socket";
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      groups: { type: "string", default: GROUPS.map(({ name }) => name).join(",") },
      "watch-transport": { type: "string", default: "socket" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return say(USAGE);
  const wanted = values.groups.split(",");
  const { quick, "watch-transport": transport } = values;
  if (!wanted.every((name) => GROUPS.some((group) => group.name === name)) || !isTransport(transport)) throw new Error(USAGE);
  const troubles: string[] = [];
  const curves: Curve[] = [];
  for (const group of GROUPS.filter(({ name }) => wanted.includes(name))) {
    const parts = Map.groupBy(await partsOf(group, { sizes: quick ? group.quick : group.sizes, transport, troubles }), ({ head }) => head);
    for (const [head, steps] of parts) {
      curves.push({ head, steps });
      say(`\n${curveText({ head, steps })}`);
    }
    say("");
  }
  const { linear, flat } = closing(curves);
  say(`Where it is more than linear:\n\n${linear}\n\nWhere one more costs more because of those that are there:\n\n${flat}`);
  if (values.out) writeFileSync(values.out, growthPage({ curves, quick, transport, troubles }));
  if (troubles.length > 0) throw new Error(`did not work:\n${troubles.join("\n")}`);
}

program(main);
