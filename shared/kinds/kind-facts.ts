// What a real server's discovery says of a resource: names, scope, verbs, subresources.
import resourcesTable from "./_generated/resources.json" with { type: "json" };
import ownTable from "./paperplane/resources.json" with { type: "json" };

export interface KindFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, as in URLs. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** Key of shared/schema. */
  readonly schema: string;
  readonly subresourceFacts: readonly SubresourceFacts[];
}
export interface SubresourceFacts {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly responseGVK?: string;
}

interface ResourceRow {
  group: string;
  version: string;
  resource: string;
  subresource?: string;
  singular?: string;
  namespaced: boolean;
  kind: string;
  responseGVK?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  schema?: string;
}
const ROWS: readonly ResourceRow[] = [...resourcesTable.resources, ...ownTable.resources];

/** The facts about `id`, as `apps/v1/deployments`. Throws at start-up when the table has no such resource. */
export function factsOf(id: string): KindFacts {
  const parts = id.split("/");
  const [group, version, resource] = parts.length === 2 ? ["", parts[0], parts[1]] : parts;
  const rows = ROWS.filter((row) => row.group === group && row.version === version && row.resource === resource);
  const main = rows.find((row) => row.subresource === undefined);
  if (main?.schema === undefined) throw new Error(`no facts about ${id}: is it in shared/kinds/_generated/resources.json?`);
  return {
    group: main.group,
    version: main.version,
    kind: main.kind,
    resource: main.resource,
    singular: main.singular ?? "",
    namespaced: main.namespaced,
    shortNames: main.shortNames ?? [],
    categories: main.categories ?? [],
    verbs: main.verbs,
    schema: main.schema,
    subresourceFacts: rows.flatMap((row) =>
      row.subresource === undefined
        ? []
        : [{ name: row.subresource, kind: row.kind, verbs: row.verbs, ...(row.responseGVK ? { responseGVK: row.responseGVK } : {}) }],
    ),
  };
}
