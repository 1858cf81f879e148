// Turns measurements into docs/performance.md. Every figure in it comes from a run; only sentences are written here.
import { cpus, release, totalmem } from "node:os";
import { figure } from "./figures.ts";
import type { Row } from "./plan.ts";
import type { SideFacts, SideName } from "./sides.ts";
import { markdownTable, textTable } from "./tables.ts";

export interface Measurements {
  /** In the order of the table. */
  readonly rows: Map<string, { readonly row: Row; readonly values: Record<SideName, number[]>; readonly disturbed: Set<SideName> }>;
  readonly facts: Partial<Record<SideName, SideFacts>>;
  readonly troubles: string[];
  /** Most of one core that the load program used on each side. */
  readonly clientBusy: Map<string, Partial<Record<SideName, number>>>;
  /** Why there is no peer. */
  skipped?: string;
}
export interface RunFacts {
  readonly rounds: number;
  readonly quick: boolean;
  /** One-minute load averages before each round. */
  readonly loads: readonly number[];
}
export const noMeasurements = (): Measurements => ({ rows: new Map(), facts: {}, troubles: [], clientBusy: new Map() });

/** Above this share of the machine, other programs spoil a figure. */
export const OTHERS_MAX = 0.1;
const MARK = " \\*";

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : sorted.length === 0 ? undefined : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** Above 1: Paperplane is that many times better. */
function ratio({ better, alone }: Row, ours: number | undefined, peer: number | undefined): string {
  if (alone || ours === undefined || peer === undefined || ours === 0 || peer === 0) return "";
  const times = better === "more" ? ours / peer : peer / ours;
  return `${times.toLocaleString("en-US", { maximumSignificantDigits: 2 })}`;
}

export function tableRows({ rows }: Measurements): readonly (readonly [string, string, string, string])[] {
  return [...rows.values()].map(({ row, values, disturbed }) => {
    const ours = median(values.paperplane);
    const peer = median(values.kubernetes);
    const cell = (side: SideName, value: number | undefined): string => `${figure(value, row.unit)}${disturbed.has(side) ? MARK : ""}`;
    return [row.what, cell("paperplane", ours), cell("kubernetes", peer), ratio(row, ours, peer)] as const;
  });
}

const HEAD = ["Paperplane", "Kubernetes", "times better"] as const;
export const consoleTable = (measurements: Measurements): string => textTable([["", ...HEAD], ...tableRows(measurements)]);

function sidesText({ facts, rows }: Measurements): string[] {
  const syncs = rows.get("syncs")?.values;
  const side = (name: SideName): string[] => {
    const known = facts[name];
    if (!known) return [];
    const calls = median(syncs?.[name] ?? []);
    const disk =
      calls === undefined
        ? "how often it waits for the disk was not measured (strace is missing or may not look)"
        : `fsync is called ${figure(calls, "")} times for one create`;
    return [
      `- ${known.version}: ${known.processes.length} processes (${[...new Set(known.processes)].join(", ")}); ${known.transport}, ${known.credentials}; ${disk}.`,
    ];
  };
  return [...side("paperplane"), ...side("kubernetes")];
}

/** When and where a report was measured. */
export function machineText(): string {
  const now = new Date().toISOString().slice(0, 10);
  const [cpu] = cpus();
  return `Measured ${now} on ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${process.platform} ${release()}, Node ${process.versions.node}.`;
}

export function markdown(measurements: Measurements, run: RunFacts): string {
  const busiest = [...measurements.clientBusy].filter(([, sides]) => Math.max(...Object.values(sides)) > 0.7);
  return `${[
    "# Performance",
    "",
    "Written by `npm run bench:versus`; do not edit. The same program puts the same load on Paperplane and on a real Kubernetes control plane",
    "with simulated nodes, over HTTP/1.1, one after the other on one machine.",
    "",
    machineText(),
    `${run.rounds === 1 ? "One round" : `Medians of ${run.rounds} rounds, the sides alternating`}${run.quick ? ", small sizes (`--quick`)" : ""}. Load average before each round: ${run.loads.map((load) => load.toFixed(1)).join(", ")}.`,
    ...(measurements.skipped === undefined ? [] : ["", `Kubernetes was not measured: ${measurements.skipped}.`]),
    "",
    markdownTable([["what", ...HEAD], ...tableRows(measurements)]),
    "",
    `*Times better* is above 1 where Paperplane is ahead, whichever way the figure counts.${run.rounds === 1 ? "" : " Figures of servers at rest are those of the first round."}`,
    ...([...measurements.rows.values()].some(({ disturbed }) => disturbed.size > 0)
      ? [`\\* In at least one round other programs took more than ${Math.round(100 * OTHERS_MAX)}% of the machine meanwhile: the server can do better.`]
      : []),
    "",
    "## What differs between the sides",
    "",
    ...sidesText(measurements),
    "- A new cluster of Kubernetes is a new set of processes, so that its time is that of a start; Paperplane's is one more object on a running server.",
    "- Kubernetes runs without its limits on requests (`--disable-qps-limits`), with KWOK in place of kubelets: its pods are empty. Paperplane's run simulated containers, with `--timing instant`.",
    "- Only one side runs at a time, and each group of loads begins on a fresh server with an empty data folder.",
    "- The load program runs on the same cores as the server it loads.",
    ...(busiest.length === 0
      ? ["- It never used more than 70% of the one core it can use."]
      : [
          `- It used more than 70% of the one core it can use in: ${busiest
            .map(
              ([line, sides]) =>
                `${line} (${Object.entries(sides)
                  .map(([side, share]) => `${side} ${Math.round(100 * share)}%`)
                  .join(", ")})`,
            )
            .join("; ")}. These figures may be lower than what the server can do.`,
        ]),
    ...(measurements.troubles.length === 0 ? [] : ["", "## What did not work", "", ...measurements.troubles.map((trouble) => `- ${trouble}`)]),
  ].join("\n")}\n`;
}
