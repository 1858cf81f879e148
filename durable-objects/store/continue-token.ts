// Continue tokens of chunked lists, in the form that upstream gives them (apiserver pkg/storage/continue.go).
import { err, ok, type Result } from "../../shared/base/result.ts";
import { badRequest, type Status } from "../../shared/errors/status.ts";
import { readJson } from "../../shared/schema/json-text.ts";
import type { Position } from "../storage/object-table.ts";

export interface Continuation {
  /** Version of the list; -1: whatever is newest (the client was told that its list is inconsistent). */
  readonly resourceVersion: number;
  readonly after: Position;
  /** When the list began, in milliseconds since 1970; absent in tokens that go on for as long as the history does. */
  readonly begunAt: number | undefined;
  /** Objects of the list behind `after`, where that was known: counting them for every chunk would read them all each time. */
  readonly left: number | undefined;
}
/** A chunked list can be continued for so long (etcd compacts every five minutes). */
export const CONTINUE_MS = 5 * 60_000;
const VERSION = "meta.k8s.io/v1";
const END = "\u0000";

/** Names are ASCII, so that text and bytes are the same. */
const toBase64 = (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
function fromBase64(text: string): string | undefined {
  try {
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
}

/** `namespace`: that of the list; "" for one over all namespaces or of cluster-scoped objects. */
export function encodeContinue(
  resourceVersion: number,
  at: Position,
  list: { readonly namespace: string; readonly begunAt?: number; readonly left?: number },
): string {
  const { namespace, begunAt, left } = list;
  const key = namespace === "" && at.namespace !== "" ? `${at.namespace}/${at.name}` : at.name;
  return toBase64(
    JSON.stringify({
      v: VERSION,
      rv: resourceVersion,
      start: key + END,
      ...(begunAt === undefined ? {} : { at: begunAt }),
      ...(left === undefined ? {} : { left }),
    }),
  );
}

const refuse = (problem: string): { readonly ok: false; readonly error: Status } =>
  err(badRequest(`invalid continue token: continue key is not valid: ${problem}`));

export function decodeContinue(text: string, where: { readonly namespace: string; readonly namespaced: boolean }): Result<Continuation, Status> {
  const json = fromBase64(text);
  if (json === undefined) return refuse("illegal base64 data at input byte 0");
  const first = json.charCodeAt(0);
  if (first > 0x7f) return refuse(`invalid character '\\u${first.toString(16).padStart(4, "0")}' looking for beginning of value`);
  const read = readJson(json);
  if (typeof read === "string") return refuse(read.replace(/^json parse error: /, ""));
  const { v = "", rv = 0, start = "", at, left } = (read.value ?? {}) as Readonly<Record<string, unknown>>;
  if (v !== VERSION) return refuse(`server does not recognize this encoded version ${String(v)}`);
  if (typeof start !== "string" || start === "") return refuse(`encoded start key empty (version ${VERSION})`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv)) return refuse("incorrect encoded start resourceVersion");
  const key = start.endsWith(END) ? start.slice(0, -1) : start;
  if (key.split("/").some((part) => part === "." || part === "..")) return refuse(key);
  const slash = key.indexOf("/");
  const inAll = where.namespaced && where.namespace === "";
  return ok({
    resourceVersion: rv === 0 ? -1 : rv,
    begunAt: typeof at === "number" ? at : undefined,
    left: typeof left === "number" && Number.isSafeInteger(left) ? left : undefined,
    after: { namespace: inAll && slash >= 0 ? key.slice(0, slash) : where.namespace, name: inAll && slash >= 0 ? key.slice(slash + 1) : key },
  });
}
