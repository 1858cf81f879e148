// What a store knows of its objects without reading them: labels, owners, selectable fields, held tokens. In memory only;
// made from the table when first asked for, kept up to date by every commit.
import type { AnyKind, KubeObject } from "../../shared/kinds/define-kind.ts";
import { keyOf, type ObjectTable, type Position } from "../storage/object-table.ts";

export interface IndexEntry extends Position {
  readonly uid: string;
  readonly resourceVersion: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownerUids: readonly string[];
  /** One of the owners is its controller. */
  readonly isControlled: boolean;
  /** Held by the object alone, as IPs and ports. */
  readonly tokens: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}
/** Conditions of which the index knows who meets them. */
export interface Candidates {
  readonly ownerUids?: readonly string[] | undefined;
  readonly field?: { readonly path: string; readonly value: string } | undefined;
  readonly orphans?: true | undefined;
}
const NONE: Readonly<Record<string, string>> = Object.freeze({});
const NOBODY: readonly string[] = Object.freeze([]) as readonly string[];

export class ObjectIndex {
  readonly #kind: AnyKind;
  readonly #selectable: readonly (readonly [path: string, read: (object: KubeObject) => string])[];
  readonly #entries = new Map<string, IndexEntry>();
  readonly #owned = new Map<string, Set<string>>();
  readonly #tokens = new Map<string, string>();
  /** Keys of those without a controller: only if somebody has asked for them. */
  #orphans: Set<string> | undefined;
  /** Keys by the value of a field: only of fields that somebody has asked for. */
  readonly #byField = new Map<string, Map<string, Set<string>>>();

  constructor(kind: AnyKind, table: ObjectTable) {
    this.#kind = kind;
    this.#selectable = Object.entries(kind.selectableFields);
    for (const row of table.rows()) this.set(row, JSON.parse(row.text) as KubeObject);
  }

  set(at: Position, object: KubeObject): void {
    const key = keyOf(at);
    const metadata = object.metadata ?? {};
    const owners = metadata.ownerReferences ?? [];
    const fields: Record<string, string> = {};
    for (const [path, read] of this.#selectable) fields[path] = read(object);
    const entry: IndexEntry = {
      namespace: at.namespace,
      name: at.name,
      uid: metadata.uid ?? "",
      resourceVersion: Number(metadata.resourceVersion ?? "0"),
      labels: metadata.labels ?? NONE,
      ownerUids: owners.length === 0 ? NOBODY : owners.map((owner) => owner.uid ?? ""),
      isControlled: owners.some((owner) => owner.controller === true),
      tokens: this.#kind.allocation?.claims(object) ?? NOBODY,
      fields,
    };
    this.#link(key, this.#entries.get(key), entry);
    this.#entries.set(key, entry);
  }

  delete(at: Position): void {
    const key = keyOf(at);
    this.#link(key, this.#entries.get(key), undefined);
    this.#entries.delete(key);
  }

  /** Where the entry is found now. Most changes leave it where it was, among thousands of others of one owner. */
  #link(key: string, before: IndexEntry | undefined, after: IndexEntry | undefined): void {
    const [owned, owns] = [before?.ownerUids ?? NOBODY, after?.ownerUids ?? NOBODY];
    for (const uid of owned) if (!owns.includes(uid)) take(this.#owned, uid, key);
    for (const uid of owns) if (!owned.includes(uid)) put(this.#owned, uid, key);
    for (const [path, byValue] of this.#byField) {
      const [had, has] = [before && (before.fields[path] ?? ""), after && (after.fields[path] ?? "")];
      if (had === has) continue;
      if (had !== undefined) take(byValue, had, key);
      if (has !== undefined) put(byValue, has, key);
    }
    for (const token of before?.tokens ?? NOBODY) if (this.#tokens.get(token) === key) this.#tokens.delete(token);
    for (const token of after?.tokens ?? NOBODY) this.#tokens.set(token, key);
    if (after && !after.isControlled) this.#orphans?.add(key);
    else this.#orphans?.delete(key);
  }

  /** Whether one of these is the uid of somebody's owner. */
  hasOwner(uids: readonly string[]): boolean {
    return uids.some((uid) => this.#owned.has(uid));
  }

  /** Whether an object other than the one at `except` holds the token. */
  taken(token: string, except: Position): boolean {
    const holder = this.#tokens.get(token);
    return holder !== undefined && holder !== keyOf(except);
  }

  get(at: Position): IndexEntry | undefined {
    return this.#entries.get(keyOf(at));
  }

  /** Entries in no particular order: all, or of those that meet some conditions as few as can be told without looking at each. */
  *entries(where: Candidates = {}): Iterable<IndexEntry> {
    const sets = this.#candidates(where);
    if (!sets) {
      yield* this.#entries.values();
      return;
    }
    const seen = new Set<string>();
    for (const keys of sets) {
      for (const key of keys ?? []) {
        const entry = this.#entries.get(key);
        if (!entry || seen.has(key)) continue;
        if (sets.length > 1) seen.add(key);
        yield entry;
      }
    }
  }
  #candidates({ ownerUids, field, orphans }: Candidates): readonly (ReadonlySet<string> | undefined)[] | undefined {
    if (ownerUids) return ownerUids.map((uid) => this.#owned.get(uid));
    if (field) return [this.#fieldIndex(field.path).get(field.value)];
    if (!orphans) return undefined;
    return [(this.#orphans ??= new Set([...this.#entries].flatMap(([key, entry]) => (entry.isControlled ? [] : [key]))))];
  }
  #fieldIndex(path: string): ReadonlyMap<string, ReadonlySet<string>> {
    let byValue = this.#byField.get(path);
    if (!byValue) {
      this.#byField.set(path, (byValue = new Map()));
      for (const [key, entry] of this.#entries) put(byValue, entry.fields[path] ?? "", key);
    }
    return byValue;
  }

  get size(): number {
    return this.#entries.size;
  }
}

function put(sets: Map<string, Set<string>>, at: string, key: string): void {
  const keys = sets.get(at);
  if (keys) keys.add(key);
  else sets.set(at, new Set([key]));
}
function take(sets: Map<string, Set<string>>, at: string, key: string): void {
  const keys = sets.get(at);
  keys?.delete(key);
  if (keys?.size === 0) sets.delete(at);
}
