// Which objects of a store a request means: namespace, label selector, field selector; evaluated over the index.
import { err, ok, type Result } from "../../shared/base/result.ts";
import { cloneJson } from "../../shared/base/json.ts";
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { parseFieldSelector } from "../../shared/meta/fields.ts";
import { matchesSelector, parseSelector } from "../../shared/meta/labels.ts";
import { type Position, inKeyOrder } from "../storage/object-table.ts";
import type { StoreEngine } from "./engine.ts";

export interface SelectionRequest {
  /** "" or undefined: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}
/** Only what selects, of a request that may say more. */
export const selectionOf = ({ namespace, labelSelector, fieldSelector }: SelectionRequest): SelectionRequest => ({
  ...(namespace === undefined ? {} : { namespace }),
  ...(labelSelector === undefined ? {} : { labelSelector }),
  ...(fieldSelector === undefined ? {} : { fieldSelector }),
});
/** What a selector looks at; an index entry is one. */
export interface Selectable extends Position {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}
export interface Matcher {
  (object: Selectable): boolean;
  /** Set when only one name can match. */
  readonly only?: { readonly name: string; readonly namespace?: string };
}

/** Compiles a request's selection; the error is the text for a 400. Undefined: everything of the kind matches. */
export function matcher(kind: AnyKind, request: SelectionRequest): Result<Matcher | undefined, string> {
  const labels = request.labelSelector ? parseSelector(request.labelSelector) : undefined;
  if (labels && !labels.ok) return err(labels.error);
  const fields = request.fieldSelector ? parseFieldSelector(request.fieldSelector) : undefined;
  if (fields && !fields.ok) return err(fields.error);
  const requirements = fields?.value ?? [];
  const known = (field: string): boolean =>
    field === "metadata.name" || (field === "metadata.namespace" && kind.namespaced) || Object.hasOwn(kind.selectableFields, field);
  for (const { field } of requirements) if (!known(field)) return err(unknownField(kind, field));
  const namespace = request.namespace || undefined;
  if (namespace === undefined && !labels && requirements.length === 0) return ok(undefined);
  const read = (object: Selectable, field: string): string =>
    field === "metadata.name" ? object.name : field === "metadata.namespace" ? object.namespace : (object.fields[field] ?? "");
  const matches = (object: Selectable): boolean =>
    (namespace === undefined || object.namespace === namespace) &&
    (!labels || matchesSelector(labels.value, object.labels)) &&
    requirements.every(({ field, operator, value }) => (read(object, field) === value) === (operator !== "!="));
  const name = requirements.find(({ field, operator }) => field === "metadata.name" && operator !== "!=")?.value;
  return ok(name === undefined ? matches : Object.assign(matches, { only: { name, ...(namespace ? { namespace } : {}) } }));
}

function unknownField(kind: AnyKind, field: string): string {
  const extra = Object.keys(kind.selectableFields).length > 0;
  if (extra) return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** What a selector sees of an object; of one stored in another version, in the form that the request speaks of. */
export function selectableOf(kind: AnyKind, at: Position, stored: KubeObject): Selectable {
  const object = kind.conversion ? kind.conversion.fromStored(cloneJson(stored)) : stored;
  const fields: Record<string, string> = {};
  for (const [path, read] of Object.entries(kind.selectableFields)) fields[path] = read(object);
  return { namespace: at.namespace, name: at.name, labels: object.metadata?.labels ?? {}, fields };
}

/** Keys of the objects that match, in key order. `after`: only of those behind it. */
function select(engine: StoreEngine, kind: AnyKind, request: SelectionRequest, after?: Position): Result<readonly Position[], string> {
  const compiled = matcher(kind, request);
  if (!compiled.ok) return compiled;
  const matches = compiled.value;
  const found: Position[] = [];
  for (const entry of engine.index.entries()) {
    if (after && inKeyOrder(entry, after) <= 0) continue;
    if (!matches || matches(seen(engine, kind, entry))) found.push(entry);
  }
  return ok(found.sort(inKeyOrder));
}

/** The first so many of them. Where no selector has to look at the objects they are read off the table: a large store is deleted in many small parts. */
export function selectPart(
  engine: StoreEngine,
  kind: AnyKind,
  request: SelectionRequest,
  { after, limit }: { readonly after: Position | undefined; readonly limit: number },
): Result<readonly Position[], string> {
  if (!request.labelSelector && !request.fieldSelector) {
    return ok(engine.table.scan({ limit, ...(after ? { after } : {}), ...(request.namespace ? { namespace: request.namespace } : {}) }));
  }
  const selected = select(engine, kind, request, after);
  return selected.ok ? ok(selected.value.slice(0, limit)) : selected;
}

/** The index knows the fields of the stored version; for another one the object itself is looked at. */
export function seen(engine: StoreEngine, kind: AnyKind, entry: Selectable): Selectable {
  if (!kind.conversion) return entry;
  const row = engine.table.get(entry);
  return row ? selectableOf(kind, entry, JSON.parse(row.text) as KubeObject) : entry;
}
