// Pod specs as the API server's own Go structs print: some messages of Kubernetes show those instead of the JSON of the API.
// internal-layout.json lists, for each struct of pkg/apis/core that a pod spec is made of, its fields in order as
// [name in Go, name in the API, how an absent value prints]; read off the Go types by reflection.
import { equalJson, type Json } from "../../base/json.ts";
import type { PodSecurityContext, PodSpec } from "../_generated/types.ts";
import layoutTable from "./internal-layout.json" with { type: "json" };
import { canonical, type QuantityJson } from "./quantities.ts";

type Fields = readonly (readonly string[])[];
const LAYOUT: ReadonlyMap<string, Fields> = new Map(Object.entries(layoutTable));
type Members = Readonly<Record<string, unknown>>;

const sortedMap = (map: object, show: (value: unknown) => Json): Json =>
  Object.fromEntries(
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, show(value)]),
  );
const quantity = (value: unknown): Json => canonical(value as QuantityJson);
const asIs = (value: unknown): Json => value as Json;

/** How a value of the type that `code` names prints; `code` is the third column of the layout without its question mark. */
function shown(code: string, value: unknown): Json {
  const absent = value === undefined || value === null;
  if (code === "s") return absent ? "" : asIs(value);
  if (code === "i" || code === "x") return absent ? 0 : asIs(value);
  if (code === "b") return absent ? false : asIs(value);
  if (code === "q") return absent ? "0" : quantity(value);
  if (code.startsWith(".")) return internalJson(code.slice(1), absent ? {} : (value as object));
  if (absent) return null;
  if (code === "*q") return quantity(value);
  if (code === "{") return sortedMap(value as object, asIs);
  if (code === "{q") return sortedMap(value as object, quantity);
  if (code.startsWith("[")) return (value as object[]).map((item) => internalJson(code.slice(1), item));
  const type = code.slice(1);
  return LAYOUT.has(type) ? internalJson(type, value as object) : asIs(value);
}
const isNothing = (value: unknown): boolean => !value || (typeof value === "object" && Object.keys(value).length === 0);

/** A struct of `type`, given as its API object, as Go prints it. */
export function internalJson(type: string, object: object): Json {
  const out: Record<string, Json> = {};
  // The metadata of this one is embedded, so its members stand beside spec.
  const metadata = type === "PersistentVolumeClaimTemplate" ? (object as { metadata?: object }).metadata : undefined;
  const members: Members = { ...metadata, ...object };
  for (const [goName = "", name = "", code = ""] of LAYOUT.get(type) ?? []) {
    const optional = code.endsWith("?");
    if (optional && isNothing(members[name])) continue;
    out[goName] = shown(optional ? code.slice(0, -1) : code, members[name]);
  }
  return out;
}
const INDENT = 1;
/** Go's JSON encoder escapes what HTML gives a meaning. */
const escapeHTML = (text: string): string => text.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");

/** Empty lists and maps count as absent ones, as they do when the API server compares. */
function withoutEmpty(value: Json): Json {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutEmpty(member ?? null)]));
}
/** The indented print of a struct, as diffs are made of. */
export const internalText = (type: string, object: object): string => escapeHTML(JSON.stringify(internalJson(type, object), null, INDENT));
/** Inside the server what a pod shares with its node is part of its security context. */
function internalSpec(spec: PodSpec): PodSpec {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext } = spec;
  const context = { ...securityContext, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return { ...spec, securityContext: context as PodSecurityContext };
}
export const internalPodSpecText = (spec: PodSpec): string => internalText("PodSpec", internalSpec(spec));

/** Whether two structs are the same to the API server (upstream: apiequality.Semantic.DeepEqual). */
export function sameInternally(type: string, a: object, b: object): boolean {
  return equalJson(a, b) || equalJson(withoutEmpty(internalJson(type, a)), withoutEmpty(internalJson(type, b)));
}
export const samePodSpec = (a: PodSpec, b: PodSpec): boolean => equalJson(a, b) || sameInternally("PodSpec", internalSpec(a), internalSpec(b));
