// What a workload used, as tables: for each pod by family of actors, where each row went, and what a million pods would cost.
import { MESSAGES_PER_REQUEST, priceOf, PRICES, type Bill } from "./prices.ts";
import { textTable, type Cells } from "./tables.ts";
import { total, type Series } from "./used.ts";

export interface Measured {
  readonly what: string;
  readonly pods: number;
  readonly used: readonly Series[];
  /** Milliseconds of all processes of the server. */
  readonly cpuMs: number;
}
const FAMILIES = ["api", "store", "controller", "scheduler", "node", "cluster"] as const;
/** A row that stands for less than this of each pod is one of "the others". */
const SMALL = 0.01;
const API = "api";

const table = (rows: readonly Cells[]): string => textTable(rows, "  ");
const fixed = (value: number, digits = 3): string => value.toFixed(digits);

/** Per pod. */
function byFamily({ used, pods }: Measured): string {
  const columns = ["requests", "alarms", "calls_sent", "rows_read", "rows_written"] as const;
  const line = (name: string, family?: string): string[] => [
    name,
    ...columns.map((metric) => fixed(total(used, metric, family === undefined ? {} : { family }) / pods)),
    fixed((total(used, "duration_gigabyte_seconds", family === undefined ? {} : { family }) / pods) * 1e6, 0),
  ];
  return table([["", ...columns.map((name) => name.replace("_", " ")), "GB-s of a million"], ...FAMILIES.map((family) => line(family, family)), line("all")]);
}

/** Rows written per pod, by actor and table; all nodes are one. */
function byPlace({ used, pods }: Measured): string {
  const places = new Map<string, number>();
  let small = 0;
  for (const { metric, family, name, table: of, value } of used)
    if (metric === "rows_written") {
      const place = `${family} ${family === "node" ? "(all)" : name}: ${of}`;
      places.set(place, (places.get(place) ?? 0) + value / pods);
    }
  const shown = [...places].sort(([, a], [, b]) => b - a).filter(([, rows]) => rows >= SMALL || ((small += rows), false));
  return table([...shown.map(([place, rows]) => [place, fixed(rows)]), [`the others, each below ${SMALL}`, fixed(small)]]);
}

export function billOf({ used, cpuMs }: Measured): Bill {
  const workerRequests = total(used, "requests", { family: API });
  return {
    requests: total(used, "requests") - workerRequests + total(used, "alarms") + total(used, "websocket_messages_received") / MESSAGES_PER_REQUEST,
    gigabyteSeconds: total(used, "duration_gigabyte_seconds"),
    rowsRead: total(used, "rows_read"),
    rowsWritten: total(used, "rows_written"),
    workerRequests,
    cpuMs,
  };
}

/** Of a million pods. */
function price(bill: Bill, pods: number): string {
  const scaled = Object.fromEntries(Object.entries(bill).map(([unit, count]) => [unit, (count / pods) * 1_000_000])) as Bill;
  const rows = (Object.keys(PRICES) as (keyof Bill)[]).map((unit) => [
    PRICES[unit].what,
    Math.round(scaled[unit]).toLocaleString("en-US"),
    `$${PRICES[unit].dollars} a million`,
    `$${fixed((scaled[unit] * PRICES[unit].dollars) / 1_000_000, 2)}`,
  ]);
  return table([...rows, ["together, as if nothing were included", "", "", `$${fixed(priceOf(scaled), 2)}`]]);
}

export const rowsPerPod = ({ used, pods }: Measured): number => total(used, "rows_written") / pods;
export const dollarsPerMillion = (measured: Measured): number => (priceOf(billOf(measured)) / measured.pods) * 1_000_000;

export function costText(measured: Measured): string {
  const { what, pods } = measured;
  return [
    `${what} (${pods} pods), per pod:\n`,
    byFamily(measured),
    "\n  rows written per pod, by place:\n",
    byPlace(measured),
    "\n  a million of them:\n",
    price(billOf(measured), pods),
  ].join("\n");
}

const LEGEND = `Tables of stores: \`history\` (a row for each commit, with every version of an object that it wrote; a row that is forgotten is written over,
not deleted), \`pages\` (objects that were not changed lately, many to a row), \`facts\` (how far subscribers were told). Of controllers and the scheduler: \`kv\` (what is left to be done). Of nodes:
\`kept\` (records of pods) and \`log\`. Of all: \`alarm\` (each time that is set), \`schema\` (tables that are made), and the actors that a cluster knows.`;

export interface Page {
  readonly parts: readonly Measured[];
  readonly verdicts: readonly string[];
  readonly nodes: number;
  readonly notes: string;
}
/** The whole report as Markdown. */
export function costPage({ parts, verdicts, nodes, notes }: Page): string {
  return `# What pods cost

Written by \`npm run bench:cost -- --out docs/cost.md\`; do not edit. Measured ${new Date().toISOString().slice(0, 10)} with ${nodes} nodes.

${verdicts.map((line) => `- ${line}`).join("\n")}

${notes} Prices are Cloudflare's public ones (\`test/bench/prices.ts\`). What happens to pods is read from \`/metrics\`, before and after.

${LEGEND}

\`\`\`
${parts.map(costText).join("\n\n")}
\`\`\`
`;
}
