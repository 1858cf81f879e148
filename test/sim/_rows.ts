// What statements of sqlite-table.ts do to the objects of a store, told with the names of the objects.
export interface RowChange {
  readonly namespace: string;
  readonly name: string;
  /** What it is now; undefined: it was removed. */
  readonly written: { readonly resourceVersion: number; readonly text: string } | undefined;
}
type Names = Pick<RowChange, "namespace" | "name">;

/** Reads the statements of one database, one after the other. */
export class RowReader {
  readonly #names = new Map<number, Names>();

  /** Undefined: the statement changes no object. */
  read(query: string, bindings: readonly unknown[]): RowChange | undefined {
    if (query.startsWith("INSERT INTO objects VALUES")) {
      const [id, namespace, name, resourceVersion, text] = bindings as [number, string, string, number, string];
      this.#names.set(id, { namespace, name });
      return { namespace, name, written: { resourceVersion, text } };
    }
    if (query.startsWith("UPDATE objects SET rv = ?, json = ? WHERE id")) {
      const [resourceVersion, text, id] = bindings as [number, string, number];
      return { ...this.#of(id), written: { resourceVersion, text } };
    }
    if (query.startsWith("DELETE FROM objects WHERE id")) return { ...this.#of(Number(bindings[0])), written: undefined };
    if (/^(INSERT|UPDATE|DELETE).* objects /.test(query)) throw new Error(`not known what this does to objects: ${query}`);
    return undefined;
  }

  #of(id: number): Names {
    const names = this.#names.get(id);
    if (!names) throw new Error(`row ${id} was never written`);
    return names;
  }
}
