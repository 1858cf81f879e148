// What the meters of a cluster say, as the text that Prometheus reads (exposition format 0.0.4). They are those of the isolate that
// answers: locally all there are, on Cloudflare a part. To ask every actor would wake thousands, and be paid for, at each look.
import { METRICS_ACTORS_MAX } from "../../shared/base/limits.ts";
import { BILLED_GIGABYTES, type Meter } from "./meter.ts";

/** A number, or one for each table. */
type Figure = (meter: Meter) => number | ReadonlyMap<string, number>;
interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly figure: Figure;
}
const counter = (name: string, help: string, figure: Figure): Metric => ({ name: `paperplane_${name}_total`, type: "counter", help, figure });

const METRICS: readonly Metric[] = [
  counter("requests", "RPC calls and fetches that arrived.", (meter) => meter.requests),
  counter("alarms", "Alarms that rang.", (meter) => meter.alarms),
  counter("calls_sent", "RPC calls and fetches sent to other actors.", (meter) => meter.calls),
  counter("rows_read", "SQLite rows read, key-value pairs included.", (meter) => meter.rowsRead),
  counter("rows_written", "SQLite rows written by table; settings of the alarm and key-value pairs are rows, too.", (meter) => meter.written),
  counter("websocket_messages_received", "WebSocket messages that came in; twenty are billed as one request.", (meter) => meter.messagesReceived),
  counter("watch_frames_sent", "Frames sent to watchers, over sockets or streams; free.", (meter) => meter.messagesSent),
  counter(
    "duration_gigabyte_seconds",
    "Time at work times 128 MB: an estimate of the duration that is billed.",
    (meter) => (meter.activeMs / 1000) * BILLED_GIGABYTES,
  ),
  {
    name: "paperplane_database_bytes",
    type: "gauge",
    help: "Size of the database as of the last alarm.",
    figure: (meter) => meter.databaseBytes,
  },
];

interface Series {
  readonly labels: string;
  readonly meters: readonly Meter[];
}
const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** One series for each actor; for all of a family together where they are too many. */
function seriesOf(meters: readonly Meter[]): Series[] {
  const families = Map.groupBy(meters, ({ family }) => family);
  return [...families].flatMap(([family, actors]): Series[] => {
    if (actors.length > METRICS_ACTORS_MAX) return [{ labels: `family="${escaped(family)}"`, meters: actors }];
    const sorted = actors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return sorted.map((meter) => ({ labels: `family="${escaped(family)}",name="${escaped(meter.name)}"`, meters: [meter] }));
  });
}

export function metricsText(meters: readonly Meter[]): string {
  const series = seriesOf(meters);
  return METRICS.map(({ name, type, help, figure }) => {
    const lines = series.flatMap(({ labels, meters: some }) => linesOf(name, labels, some.map(figure)));
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
  }).join("");
}

function linesOf(name: string, labels: string, figures: readonly ReturnType<Figure>[]): string[] {
  const sums = new Map<string, number>();
  for (const figure of figures) {
    const parts = typeof figure === "number" ? [["", figure] as const] : figure;
    for (const [value, count] of parts) sums.set(value, (sums.get(value) ?? 0) + count);
  }
  return [...sums].map(([value, sum]) => `${name}{${labels}${value === "" ? "" : `,table="${escaped(value)}"`}} ${Number(sum.toFixed(6))}\n`);
}
