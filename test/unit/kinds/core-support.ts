// What tests of core kinds share: quantities as decoding leaves them, and recorded defaults whose times are masked.
import { canonicalQuantity } from "../../../shared/meta/quantity.ts";
import { columnMismatches, defaultingMismatches, testContext } from "../../support/facts.ts";
import type { AnyKind, Kind, KubeObject } from "../../../shared/kinds/define-kind.ts";

/** Writes quantities of the lists found under these keys in canonical form, as decoding does before a kind sees them. */
export function canonicalLists(object: unknown, keys: readonly string[]): void {
  if (typeof object !== "object" || object === null) return;
  for (const [key, value] of Object.entries(object)) {
    if (typeof value !== "object" || value === null) continue;
    if (!keys.includes(key)) canonicalLists(value, keys);
    else
      for (const [name, quantity] of Object.entries(value as Record<string, string | number>)) {
        Object.assign(value, { [name]: canonicalQuantity(quantity) ?? quantity });
      }
  }
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"/g, '"<microtime>"'],
  [/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, '"<time>"'],
  [/"10\.96\.\d+\.\d+"/g, '"<clusterIP>"'],
  [/"healthCheckNodePort":3\d{4}/g, '"healthCheckNodePort":"<nodePort>"'],
];
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
};
const masked = (value: unknown): string => MASKS.reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(sorted(value)));

/** Recorded defaults that differ in more than what the recording masks. `finish` stands for what the store adds. */
export function maskedDefaulting<T extends KubeObject>(
  typed: Kind<T>,
  ids: readonly string[],
  steps: { readonly admit?: (object: T) => void; readonly finish?: (object: T) => void } = {},
): { id: string; want: string; got: string }[] {
  const base = typed as unknown as AnyKind;
  const kind: AnyKind = {
    ...base,
    prepareForCreate(object) {
      base.prepareForCreate(object, testContext);
      steps.finish?.(object as T);
    },
  };
  return defaultingMismatches(kind, ids, (object) => steps.admit?.(object as T))
    .map(({ id, want, got }) => ({ id, want: masked(want), got: masked(got) }))
    .filter(({ want, got }) => want !== got);
}
export const asAny = <T extends KubeObject>(kind: Kind<T>): AnyKind => kind as unknown as AnyKind;

/**
 * Rows of Events that differ by more than the second that the recording's clock is coarse: the server's Date header has no
 * fraction, an Event's time has.
 */
export const eventColumnMismatches = (kind: AnyKind): unknown[] => {
  const later: AnyKind = { ...kind, table: { ...kind.table, row: (object, now) => kind.table.row(object, now + 999) } };
  const states = new Set(columnMismatches(later).map(({ want }) => JSON.stringify(want)));
  return columnMismatches(kind).filter(({ want }) => states.has(JSON.stringify(want)));
};
