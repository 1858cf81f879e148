// The way of a new or changed object from whoever wrote it (HTTP, controller) to its store: everything that needs no stored
// object is done here, synchronously; the store does the rest in its transaction.
import { err, ok, type Result } from "../base/result.ts";
import type { AdmissionPlugin, AdmissionRequest, PolicyFacts } from "../admission/plugin.ts";
import type { Status } from "../errors/status.ts";
import type { AnyKind, KubeObject, WriteContext } from "../kinds/define-kind.ts";
import { fillSystemMetadata, matchNamespace, prepareCreate } from "./create.ts";
import { track } from "./track.ts";
import type { WriteOptions, WriteRequest } from "./write-request.ts";

export interface Submission {
  readonly kind: AnyKind;
  /** Decoded, not yet defaulted; mutated. */
  readonly object: KubeObject;
  readonly namespace: string;
  readonly options: WriteOptions;
  readonly context: WriteContext;
  /** managedFields are set already, as by apply. */
  readonly tracked?: boolean;
}
export interface Submitted {
  readonly request: WriteRequest;
  readonly warnings: readonly string[];
}

const resourceOf = (kind: AnyKind): string => `${kind.group}/${kind.resource}`;

function admit(plugins: readonly AdmissionPlugin[], phase: "admit" | "validate", request: AdmissionRequest, facts: PolicyFacts): Status | undefined {
  const resource = resourceOf(request.kind);
  for (const plugin of plugins) {
    const step = plugin[phase];
    if (!step || !plugin.handles(resource, request.operation, request.subresource)) continue;
    const refused = step.call(plugin, request, facts);
    if (refused) return refused;
  }
  return undefined;
}

const NO_FACTS: PolicyFacts = { get: () => undefined, list: () => [] };
/** Asks the plugins that need to know nothing of the cluster about a change, where it is made: in the store. */
export function admitUpdate(plugins: readonly AdmissionPlugin[], request: AdmissionRequest): Status | undefined {
  return admit(
    plugins.filter((plugin) => plugin.facts.length === 0),
    "admit",
    request,
    NO_FACTS,
  );
}

/** Defaults, admits, prepares and validates a new object, and makes the request for its store. */
export function submitCreate(submission: Submission, plugins: readonly AdmissionPlugin[], facts: PolicyFacts): Result<Submitted, Status> {
  const { kind, object, namespace, context, options } = submission;
  const name = object.metadata?.name ?? "";
  kind.defaults(object);
  const mismatch = matchNamespace(kind, object, namespace);
  if (mismatch) return err(mismatch);
  fillSystemMetadata(object, context);
  if (!submission.tracked) track(kind, { next: object, stored: undefined, options, subresource: "", now: context.ports.now() });
  const request: AdmissionRequest = { kind, operation: "CREATE", subresource: "", namespace, name, object, stored: undefined, context };
  const refused = admit(plugins, "admit", request, facts);
  if (refused) return err(refused);
  const prepared = prepareCreate(kind, object, context);
  if (!prepared.ok) return prepared;
  const late = admit(plugins, "validate", request, facts);
  if (late) return err(late);
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  return ok({
    warnings: prepared.value,
    request: {
      verb: "create",
      group: kind.group,
      version: kind.version,
      namespace,
      name,
      text: JSON.stringify({ metadata, ...rest }),
      user: context.user,
      options,
    },
  });
}

/** Asks the plugins about a DELETE; undefined: nobody minds. */
export function admitDelete(
  kind: AnyKind,
  at: { readonly namespace: string; readonly name: string },
  how: { readonly context: WriteContext; readonly plugins: readonly AdmissionPlugin[]; readonly facts: PolicyFacts },
): Status | undefined {
  const request: AdmissionRequest = { kind, operation: "DELETE", subresource: "", ...at, object: undefined, stored: undefined, context: how.context };
  return admit(how.plugins, "admit", request, how.facts) ?? admit(how.plugins, "validate", request, how.facts);
}

const needs = new WeakMap<readonly AdmissionPlugin[], WeakMap<AnyKind, Map<string, readonly string[]>>>();
/** Which policy resources the plugins want to know for a write of this kind. Plugins never change, so that the answer is kept. */
export function factsNeeded(plugins: readonly AdmissionPlugin[], kind: AnyKind, operation: AdmissionRequest["operation"], subresource = ""): readonly string[] {
  let byKind = needs.get(plugins);
  if (!byKind) needs.set(plugins, (byKind = new WeakMap()));
  let known = byKind.get(kind);
  if (!known) byKind.set(kind, (known = new Map()));
  const write = `${operation}/${subresource}`;
  let needed = known.get(write);
  if (!needed) {
    const resource = resourceOf(kind);
    needed = [...new Set(plugins.filter((plugin) => plugin.handles(resource, operation, subresource)).flatMap((plugin) => plugin.facts))];
    known.set(write, needed);
  }
  return needed;
}
