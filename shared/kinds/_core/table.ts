// Pieces that the table printers of core kinds share. As upstream: pkg/printers/internalversion/printers.go.
import type { ColumnDefinition, KubeObject } from "../define-kind.ts";
import type { EpochMs } from "../../base/ports.ts";
import { age } from "../../meta/time.ts";
import { compareText } from "../../meta/text.ts";

export const textColumn = (name: string, priority = 0): ColumnDefinition => ({ name, type: "string", priority });
export const NAME_COLUMN: ColumnDefinition = { name: "Name", type: "string", format: "name", priority: 0 };
export const AGE_COLUMN = textColumn("Age");

export const nameOf = (object: KubeObject): string => object.metadata?.name ?? "";
export const ageOf = (object: KubeObject, now: EpochMs): string => age(object.metadata?.creationTimestamp, now);

/** A list of at most three, as `a,b,c + 2 more...`; `total` counts what there is. */
export function listWithMore(shown: readonly string[], total: number): string {
  const text = shown.join(",");
  return total > shown.length ? `${text} + ${total - shown.length} more...` : text;
}

/** `a=b,c=d`, sorted by key. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort(compareText);
  return keys.length === 0 ? "<none>" : keys.map((key) => `${key}=${labels?.[key] ?? ""}`).join(",");
}

const MODES: readonly (readonly [string, string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];
/** Access modes in short, always in the same order. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  MODES.flatMap(([mode, short]) => (modes?.includes(mode) ? [short] : [])).join(",");
