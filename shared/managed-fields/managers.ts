// The entries of metadata.managedFields: reading, sorting, and how many may stay.
// As upstream: k8s.io/apimachinery pkg/util/managedfields/internal/{managedfields,capmanagers,fieldmanager}.go.
import { equalJson } from "../base/json.ts";
import type { ManagedFieldsEntry } from "../kinds/_generated/types.ts";
import { compareText } from "../meta/text.ts";
import { parseTime } from "../meta/time.ts";
import type { FieldSet, MaybeSet } from "./field-set.ts";
import { readFieldsV1, union } from "./field-set.ts";

export type Operation = "Apply" | "Update";
export interface Manager {
  readonly name: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Entries beyond this number are folded into `ancient-changes`. */
const UPDATE_MANAGERS_MAX = 10;
const ANCIENT = "ancient-changes";

/** Appliers are the same across versions, updaters are not. */
export const sameManager = (a: Omit<Manager, "fields" | "time">, b: Omit<Manager, "fields" | "time">): boolean =>
  a.name === b.name && a.operation === b.operation && a.subresource === b.subresource && (a.operation === "Apply" || a.apiVersion === b.apiVersion);

/** Reads entries; undefined when one is malformed. `trusted`: they are ours, their fields are in canonical form. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | null | undefined, options: { readonly trusted: boolean }): Manager[] | undefined {
  const managers: Manager[] = [];
  for (const entry of entries ?? []) {
    const { operation, apiVersion, fieldsType } = entry;
    if ((operation !== "Apply" && operation !== "Update") || !apiVersion || fieldsType !== "FieldsV1") return undefined;
    const fields = options.trusted ? { set: entry.fieldsV1 as MaybeSet } : readFieldsV1(entry.fieldsV1 ?? {});
    if (!fields) return undefined;
    const manager: Manager = {
      name: entry.manager ?? "",
      operation,
      apiVersion,
      subresource: entry.subresource ?? "",
      time: entry.time,
      fields: fields.set ?? {},
    };
    const twin = managers.findIndex((other) => sameManager(other, manager));
    if (twin < 0) managers.push(manager);
    else managers[twin] = manager;
  }
  return managers;
}

const isReset = (entries: readonly ManagedFieldsEntry[] | null | undefined): boolean =>
  Array.isArray(entries) && (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] ?? {}).length === 0));

/**
 * The managers to go on from. A request may send its own list: an empty one resets, a well-formed one replaces what is
 * stored; requests to subresources may not. `asStored` says that the stored entries stand unchanged.
 */
export function managersOf(
  stored: readonly ManagedFieldsEntry[] | undefined,
  sent: readonly ManagedFieldsEntry[] | null | undefined,
  subresource: string,
): { readonly managers: Manager[]; readonly asStored: boolean } {
  const own = subresource !== "" || !sent || equalJson(sent, stored) ? undefined : sent;
  if (own && isReset(own)) return { managers: [], asStored: false };
  const fromRequest = own && readManagers(own, { trusted: false });
  if (fromRequest && fromRequest.length > 0) return { managers: fromRequest, asStored: false };
  const managers = readManagers(stored, { trusted: true });
  return managers ? { managers, asStored: true } : { managers: [], asStored: false };
}

const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
function compareTimes(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a !== undefined && b !== undefined && SECONDS.test(a) && SECONDS.test(b)) return compareText(a, b);
  const seconds = (time: string | undefined): number => Math.floor((time === undefined ? 0 : (parseTime(time) ?? 0)) / 1000);
  return seconds(a) - seconds(b);
}
/** Appliers first, then by time, name, version, subresource. */
const order = (a: Manager, b: Manager): number =>
  compareText(a.operation, b.operation) ||
  compareTimes(a.time, b.time) ||
  compareText(a.name, b.name) ||
  compareText(a.apiVersion, b.apiVersion) ||
  compareText(a.subresource, b.subresource);

export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] | undefined {
  if (managers.length === 0) return undefined;
  return [...managers].sort(order).map(({ name, operation, apiVersion, subresource, time, fields }) => ({
    manager: name,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: fields as Record<string, unknown>,
    ...(subresource === "" ? {} : { subresource }),
  }));
}

/** How managers are told apart among equally old ones: upstream compares the JSON of their identities. */
const identity = (manager: Manager): string =>
  JSON.stringify({
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.subresource === "" ? {} : { subresource: manager.subresource }),
  });

/** Folds the oldest updaters of a version into one until few enough are left. */
export function capManagers(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter(({ operation }) => operation === "Update");
  if (updaters.length <= UPDATE_MANAGERS_MAX) return managers;
  updaters.sort((a, b) => compareTimes(a.time, b.time) || compareText(identity(a), identity(b)));
  const kept = new Set(managers);
  const buckets = new Map<string, Manager>();
  let count = updaters.length;
  for (const manager of updaters) {
    if (count <= UPDATE_MANAGERS_MAX) break;
    const { apiVersion } = manager;
    const first = buckets.get(apiVersion);
    if (!first) {
      buckets.set(apiVersion, manager);
      continue;
    }
    const isAncient = (other: Manager): boolean => other.name === ANCIENT && other.subresource === "" && other.apiVersion === apiVersion;
    const ancient = [...kept].find((other) => other.operation === "Update" && isAncient(other));
    const into = ancient ?? first;
    const fields = union(manager.fields, into.fields) ?? manager.fields;
    kept.delete(into);
    kept.delete(manager);
    kept.add({ name: ANCIENT, operation: "Update", apiVersion, subresource: "", time: manager.time, fields });
    count--;
  }
  return [...kept];
}

/** The manager's name when the request gives none: the first part of the User-Agent. As upstream: handlers/create.go. */
export function managerName(fieldManager: string, userAgent: string): string {
  if (fieldManager !== "") return fieldManager;
  const prefix = userAgent.split("/")[0] ?? "";
  const printable = [...prefix].filter((character) => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)).join("");
  return printable.slice(0, 128) || "unknown";
}
