// What is wrong with a cron schedule or a time zone, in the words of the parser that Kubernetes uses.
// The grammar is that of github.com/robfig/cron v3 (ParseStandard); zones are the platform's own tz database.

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}
const MONTHS = ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];
const DESCRIPTORS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** A number, or the message why it is none. */
function parseNumber(text: string): number | string {
  if (!/^[+-]?\d{1,18}$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}
function parseName(text: string, bounds: Bounds): number | string {
  const index = text === "" ? -1 : (bounds.names?.indexOf(text.toLowerCase()) ?? -1);
  return index >= 0 ? index : parseNumber(text);
}

function rangeProblem(expression: string, bounds: Bounds): string | undefined {
  const [range = "", stepText, ...moreSteps] = expression.split("/");
  const [low = "", high, ...moreHyphens] = range.split("-");
  let start: number | string = bounds.min;
  let end: number | string = bounds.max;
  if (low !== "*" && low !== "?") {
    start = parseName(low, bounds);
    if (typeof start === "string") return start;
    if (moreHyphens.length > 0) return `too many hyphens: ${expression}`;
    end = high === undefined ? start : parseName(high, bounds);
    if (typeof end === "string") return end;
  }
  let step = 1;
  if (stepText !== undefined) {
    if (moreSteps.length > 0) return `too many slashes: ${expression}`;
    const parsed = parseNumber(stepText);
    if (typeof parsed === "string") return parsed;
    step = parsed;
    if (high === undefined) end = Math.max(end, bounds.max);
  }
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${expression}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}

/** The first thing wrong with a schedule, or undefined. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === "") return "empty spec string";
  let text = schedule;
  if (/^(?:CRON_)?TZ=/.test(text)) {
    const space = text.indexOf(" ");
    const zone = text.slice(text.indexOf("=") + 1, space < 0 ? undefined : space);
    if (!isTimeZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`;
    text = space < 0 ? "" : text.slice(space).trim();
  }
  if (text.startsWith("@every ")) {
    const duration = text.slice("@every ".length);
    return DURATION.test(duration) ? undefined : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
  }
  if (text.startsWith("@")) return DESCRIPTORS.includes(text) ? undefined : `unrecognized descriptor: ${text}`;
  const fields = text.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  for (const [index, bounds] of FIELDS.entries()) {
    for (const expression of (fields[index] ?? "").split(",")) {
      const problem = expression === "" ? undefined : rangeProblem(expression, bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Whether the tz database has the zone. Names are case-sensitive there, while Intl would take any case. */
export function isTimeZone(zone: string): boolean {
  if (zone === "UTC" || zone === "") return true;
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
export function timeZoneProblem(zone: string): string | undefined {
  if (zone === "") return "timeZone must be nil or non-empty string";
  if (zone.toLowerCase() === "local") return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
  return isTimeZone(zone) ? undefined : `unknown time zone ${zone}`;
}
