// One function for each verb on a resource: HTTP in, one call to the store, HTTP out.
import { acceptedForm, formProblem, patchTypeOf, type Negotiated } from "../../shared/api/negotiate.ts";
import { badRequest, methodNotAllowed, noSuchResource, notFoundStatus, type Status } from "../../shared/errors/status.ts";
import { cloneJson } from "../../shared/base/json.ts";
import { err, type Result } from "../../shared/base/result.ts";
import { listParameters, versionProblem } from "../../shared/api/list-options.ts";
import { parseIncludeObject, type IncludeObject } from "../../shared/api/table.ts";
import type { KubeObject } from "../../shared/kinds/define-kind.ts";
import { scaleOf } from "../../shared/subresources/scale.ts";
import { admitDelete, factsNeeded, submitCreate, type Submission } from "../../shared/verbs/submit.ts";
import { patchedObject } from "../../shared/verbs/patch.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import { resourceIdOf } from "../../durable-objects/client/names.ts";
import { wholeText } from "../../durable-objects/client/texts.ts";
import { writeContext, type ResourceContext } from "./context.ts";
import { deleteOptions } from "./delete-options.ts";
import { listResponse } from "./list-response.ts";
import { bodyTooLarge, readBody, readObject } from "./body.ts";
import { objectInForm, respond, respondStatus } from "./respond.ts";
import { writeOptions } from "./write-options.ts";
import { watch } from "./watch.ts";

const refOf = ({ kind }: ResourceContext) => ({ group: kind.group, resource: kind.resource });
/** What the rows of a Table carry; other forms have none. */
const includeObject = (context: ResourceContext, form: Negotiated): IncludeObject => {
  if (form.as !== "Table") return "Metadata";
  const parsed = parseIncludeObject(context.url.searchParams.get("includeObject"));
  return parsed.ok ? parsed.value : "Metadata";
};

/** What is asked for must fit what is there: an object in object form, a list in list form. */
function negotiated(context: ResourceContext, list: boolean): Result<Negotiated, Status> {
  const form = acceptedForm(context.request.headers.get("accept"), { list });
  if (!form.ok) return form;
  if (form.value.as === "object") return form;
  const { kind } = context;
  const goType = `${kind.group === "" ? "core" : kind.group.split(".")[0]}.${kind.kind}${list ? "List" : ""}`;
  const problem = formProblem(form.value.as, { list, goType });
  if (problem) return err(problem);
  const included = form.value.as === "Table" ? parseIncludeObject(context.url.searchParams.get("includeObject")) : undefined;
  return included && !included.ok ? included : form;
}

function inForm(context: ResourceContext, form: Negotiated, text: string): string {
  if (form.as === "object") return text;
  return objectInForm(context.kind, text, { form, now: context.bricks.ports.now(), includeObject: includeObject(context, form) });
}

/** A store's answer as HTTP. */
function respondResult(context: ResourceContext, form: Negotiated, result: WriteResult | undefined, warnings: readonly string[] = []): Response {
  if (!result) return respondStatus(badRequest("the store gave no answer"));
  const all = [...warnings, ...(result.warnings ?? [])];
  if (!result.ok) return respondStatus(result.status, all);
  const text = result.form === "whole" ? result.text : inForm(context, form, wholeText(context.kind, result.text));
  return respond({ code: result.code, text, warnings: all }, form.media);
}

export async function get(context: ResourceContext): Promise<Response> {
  const { kind, info, stores } = context;
  const form = negotiated(context, false);
  if (!form.ok) return respondStatus(form.error);
  const version = context.url.searchParams.get("resourceVersion");
  const wrong = version === null ? undefined : versionProblem(version, true);
  if (wrong) return respondStatus(wrong);
  const key = { namespace: info.namespace, name: info.name };
  const missing = (): Response => respondStatus(notFoundStatus(refOf(context), info.name));
  // To what the store answers by itself nothing can be added: no warning, and no other form.
  const isPlain = form.value.as === "object" && form.value.media === "json" && info.subresource !== "scale" && kind.deprecation === undefined;
  const answer = isPlain ? await stores.object(kind, key) : undefined;
  if (answer) return answer.status === 404 ? missing() : answer;
  const [text] = await stores.read(kind, [key]);
  if (text === undefined) return missing();
  if (info.subresource === "scale") return respond({ code: 200, text: JSON.stringify(scaleOf(kind, JSON.parse(text) as KubeObject)) }, form.value.media);
  return respond({ code: 200, text: inForm(context, form.value, text) }, form.value.media);
}

export async function list(context: ResourceContext): Promise<Response> {
  const { kind, info, stores, url } = context;
  const form = negotiated(context, true);
  if (!form.ok) return respondStatus(form.error);
  const options = listParameters(url.searchParams, { watch: false });
  if (!options.ok) return respondStatus(options.error);
  const answer = await stores.list(kind, { ...options.value, ...(info.namespace === "" ? {} : { namespace: info.namespace }) });
  if (!answer.ok) return respondStatus(answer.status);
  return listResponse(context, { form: form.value, answer, includeObject: includeObject(context, form.value) });
}

export async function beginWatch(context: ResourceContext): Promise<Response> {
  const form = acceptedForm(context.request.headers.get("accept"), { list: true });
  if (!form.ok) return respondStatus(form.error);
  const options = listParameters(context.url.searchParams, { watch: true });
  return options.ok ? watch(context, form.value, options.value) : respondStatus(options.error);
}

export async function create(context: ResourceContext): Promise<Response> {
  const { kind, info, url } = context;
  const form = negotiated(context, false);
  if (!form.ok) return respondStatus(form.error);
  if (kind.namespaced && info.namespace === "") return respondStatus(methodNotAllowed());
  const options = writeOptions(url.searchParams, context.request, "CreateOptions");
  if (!options.ok) return respondStatus(options.error);
  const decoded = await readObject(context.request, kind, options.value.fieldValidation ?? "Warn");
  if (!decoded.ok) return respondStatus(decoded.error);
  const { object, warnings } = decoded.value;
  const submission = {
    kind,
    object,
    namespace: info.namespace,
    options: options.value,
    context: writeContext(context, { dryRun: options.value.dryRun === true }),
  };
  return submit(context, form.value, submission, warnings);
}

/** Admits, prepares and stores a new object. */
async function submit(context: ResourceContext, form: Negotiated, submission: Submission, warnings: readonly string[]): Promise<Response> {
  const { kind, stores, policy, bricks } = context;
  const needed = factsNeeded(bricks.plugins, kind, "CREATE");
  const now = bricks.ports.now();
  const facts = await policy.facts(stores, needed, { now });
  const again = needed.length > 0 ? cloneJson(submission.object) : submission.object;
  let submitted = submitCreate(submission, bricks.plugins, facts);
  if (!submitted.ok && needed.length > 0) {
    // The snapshot may be a second old: a refusal is only final when fresh facts say the same.
    const fresh = await policy.facts(stores, needed, { now, fresh: true });
    submitted = submitCreate({ ...submission, object: again }, bricks.plugins, fresh);
  }
  if (!submitted.ok) return respondStatus(submitted.error, warnings);
  const [result] = await stores.write(resourceIdOf(kind), [submitted.value.request]);
  return respondResult(context, form, result, [...warnings, ...submitted.value.warnings]);
}

/** What every change of an existing object says. */
function common(context: ResourceContext) {
  const { kind, info, user } = context;
  return { group: kind.group, version: kind.version, namespace: info.namespace, name: info.name, user };
}
const subresourceOf = ({ info }: ResourceContext) => (info.subresource === "" ? {} : { subresource: info.subresource });

export async function update(context: ResourceContext): Promise<Response> {
  const { kind, info, url, stores } = context;
  const form = negotiated(context, false);
  if (!form.ok) return respondStatus(form.error);
  const options = writeOptions(url.searchParams, context.request, "UpdateOptions");
  if (!options.ok) return respondStatus(options.error);
  const expected = info.subresource === "scale" ? { group: "autoscaling", version: "v1", kind: "Scale", schema: "autoscaling.v1.Scale" } : kind;
  const decoded = await readObject(context.request, expected, options.value.fieldValidation ?? "Warn");
  if (!decoded.ok) return respondStatus(decoded.error);
  const { object, warnings } = decoded.value;
  const mismatch = nameMismatch(context, object);
  if (mismatch) return respondStatus(mismatch);
  if (info.subresource !== "scale") kind.defaults(object);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  const request: WriteRequest = { ...common(context), verb: "update", text: JSON.stringify(rest), options: options.value, ...subresourceOf(context) };
  const [result] = await stores.write(resourceIdOf(kind), [request]);
  return respondResult(context, form.value, result, warnings);
}

/** The object must be the one that the URL names; what it leaves out is filled in. */
function nameMismatch(context: ResourceContext, object: KubeObject): Status | undefined {
  const { info } = context;
  const metadata = (object.metadata ??= {});
  if (metadata.name && metadata.name !== info.name) {
    return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${info.name})`);
  }
  if (metadata.namespace && metadata.namespace !== info.namespace) {
    return badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  metadata.name = info.name;
  if (context.kind.namespaced) metadata.namespace = info.namespace;
  return undefined;
}

export async function patch(context: ResourceContext): Promise<Response> {
  const { kind, url, stores, request: http } = context;
  const form = negotiated(context, false);
  if (!form.ok) return respondStatus(form.error);
  const type = patchTypeOf(http.headers.get("content-type"));
  if (!type.ok) return respondStatus(type.error);
  const options = writeOptions(url.searchParams, http, "PatchOptions", type.value);
  if (!options.ok) return respondStatus(options.error);
  const body = await readBody(http);
  if (!body) return respondStatus(bodyTooLarge());
  const text = new TextDecoder().decode(body);
  const request = { ...common(context), verb: "patch" as const, patchType: type.value, text, options: options.value, ...subresourceOf(context) };
  const [result] = await stores.write(resourceIdOf(kind), [request]);
  const missing = result && !result.ok && result.status.code === 404 && type.value === "apply" && request.subresource === undefined;
  return missing ? applyNew(context, form.value, request) : respondResult(context, form.value, result);
}

/** Apply of what is not there makes it. */
async function applyNew(context: ResourceContext, form: Negotiated, request: Extract<WriteRequest, { verb: "patch" }>): Promise<Response> {
  const { kind, info, bricks } = context;
  const patched = patchedObject({ kind, schema: kind.schema, before: undefined, now: bricks.ports.now() }, request);
  if (!patched.ok) return respondStatus(patched.error);
  const { object, warnings } = patched.value;
  (object.metadata ??= {}).name = info.name;
  const submission = { kind, object, namespace: info.namespace, options: request.options, tracked: true };
  return submit(context, form, { ...submission, context: writeContext(context, { dryRun: request.options.dryRun === true }) }, warnings);
}

export async function remove(context: ResourceContext): Promise<Response> {
  return removal(context, "delete");
}
export async function removeCollection(context: ResourceContext): Promise<Response> {
  return removal(context, "deleteCollection");
}
async function removal(context: ResourceContext, verb: "delete" | "deleteCollection"): Promise<Response> {
  const { kind, info, url, stores, bricks, policy } = context;
  const form = negotiated(context, verb !== "delete");
  if (!form.ok) return respondStatus(form.error);
  const body = await readBody(context.request);
  if (!body) return respondStatus(bodyTooLarge());
  const options = deleteOptions(url.searchParams, body, context.request);
  if (!options.ok) return respondStatus(options.error);
  const { dryRun, ...deletion } = options.value;
  const admission = writeContext(context, { dryRun });
  const facts = await policy.facts(stores, factsNeeded(bricks.plugins, kind, "DELETE"), { now: bricks.ports.now() });
  const refused = admitDelete(kind, info, { context: admission, plugins: bricks.plugins, facts });
  if (refused) return respondStatus(refused);
  const write = { ...common(context), options: { dryRun, fieldManager: "unknown" }, delete: deletion };
  const listed = listParameters(url.searchParams, { watch: false });
  if (!listed.ok) return respondStatus(listed.error);
  const { labelSelector, fieldSelector } = listed.value;
  const selection = { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
  const request: WriteRequest = verb === "delete" ? { ...write, verb } : { ...write, verb, selection };
  const [result] = await stores.write(resourceIdOf(kind), [request]);
  const propagation = deletion.propagationPolicy ?? (deletion.orphanDependents === undefined ? undefined : String(deletion.orphanDependents));
  const warnings = kind.deleteWarnings({ propagation });
  if (!result?.ok || result.form !== "items") return respondResult(context, form.value, result, warnings);
  return listResponse(context, { form: form.value, answer: result, includeObject: includeObject(context, form.value), warnings });
}

/** POST to a subresource that changes its object, as binding. */
export async function post(context: ResourceContext): Promise<Response> {
  const { kind, info, url, stores } = context;
  const facts = kind.subresourceFacts.find(({ name }) => name === info.subresource);
  if (!facts?.verbs.includes("create")) return respondStatus(facts ? methodNotAllowed() : noSuchResource());
  const options = writeOptions(url.searchParams, context.request, "CreateOptions");
  if (!options.ok) return respondStatus(options.error);
  const sub = context.registry.find(kind.group, kind.version, `${facts.kind.toLowerCase()}s`);
  const expected = sub ?? { group: kind.group, version: kind.version, kind: facts.kind };
  const decoded = await readObject(context.request, expected, options.value.fieldValidation ?? "Warn");
  if (!decoded.ok) return respondStatus(decoded.error);
  const request: WriteRequest = {
    ...common(context),
    verb: "post",
    subresource: info.subresource,
    text: JSON.stringify(decoded.value.object),
    options: options.value,
  };
  const [result] = await stores.write(resourceIdOf(kind), [request]);
  return respondResult(context, { as: "object", media: "json", version: "v1", pretty: false }, result);
}
