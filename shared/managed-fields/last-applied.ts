// The annotation in which kubectl keeps what it applied from the client's side, and the way from there to server-side apply.
// As upstream: apimachinery pkg/util/managedfields/internal/{lastapplied,lastappliedmanager,lastappliedupdater}.go.
import type { Json, JsonObject } from "../base/json.ts";
import { isObject } from "../base/json.ts";
import type { KubeObject } from "../kinds/define-kind.ts";
import { stableJson } from "../meta/hash.ts";
import { validateAnnotations } from "../meta/labels.ts";
import { isTooDeep } from "../schema/json-text.ts";
import { compareValues } from "./compare.ts";
import type { MaybeSet } from "./field-set.ts";
import { difference, union } from "./field-set.ts";
import type { TypeOrName } from "./track-update.ts";
import { typeOf } from "./track-update.ts";
import { fieldSetOf } from "./typed-values.ts";
import { typedProblem } from "./validate-typed.ts";

const ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

function lastApplied(object: KubeObject): JsonObject | undefined {
  const text = object.metadata?.annotations?.[ANNOTATION];
  if (!text || isTooDeep(text)) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Fields that were applied from the client's side and still have the values they were given. */
export function allowedByLastApplied(stored: KubeObject, schema: TypeOrName, apiVersion: string): MaybeSet {
  const last = lastApplied(stored);
  const type = typeOf(schema);
  if (!last || last.apiVersion !== apiVersion || typedProblem(type, last) !== undefined) return undefined;
  const comparison = compareValues(type, last, stored as JsonObject);
  return difference(fieldSetOf(type, last), union(comparison?.touched, comparison?.removed));
}

/** Keeps the annotation in step, when there is one and kubectl itself applied. */
export function afterKubectlApply(object: KubeObject, applied: KubeObject, manager: string): KubeObject {
  const annotations = object.metadata?.annotations;
  if (manager !== "kubectl" || !annotations?.[ANNOTATION]) return object;
  const { [ANNOTATION]: _old, ...own } = applied.metadata?.annotations ?? {};
  const { annotations: _annotations, ...metadata } = applied.metadata ?? {};
  const text = `${stableJson({ ...applied, metadata: { ...metadata, ...(Object.keys(own).length > 0 ? { annotations: own } : {}) } })}\n`;
  const next = { ...annotations, [ANNOTATION]: text };
  const fits = validateAnnotations(next, "").every((error) => error.type !== "FieldValueTooLong");
  const { [ANNOTATION]: _dropped, ...rest } = annotations;
  return { ...object, metadata: { ...object.metadata, annotations: fits ? next : rest } };
}
