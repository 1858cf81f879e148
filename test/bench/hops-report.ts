// Turns what was measured of one pod and of one watch event into docs/hops.md. Every figure in it comes from a run.
import { cpus } from "node:os";
import type { Times } from "./figures.ts";
import { markdownTable } from "./tables.ts";
import type { Series } from "./used.ts";

type Hops = ReadonlyMap<string, number>;
export interface HopsMeasured {
  readonly pod: {
    readonly count: number;
    /** Microseconds of all pods. */
    readonly hops: Hops;
    readonly used: readonly Series[];
    readonly answered: Times;
    readonly bound: Times;
    readonly running: Times;
  };
  readonly event: { readonly count: number; readonly watchers: number; readonly hops: Hops };
}
const METRICS = ["requests", "alarms", "calls_sent", "rows_written"] as const;

/** Microseconds for each of `count`, and what share of the whole that is. */
export function hopRows(hops: Hops, count: number): string[][] {
  const all = [...hops.values()].reduce((sum, us) => sum + us, 0);
  const row = (name: string, us: number): string[] => [name, (us / count).toFixed(0), `${all === 0 ? 0 : Math.round((100 * us) / all)}%`];
  return [...[...hops].map(([name, us]) => row(name, us)), row("all", all)];
}

/** What each actor did for each of `count`; all nodes are one. */
export function actorRows(used: readonly Series[], count: number): string[][] {
  const actors = new Map<string, Map<string, number>>();
  for (const { metric, family, name, table, value } of used) {
    if (!METRICS.some((one) => one === metric)) continue;
    const actor = family === "node" ? "nodes" : [family, name].filter((word) => word !== "").join(" ");
    const sums = actors.get(actor) ?? new Map<string, number>();
    actors.set(actor, sums);
    sums.set(metric, (sums.get(metric) ?? 0) + value);
    if (metric === "rows_written") sums.set(table, (sums.get(table) ?? 0) + value);
  }
  const each = (value: number | undefined): string => ((value ?? 0) / count).toFixed(2);
  return [...actors].map(([actor, sums]) => {
    const tables = [...sums].filter(([name]) => !METRICS.some((one) => one === name)).map(([name, value]) => `${name} ${each(value)}`);
    return [actor, ...METRICS.map((metric) => each(sums.get(metric))), tables.join(", ")];
  });
}

export function hopsPage({ pod, event }: HopsMeasured): string {
  const wall = (what: string, times: Times): string[] => {
    const { p50_ms, p90_ms, p99_ms } = times.figures();
    return [what, String(p50_ms), String(p90_ms), String(p99_ms)];
  };
  return `${[
    "# Where the time goes",
    "",
    "Written by `npm run bench:hops`; do not edit. What the hops are is told in ARCHITECTURE.md.",
    "",
    `Measured ${new Date().toISOString().slice(0, 10)} on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), under the profiler of the Worker, which makes everything slower.`,
    "",
    "## One pod, from its creation until it runs",
    "",
    `${pod.count} single pods, each made when the one before runs and all are at rest again.`,
    "",
    markdownTable([
      ["milliseconds after the request was sent", "p50", "p90", "p99"],
      wall("the request is answered", pod.answered),
      wall("a watcher sees the pod bound", pod.bound),
      wall("a watcher sees it Running", pod.running),
    ]),
    "",
    "Processor time by whose turn it was, with all that a pod leaves behind until everybody rests again:",
    "",
    markdownTable([["hop", "µs for each pod", "share"], ...hopRows(pod.hops, pod.count)]),
    "",
    "What the actors did for each pod. Pods that come together share most of it (docs/cost.md):",
    "",
    markdownTable([["actor", "requests", "alarms", "calls sent", "rows written", "rows by table"], ...actorRows(pod.used, pod.count)]),
    "",
    "## One watch event",
    "",
    `${event.count} ConfigMaps made one after the other, with ${event.watchers} watchers of them. Processor time for each event, with the request that caused it:`,
    "",
    markdownTable([["hop", "µs for each event", "share"], ...hopRows(event.hops, event.count)]),
  ].join("\n")}\n`;
}
