// JSON merge patch (RFC 7386): members replace members, null removes, lists are replaced whole.
import type { Json, JsonObject } from "../base/json.ts";
import { isForbiddenKey, isObject } from "../base/json.ts";
import type { Status } from "../errors/status.ts";
import { badRequest } from "../errors/status.ts";
import { jsonTypeText } from "./go-text.ts";

const isJsonObject = (value: Json | undefined): value is JsonObject => isObject(value);

/** What a server answers to a patch that is no object. */
export function mergePatchProblem(patch: Json): Status | undefined {
  if (isJsonObject(patch)) return undefined;
  if (patch === null) return badRequest("Invalid JSON Patch");
  return badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeText(patch)} into Go value of type map[string]interface {}`);
}

/** A copy without null members, also of objects in lists (gopkg.in/evanphx/json-patch.v4 pruneNulls). */
function pruned(value: Json): Json {
  if (Array.isArray(value)) return value.map(pruned);
  if (!isJsonObject(value)) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined && member !== null && !isForbiddenKey(key)) out[key] = pruned(member);
  }
  return out;
}

/** A new document that shares unchanged parts with the old one; neither argument is mutated. */
export function applyMergePatch(document: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  if (!isJsonObject(document)) return pruned(patch);
  const out: JsonObject = { ...document };
  for (const key of Object.keys(patch)) {
    const member = patch[key];
    if (member === undefined || isForbiddenKey(key)) continue;
    const known = Object.hasOwn(out, key) ? out[key] : undefined;
    if (member === null) delete out[key];
    else if (known === undefined || known === null) out[key] = pruned(member);
    else out[key] = applyMergePatch(known, isJsonObject(known) ? member : pruned(member));
  }
  return out;
}
