// Tables as they were before there were pages (schemas 2 and 3): a row for each object as it is now, and a history that kept of every
// change what the object had been before. What subscribers were not told of yet goes on as history, all else begins anew.
import { keyOf, type Batch, type Change, type ChangeType, type ObjectRow } from "./object-table.ts";
import type { Settled, Sql } from "./pages.ts";

/** As written then: `b` and `d` say that the text before and the final text of a deletion are among the lines that follow. */
interface OldChange {
  readonly v: number;
  readonly t: 0 | 1 | 2;
  readonly s: string;
  readonly n: string;
  readonly b?: 1;
  readonly d?: 1;
}
interface OldHead {
  readonly told: number;
  readonly events: readonly OldChange[];
}
type Found = OldChange & { readonly before: string; readonly final: string | undefined };
const TYPES: readonly ChangeType[] = ["ADDED", "MODIFIED", "DELETED"];
const FIRST_SCHEMA = 2;

interface TakenOver {
  readonly settled: Settled;
  readonly history: readonly Batch[];
}

/** Reads and drops the tables. Throws for a schema that nobody has. */
export function takeOver(sql: Sql, schema: number): TakenOver {
  if (schema !== FIRST_SCHEMA && schema !== FIRST_SCHEMA + 1) throw new Error(`tables of schema ${schema} are not known`);
  const rows = [...sql.exec<{ last: number; json: string }>(`SELECT last, json FROM history ORDER BY last`)];
  const facts = [...sql.exec<{ value: string }>(`SELECT value FROM facts WHERE key = 'told'`)];
  const objects = new Map<string, ObjectRow>();
  for (const { ns, name, rv, json } of sql.exec<{ ns: string; name: string; rv: number; json: string }>(`SELECT ns, name, rv, json FROM objects`))
    objects.set(keyOf({ namespace: ns, name }), { namespace: ns, name, resourceVersion: rv, text: json });
  sql.exec(`DROP TABLE objects`);
  sql.exec(`DROP TABLE history`);
  const newest = rows.at(-1);
  if (!newest) return { settled: objects, history: [] };
  const told = Math.max(headOf(newest.json).told, Number(facts[0]?.value ?? "0"));
  const untold = rows.flatMap(({ json }) => changesOf(json)).filter(({ v }) => v > told);
  return { settled: objects, history: [{ last: newest.last, told, changes: rewound(objects, untold) }] };
}

/** Takes changes back, the last one first (mutates `objects`); answers with what each had made of its object. */
function rewound(objects: Map<string, ObjectRow>, changes: readonly Found[]): Change[] {
  const taken = changes.toReversed().map(({ v, t, s, n, before, final }): Change => {
    const at = { namespace: s, name: n };
    const text = t === 2 ? (final ?? before) : (objects.get(keyOf(at))?.text ?? before);
    if (before === "") objects.delete(keyOf(at));
    else objects.set(keyOf(at), { ...at, resourceVersion: versionOf(before), text: before });
    return { ...at, type: TYPES[t] ?? "MODIFIED", resourceVersion: v, text };
  });
  return taken.reverse();
}

const headOf = (row: string): OldHead => JSON.parse(row.slice(0, row.indexOf("\n") < 0 ? row.length : row.indexOf("\n"))) as OldHead;
function changesOf(row: string): Found[] {
  const lines = row.split("\n").slice(1);
  let next = 0;
  return headOf(row).events.map((event) => ({ ...event, before: event.b ? (lines[next++] ?? "") : "", final: event.d ? lines[next++] : undefined }));
}
const versionOf = (text: string): number => Number((JSON.parse(text) as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion ?? "0");
