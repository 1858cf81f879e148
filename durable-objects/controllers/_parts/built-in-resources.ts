// The resources that every cluster has, as controllers need to know them: by group and kind.
import table from "../../../shared/kinds/_generated/resources.json" with { type: "json" };
import type { ResourceFacts } from "./resource-table.ts";

interface Row {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}
const ROWS: readonly Row[] = table.resources;
/** Events have two groups and one store, that of the core group. */
const OTHER_NAMES: ReadonlySet<string> = new Set(["events.k8s.io/events"]);

export const BUILT_IN: readonly ResourceFacts[] = ROWS.filter(
  (row) => row.subresource === undefined && row.verbs.includes("delete") && !OTHER_NAMES.has(`${row.group}/${row.resource}`),
).map(({ group, version, resource, kind, namespaced }) => ({ group, version, resource, kind, namespaced }));
