// JSON patch (RFC 6902) with the liberties the API server takes: replace and copy of a missing member, negative indexes.
// As upstream: gopkg.in/evanphx/json-patch.v4 and apiserver pkg/endpoints/handlers/patch.go.
import type { Json, JsonObject } from "../base/json.ts";
import { cloneJson, equalJson, isDeeper, isForbiddenKey, isObject } from "../base/json.ts";
import { JSON_DEPTH_MAX, JSON_PATCH_OPERATIONS_MAX, REQUEST_BODY_BYTES_MAX } from "../base/limits.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { Status } from "../errors/status.ts";
import { badRequest, failure, tooLarge } from "../errors/status.ts";
import { jsonTypeText } from "./go-text.ts";

interface Operation {
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  /** null when the operation names none. */
  readonly value: Json;
}
type Container = Json[] | JsonObject;
interface Root {
  document: Json;
  /** Size of all values copied so far: a short patch must not blow a document up. */
  copied: number;
}

const REFUSED: Status = failure(422, "Invalid", "the server rejected our request due to an error in our request", {});

const decodeError = (value: Json, target: string): Status =>
  badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeText(value)} into Go ${target}`);

function decode(patch: Json): Result<Operation[], Status> {
  if (patch === null) return ok([]);
  if (!Array.isArray(patch)) return err(decodeError(patch, "value of type []handlers.jsonPatchOp"));
  if (patch.length > JSON_PATCH_OPERATIONS_MAX) {
    const text = `The allowed maximum operations in a JSON patch is ${JSON_PATCH_OPERATIONS_MAX}, got ${patch.length}`;
    return err(tooLarge(`Request entity is too large: ${text}`));
  }
  const operations: Operation[] = [];
  for (const raw of patch) {
    if (raw === null) {
      operations.push({ op: "", path: undefined, from: undefined, value: null });
      continue;
    }
    if (!isObject(raw)) return err(decodeError(raw, "value of type handlers.jsonPatchOp"));
    const texts: Partial<Record<"op" | "path" | "from", string>> = {};
    for (const key of ["op", "from", "path"] as const) {
      const member = (raw as JsonObject)[key];
      if (member === undefined || member === null) continue;
      if (typeof member !== "string") return err(decodeError(member, `struct field jsonPatchOp.${key} of type string`));
      texts[key] = member;
    }
    operations.push({ op: texts.op ?? "", path: texts.path, from: texts.from, value: (raw as JsonObject).value ?? null });
  }
  return ok(operations);
}

/** Members of operations that mean nothing, as the server warns of them: `json patch unknown field "[0].x"`. */
export function jsonPatchWarnings(patch: Json): string[] {
  if (!Array.isArray(patch)) return [];
  const known = new Set(["op", "from", "path", "value"]);
  return patch.flatMap((operation, index) =>
    isObject(operation)
      ? Object.keys(operation)
          .filter((key) => !known.has(key))
          .map((key) => `json patch unknown field "[${index}].${key}"`)
      : [],
  );
}

const isContainer = (value: Json | undefined): value is Container => typeof value === "object" && value !== null;
const unescape = (step: string): string => step.replaceAll("~1", "/").replaceAll("~0", "~");

/** The container that holds the last step of a path. What stands before the first slash is ignored, as upstream does. */
function locate(root: Root, path: string): { container: Container; key: string } | undefined {
  const steps = path.split("/").slice(1).map(unescape);
  const key = steps.pop();
  if (key === undefined || !isContainer(root.document)) return undefined;
  let container: Container = root.document;
  for (const step of steps) {
    const next = get(container, step);
    if (!next.ok || !isContainer(next.value)) return undefined;
    container = next.value;
  }
  return isForbiddenKey(key) ? undefined : { container, key };
}

/** Go's strconv.Atoi, then Python's meaning of negative indexes. */
function indexOf(key: string, length: number): number | undefined {
  if (!/^[+-]?[0-9]{1,9}$/.test(key)) return undefined;
  const index = Number(key);
  return index < 0 ? (index < -length ? undefined : index + length) : index;
}

const MISSING = { ok: false } as const;
function get(container: Container, key: string): { ok: true; value: Json | undefined } | { ok: false } {
  if (!Array.isArray(container)) return { ok: true, value: Object.hasOwn(container, key) ? container[key] : undefined };
  const index = indexOf(key, container.length);
  return index === undefined || index >= container.length ? MISSING : { ok: true, value: container[index] };
}
function add(container: Container, key: string, value: Json): boolean {
  if (!Array.isArray(container)) {
    container[key] = value;
    return true;
  }
  const index = key === "-" ? container.length : indexOf(key, container.length + 1);
  if (index === undefined || index > container.length) return false;
  container.splice(index, 0, value);
  return true;
}
function set(container: Container, key: string, value: Json): boolean {
  if (!get(container, key).ok) return false;
  if (Array.isArray(container)) container[indexOf(key, container.length) ?? 0] = value;
  else container[key] = value;
  return true;
}
function remove(container: Container, key: string): boolean {
  const found = get(container, key);
  if (!found.ok || (!Array.isArray(container) && !Object.hasOwn(container, key))) return false;
  if (Array.isArray(container)) container.splice(indexOf(key, container.length) ?? 0, 1);
  else delete container[key];
  return true;
}

/** A few operations could nest a document deeper than anything can walk over it. */
const fits = (value: Json, path: string): boolean => !isDeeper(value, Math.max(0, JSON_DEPTH_MAX - path.split("/").length + 1));

function transfer(root: Root, operation: Operation): boolean {
  const from = operation.from === undefined ? undefined : locate(root, operation.from);
  const found = from && get(from.container, from.key);
  if (!from || !found?.ok) return false;
  const value = found.value ?? null;
  if (!fits(value, operation.path ?? "")) return false;
  if (operation.op === "move" && !remove(from.container, from.key)) return false;
  const to = locate(root, operation.path ?? "");
  if (!to) return false;
  if (operation.op === "move") return add(to.container, to.key, value);
  root.copied += JSON.stringify(value).length;
  if (root.copied > REQUEST_BODY_BYTES_MAX) return false;
  return add(to.container, to.key, cloneJson(value));
}

/** Performs one operation; false when it cannot be done. */
function perform(root: Root, operation: Operation): boolean {
  const { op, path, value } = operation;
  if (path === undefined) return false;
  if (op === "move" || op === "copy") return transfer(root, operation);
  if (path === "" && op === "replace") {
    if (!isContainer(value)) return false;
    root.document = cloneJson(value);
    return true;
  }
  if (path === "" && op === "test") return equalJson(root.document, value);
  const place = locate(root, path);
  if (!place || !fits(value, path)) return false;
  switch (op) {
    case "add":
      return add(place.container, place.key, cloneJson(value));
    case "replace":
      return set(place.container, place.key, cloneJson(value));
    case "remove":
      return remove(place.container, place.key);
    case "test": {
      const found = get(place.container, place.key);
      return found.ok && equalJson(found.value ?? null, value);
    }
    default:
      return false;
  }
}

/** A new document; all operations or none. Any that fails, `test` included, gives one and the same answer. */
export function applyJsonPatch(document: Json, patch: Json): Result<Json, Status> {
  const operations = decode(patch);
  if (!operations.ok) return operations;
  const root: Root = { document: cloneJson(document), copied: 0 };
  for (const operation of operations.value) if (!perform(root, operation)) return err(REFUSED);
  return ok(root.document);
}
