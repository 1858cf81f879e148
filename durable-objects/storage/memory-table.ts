// ObjectTable in memory, for stores that nobody has written to, tests and simulation: the same contract, nothing survives.
import { NameDirectory } from "./name-directory.ts";
import { keyOf, type Batch, type ObjectRow, type ObjectTable } from "./object-table.ts";

export function memoryTable(): ObjectTable {
  let rows = new Map<string, ObjectRow>();
  /** What was there where the history begins. */
  let before = new Map<string, ObjectRow>();
  let batches: Batch[] = [];
  let facts = new Map<string, string>();
  let names = new NameDirectory();
  return {
    get: (at) => rows.get(keyOf(at)),
    put(row) {
      rows.set(keyOf(row), row);
      names.add(keyOf(row));
    },
    remove(at) {
      rows.delete(keyOf(at));
      names.remove(keyOf(at));
    },
    scan: ({ limit, ...range }) => names.range(range, limit).flatMap((key) => rows.get(key) ?? []),
    rows: () => rows.values(),
    count: (namespace) => names.count({ namespace }),
    countAfter: (after, namespace) => names.count({ after, namespace }),
    begin(at) {
      before = new Map(rows);
      batches.push({ last: at, told: at, changes: [] });
    },
    append({ changes, ...batch }) {
      batches.push({
        ...batch,
        changes: changes.map(({ type, namespace, name, resourceVersion, text }) => ({ type, namespace, name, resourceVersion, text })),
      });
    },
    history: () => batches,
    textBefore: (at) => before.get(keyOf(at))?.text,
    forget(through) {
      const kept = batches.filter(({ last }, index) => last > through || index === batches.length - 1);
      for (const change of batches.slice(0, batches.length - kept.length).flatMap(({ changes }) => changes)) {
        if (change.type === "DELETED") before.delete(keyOf(change));
        else before.set(keyOf(change), change);
      }
      batches = kept;
    },
    fact: (key) => facts.get(key),
    setFact: (key, value) => void facts.set(key, value),
    transaction(run) {
      const was = { rows: new Map(rows), before: new Map(before), batches: [...batches], facts: new Map(facts) };
      try {
        return run();
      } catch (error) {
        ({ rows, before, batches, facts } = was);
        names = new NameDirectory();
        for (const key of rows.keys()) names.add(key);
        throw error;
      }
    },
  };
}
