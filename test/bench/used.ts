// Reads `/metrics`: what a cluster has used so far, and what it used between two readings.
import type { Connection } from "./connection.ts";
import { must, sleep } from "./session.ts";

export interface Series {
  readonly metric: string;
  readonly family: string;
  readonly name: string;
  readonly table: string;
  readonly value: number;
}
const LINE = /^paperplane_(\w+)\{([^}]*)\} (\S+)$/;
const label = (labels: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? "";

export function parseMetrics(text: string): Series[] {
  return text.split("\n").flatMap((line) => {
    const [, metric = "", labels = "", value] = LINE.exec(line) ?? [];
    return value === undefined
      ? []
      : [{ metric, family: label(labels, "family"), name: label(labels, "name"), table: label(labels, "table"), value: Number(value) }];
  });
}

const keyOf = ({ metric, family, name, table }: Series): string => `${metric} ${family} ${name} ${table}`;
/** What each counter rose by. A family whose actors have become too many has one series, which is compared with all that it had. */
export function difference(before: readonly Series[], after: readonly Series[]): Series[] {
  const known = new Map(before.map((one) => [keyOf(one), one.value]));
  const families = new Map<string, number>();
  for (const one of before) families.set(keyOf({ ...one, name: "" }), (families.get(keyOf({ ...one, name: "" })) ?? 0) + one.value);
  const earlier = (one: Series): number => (one.name === "" ? families : known).get(keyOf(one)) ?? 0;
  return after
    .filter(({ metric }) => metric.endsWith("_total"))
    .map((one) => ({ ...one, metric: one.metric.replace(/_total$/, ""), value: one.value - earlier(one) }))
    .filter(({ value }) => value !== 0);
}
export const total = (series: readonly Series[], metric: string, where: Partial<Series> = {}): number =>
  series.filter((one) => one.metric === metric && (where.family === undefined || one.family === where.family)).reduce((sum, { value }) => sum + value, 0);

export async function readUsed(connection: Connection): Promise<Series[]> {
  return parseMetrics((await must(connection, "GET", "/metrics")).body.toString());
}

/** Everything but the time that open watches take. */
const counts = (series: readonly Series[]): string => JSON.stringify(series.filter(({ metric }) => !metric.startsWith("duration")));
const LOOK_MS = 250;
export interface Patience {
  readonly quietMs: number;
  readonly limitMs: number;
  /** Called at the first look, and whenever something was counted since the last one. */
  readonly changed?: () => void;
}
/** Waits until nothing has been counted for so long, and answers the counters. */
export async function settled(connection: Connection, { quietMs, limitMs, changed }: Patience): Promise<Series[]> {
  let last = await readUsed(connection);
  changed?.();
  const begun = performance.now();
  for (let since = begun; performance.now() - since < quietMs;) {
    await sleep(LOOK_MS);
    const now = await readUsed(connection);
    if (counts(now) !== counts(last)) {
      since = performance.now();
      changed?.();
    }
    last = now;
    if (performance.now() - begun > limitMs) throw new Error(`the cluster was still at work after ${limitMs / 1000} s`);
  }
  return last;
}
