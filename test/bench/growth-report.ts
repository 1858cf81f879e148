// How cost grows, as tables: a figure for each size, the same for each of what there was more of, and the power of n that it follows.
import { figure } from "./figures.ts";
import { machineText, OTHERS_MAX } from "./report.ts";
import type { Spent } from "./spending.ts";
import { markdownTable, textTable, type Cells } from "./tables.ts";
import { total } from "./used.ts";

export interface Head {
  readonly title: string;
  /** Of what there is more in each step. */
  readonly many: string;
  /** One of those that each figure is divided by. */
  readonly one: string;
  /** What is done is the same in each step: only what is there besides grows, and one wishes that it did not matter. */
  readonly flat: boolean;
  /** Figures of steps are shown for so many of these instead of whole. */
  readonly each?: { readonly what: string; readonly count: number };
}
export interface Step {
  readonly size: number;
  /** So many of `one`. */
  readonly units: number;
  readonly spent: Spent;
}
/** Steps from the smallest to the largest. */
export interface Curve {
  readonly head: Head;
  readonly steps: readonly Step[];
}

interface Kind {
  readonly what: string;
  readonly unit: string;
  /** A unit for what one thing takes of it, and how many of these it has. */
  readonly small?: { readonly unit: string; readonly times: number };
  /** The same in every run of the same code, as far as turns of an event loop allow. Otherwise a stopwatch or a scale says it. */
  readonly counted: boolean;
  /** Less than this is no more than this: nothing is said about how nothing grows. */
  readonly grain: number;
  of(spent: Spent): number;
}
const counter = (what: string, metric: string): Kind => ({ what, unit: "", counted: true, grain: 1, of: ({ used }) => total(used, metric) });
const KINDS: readonly Kind[] = [
  { what: "time", unit: "s", small: { unit: "ms", times: 1000 }, counted: false, grain: 0.05, of: ({ ms }) => ms / 1000 },
  { what: "processor time", unit: "s", small: { unit: "ms", times: 1000 }, counted: false, grain: 0.05, of: ({ cpuMs }) => cpuMs / 1000 },
  counter("rows written", "rows_written"),
  counter("rows read", "rows_read"),
  { what: "requests to actors", unit: "", counted: true, grain: 1, of: ({ used }) => total(used, "requests") - total(used, "requests", { family: "api" }) },
  counter("calls between actors", "calls_sent"),
  counter("alarms", "alarms"),
  counter("frames to watchers", "watch_frames_sent"),
  { what: "databases", unit: "", counted: true, grain: 1, of: ({ databases }) => databases },
  { what: "bytes in databases", unit: "KB", counted: true, grain: 64, of: ({ databaseBytes }) => databaseBytes / 1000 },
  { what: "memory of the server", unit: "MB", small: { unit: "KB", times: 1000 }, counted: false, grain: 10, of: ({ memoryMegabytes }) => memoryMegabytes },
];

const whole = ({ of, unit }: Kind, { spent }: Step, parts = 1): string => figure(of(spent) / parts, unit);
const single = ({ of, unit, small = { unit, times: 1 } }: Kind, { spent, units }: Step): string => figure((of(spent) / units) * small.times, small.unit);

/** Above this a cost that should follow n grows faster than linearly; and a cost that should not depend on n does. */
const LINEAR_MAX = 1.1;
const FLAT_MAX = 0.1;
/** A figure that rose by no more than so many grains did so by chance. */
const CHANCE_GRAINS = 3;

/** The x of n^x between two steps. Undefined: they are the same size. */
export function exponent(from: { readonly size: number; readonly cost: number }, to: { readonly size: number; readonly cost: number }): number | undefined {
  return from.size === to.size ? undefined : Math.log(to.cost / from.cost) / Math.log(to.size / from.size);
}

interface Growth {
  /** From the smallest to the largest size, and between the two largest: what is the same for all sizes hides less of it there. */
  readonly whole: number | undefined;
  readonly end: number | undefined;
}
function growthOf(kind: Kind, { steps }: Curve): Growth {
  const costs = steps.map(({ size, spent }) => ({ size, cost: Math.max(kind.of(spent), kind.grain) }));
  const between = (from: number, to: number): number | undefined => {
    const [small, large] = [costs.at(from), costs.at(to)];
    return small && large && exponent(small, large);
  };
  return { whole: between(0, -1), end: steps.length > 2 ? between(-2, -1) : undefined };
}

/** What grows more than it should, in words. A flat curve is judged as a whole: from one size to the next chance weighs too much. */
export function excesses(curve: Curve): string[] {
  const { head, steps } = curve;
  const [first, last] = [steps.at(0), steps.at(-1)];
  if (!first || !last || steps.length < 2) return [];
  const most = head.flat ? FLAT_MAX : LINEAR_MAX;
  return KINDS.flatMap((kind) => {
    if (kind.of(last.spent) - kind.of(first.spent) <= CHANCE_GRAINS * kind.grain) return [];
    const growth = growthOf(kind, curve);
    const atEnd = (growth.whole ?? 0) <= most;
    if (atEnd && (head.flat || (growth.end ?? 0) <= most)) return [];
    const from = atEnd ? (steps.at(-2) ?? first) : first;
    const sure = kind.counted ? "" : " (measured, not counted)";
    const sizes = `${count(from.size)} to ${count(last.size)} ${head.many}`;
    return [
      `${head.title}: ${kind.what} ${power(atEnd ? growth.end : growth.whole)}, ${single(kind, from)} to ${single(kind, last)} for ${head.one} from ${sizes}${sure}`,
    ];
  });
}

const count = (value: number): string => value.toLocaleString("en-US");
const power = (x: number | undefined): string => (x === undefined ? "" : `n^${x.toFixed(2)}`);
const mark = ({ spent: { others = 0 } }: Step): string => (others > OTHERS_MAX ? " *" : "");

function rows(curve: Curve): Cells[] {
  const { head, steps } = curve;
  return [
    [
      head.many,
      ...steps.map((step) => `${count(step.size)}${mark(step)}`),
      ...steps.map(({ size }) => `${head.one}, of ${count(size)}`),
      "grows like",
      "at the end",
    ],
    ...KINDS.map((kind) => {
      const growth = growthOf(kind, curve);
      const cells = steps.map((step) => whole(kind, step, head.each?.count));
      return [kind.what, ...cells, ...steps.map((step) => single(kind, step)), power(growth.whole), power(growth.end)];
    }),
  ];
}
const titleOf = ({ head }: Curve): string => `${head.title}${head.each ? `; for each ${head.each.what}` : ""}`;
export const curveText = (curve: Curve): string => `${titleOf(curve)}\n\n${textTable(rows(curve), "  ")}`;

const list = (lines: readonly string[], none: string): string => (lines.length === 0 ? none : lines.map((line) => `- ${line}`).join("\n"));
/** Two lists: what should follow n, and what should not depend on it. */
export function closing(curves: readonly Curve[]): { readonly linear: string; readonly flat: string } {
  const of = (flat: boolean): string[] => curves.filter(({ head }) => head.flat === flat).flatMap(excesses);
  return { linear: list(of(false), "Nowhere."), flat: list(of(true), "Nowhere.") };
}

export interface Page {
  readonly curves: readonly Curve[];
  readonly quick: boolean;
  /** How watches left the stores. */
  readonly transport: "stream" | "socket";
  /** Steps that failed. */
  readonly troubles: readonly string[];
}
const GRAINS = KINDS.filter(({ unit }) => unit !== "")
  .map(({ what, grain, unit }) => `${figure(grain, unit)} of ${what}`)
  .join(", ");
const NOTES = `Every size has a fresh server of its own. Rows, requests, calls and alarms are read from \`/metrics\` when nothing is counted any more, and count what came of
the work after it was done, too; *time* ends with the work, *processor time* (of all processes of the server) with the last thing that was counted. *Bytes* are
pages of databases without their logs, and by how much they became more; so is *memory*, of all processes, in which much is not given back at once. *Grows like*
is the x of n^x between the smallest and the largest size, *at the end* between the two largest; a figure too small to say anything counts as a
little: one row, ${GRAINS}. Of a cluster beside the server's own (that with the nodes, and the one that is written to again) only its own counters are read.`;

/** The whole report as Markdown. */
export function growthPage({ curves, quick, transport, troubles }: Page): string {
  const { linear, flat } = closing(curves);
  const disturbed = curves.some(({ steps }) => steps.some((step) => mark(step) !== ""));
  return `${[
    "# How cost grows",
    "",
    `Written by \`npm run bench:growth -- --out docs/growth.md\`; do not edit. ${machineText()}${quick ? " Small sizes (`--quick`)." : ""}`,
    `Watches leave stores as a ${transport} (\`--watch-transport\`).`,
    "",
    NOTES,
    ...(disturbed ? ["", `\\* Other programs took more than ${Math.round(100 * OTHERS_MAX)}% of the machine meanwhile: its time says little.`] : []),
    ...curves.flatMap((curve) => ["", `## ${titleOf(curve)}`, "", markdownTable(rows(curve).map((cells) => cells.map((cell) => cell.replace("*", "\\*"))))]),
    "",
    "## Where it is more than linear",
    "",
    `Above n^${LINEAR_MAX}, as a whole or at the end.`,
    "",
    linear,
    "",
    "## Where one more costs more because of those that are there",
    "",
    `Above n^${FLAT_MAX}, as a whole.`,
    "",
    flat,
    ...(troubles.length === 0 ? [] : ["", "## What did not work", "", list(troubles, "")]),
  ].join("\n")}\n`;
}
