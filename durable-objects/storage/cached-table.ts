// An ObjectTable that remembers the rows it saw last: what was just written is read again within milliseconds, by the next
// change of the object and by everybody who was told of it.
import type { ObjectRow, ObjectTable } from "./object-table.ts";

const keyOf = (namespace: string, name: string): string => `${namespace}\u0000${name}`;

/** `charactersMax`: how much text is remembered; the oldest is forgotten first. */
export function cachedTable(table: ObjectTable, charactersMax: number): ObjectTable {
  const rows = new Map<string, ObjectRow>();
  let characters = 0;
  const forget = (key: string): void => {
    const known = rows.get(key);
    if (!known) return;
    characters -= known.text.length;
    rows.delete(key);
  };
  const remember = (key: string, row: ObjectRow): void => {
    forget(key);
    rows.set(key, row);
    characters += row.text.length;
    for (const oldest of rows.keys()) {
      if (characters <= charactersMax) break;
      forget(oldest);
    }
  };
  return {
    scan: (range) => table.scan(range),
    count: (namespace) => table.count(namespace),
    countAfter: (after, namespace) => table.countAfter(after, namespace),
    appendHistory: (row) => table.appendHistory(row),
    history: () => table.history(),
    trimHistory: (through) => table.trimHistory(through),
    fact: (key) => table.fact(key),
    setFact: (key, value) => table.setFact(key, value),
    get(namespace, name) {
      const key = keyOf(namespace, name);
      const known = rows.get(key);
      if (known) return known;
      const row = table.get(namespace, name);
      if (row) remember(key, row);
      return row;
    },
    put(row) {
      table.put(row);
      remember(keyOf(row.namespace, row.name), row);
    },
    remove(namespace, name) {
      table.remove(namespace, name);
      forget(keyOf(namespace, name));
    },
    transaction(run) {
      try {
        return table.transaction(run);
      } catch (error) {
        // What was rolled back must not be remembered.
        rows.clear();
        characters = 0;
        throw error;
      }
    },
  };
}
