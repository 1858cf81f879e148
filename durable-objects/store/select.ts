// Which objects of a store a request means: namespace, label selector, field selector; evaluated over the index.
import { err, ok, type Result } from "../../shared/base/result.ts";
import type { AnyKind } from "../../shared/kinds/define-kind.ts";
import { parseFieldSelector } from "../../shared/meta/fields.ts";
import { matchesSelector, parseSelector } from "../../shared/meta/labels.ts";
import type { Position } from "../storage/object-table.ts";
import type { StoreEngine } from "./engine.ts";
import { inKeyOrder } from "./object-index.ts";

export interface SelectionRequest {
  /** "" or undefined: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}
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

/** Keys of the objects that match, in key order. */
export function select(engine: StoreEngine, kind: AnyKind, request: SelectionRequest): Result<readonly Position[], string> {
  const compiled = matcher(kind, request);
  if (!compiled.ok) return compiled;
  const matches = compiled.value;
  const found: Position[] = [];
  for (const entry of engine.index.entries()) if (!matches || matches(entry)) found.push(entry);
  return ok(found.sort(inKeyOrder));
}
