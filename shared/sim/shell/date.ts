// `date` of the simulated shell: always UTC, on the cluster's clock.
import type { EpochMs } from "../../base/ports.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const two = (value: number): string => String(value).padStart(2, "0");

function field(at: Date, letter: string): string {
  switch (letter) {
    case "Y":
      return String(at.getUTCFullYear());
    case "m":
      return two(at.getUTCMonth() + 1);
    case "d":
      return two(at.getUTCDate());
    case "e":
      return String(at.getUTCDate()).padStart(2, " ");
    case "H":
      return two(at.getUTCHours());
    case "M":
      return two(at.getUTCMinutes());
    case "S":
      return two(at.getUTCSeconds());
    case "T":
      return `${field(at, "H")}:${field(at, "M")}:${field(at, "S")}`;
    case "F":
      return `${field(at, "Y")}-${field(at, "m")}-${field(at, "d")}`;
    case "s":
      return String(Math.floor(at.getTime() / 1000));
    case "N":
      return `${String(at.getUTCMilliseconds()).padStart(3, "0")}000000`;
    case "A":
      return DAYS[at.getUTCDay()] ?? "";
    case "a":
      return (DAYS[at.getUTCDay()] ?? "").slice(0, 3);
    case "B":
      return MONTHS[at.getUTCMonth()] ?? "";
    case "b":
      return (MONTHS[at.getUTCMonth()] ?? "").slice(0, 3);
    case "Z":
      return "UTC";
    case "z":
      return "+0000";
    case "%":
      return "%";
    default:
      return `%${letter}`;
  }
}
const format = (at: Date, pattern: string): string => pattern.replaceAll(/%([A-Za-z%])/g, (_, letter: string) => field(at, letter));

/** `date [-u] [-I...] [+FORMAT]`. */
export function formatDate(now: EpochMs, args: readonly string[]): string {
  const at = new Date(now);
  const pattern = args.find((arg) => arg.startsWith("+"));
  if (pattern !== undefined) return format(at, pattern.slice(1));
  if (args.some((arg) => arg.startsWith("-I") || arg.startsWith("--iso"))) return format(at, args.some((arg) => /seconds/.test(arg)) ? "%FT%T+00:00" : "%F");
  return format(at, "%a %b %e %T UTC %Y");
}
