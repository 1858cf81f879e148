// What each writing verb does inside a store's transaction; the meaning of a verb lies in shared/verbs.
import { isObject, type JsonObject } from "../../shared/base/json.ts";
import { alreadyExists, badRequest, invalidStatus, methodNotAllowed, notFoundStatus } from "../../shared/errors/status.ts";
import type { AnyKind, KubeObject, WriteContext } from "../../shared/kinds/define-kind.ts";
import { decideDelete, isReleased } from "../../shared/verbs/delete.ts";
import { fillSystemMetadata, generatedName, GENERATE_NAME_ATTEMPTS, prepareCreate } from "../../shared/verbs/create.ts";
import { checkPreconditions, prepareUpdate, strategyOf } from "../../shared/verbs/update.ts";
import { patchedObject } from "../../shared/verbs/patch.ts";
import { admitUpdate } from "../../shared/verbs/submit.ts";
import { track } from "../../shared/verbs/track.ts";
import { normalize } from "../../shared/schema/fill.ts";
import { POST_SUBRESOURCES } from "../../shared/subresources/index.ts";
import { scaleOf, withScale } from "../../shared/subresources/scale.ts";
import type { WriteRequest, WriteResult } from "../../shared/verbs/write-request.ts";
import { COLLECTION_CHARACTERS_MAX, COLLECTION_PART_MAX } from "../../shared/base/limits.ts";
import type { Position } from "../storage/object-table.ts";
import { type Loaded, Refusal, storedText, unsupportedVersion, type StoreEngine } from "./engine.ts";
import { selectPart } from "./select.ts";

const SCALE_SCHEMA = "autoscaling.v1.Scale";
type Of<V extends WriteRequest["verb"]> = Extract<WriteRequest, { verb: V }>;

const subresourceOf = (request: WriteRequest): string => ("subresource" in request ? (request.subresource ?? "") : "");
const contextOf = (engine: StoreEngine, request: WriteRequest): WriteContext => ({
  ports: engine.ports,
  user: request.user,
  dryRun: request.options.dryRun === true,
  subresource: subresourceOf(request),
});
const refOf = (kind: AnyKind) => ({ group: kind.group, resource: kind.resource });

/** Carries out one request; refusals are thrown as Refusal by `engine.refuse`. */
export function write(engine: StoreEngine, request: WriteRequest): WriteResult {
  const kind = engine.kindOf(request.group, request.version);
  if (!kind) return engine.refuse(unsupportedVersion(request));
  switch (request.verb) {
    case "create":
      return create(engine, kind, request);
    case "update":
      return update(engine, kind, request);
    case "patch":
      return patch(engine, kind, request);
    case "post":
      return post(engine, kind, request);
    case "delete":
      return remove(engine, kind, request);
    case "deleteCollection":
      return removeAll(engine, kind, request);
  }
}

const fromStored = (kind: AnyKind, object: KubeObject): KubeObject => kind.conversion?.fromStored(object) ?? object;
const toStored = (kind: AnyKind, object: KubeObject): KubeObject => kind.conversion?.toStored(object) ?? object;
const answer = (kind: AnyKind, code: number, text: string, warnings: readonly string[] = []): WriteResult => ({
  ok: true,
  code,
  form: "object",
  text: kind.conversion ? storedText(kind.conversion.fromStored(JSON.parse(text) as KubeObject)) : text,
  ...(warnings.length > 0 ? { warnings } : {}),
});

/** Gives the object what it holds alone in the cluster (IPs, ports); mutates. */
function allocate(engine: StoreEngine, next: KubeObject, stored: KubeObject | undefined): void {
  const { allocation } = engine.kind;
  if (!allocation) return;
  const { namespace = "", name = "" } = next.metadata ?? {};
  const errors = allocation.allocate(next, stored, (token) => engine.index.taken(token, { namespace, name }), engine.ports);
  if (errors.length > 0) engine.refuse(invalidStatus({ group: engine.kind.group, resource: engine.kind.kind }, name, errors));
}

function create(engine: StoreEngine, kind: AnyKind, request: Of<"create">): WriteResult {
  const object = toStored(kind, JSON.parse(request.text) as KubeObject);
  const context = contextOf(engine, request);
  const metadata = (object.metadata ??= {});
  const namespace = metadata.namespace ?? "";
  // As it came, where nothing is done to it.
  let written = kind.conversion || engine.kind.allocation ? undefined : request.text;
  for (let attempt = 1; ; attempt++) {
    const holder = engine.holderOf({ namespace, name: metadata.name ?? "" });
    if (holder === undefined) break;
    const generated = metadata.generateName && request.name === "";
    if (!generated || attempt >= GENERATE_NAME_ATTEMPTS) engine.refuse(taken(kind, metadata.name ?? "", holder));
    metadata.name = generatedName(metadata.generateName ?? "", context);
    written = undefined;
  }
  allocate(engine, object, undefined);
  const text = context.dryRun ? storedText(object) : engine.save(object, undefined, written);
  return answer(kind, 201, text);
}

/** An object that is on its way out still holds its name; the answer says so. */
function taken(kind: AnyKind, name: string, holder: string) {
  const status = alreadyExists(refOf(kind), name);
  const leaving = (JSON.parse(holder) as KubeObject).metadata?.deletionTimestamp !== undefined;
  return leaving ? { ...status, message: `object is being deleted: ${status.message ?? ""}` } : status;
}

/** Checks and stores `next` in place of `stored`; the common end of every changing verb. */
function replace(
  engine: StoreEngine,
  kind: AnyKind,
  change: { readonly next: KubeObject; readonly stored: Loaded; readonly request: WriteRequest; readonly tracked?: boolean },
): { readonly text: string; readonly warnings: readonly string[] } {
  const { next, stored, request } = change;
  const context = contextOf(engine, request);
  const before = fromStored(kind, stored.object);
  const strategy = strategyOf(kind, context.subresource ?? "") ?? kind.update;
  if (!change.tracked) track(kind, { next, stored: before, options: request.options, subresource: context.subresource ?? "", now: engine.ports.now() });
  const { namespace, name } = request;
  const asked = { kind, operation: "UPDATE" as const, subresource: context.subresource ?? "", namespace, name, object: next, stored: before, context };
  const refused = admitUpdate(engine.admission, asked);
  if (refused) return engine.refuse(refused);
  const prepared = prepareUpdate(kind, strategy, { next, stored: before }, context);
  if (!prepared.ok) return engine.refuse(prepared.error);
  const { warnings } = prepared.value;
  const converted = toStored(kind, next);
  allocate(engine, converted, stored.object);
  const text = storedText(converted);
  if (text === stored.text) return { text, warnings };
  if (prepared.value.noop && sameButOrder(converted, stored.object)) return { text: stored.text, warnings };
  if (context.dryRun) return { text, warnings };
  if (isReleased(kind, converted)) {
    // Watchers see what was stored last, the caller what it wrote (upstream deletes without writing the update first).
    const last = JSON.parse(engine.drop(JSON.parse(stored.text) as KubeObject, stored)) as KubeObject;
    (converted.metadata ??= {}).resourceVersion = last.metadata?.resourceVersion ?? "";
    return { text: storedText(converted), warnings };
  }
  return { text: engine.save(converted, stored, text), warnings };
}

/** Whether two objects are equal as JSON texts would be if keys were sorted. */
function sameButOrder(a: KubeObject, b: KubeObject): boolean {
  const sort = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sort);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sort(value[key])]),
    );
  };
  const strip = ({ kind: _kind, apiVersion: _apiVersion, ...rest }: KubeObject): unknown => rest;
  return JSON.stringify(sort(strip(a))) === JSON.stringify(sort(strip(b)));
}

function mustLoad(engine: StoreEngine, kind: AnyKind, request: WriteRequest): Loaded {
  return engine.load(request) ?? engine.refuse(notFoundStatus(refOf(kind), request.name));
}

function update(engine: StoreEngine, kind: AnyKind, request: Of<"update">): WriteResult {
  const sent = JSON.parse(request.text) as KubeObject;
  const stored = engine.load(request);
  if (!stored) return createByUpdate(engine, kind, request, sent);
  if (request.subresource === "scale") return updateScale(engine, kind, request, { sent, stored });
  const failed = checkPreconditions(kind, sent, stored.object, request.name);
  if (failed) engine.refuse(failed);
  const { text, warnings } = replace(engine, kind, { next: sent, stored, request });
  return answer(kind, 200, text, warnings);
}

/** PUT on a name that is not there: some kinds are made by it. */
function createByUpdate(engine: StoreEngine, kind: AnyKind, request: Of<"update">, sent: KubeObject): WriteResult {
  const missing = notFoundStatus(refOf(kind), request.name);
  if (!kind.allowCreateOnUpdate || request.subresource) return engine.refuse(missing);
  // An object that the client has seen and that is gone since is not made anew behind its back.
  if (sent.metadata?.resourceVersion && sent.metadata.resourceVersion !== "0") engine.refuse(missing);
  if (sent.metadata?.uid) engine.refuse(missing);
  const context = contextOf(engine, request);
  fillSystemMetadata(sent, context);
  delete sent.metadata?.resourceVersion;
  track(kind, { next: sent, stored: undefined, options: request.options, subresource: "", now: engine.ports.now() });
  const prepared = prepareCreate(kind, sent, context);
  if (!prepared.ok) return engine.refuse(prepared.error);
  const object = toStored(kind, sent);
  allocate(engine, object, undefined);
  return answer(kind, 201, context.dryRun ? storedText(object) : engine.save(object, undefined), prepared.value);
}

function updateScale(engine: StoreEngine, kind: AnyKind, request: WriteRequest, given: { sent: KubeObject; stored: Loaded }): WriteResult {
  const failed = checkPreconditions(kind, { metadata: given.sent.metadata ?? {} }, given.stored.object, request.name);
  if (failed) engine.refuse(failed);
  const next = withScale(kind, fromStored(kind, given.stored.object), given.sent);
  if (!next.ok) return engine.refuse(next.error);
  const { text } = replace(engine, kind, { next: next.value, stored: given.stored, request });
  return { ok: true, code: 200, form: "whole", text: JSON.stringify(scaleOf(kind, JSON.parse(text) as KubeObject)) };
}

function patch(engine: StoreEngine, kind: AnyKind, request: Of<"patch">): WriteResult {
  const stored = mustLoad(engine, kind, request);
  const scale = request.subresource === "scale";
  const current = patchable(kind, request, stored);
  const before = scale ? scaleOf(kind, current) : { kind: kind.kind, apiVersion: apiVersionOf(kind), ...current };
  const schema = scale ? SCALE_SCHEMA : kind.schema;
  const patched = patchedObject({ kind, schema, before, now: engine.ports.now() }, request);
  if (!patched.ok) return engine.refuse(patched.error);
  const { warnings, tracked } = patched.value;
  const object = { ...patched.value.object, metadata: { ...patched.value.object.metadata } };
  if (scale) return updateScale(engine, kind, request, { sent: object, stored });
  const failed = checkPatchPreconditions(kind, object, stored.object, request.name);
  if (failed) engine.refuse(failed);
  kind.defaults(object);
  const replaced = replace(engine, kind, { next: object, stored, request, tracked });
  return answer(kind, 200, replaced.text, [...warnings, ...replaced.warnings]);
}

/**
 * The object that a patch starts from, of a version of its own. Subresources leave most of an object as it is stored, so it is shared;
 * what follows after a patch of the object itself may change any part of it in place.
 */
function patchable(kind: AnyKind, request: Of<"patch">, { object, text }: Loaded): KubeObject {
  if (request.subresource && !kind.conversion) return object;
  return fromStored(kind, JSON.parse(text) as KubeObject);
}

/** A patch that names no version runs on what is there. A wrong uid is an immutable field here, not a lost race. */
function checkPatchPreconditions(kind: AnyKind, next: KubeObject, stored: KubeObject, name: string) {
  const resourceVersion = next.metadata?.resourceVersion || stored.metadata?.resourceVersion;
  return checkPreconditions(kind, { metadata: resourceVersion ? { resourceVersion } : {} }, stored, name);
}

const apiVersionOf = (kind: AnyKind): string => (kind.group === "" ? kind.version : `${kind.group}/${kind.version}`);

function post(engine: StoreEngine, kind: AnyKind, request: Of<"post">): WriteResult {
  const action = Object.hasOwn(POST_SUBRESOURCES, request.subresource) ? POST_SUBRESOURCES[request.subresource] : undefined;
  if (!action) return engine.refuse(methodNotAllowed());
  const stored = mustLoad(engine, kind, request);
  const body = JSON.parse(request.text) as JsonObject;
  const changed = action(stored.object, body, contextOf(engine, request));
  if (!changed.ok) return engine.refuse(changed.error);
  if (!request.options.dryRun) {
    normalize(changed.value, kind.schema, stored.object);
    // Nobody comes to manage what a binding sets (asked of a real server: managedFields stay as they are).
    engine.save(changed.value, stored);
  }
  return { ok: true, code: 201, form: "whole", text: JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }) };
}

function remove(engine: StoreEngine, kind: AnyKind, request: Of<"delete">): WriteResult {
  return removeOne(engine, kind, request, mustLoad(engine, kind, request));
}

function removeOne(engine: StoreEngine, kind: AnyKind, request: Of<"delete" | "deleteCollection">, stored: Loaded): WriteResult {
  const context = contextOf(engine, request);
  const decided = decideDelete(engine.kind, stored.object, request.delete, context);
  if (!decided.ok) return engine.refuse(decided.error);
  const outcome = decided.value;
  if (outcome.remove) {
    const text = context.dryRun ? storedText(outcome.last) : engine.drop(outcome.last, stored);
    if (kind.deleteReturnsObject || outcome.graceful) return answer(kind, 200, text);
    return { ok: true, code: 200, form: "whole", text: JSON.stringify(deleted(kind, stored.object)) };
  }
  if (!outcome.changed || context.dryRun) return answer(kind, 200, storedText(outcome.next));
  return answer(kind, 200, engine.save(outcome.next, stored));
}

/** The Status that DELETE answers with for most kinds: details name the plural resource. */
const deleted = (kind: AnyKind, object: KubeObject) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  details: {
    name: object.metadata?.name ?? "",
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.resource,
    uid: object.metadata?.uid ?? "",
  },
});

/** One part of what is selected: an answer travels in one call, and others want their turn. */
function removeAll(engine: StoreEngine, kind: AnyKind, request: Of<"deleteCollection">): WriteResult {
  const { namespace, selection } = request;
  const selected = selectPart(engine, kind, { namespace, ...selection }, { after: selection.after, limit: COLLECTION_PART_MAX + 1 });
  if (!selected.ok) return engine.refuse(badRequest(selected.error));
  const texts: string[] = [];
  let characters = 0;
  let refused: WriteResult | undefined;
  let end: Position | undefined;
  for (const at of selected.value) {
    if (texts.length === COLLECTION_PART_MAX || characters > COLLECTION_CHARACTERS_MAX) break;
    end = at;
    const stored = engine.load(at);
    if (!stored) continue;
    texts.push(stored.text);
    characters += stored.text.length;
    try {
      removeOne(engine, kind, request, stored);
    } catch (error) {
      // Those that went before are gone: the first refusal is an answer, no reason to undo them.
      if (!(error instanceof Refusal)) throw error;
      refused ??= { ok: false, status: error.status };
    }
  }
  if (refused) return refused;
  const head = JSON.stringify({ resourceVersion: String(engine.history.last) });
  const next = end && end !== selected.value.at(-1) ? { next: { namespace: end.namespace, name: end.name } } : {};
  return { ok: true, code: 200, form: "items", text: texts.join(","), head, ...next };
}
