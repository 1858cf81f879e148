// Times as Kubernetes writes them, and durations as its tables show them.
import type { EpochMs } from "../base/ports.ts";

/** What was written last: most times that are written are those of this second. */
let written = { second: Number.NaN, text: "" };
/** metav1.Time: whole seconds, UTC. */
export function rfc3339(ms: EpochMs): string {
  const second = Math.floor(ms / 1000);
  if (second !== written.second) written = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return written.text;
}
/** metav1.MicroTime: always six digits. */
export const rfc3339Micro = (ms: EpochMs): string => {
  const micros = Math.floor((ms - Math.floor(ms)) * 1000);
  return `${new Date(ms).toISOString().slice(0, 23)}${String(micros).padStart(3, "0")}Z`;
};

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Times that were read lately: those of one object are few, and of many objects the same. */
const read = new Map<string, EpochMs>();
const READ_MAX = 256;
const TEXT_MAX = 40;
/** Milliseconds of an RFC 3339 text (fractions kept), or undefined when Go's time.Parse would refuse it. */
export function parseTime(text: string): EpochMs | undefined {
  const known = read.get(text);
  if (known !== undefined) return known;
  const time = timeOf(text);
  if (time === undefined || text.length > TEXT_MAX) return time;
  if (read.size >= READ_MAX) read.clear();
  read.set(text, time);
  return time;
}
function timeOf(text: string): EpochMs | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const zone = match[8] ?? "Z";
  const zoneHours = zone === "Z" ? 0 : Number(zone.slice(1, 3));
  const zoneMinutes = zone === "Z" ? 0 : Number(zone.slice(4, 6));
  if (zoneHours > 23 || zoneMinutes > 59) return undefined;
  const offset = (zoneHours * 60 + zoneMinutes) * (zone.startsWith("-") ? -1 : 1);
  const fraction = match[7] === undefined ? 0 : Number(`0.${match[7]}`) * 1000;
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const pair = (first: number, firstUnit: string, second: number, secondUnit: string): string =>
  second === 0 ? `${first}${firstUnit}` : `${first}${firstUnit}${second}${secondUnit}`;

/** Two or three significant figures, as `5m3s`, `26h`, `3d4h`. As upstream: pkg/util/duration HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  const minutes = Math.trunc(seconds / MINUTE);
  if (minutes < 10) return pair(minutes, "m", seconds % MINUTE, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(seconds / HOUR);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return pair(days, "d", hours % 24, "h");
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? pair(years, "y", days % 365, "d") : `${years}y`;
}

/** One figure, as `5m`, `3d`; kubectl prints some durations so. As upstream: ShortHumanDuration. */
export function shortHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < MINUTE) return `${seconds}s`;
  if (seconds < HOUR) return `${Math.trunc(seconds / MINUTE)}m`;
  const hours = Math.trunc(seconds / HOUR);
  if (hours < 24) return `${hours}h`;
  return hours < 24 * 365 ? `${Math.trunc(hours / 24)}d` : `${Math.trunc(hours / 24 / 365)}y`;
}

/** The AGE of a table row. */
export function age(timestamp: string | null | undefined, now: EpochMs): string {
  const since = timestamp ? parseTime(timestamp) : undefined;
  return since === undefined ? "<unknown>" : humanDuration(now - since);
}
