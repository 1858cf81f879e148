// What statements of sqlite-table.ts do to the objects of a store: those that a store is born with come as pages, every change after
// that is in a row of history.
import { unpacked } from "../../durable-objects/storage/history-rows.ts";

export interface RowChange {
  readonly namespace: string;
  readonly name: string;
  /** What it is now; undefined: it was removed. */
  readonly written: { readonly resourceVersion: number; readonly text: string } | undefined;
}

/** Reads the statements of one database, one after the other. */
export class RowReader {
  #hasHistory = false;

  read(query: string, bindings: readonly unknown[]): RowChange[] {
    const isNew = query.startsWith("INSERT INTO history VALUES");
    if (isNew || query.startsWith("UPDATE history SET last = ?, json = ?")) {
      this.#hasHistory = true;
      const [last, json] = (isNew ? bindings.slice(1) : bindings) as [number, string];
      return unpacked({ last, json }).changes.map(({ type, namespace, name, ...written }) => ({
        namespace,
        name,
        written: type === "DELETED" ? undefined : written,
      }));
    }
    const isPage = query.startsWith("INSERT INTO pages VALUES");
    if (!isPage && /^(INSERT|UPDATE|DELETE).* history /.test(query)) throw new Error(`not known what this does to objects: ${query}`);
    if (!isPage || this.#hasHistory) return [];
    const [, names, json] = bindings as [number, string, string];
    const texts = json.split("\n");
    const born = (JSON.parse(names) as [string, string, number][]).map(([namespace, name, resourceVersion], index) => ({
      namespace,
      name,
      written: { resourceVersion, text: texts[index] ?? "" },
    }));
    // They stand in the order of their names; this is the one in which they came into being.
    return born.sort((a, b) => a.written.resourceVersion - b.written.resourceVersion);
  }
}
