// Runs a kind over pairs of input and answer that were read off a real API server (test/facts).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { cloneJson, type JsonObject } from "../../shared/base/json.ts";
import type { Ports } from "../../shared/base/ports.ts";
import type { FieldError } from "../../shared/errors/field-error.ts";
import type { AnyKind, KubeObject, WriteContext } from "../../shared/kinds/define-kind.ts";

const DIR = join(import.meta.dirname, "..", "facts");
export const jsonLines = <T>(file: string): T[] =>
  readFileSync(join(DIR, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

export interface ValidationFact {
  id: string;
  base?: string;
  set?: Record<string, unknown>;
  unset?: string[];
  code: number;
  reason?: string;
  message?: string;
  causes?: [reason: string, field: string, message: string][];
  warnings?: string[];
  of?: string;
  method?: string;
  path?: string;
  body_in?: unknown;
}
export interface DefaultingFact {
  id: string;
  path: string;
  input: KubeObject;
  code: number;
  output: KubeObject;
  warnings?: string[];
}
export interface ColumnsFact {
  apiVersion: string;
  kind: string;
  now: string;
  state: string;
  object: KubeObject;
  cells: unknown[];
}
let inputs: Record<string, KubeObject> | undefined;
/** The base objects by id, each a fresh copy. */
export function inputObject(id: string): KubeObject {
  inputs ??= parse(readFileSync(join(DIR, "inputs.yaml"), "utf8"), { merge: true, maxAliasCount: -1 }) as Record<string, KubeObject>;
  const found = inputs[id];
  if (!found) throw new Error(`no input ${id}`);
  return cloneJson(found);
}

const steps = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
/** Applies a fact's `set` and `unset` JSON pointers; mutates and returns the object. */
export function mutated(object: KubeObject, fact: Pick<ValidationFact, "set" | "unset">): KubeObject {
  const parentOf = (path: string[]): Record<string, unknown> => {
    let here = object as Record<string, unknown>;
    for (const step of path.slice(0, -1)) here = (here[step] ??= {}) as Record<string, unknown>;
    return here;
  };
  for (const [pointer, value] of Object.entries(fact.set ?? {})) {
    const path = steps(pointer);
    const parent = parentOf(path);
    const last = path.at(-1) ?? "";
    if (Array.isArray(parent) && last === "-") parent.push(value);
    else parent[last] = cloneJson(value);
  }
  for (const pointer of fact.unset ?? []) {
    const path = steps(pointer);
    const parent = parentOf(path);
    const last = path.at(-1) ?? "";
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return object;
}

let serial = 0;
export const testPorts: Ports = {
  now: () => Date.parse("2026-11-21T03:00:00Z"),
  uid: () => `00000000-0000-4000-8000-${String(++serial).padStart(12, "0")}`,
  dice: (below) => ++serial % below,
};
export const testContext: WriteContext = {
  ports: testPorts,
  user: { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] },
  dryRun: true,
};

const text = (error: { type?: string; field: string; message: string }): string => `${error.type} ${error.field}: ${error.message}`;
export interface Mismatch {
  id: string;
  missing: string[];
  unexpected: string[];
}
/**
 * Compares what `kind` says to created objects with the recorded causes, for all facts of the bases given. Errors under
 * metadata are left to the tests of shared/verbs. `admit` stands for the admission plugins that a real server runs first.
 */
export function createMismatches(kind: AnyKind, bases: readonly string[], admit: (object: KubeObject) => void = () => {}): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const fact of jsonLines<ValidationFact>("validation.jsonl")) {
    if (!fact.id.startsWith("create/") || !fact.base || !bases.includes(fact.base)) continue;
    if (fact.code !== 422 && fact.code !== 201) continue;
    const object = mutated(inputObject(fact.base), fact);
    if (kind.namespaced) (object.metadata ??= {}).namespace = "facts-val";
    kind.defaults(object);
    admit(object);
    kind.prepareForCreate(object, testContext);
    compare(mismatches, fact, kind.validate(object, testContext));
  }
  return mismatches;
}
/** The same for PUT of a changed stored object (`live:<base>` facts). */
export function updateMismatches(kind: AnyKind, bases: readonly string[], admit: (object: KubeObject) => void = () => {}): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const fact of jsonLines<ValidationFact>("validation.jsonl")) {
    const base = fact.base?.startsWith("live:") ? fact.base.slice(5) : undefined;
    if (!fact.id.startsWith("update/") || !base || !bases.includes(base)) continue;
    if (fact.code !== 422 && fact.code !== 200) continue;
    const stored = inputObject(base);
    const metadata = (stored.metadata ??= {});
    if (kind.namespaced) metadata.namespace = "facts-val";
    kind.defaults(stored);
    admit(stored);
    kind.prepareForCreate(stored, testContext);
    Object.assign(metadata, { uid: "stored-uid", creationTimestamp: "2026-11-21T02:00:00Z", resourceVersion: "7" });
    const next = mutated(cloneJson(stored), fact);
    kind.defaults(next);
    kind.update.prepare(next, stored, testContext);
    compare(mismatches, fact, kind.update.validate(next, stored, testContext));
  }
  return mismatches;
}
function compare(mismatches: Mismatch[], fact: ValidationFact, errors: readonly FieldError[]): void {
  const want = (fact.causes ?? []).map(([type, field, message]) => text({ type, field, message }));
  const outside = (line: string): boolean => !/^\S+ metadata\b/.test(line);
  const wanted = new Set(want.filter(outside));
  const got = new Set(errors.map(text).filter(outside));
  const missing = [...wanted].filter((line) => !got.has(line));
  const unexpected = [...got].filter((line) => !wanted.has(line));
  if (missing.length + unexpected.length > 0) mismatches.push({ id: fact.id, missing, unexpected });
}

/** Recorded samples of table rows whose cells differ from what the kind prints. */
export function columnMismatches(kind: AnyKind): { state: string; want: unknown[]; got: unknown[] }[] {
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  return jsonLines<ColumnsFact>("columns-samples.jsonl")
    .filter((fact) => fact.apiVersion === apiVersion && fact.kind === kind.kind)
    .map((fact) => ({ state: fact.state, want: fact.cells, got: kind.table.row(fact.object, Date.parse(fact.now)) as unknown[] }))
    .filter(({ want, got }) => JSON.stringify(want) !== JSON.stringify(got));
}
/** The names of a kind's recorded table columns, with type, format and priority. */
export function recordedColumns(kind: AnyKind): { name: string; type: string; format: string; priority: number }[] {
  return readFileSync(join(DIR, "columns.tsv"), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .filter(([group, version, resource]) => group === kind.group && version === kind.version && resource === kind.resource)
    .map(([, , , , name = "", type = "", format = "", priority = "0"]) => ({ name, type, format, priority: Number(priority) }));
}
/** Recorded minimal and full objects whose defaulted form differs. Uid, time and random parts are not compared. */
export function defaultingMismatches(
  kind: AnyKind,
  ids: readonly string[],
  admit: (object: KubeObject) => void = () => {},
): { id: string; want: JsonObject; got: JsonObject }[] {
  const out: { id: string; want: JsonObject; got: JsonObject }[] = [];
  for (const fact of jsonLines<DefaultingFact>("defaulting.jsonl")) {
    if (!ids.includes(fact.id) || fact.code !== 201) continue;
    const got = cloneJson(fact.input);
    if (kind.namespaced) (got.metadata ??= {}).namespace = "facts-def";
    kind.defaults(got);
    admit(got);
    kind.prepareForCreate(got, testContext);
    const strip = (object: KubeObject): JsonObject => {
      const { metadata, ...rest } = JSON.parse(JSON.stringify(object)) as JsonObject & { metadata: JsonObject };
      return {
        ...rest,
        metadata: { labels: metadata.labels, annotations: metadata.annotations, generation: metadata.generation, finalizers: metadata.finalizers },
      };
    };
    const masked = (object: JsonObject): string => JSON.stringify(sorted(object)).replaceAll(/kube-api-access-[a-z0-9<>]+/g, "kube-api-access");
    const want = strip(fact.output);
    const mine = strip(got);
    if (masked(want) !== masked(mine)) out.push({ id: fact.id, want, got: mine });
  }
  return out;
}
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
