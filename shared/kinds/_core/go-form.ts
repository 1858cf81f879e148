// Volume sources as the server's internal Go types print them, for the message about their immutability. Pod specs and claims
// have ../_parts/internal-json.ts. As upstream: pkg/apis/core/types.go (names and order of fields).
import type { Json } from "../../base/json.ts";
import { compareText } from "../../meta/text.ts";
import { unifiedDiff } from "../_parts/unified-diff.ts";

/**
 * One member: Go name, JSON name, then what it is. `text`, `flag`, `number`: printed with their zero; `any`: as it is, or null;
 * a shape: a pointer to a struct.
 */
export type GoField = readonly [go: string, json: string, is: "text" | "flag" | "number" | "any" | GoShape];
export type GoShape = readonly GoField[];

const sortedCopy = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sortedCopy);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, member]) => [key, sortedCopy(member ?? null)]),
  );
};

export function goForm(shape: GoShape, value: object): Json {
  const source = value as Record<string, Json | undefined>;
  const out: Record<string, Json> = {};
  for (const [go, json, is] of shape) {
    const member = source[json];
    if (is === "text") out[go] = member ?? "";
    else if (is === "flag") out[go] = member ?? false;
    else if (is === "number") out[go] = member ?? 0;
    else if (is === "any") out[go] = member === undefined ? null : sortedCopy(member);
    else out[go] = typeof member === "object" && member !== null ? goForm(is, member) : null;
  }
  return out;
}

const INDENT = 1;
/** Go's encoder escapes what HTML gives a meaning. */
const print = (value: Json): string => JSON.stringify(value, null, INDENT).replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");

/** Unified difference of two values in Go form; empty when they print the same. */
export const goDiff = (before: Json, after: Json): string => unifiedDiff(print(before), print(after));
