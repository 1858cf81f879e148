// Batches of history as rows: a line of JSON that says what changed, then each text on a line of its own. Escaped once more, texts
// full of quotes would burst the row.
import type { Batch, Change, ChangeType } from "./object-table.ts";

export type HistoryRow = { readonly last: number; readonly json: string };
interface Head {
  readonly told: number;
  /** In the order of the texts: version, type, namespace, name. */
  readonly changes: readonly (readonly [version: number, type: number, namespace: string, name: string])[];
}
const TYPES: readonly ChangeType[] = ["ADDED", "MODIFIED", "DELETED"];
/** Changes share a row up to about this size. A row holds 2 MB at most, and an object is smaller than that. */
const ROW_BYTES_MAX = 1_000_000;
/** About what a change takes besides its text. */
const ENTRY_BYTES = 200;
/** UTF-8 bytes; only counted where three bytes for each character could be too many. */
const bytesOf = (text: string): number => (text.length * 3 <= ROW_BYTES_MAX / 4 ? text.length * 3 : new TextEncoder().encode(text).length);

/** One row, or several where the texts are too long for one. */
export function packed({ last, told, changes }: Batch): HistoryRow[] {
  const rows: HistoryRow[] = [];
  let part: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = bytesOf(change.text) + ENTRY_BYTES;
    if (bytes + size > ROW_BYTES_MAX && part.length > 0) {
      rows.push(rowOf(part.at(-1)?.resourceVersion ?? last, told, part));
      part = [];
      bytes = 0;
    }
    part.push(change);
    bytes += size;
  }
  rows.push(rowOf(last, told, part));
  return rows;
}
function rowOf(last: number, told: number, changes: readonly Change[]): HistoryRow {
  const head: Head = { told, changes: changes.map(({ resourceVersion, type, namespace, name }) => [resourceVersion, TYPES.indexOf(type), namespace, name]) };
  return { last, json: [JSON.stringify(head), ...changes.map(({ text }) => text)].join("\n") };
}

export function unpacked({ last, json }: HistoryRow): Batch {
  const [head = "", ...texts] = json.split("\n");
  const { told, changes } = JSON.parse(head) as Head;
  return {
    last,
    told,
    changes: changes.map(([resourceVersion, type, namespace, name], index) => ({
      type: TYPES[type] ?? "MODIFIED",
      namespace,
      name,
      resourceVersion,
      text: texts[index] ?? "",
    })),
  };
}
