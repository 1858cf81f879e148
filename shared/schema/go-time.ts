// Times and base64 as Go's decoders take them, with the texts of Go's errors.
import { parseTime, rfc3339, rfc3339Micro } from "../meta/time.ts";

const RFC3339 = "2006-01-02T15:04:05Z07:00";
const RFC3339_MICRO = "2006-01-02T15:04:05.000000Z07:00";
export type TimeForm = "time" | "microTime";

/** Time layout pieces: what Go names in `cannot parse "..." as "..."`, and how many digits it wants. */
const PIECES: readonly { readonly layout: string; readonly digits: number; readonly before: string }[] = [
  { layout: "2006", digits: 4, before: "" },
  { layout: "01", digits: 2, before: "-" },
  { layout: "02", digits: 2, before: "-" },
  { layout: "15", digits: 2, before: "T" },
  { layout: "04", digits: 2, before: ":" },
  { layout: "05", digits: 2, before: ":" },
];
const RANGES: readonly (readonly [name: string, min: number, max: number] | undefined)[] = [
  undefined,
  ["month", 1, 12],
  undefined,
  ["hour", 0, 23],
  ["minute", 0, 59],
  ["second", 0, 59],
];

/** Go's time.Parse says what is wrong at the first place that does not fit. */
export function timeProblem(text: string, form: TimeForm): string {
  const layout = form === "time" ? RFC3339 : RFC3339_MICRO;
  const quoted = JSON.stringify(text);
  const cannot = (rest: string, as: string): string => `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${as}"`;
  let rest = text;
  const digitsOf = (count: number): string | undefined => (/^\d+$/.test(rest.slice(0, count)) && rest.length >= count ? rest.slice(0, count) : undefined);
  for (const [index, piece] of PIECES.entries()) {
    if (!rest.startsWith(piece.before)) return cannot(rest, piece.before);
    rest = rest.slice(piece.before.length);
    // Go reads hours of one digit, too.
    const digits = digitsOf(piece.digits) ?? (piece.layout === "15" ? digitsOf(1) : undefined);
    if (digits === undefined) return cannot(rest, piece.layout);
    const range = RANGES[index];
    if (range && (Number(digits) < range[1] || Number(digits) > range[2])) return `parsing time ${quoted}: ${range[0]} out of range`;
    rest = rest.slice(digits.length);
  }
  const fraction = form === "time" ? /^[.,]\d+/.exec(rest)?.[0] : /^[.,]\d{6}(?!\d)/.exec(rest)?.[0];
  if (form === "microTime" && fraction === undefined) return cannot(rest, ".000000");
  rest = rest.slice(fraction?.length ?? 0);
  const zone = /^(?:Z|[+-]\d\d:\d\d)/.exec(rest)?.[0];
  if (zone === undefined) return cannot(rest, "Z07:00");
  rest = rest.slice(zone.length);
  if (rest !== "") return `parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${quoted}: day out of range`;
}

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICRO = /T\d\d:\d\d:\d\d[.,](\d{6})(?!\d)/;

/** The time as the server writes it (UTC, whole seconds or six digits), or undefined when Go would refuse it. */
export function canonicalTime(text: string, form: TimeForm): string | undefined {
  const ms = parseTime(text);
  if (ms === undefined) return undefined;
  if (form === "time") return CANONICAL.test(text) ? text : rfc3339(ms);
  const micros = MICRO.exec(text)?.[1];
  if (micros === undefined) return undefined;
  return `${rfc3339Micro(ms).slice(0, 20)}${micros}Z`;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DIGIT = /[A-Za-z0-9+/]/;
const STRAY = /[^A-Za-z0-9+/]/g;

/**
 * The byte at which Go's base64.StdEncoding gives up, or -1 when the text is fine. Line breaks are skipped.
 * As Go: encoding/base64 decodeQuantum.
 */
export function base64Problem(text: string): number {
  if (BASE64.test(text)) return -1;
  STRAY.lastIndex = 0;
  const first = STRAY.exec(text)?.index ?? text.length;
  // All before the first odd character is whole quanta but for the last.
  let at = first - (first % 4);
  let inQuantum = 0;
  const skip = (): void => {
    while (text[at] === "\n" || text[at] === "\r") at++;
  };
  for (;;) {
    skip();
    if (at >= text.length) return inQuantum === 0 ? -1 : at - inQuantum;
    const char = text[at] ?? "";
    at++;
    if (DIGIT.test(char)) {
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (char !== "=" || inQuantum < 2) return at - 1;
    if (inQuantum === 2) {
      skip();
      if (at >= text.length) return text.length;
      if (text[at] !== "=") return at - 1;
      at++;
    }
    skip();
    return at < text.length ? at : -1;
  }
}

/** How the server writes the same bytes back: without line breaks. */
export const canonicalBase64 = (text: string): string => (/[\r\n]/.test(text) ? text.replaceAll(/[\r\n]+/g, "") : text);
