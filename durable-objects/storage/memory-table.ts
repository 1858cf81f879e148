// ObjectTable in memory, for tests and simulation: the same contract, nothing survives.
import type { HistoryRow, ObjectRow, ObjectTable } from "./object-table.ts";

const keyOf = (namespace: string, name: string): string => `${namespace}\u0000${name}`;

export function memoryTable(): ObjectTable {
  let rows = new Map<string, ObjectRow>();
  let history: HistoryRow[] = [];
  let facts = new Map<string, string>();
  let sorted: string[] | undefined;
  const keys = (): string[] => (sorted ??= [...rows.keys()].sort((a, b) => (a < b ? -1 : 1)));
  return {
    get: (namespace, name) => rows.get(keyOf(namespace, name)),
    put(row) {
      const key = keyOf(row.namespace, row.name);
      if (!rows.has(key)) sorted = undefined;
      rows.set(key, row);
    },
    remove(namespace, name) {
      if (rows.delete(keyOf(namespace, name))) sorted = undefined;
    },
    scan({ namespace, after, limit }) {
      const out: ObjectRow[] = [];
      const from = after ? keyOf(after.namespace, after.name) : undefined;
      for (const key of keys()) {
        if (out.length >= limit) break;
        if (from !== undefined && key <= from) continue;
        const row = rows.get(key);
        if (row && (namespace === undefined || row.namespace === namespace)) out.push(row);
      }
      return out;
    },
    count: (namespace) => (namespace === undefined ? rows.size : [...rows.values()].filter((row) => row.namespace === namespace).length),
    countAfter: (after, namespace) =>
      keys().filter((key) => key > keyOf(after.namespace, after.name) && (namespace === undefined || rows.get(key)?.namespace === namespace)).length,
    appendHistory: (row) => void history.push(row),
    history: () => history,
    trimHistory(through) {
      history = history.filter((row, index) => row.last > through || index === history.length - 1);
    },
    fact: (key) => facts.get(key),
    setFact: (key, value) => void facts.set(key, value),
    transaction(run) {
      const before = { rows: new Map(rows), history: [...history], facts: new Map(facts) };
      try {
        return run();
      } catch (error) {
        ({ rows, history, facts } = before);
        sorted = undefined;
        throw error;
      }
    },
  };
}
