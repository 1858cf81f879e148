// From a stored object and a patch to the object it should become: the four patch types, then the checks of a decoded body.
// As upstream: apiserver pkg/endpoints/handlers/patch.go.
import { isObject, type Json, type JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { badRequest, type Status } from "../errors/status.ts";
import type { AnyKind, KubeObject } from "../kinds/define-kind.ts";
import { applyPatch } from "../managed-fields/apply.ts";
import { rfc3339 } from "../meta/time.ts";
import { goText, jsonTypeText } from "../patch/go-text.ts";
import { applyJsonPatch, jsonPatchWarnings } from "../patch/json-patch.ts";
import { applyMergePatch, mergePatchProblem } from "../patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../patch/strategic-merge-patch.ts";
import { checkObject, groupVersion, patchInvalid, type CheckOptions } from "../schema/decode.ts";
import { compiledSchema } from "../schema/compile.ts";
import { goPackageOf, schemaOfKind } from "../schema/known-kinds.ts";
import { isTooDeep, readJson } from "../schema/json-text.ts";
import { readYaml, YAML_TOO_DEEP } from "../schema/yaml.ts";
import type { PatchType, WriteOptions } from "./write-request.ts";

export interface PatchRequest {
  readonly patchType: PatchType;
  /** The patch as JSON text; for apply JSON or YAML. */
  readonly text: string;
  readonly options: WriteOptions;
  readonly name: string;
  readonly namespace: string;
  readonly subresource?: string;
}
export interface PatchTarget {
  readonly kind: AnyKind;
  /** Schema of the patched document: the kind's, or that of a subresource of its own, as Scale. */
  readonly schema: string;
  /** With kind and apiVersion; not mutated. Undefined: there is nothing yet (only apply can make it). */
  readonly before: KubeObject | undefined;
  readonly now: number;
}
export interface Patched {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  /** managedFields are set already. */
  readonly tracked: boolean;
}

/** The patch as a value. What is no JSON is refused in Go's words; strategic patches leave the prefix out. */
function parsePatch(request: PatchRequest): Result<Json, Status> {
  const { text, patchType } = request;
  const deep = isTooDeep(text);
  try {
    if (!deep) return ok(JSON.parse(text) as Json);
  } catch {
    // Said below what is wrong with it.
  }
  if (patchType === "apply") {
    const yaml = deep ? err(YAML_TOO_DEEP) : readYaml(text);
    return yaml.ok ? ok(yaml.value.value as Json) : err(badRequest(`error decoding YAML: error converting YAML to JSON: ${yaml.error}`));
  }
  const problem = readJson(text);
  const words = typeof problem === "string" ? problem.replace(/^json parse error: /, "") : "invalid JSON";
  return err(badRequest(patchType === "strategic" ? words : `error decoding patch: ${words}`));
}

function applied(target: PatchTarget, patch: Json, request: PatchRequest): Result<{ document: Json; tracked: boolean }, Status> {
  const plain = (result: Result<Json, Status>): Result<{ document: Json; tracked: boolean }, Status> =>
    result.ok ? ok({ document: result.value, tracked: false }) : result;
  const document = (target.before ?? {}) as unknown as JsonObject;
  switch (request.patchType) {
    case "json":
      return plain(applyJsonPatch(document, patch));
    case "merge": {
      const problem = mergePatchProblem(patch);
      return problem ? err(problem) : plain(ok(applyMergePatch(document, patch)));
    }
    case "strategic":
      return plain(applyStrategicMergePatch(document, patch, target.schema));
    case "apply": {
      if (!isObject(patch) && patch !== null) {
        const problem = `json: cannot unmarshal ${jsonTypeText(patch)} into Go value of type map[string]interface {}`;
        return err(badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${problem}`));
      }
      const result = applyPatch({
        stored: target.before,
        applied: (patch ?? {}) as KubeObject,
        schema: target.schema,
        apiVersion: groupVersion(target.kind.group, target.kind.version),
        kind: target.kind.kind,
        manager: request.options.fieldManager,
        force: request.options.force === true,
        time: rfc3339(target.now),
        ...(request.subresource ? { subresource: request.subresource } : {}),
      });
      return result.ok ? ok({ document: result.value.object as unknown as Json, tracked: true }) : result;
    }
  }
}

/** A patch that makes another kind of the object: upstream cannot convert it, or does not even know it. */
function conversionProblem({ apiVersion = "", kind = "" }: KubeObject, expect: AnyKind): string {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const schema = schemaOfKind({ group, version, kind }, expect);
  const go = schema === undefined ? undefined : compiledSchema(schema)?.go;
  if (go === undefined) return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
  return `converting (${go}) to (${goPackageOf(expect.group)}.${expect.kind}): unknown conversion`;
}

/** The object must still be the one that the URL names. */
function identityProblem(object: KubeObject, target: PatchTarget, request: PatchRequest): Status | undefined {
  const { before } = target;
  if (before && (object.kind !== before.kind || object.apiVersion !== before.apiVersion)) {
    return patchInvalid(JSON.stringify(object), conversionProblem(object, target.kind));
  }
  const { name, namespace } = object.metadata ?? {};
  if (name && name !== request.name) return badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`);
  if (target.kind.namespaced && namespace && namespace !== request.namespace)
    return badRequest("the namespace of the provided object does not match the namespace sent on the request");
  return undefined;
}

/** The patched object, type-checked, without unknown fields, not yet defaulted. */
export function patchedObject(target: PatchTarget, request: PatchRequest): Result<Patched, Status> {
  const patch = parsePatch(request);
  if (!patch.ok) return patch;
  const result = applied(target, patch.value, request);
  if (!result.ok) return result;
  const { document, tracked } = result.value;
  const wording: CheckOptions = request.patchType === "strategic" ? { wording: "converter", shown: () => goText(patch.value) } : {};
  const checked = checkObject(document, target.schema, request.options.fieldValidation ?? "Warn", {
    ...wording,
    ...(target.before ? { settled: target.before } : {}),
  });
  if (!checked.ok) return checked;
  const { object, warnings } = checked.value;
  const problem = identityProblem(object, target, request);
  if (problem) return err(problem);
  const odd = request.patchType === "json" && request.options.fieldValidation !== "Ignore" ? jsonPatchWarnings(patch.value) : [];
  return ok({ object, tracked, warnings: [...odd, ...warnings] });
}
