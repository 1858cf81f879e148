// What kubectl prints: objects as rows of a Table, with the columns that their kind declares.
// As upstream: apiserver pkg/endpoints/handlers/response.go.
import type { Json } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { EpochMs } from "../base/ports.ts";
import { badRequest, type Status } from "../errors/status.ts";
import type { AnyKind, ColumnDefinition, KubeObject } from "../kinds/define-kind.ts";
import { type ListMetadata, type MetaVersion, metaApiVersion, type PartialObjectMetadata, partialObjectMetadata } from "./partial.ts";

export { partialObjectMetadata, partialObjectMetadataList, publicMetadata } from "./partial.ts";

/** What a row carries of its object. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableRow {
  readonly cells: Json[];
  readonly object: PartialObjectMetadata | KubeObject | null;
}
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}
export interface Table {
  readonly kind: "Table";
  readonly apiVersion: string;
  readonly metadata: ListMetadata;
  /** null in all but the first event of a watch. */
  readonly columnDefinitions: readonly TableColumn[] | null;
  readonly rows: TableRow[];
}
export interface TableOptions extends ListMetadata {
  /** The server's clock, for ages. */
  readonly now: EpochMs;
  readonly includeObject: IncludeObject;
  readonly version?: MetaVersion;
  /** "none": a watcher has seen them. */
  readonly columns?: "none";
}

/** The `includeObject` parameter of a request for a Table. */
export function parseIncludeObject(value: string | null | undefined): Result<IncludeObject, Status> {
  if (value === null || value === undefined || value === "") return ok("Metadata");
  if (value === "None" || value === "Metadata" || value === "Object") return ok(value);
  const problem = `includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  return err(badRequest(`Unable to convert to Table as requested: ${problem}`));
}

const columnOf = (column: ColumnDefinition): TableColumn => ({
  name: column.name,
  type: column.type,
  format: column.format ?? "",
  description: column.description ?? "",
  priority: column.priority,
});
const columnsOf = new WeakMap<AnyKind["table"], readonly TableColumn[]>();
function columns(table: AnyKind["table"]): readonly TableColumn[] {
  let made = columnsOf.get(table);
  if (!made) columnsOf.set(table, (made = table.columns.map(columnOf)));
  return made;
}

function shown(object: KubeObject, options: TableOptions): TableRow["object"] {
  if (options.includeObject === "None") return null;
  return options.includeObject === "Object" ? object : partialObjectMetadata(object, options.version);
}

/** `objects` are whole (with kind and apiVersion, which `includeObject=Object` shows). */
export function tableOf(kind: Pick<AnyKind, "table">, objects: readonly KubeObject[], options: TableOptions): Table {
  const { table } = kind;
  return {
    kind: "Table",
    apiVersion: metaApiVersion(options.version),
    metadata: {
      ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
      ...(options.continue === undefined || options.continue === "" ? {} : { continue: options.continue }),
      ...(options.remainingItemCount === undefined ? {} : { remainingItemCount: options.remainingItemCount }),
    },
    columnDefinitions: options.columns === "none" ? null : columns(table),
    rows: objects.map((object) => ({ cells: table.row(object, options.now), object: shown(object, options) })),
  };
}
