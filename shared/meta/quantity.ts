// Quantities of resources ("100m", "1.5Gi", 2) as exact numbers; parsing and printing as the API server does.
// As upstream: k8s.io/apimachinery pkg/api/resource/quantity.go and suffix.go.

type Format = "DecimalSI" | "BinarySI" | "DecimalExponent";
/** unscaled x 10^exponent. */
export interface Quantity {
  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: Format;
  /** The text it was parsed from, where the server keeps that instead of the canonical form. */
  readonly text?: string;
}
/** What the functions below take: a value from JSON (a malformed one counts as 0), or a parsed quantity. */
export type QuantityInput = string | number | Quantity | undefined | null;

const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const INT64_MAX = (1n << 63n) - 1n;
const NANO = -9;
/** Digits a number may have (ours; upstream takes what fits the request), and the exponent beyond which values saturate. */
const DIGITS_MAX = 1000;
const EXPONENT_MAX = 10_000;

const ZERO: Quantity = { unscaled: 0n, exponent: 0, format: "DecimalSI" };
const pow10 = (exponent: number): bigint => 10n ** BigInt(exponent);

export const QUANTITY_FORMAT_TEXT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_TEXT = "unable to parse numeric part of quantity";
const SUFFIX_TEXT = "unable to parse quantity's suffix";

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: Format;
}
function suffixOf(text: string): Suffix | undefined {
  const decimal = (DECIMAL as readonly string[]).indexOf(text);
  if (decimal >= 0) return { base: 10, exponent: 3 * decimal + NANO, format: "DecimalSI" };
  const binary = (BINARY as readonly string[]).indexOf(text);
  if (binary > 0) return { base: 2, exponent: 10 * binary, format: "BinarySI" };
  if (!/^[eE][-+]?[0-9]{1,18}$/.test(text)) return undefined;
  const exponent = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(text.slice(1))));
  return { base: 10, exponent, format: "DecimalExponent" };
}

/** Division that rounds away from zero, as the server rounds every quantity. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (quotient * by === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}
/** value x 10^by, rounded away from zero. */
function shift(value: bigint, by: number): bigint {
  if (value === 0n) return 0n;
  if (by >= 0) return value * pow10(by);
  if (-by > DIGITS_MAX + EXPONENT_MAX) return value < 0n ? -1n : 1n;
  return divideUp(value, pow10(-by));
}

const PARTS = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

function parseText(text: string): Quantity | string {
  const parts = text === "" ? null : PARTS.exec(text);
  if (!parts) return QUANTITY_FORMAT_TEXT;
  const [, sign = "", , digits = "", fraction = "", suffixText = ""] = parts;
  const suffix = suffixOf(suffixText);
  if (!suffix) return SUFFIX_TEXT;
  const num = digits === "" ? "0" : digits;
  if (num.length + fraction.length > DIGITS_MAX) return NUMERIC_TEXT;
  const magnitude = BigInt(num + fraction);
  const negative = sign === "-";
  const signed = (value: bigint): bigint => (negative ? -value : value);
  const { base, exponent, format } = suffix;
  const size = num.length + fraction.length;
  if (base === 10) {
    const scale = exponent - fraction.length;
    const kept = size <= 18 && scale >= NANO;
    if (kept) {
      const canonical = magnitude !== 0n && scale % 3 === 0 && !(num + fraction).endsWith("000") && !(num + fraction).startsWith("0");
      return { unscaled: signed(magnitude), exponent: scale, format, ...(canonical ? { text } : {}) };
    }
    if (scale >= NANO) return { unscaled: signed(magnitude), exponent: scale, format };
    return { unscaled: signed(shift(magnitude, scale - NANO)), exponent: NANO, format };
  }
  const mantissa = magnitude * (1n << BigInt(exponent));
  const precision = fraction === "" ? 15 - num.length - Math.trunc((exponent * 3) / 10) - 1 : -1;
  if (precision >= 0) {
    const canonical = (magnitude & 7n) !== 0n;
    return { unscaled: signed(mantissa), exponent: 0, format, ...(canonical ? { text } : {}) };
  }
  return roundedBinary(mantissa, -fraction.length, negative);
}

/** Fractions of binary units: at least nano, at most int64, below one printed as decimals. */
function roundedBinary(mantissa: bigint, scale: number, negative: boolean): Quantity {
  const fine = scale >= NANO;
  let unscaled = fine ? mantissa : shift(mantissa, scale - NANO);
  let exponent = fine ? scale : NANO;
  if (unscaled > INT64_MAX * pow10(-exponent)) {
    unscaled = INT64_MAX;
    exponent = 0;
  }
  const small = unscaled > 0n && unscaled < pow10(-exponent);
  return { unscaled: negative ? -unscaled : unscaled, exponent, format: small ? "DecimalSI" : "BinarySI" };
}

const cache = new Map<string, Quantity | string>();
function parsed(value: string | number): Quantity | string {
  const text = typeof value === "number" ? String(value) : value.trim();
  const known = cache.get(text);
  if (known !== undefined) return known;
  const result = parseText(text);
  if (text.length <= 32) {
    if (cache.size >= 4096) cache.clear();
    cache.set(text, result);
  }
  return result;
}

export function parseQuantity(value: string | number): Quantity | undefined {
  const result = parsed(value);
  return typeof result === "string" ? undefined : result;
}
/** What a decoder says about a malformed quantity; undefined for a good one. */
export function quantityProblem(value: string | number): string | undefined {
  const result = parsed(value);
  return typeof result === "string" ? result : undefined;
}
function quantityOf(input: QuantityInput): Quantity {
  if (input === undefined || input === null) return ZERO;
  return typeof input === "object" ? input : (parseQuantity(input) ?? ZERO);
}

/** Both as integers at one scale. */
function aligned(a: Quantity, b: Quantity): { x: bigint; y: bigint; exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent);
  return { x: shift(a.unscaled, a.exponent - exponent), y: shift(b.unscaled, b.exponent - exponent), exponent };
}
export function compareQuantity(a: QuantityInput, b: QuantityInput): -1 | 0 | 1 {
  const { x, y } = aligned(quantityOf(a), quantityOf(b));
  return x < y ? -1 : x > y ? 1 : 0;
}
function combined(a: QuantityInput, b: QuantityInput, op: (x: bigint, y: bigint) => bigint): Quantity {
  const left = quantityOf(a);
  const right = quantityOf(b);
  const { x, y, exponent } = aligned(left, right);
  return { unscaled: op(x, y), exponent, format: left.unscaled === 0n ? right.format : left.format };
}
/** The sum, in the format of `a` (of `b` when `a` is zero). */
export const addQuantity = (a: QuantityInput, b: QuantityInput): Quantity => combined(a, b, (x, y) => x + y);
export const subQuantity = (a: QuantityInput, b: QuantityInput): Quantity => combined(a, b, (x, y) => x - y);
export const isZeroQuantity = (value: QuantityInput): boolean => quantityOf(value).unscaled === 0n;
export const isNegativeQuantity = (value: QuantityInput): boolean => quantityOf(value).unscaled < 0n;

const int64 = (value: bigint): bigint => (value > INT64_MAX ? INT64_MAX : value < -INT64_MAX - 1n ? -INT64_MAX - 1n : value);
const scaled = (value: QuantityInput, exponent: number): bigint => {
  const quantity = quantityOf(value);
  return int64(shift(quantity.unscaled, quantity.exponent - exponent));
};
/** Whole units, rounded up (away from zero), at most an int64. */
export const quantityValue = (value: QuantityInput): bigint => scaled(value, 0);
/** Thousandths, rounded up: CPUs in millicores. */
export const milliValue = (value: QuantityInput): bigint => scaled(value, -3);
export const isWholeQuantity = (value: QuantityInput): boolean => {
  const quantity = quantityOf(value);
  return quantity.exponent >= 0 || quantity.unscaled % pow10(-quantity.exponent) === 0n;
};
export const quantityFromValue = (value: number | bigint, format: Format = "DecimalSI"): Quantity => ({
  unscaled: BigInt(value),
  exponent: 0,
  format,
});
export const quantityFromMilli = (value: number | bigint, format: Format = "DecimalSI"): Quantity => ({
  unscaled: BigInt(value),
  exponent: -3,
  format,
});

function decimalText(quantity: Quantity, format: Format): string {
  let { unscaled, exponent } = quantity;
  while (unscaled % 10n === 0n) {
    unscaled /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0) {
    unscaled *= 10n;
    exponent--;
  }
  if (format === "DecimalExponent") return exponent === 0 ? `${unscaled}` : `${unscaled}e${exponent}`;
  // Upstream loses the suffix of values beyond 1000E; ours prints the digits.
  const capped = Math.min(exponent, 18);
  return `${shift(unscaled, exponent - capped)}${DECIMAL[(capped - NANO) / 3] ?? ""}`;
}
/** The canonical text, or the one it was given with where the server keeps that (`1.500`). */
export function formatQuantity(value: QuantityInput): string {
  const quantity = quantityOf(value);
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.unscaled === 0n) return "0";
  if (quantity.format !== "BinarySI") return decimalText(quantity, quantity.format);
  if (!isWholeQuantity(quantity)) return decimalText(quantity, "DecimalSI");
  let whole = shift(quantity.unscaled, quantity.exponent);
  if (whole > -1024n && whole < 1024n) return decimalText(quantity, "DecimalSI");
  let unit = 0;
  while (unit < BINARY.length - 1 && whole % 1024n === 0n) {
    whole /= 1024n;
    unit++;
  }
  return `${whole}${BINARY[unit] ?? ""}`;
}
/** How the server stores the value, or undefined when it is malformed. */
export function canonicalQuantity(value: string | number): string | undefined {
  const quantity = parseQuantity(value);
  return quantity && formatQuantity(quantity);
}
